"""The recipes for an unattended check: they have the shape their programs read, and their command lines are true."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import evidence_cli
from evidence_cli import open_workspace
from evidence_cli.cli.check import build
from evidence_cli.jobs.demo import begin_demo, fill_demo
from evidence_cli.jobs.scaffold import scaffold
from evidence_cli.messages import LANGUAGES, words
from evidence_cli.reporters import FORMATS

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ROOT / "recipes"
CMD = RECIPES / "windows" / "evcli-check.cmd"
CRON = RECIPES / "cron" / "evcli.cron"
JENKINS = RECIPES / "jenkins" / "Jenkinsfile"
GITLAB = RECIPES / "gitlab" / ".gitlab-ci.yml"
GITHUB = RECIPES / "github" / "evcli.yml"
ALL = (CMD, CRON, JENKINS, GITLAB, GITHUB)
PAGES = tuple(ROOT / "docs" / language / "automation.md" for language in LANGUAGES)
CODE = re.compile(r"`([^`\n]+)`|^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _scripts(path: Path) -> Iterator[str]:
    """The pieces of a file in which commands stand."""
    if path == GITLAB:
        yield from _yaml(path)["evcli"]["script"]
    elif path == GITHUB:
        yield from (step["run"] for step in _yaml(path)["jobs"]["check"]["steps"] if "run" in step)
    elif path.suffix == ".md":
        yield from ("".join(match) for match in CODE.findall(path.read_text(encoding="utf-8")))
    else:
        yield path.read_text(encoding="utf-8").replace('"%EVCLI%"', "evcli").replace("\\", "/")


def _commands(path: Path) -> list[list[str]]:
    """The arguments of every `evcli check` in a file."""
    text = "\n".join(_scripts(path)).replace("\\\n", " ")
    lines = re.findall(r"(?<![\w./-])evcli check\b.*", text)
    return [shlex.split(re.split(r"\s(?:>|2>|\|\||&&|;|#)", line)[0])[2:] for line in lines]


def _targets(arguments: list[str]) -> dict[str, str]:
    context = build(words("en")).make_context("check", [*arguments])
    return dict(context.params["reports"])


def test_every_recipe_is_tested() -> None:
    assert sorted(path for path in RECIPES.rglob("*") if path.is_file()) == sorted(ALL)


@pytest.mark.parametrize("path", [*ALL, *PAGES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_its_commands_have_only_options_that_there_are(path: Path) -> None:
    commands = _commands(path)
    assert commands != []
    for arguments in commands:
        build(words("en")).make_context("check", [*arguments])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.parent.name)
def test_the_page_tells_every_format_and_links_every_recipe(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == sorted(FORMATS)
    assert sorted(set(re.findall(r"\((?:\.\./){2}(recipes/.+?)\)", text))) == sorted(
        path.relative_to(ROOT).as_posix() for path in ALL
    )


def test_a_wrong_option_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Run `evcli check --reprot json=x`, `evcli check --report pdf=x`.\n", encoding="utf-8")
    wrong, unknown = _commands(page)
    for arguments in (wrong, unknown):
        with pytest.raises(click.ClickException):
            build(words("en")).make_context("check", arguments)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_recipe_names_no_machine(path: Path) -> None:
    assert re.findall(r"(?i)/(?:home|root|work|tmp|users|mnt|opt)/|C:\\Users", path.read_text(encoding="utf-8")) == []


def test_the_windows_file_is_what_cmd_reads() -> None:
    data = CMD.read_bytes()
    assert data.isascii()
    assert data.endswith(b"\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    lines = data.decode("ascii").splitlines()
    labels = {line[1:] for line in lines if line.startswith(":")}
    assert {label for line in lines for label in re.findall(r"\bgoto (\w+)", line)} == labels
    needed = ["chcp 65001 >nul", 'pushd "%~1" 2>>"%LOG%" || goto unreachable', "popd", "exit /b %CODE%"]
    assert [line for line in lines if line in needed] == needed
    # What cmd would put into a line before it runs it is set in this file, or by Windows.
    used = set(re.findall(r"%(\w+)%", "\n".join(line for line in lines if not line.startswith("rem"))))
    assert used - set(re.findall(r'set "(\w+)=', "\n".join(lines))) == {"LOCALAPPDATA", "DATE", "TIME", "ERRORLEVEL"}


def test_the_windows_reports_stay_on_the_local_disk() -> None:
    (arguments,) = _commands(CMD)
    assert _targets(arguments) == {"json": "%OUT%/evcli.json", "junit": "%OUT%/evcli.xml"}
    # The log tells what changed since the report that this check replaces.
    assert arguments[arguments.index("--baseline") + 1] == _targets(arguments)["json"]
    assert 'set "OUT=%LOCALAPPDATA%\\evcli\\reports"' in CMD.read_text(encoding="ascii")


def _cron() -> tuple[dict[str, str], str]:
    """The variables of the cron file, and the command of its only line."""
    lines = [line for line in CRON.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    variables = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    (line,) = [line for line in lines if not re.match(r"[A-Z_]+=", line)]
    *times, command = line.split(None, 5)
    assert times == ["*/15", "*", "*", "*", "*"]
    return variables, command


def test_the_cron_file_is_what_cron_reads() -> None:
    variables, command = _cron()
    # cron expands nothing in a variable, and takes a percent sign for the end of the line.
    assert [value for value in variables.values() if "$" in value] == []
    assert "%" not in command
    assert CRON.read_bytes().endswith(b"\n")
    assert set(re.findall(r"\$(\w+)", command)) <= set(variables)


@pytest.mark.skipif(not (shutil.which("sh") and shutil.which("flock")), reason="needs sh and flock")
def test_the_cron_command_runs(tmp_path: Path) -> None:
    variables, command = _cron()
    workspace, reports, programs = tmp_path / "工作区 一", tmp_path / "报告 一", tmp_path / "bin"
    begin_demo(workspace, language="zh", now=datetime.now(UTC))
    space = open_workspace(workspace)
    scaffold(space, words=words("zh"))
    fill_demo(workspace, space.table)
    programs.mkdir()
    program = programs / "evcli"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m evidence_cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    places = {"WORKSPACE": str(workspace), "REPORTS": str(reports), "PATH": f"{programs}:{variables['PATH']}"}
    # As few variables as cron gives, and what the tests themselves need.
    kept = {"PYTHONPATH": str(Path(evidence_cli.__file__).parent.parent), "EVCLI_CACHE": os.environ["EVCLI_CACHE"]}
    environment = {**kept, "HOME": str(tmp_path), **variables, **places}

    def run() -> tuple[int, str, str]:
        done = subprocess.run(
            [variables["SHELL"], "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    code, out, err = run()
    assert (code, err, "E303" in out) == (1, "", True)  # cron mails what is new
    assert run() == (1, "", "")  # the same findings: no mail
    assert sorted(path.name for path in reports.iterdir()) == ["evcli.json", "evcli.txt", "evcli.xml", "lock"]
    assert ET.parse(reports / "evcli.xml").getroot().tag == "testsuites"
    assert "E303" in (reports / "evcli.txt").read_text(encoding="utf-8")
    assert _yaml(reports / "evcli.json")["summary"]["errors"] == 3
    assert (reports / "evcli.json").stat().st_mode & 0o077 == 0
    with subprocess.Popen(
        ["flock", str(reports / "lock"), "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as busy:
        assert busy.stdin is not None and busy.stdout is not None
        busy.stdin.write(b"locked\n")
        busy.stdin.flush()
        assert busy.stdout.readline() == b"locked\n"
        assert run() == (0, "", "")  # another check is running: none begins
        busy.stdin.close()
    environment["WORKSPACE"] = str(tmp_path)
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err != ""  # cron mails it


def test_the_gitlab_file_is_what_gitlab_reads() -> None:
    job = _yaml(GITLAB)["evcli"]
    (arguments,) = _commands(GITLAB)
    targets = _targets(arguments)
    assert job["artifacts"]["reports"] == {"junit": targets["junit"], "codequality": targets["gitlab"]}
    assert job["artifacts"]["when"] == "always"
    assert job["allow_failure"] == {"exit_codes": [1]}
    assert all(target.startswith(job["artifacts"]["paths"][0]) for target in targets.values())


def test_the_github_file_is_what_github_reads() -> None:
    workflow = _yaml(GITHUB)
    # YAML 1.1 reads the key `on` as true; GitHub does not.
    assert workflow[True]["schedule"] == [{"cron": "*/15 * * * *"}]
    job = workflow["jobs"]["check"]
    uses = {step["uses"].partition("@")[0]: step.get("with") for step in job["steps"] if "uses" in step}
    (arguments,) = _commands(GITHUB)
    assert arguments[arguments.index("--format") + 1] == "github"
    assert uses["github/codeql-action/upload-sarif"]["sarif_file"] == _targets(arguments)["sarif"]
    assert workflow["permissions"] == {"contents": "read", "security-events": "write"}


def test_the_jenkins_file_reads_what_evcli_writes() -> None:
    text = JENKINS.read_text(encoding="utf-8")
    (arguments,) = _commands(JENKINS)
    assert f"junit testResults: '{_targets(arguments)['junit']}'" in text
    assert [text.count(a) - text.count(b) for a, b in ("{}", "()", "[]")] == [0, 0, 0]
    assert re.findall(r"code [!=]= \d|unstable\(|error\(", text) == [
        *("code == 1", "unstable(", "code == 2", "error(", "code != 0", "error(")
    ]

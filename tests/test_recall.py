"""A check after which nothing changed is answered from its report: in the same words, and never after a change."""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

import evidence_cli
from evidence_cli.examine import kept
from evidence_cli.examine.kept import Asked
from evidence_cli.examine.looking import Looking
from evidence_cli.jobs.recall import Recalled, recall
from evidence_cli.looks import cache as caching
from evidence_cli.looks.tree import Entry, Tree
from evidence_cli.messages import words
from evidence_cli.reporters import json as json_report
from evidence_cli.reporters import text
from evidence_cli.vocabulary.findings import Report
from evidence_cli.vocabulary.process import Action
from support.golden import Case, load_case, perform
from support.packing import command, environment
from support.workspace import NOW, PACKAGES, QUESTIONS, write_table

pytestmark = pytest.mark.usefixtures("own_cache")

FOLDER = Path(__file__).parent / "golden"
CASES = [case for case in map(load_case, sorted(FOLDER.glob("*.yaml"))) if case.expect is not None]
# Cases that say something which may pass by itself, or where a folder leads elsewhere.
_NEVER = ("E208", "E211")
CODE = "1.1-01"
links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
PDF = f"{QUESTIONS[CODE]}/佐证材料/01-政策文件/01-清单管理办法.pdf"


def check(root: Path, codes: tuple[str, ...] = (), **how: Any) -> Report:
    return evidence_cli.check(root, codes, **{"now": NOW, "jobs": 1, **how})


def ask(root: Path, *codes: str, packages: bool = False, now: datetime = NOW) -> Recalled | None:
    return recall(root, codes, packages=packages, now=now)


def rendered(report: Report) -> list[str]:
    """What people and programs get to see of it."""
    shown = [
        render(report, words(language), lambda _: True, 80)
        for render in (json_report.render, text.render)
        for language in ("zh", "en")
    ]
    return [*shown, repr(report.questions), repr(report.not_done)]


@pytest.mark.parametrize("case", [case for case in CASES if case.needs != "user"], ids=lambda case: case.name)
def test_a_report_comes_back_as_it_was(case: Case, workspace: Path) -> None:
    if case.needs and sys.platform != "linux":
        pytest.skip("needs names, pipes or permissions as Linux has them")
    perform(workspace, case.do)
    report = check(workspace, case.codes, packages=case.packages)
    known = ask(workspace, *case.codes, packages=case.packages)
    passing = any(finding.code.value in _NEVER for finding in report.findings)
    if passing or (workspace / "指标").is_symlink() or (workspace / "报送").is_symlink():
        assert known is None
    else:
        assert known is not None
        assert rendered(known.report) == rendered(report)
        assert known.folders == ("指标", "报送")


def touch(path: Path) -> None:
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda root: (root / PDF).write_bytes(b"%PDF"),
    "time": lambda root: touch(root / PDF),
    "gone": lambda root: (root / PDF).unlink(),
    "renamed": lambda root: (root / PDF).rename((root / PDF).with_name("02-清单管理办法.pdf")),
    "new file": lambda root: (root / PDF).with_name("09-通知.pdf").write_bytes(b"x"),
    "new folder": lambda root: (root / PDF).with_name("新建文件夹").mkdir(),
    "new folder in the question": lambda root: (root / QUESTIONS[CODE] / "佐证材料 - 副本").mkdir(),
    "answer": lambda root: (root / QUESTIONS[CODE] / "答案.txt").write_bytes(b"x"),
    "another question": lambda root: touch(root / QUESTIONS["1.2-01"] / "佐证材料/05-操作演示录屏/01-办理演示.mp4"),
    "stray": lambda root: (root / "指标/说明.txt").write_bytes(b"x"),
    "stray in an indicator": lambda root: (root / QUESTIONS[CODE]).with_name("零散材料").mkdir(),
    "question gone": lambda root: shutil.rmtree(root / QUESTIONS[CODE]),
    "package": lambda root: touch(root / PACKAGES[CODE]),
    "package gone": lambda root: (root / PACKAGES[CODE]).unlink(),
    "all packages gone": lambda root: shutil.rmtree(root / "报送"),
    "everything gone": lambda root: shutil.rmtree(root / "指标"),
    "received": lambda root: evidence_cli.receive([root / PACKAGES[CODE]], root, now=NOW, jobs=1),
    "table": lambda root: write_table(root, {"evaluation": {"title": "另一次评价"}}),
    "table gone": lambda root: (root / "config/indicators.yaml").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_it_is_checked_anew(workspace: Path, change: Callable[[Path], object]) -> None:
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    check(workspace)
    assert ask(workspace) is not None
    change(workspace)
    assert ask(workspace) is None


@links
@pytest.mark.parametrize("folder", ["报送", "指标"])
def test_a_link_in_the_place_of_a_folder(workspace: Path, folder: str) -> None:
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    check(workspace)
    away = (workspace / folder).rename(workspace.with_name("elsewhere"))
    (workspace / folder).symlink_to(away)
    assert ask(workspace) is None
    # It is the very same folder, and its files are as they were.
    (workspace / folder).unlink()
    away.rename(workspace / folder)
    assert ask(workspace) is not None


@pytest.mark.parametrize("folder", ["报送", "指标"])
def test_a_folder_that_was_not_there(workspace: Path, folder: str) -> None:
    shutil.rmtree(workspace / folder, ignore_errors=True)
    check(workspace)
    assert ask(workspace) is not None
    (workspace / folder).mkdir()
    assert ask(workspace) is None


def test_what_nobody_judges_may_change(workspace: Path) -> None:
    pool = (workspace / QUESTIONS[CODE]).with_name("素材库")
    (pool / "01-政策文件").mkdir(parents=True)
    check(workspace)
    (pool / "01-政策文件/文件.pdf").write_bytes(b"x")
    assert ask(workspace) is not None


def test_another_question_was_asked(workspace: Path) -> None:
    check(workspace, ("1.1",))
    assert ask(workspace, "1.1") is not None
    assert ask(workspace) is None
    assert ask(workspace, "1.2") is None
    assert ask(workspace, "1.1", packages=True) is None


def test_time_alone_can_change_what_is_right(workspace: Path) -> None:
    waiver = {"rule": "E203", "question": CODE, "reason": "测试", "by": "副组长", "until": NOW.date()}
    write_table(workspace, {"waivers": [waiver]})
    check(workspace)
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    assert ask(workspace, now=midnight - timedelta(seconds=1)) is not None
    assert ask(workspace, now=midnight) is None
    assert ask(workspace, now=NOW - timedelta(seconds=1)) is None
    due = datetime(2099, 12, 14, 14, tzinfo=NOW.tzinfo)
    check(workspace, now=midnight)
    day_before = due - timedelta(days=1)
    assert ask(workspace, now=day_before - timedelta(seconds=1)) is not None
    assert ask(workspace, now=day_before + timedelta(seconds=1)) is None
    soon = check(workspace, now=day_before + timedelta(seconds=1))
    assert {finding.code.value for finding in soon.findings} == {"E602"}
    assert ask(workspace, now=day_before + timedelta(hours=1)) is not None
    assert ask(workspace, now=due + timedelta(seconds=1)) is None
    over = due + timedelta(days=9)
    late = check(workspace, now=over)
    assert {finding.code.value for finding in late.findings} == {"E501"}
    known = ask(workspace, now=due + timedelta(days=900))
    assert known is not None
    assert known.report == replace(late, generated=due + timedelta(days=900))


def test_nothing_is_kept_of_files_that_changed_just_now(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "_YOUNG", 10**18)
    check(workspace)
    assert ask(workspace) is None


@pytest.mark.parametrize("look", ["question.read_folder", "looking.Looking.look"])
def test_what_cannot_be_read_may_be_readable_next_time_however_it_is_graded(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    write_table(workspace, {"rules": {"severity": {"E208": "off"}}})
    with monkeypatch.context() as patch:
        patch.setattr(f"evidence_cli.examine.{look}", _refuse)
        report = check(workspace)
    assert report.switched_off
    assert ask(workspace) is None


@pytest.mark.parametrize("more", [b"", bytes(100_000)], ids=["small", "large"])
def test_nothing_is_kept_while_a_file_of_another_question_cannot_be_compared(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    picture = workspace / QUESTIONS[CODE] / "佐证材料/04-网站截图/01-清单页面.png"
    picture.write_bytes(picture.read_bytes() + more)
    twin = workspace / QUESTIONS["1.2-01"] / "佐证材料/04-网站截图/01-清单页面.png"
    twin.parent.mkdir()
    shutil.copy(picture, twin)
    real = Tree.open

    def held(tree: Tree, entry: Entry) -> BinaryIO:
        if tree.root.startswith(QUESTIONS["1.2-01"]) and entry.name == twin.name:
            raise PermissionError(13, "Permission denied")
        return real(tree, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Tree, "open", held)
        assert not check(workspace, (CODE,)).findings
    assert ask(workspace, CODE) is None
    assert [finding.code.value for finding in check(workspace, (CODE,)).findings] == ["E412"]
    assert ask(workspace, CODE) is not None


def _refuse(_: object, what: str | Sequence[object]) -> list[PermissionError]:
    error = PermissionError(13, "Permission denied")
    if isinstance(what, str):
        raise error
    return [error] * len(what)


@links
def test_pack_takes_over_what_was_said_of_folders_once_and_nothing_of_packages(workspace: Path) -> None:
    shutil.rmtree(workspace / QUESTIONS["1.2-01"])
    (workspace / "报送").mkdir(exist_ok=True)
    (workspace / PACKAGES[CODE]).symlink_to(workspace / PDF)
    report = check(workspace)
    assert "E206" in {finding.code.value for finding in report.findings}
    with_report = evidence_cli.pack(workspace, now=NOW, jobs=1, dry_run=True)
    shutil.rmtree(os.environ["EVCLI_CACHE"])
    alone = evidence_cli.pack(workspace, now=NOW, jobs=1, dry_run=True)
    assert with_report.results == alone.results
    assert with_report.report == alone.report


@pytest.mark.parametrize("change", ["unreadable", "replaced"])
def test_pack_judges_anew_what_is_not_so_any_more_when_it_looks(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    check(workspace)
    real = Looking.look

    def look(looking: Looking, batch: Sequence[Any]) -> list[Any]:
        if change == "unreadable":
            return _refuse(looking, batch)
        if (workspace / PDF).exists():
            (workspace / PDF).rename((workspace / PDF).with_name("01-清单.pdf"))
            os.truncate((workspace / PDF).with_name("01-清单.pdf"), 20)
        return real(looking, batch)

    monkeypatch.setattr(Looking, "look", look)
    monkeypatch.setattr(Looking, "known", lambda *_: None)
    report = evidence_cli.pack(workspace, (), now=NOW, jobs=1)
    [result] = [one for one in report.results if one.code == CODE]
    assert result.outcome == "refused"
    places = [(finding.code.value, finding.path) for finding in result.errors]
    assert {code for code, _ in places} == {"E208" if change == "unreadable" else "E304"}
    assert len(set(places)) == len(places)


def test_a_waiver_may_last_until_the_last_day_of_the_calendar(workspace: Path) -> None:
    waiver = {"rule": "E203", "question": CODE, "reason": "测试", "by": "副组长", "until": date.max}
    write_table(workspace, {"waivers": [waiver]})
    check(workspace)
    assert ask(workspace) is not None


def test_of_a_table_no_more_is_read_than_it_may_have(workspace: Path) -> None:
    # Not written, and more than memory holds.
    os.truncate(workspace / "config/indicators.yaml", 1 << 42)
    assert ask(workspace) is None


def test_nothing_is_kept_without_a_cache_nor_believed_of_another_program(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(workspace, cache=False)
    assert ask(workspace) is None
    check(workspace)
    monkeypatch.setattr(kept, "program_version", lambda: "another")
    assert ask(workspace) is None


def test_a_value_that_is_none_is_no_error(workspace: Path) -> None:
    check(workspace)
    cache = caching.Cache(str(workspace))
    name = Asked(workspace).name
    [row] = [row for key, row in _rows(cache).items() if key.decode() == name]
    for facts in ("{}", "[]", "1", "null", "[" * 100_000, row.facts.replace('"generated"', '"other"')):
        cache.keep_facts(name, row.stamp, row.looker, facts)
        cache.save()
        assert ask(workspace) is None


def _rows(cache: caching.Cache) -> dict[bytes, caching.Row]:
    cache.digest("", "-")
    assert cache._rows is not None
    return cache._rows


_PROGRAM = """
import sys
from evidence_cli.looks import cache
cache._YOUNG = 0
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from evidence_cli.cli.main import run
code = run(sys.argv[1:])
print("pydantic" in sys.modules, sum("佐证材料" in name for name in opened), code)
"""


def test_the_command_loads_nothing_and_opens_nothing_the_second_time(workspace: Path, tmp_path: Path) -> None:
    import subprocess

    def run(*more: str) -> list[str]:
        arguments = [sys.executable, "-c", _PROGRAM, "check", "-w", str(workspace), "-q", *more]
        env = environment(EVCLI_CACHE=str(tmp_path / "cache"), EVCLI_LANG="en")
        done = subprocess.run(arguments, capture_output=True, encoding="utf-8", env=env, check=True)
        return done.stdout.splitlines()

    first = run()
    second = run()
    assert first[-1].startswith("True ")
    assert second[-1] == "False 0 0"
    assert second[:-1] == first[:-1]
    assert run("--no-cache")[-1].startswith("True ")
    # A report is never written over the evidence, whoever says so.
    refused = command(
        "check", "-w", workspace, "-o", workspace / "报送/x.txt", env=environment(EVCLI_CACHE=str(tmp_path / "cache"))
    )
    assert refused.returncode == 2


@pytest.mark.parametrize("decided", [False, True], ids=["plain", "with records and contributions"])
def test_a_pack_takes_the_check_before_it(decided: bool, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if decided:
        one = {"id": "policies", "title": "惠企政策", "indicator": "1.1", "units": ["市财政局"]}
        write_table(workspace, {"contributions": [one]})
        evidence_cli.pack(workspace, now=NOW, jobs=1)
        evidence_cli.decide(workspace, Action.RETURN, [CODE], by="副组长", note="不全", now=NOW, jobs=1)
    check(workspace)

    def judged_again(*_: object) -> None:
        raise AssertionError("it was judged before")

    monkeypatch.setattr("evidence_cli.examine.workspace.judge_all", judged_again)
    done = evidence_cli.pack(workspace, now=NOW, jobs=1)
    assert {one.outcome.value for one in done.results} == {"current" if decided else "packed"}


def test_what_the_process_says_keeps_no_pack_from_packing(workspace: Path) -> None:
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    evidence_cli.decide(workspace, Action.APPROVE, [CODE], by="副组长", now=NOW, jobs=1)
    [record] = (workspace / ".evcli/records").iterdir()
    record.write_bytes(record.read_bytes() + b" ")
    assert {finding.code.value for finding in check(workspace).findings} == {"E606"}
    (workspace / PACKAGES[CODE]).unlink()
    done = evidence_cli.pack(workspace, [CODE], now=NOW, jobs=1)
    assert [one.outcome.value for one in done.results] == ["packed"]

"""The worked example of docs/*/process.md: every command runs, from an empty folder to the archive, and prints that."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.messages import LANGUAGES

DOCS = Path(__file__).resolve().parent.parent / "docs"
HOME = str(Path(evidence_cli.__path__[0]).parent)
ANSWERS = {
    "1.1-01": "本市已编制并公布政务服务事项清单，逐项明确依据、条件和时限。",
    "1.1-02": "事项清单实行动态调整，法律法规变化以后及时修改。",
}
MENDED = "变化以后二十个工作日内调整完毕，并重新公布。"
# What follows from bytes of packages and from versions: digests, check codes and sizes.
_VARYING = re.compile(r"\b[0-9a-f]{12,}\b|\b\d{4}-\d{4}-\d{4}\b|\b\d[\d,.]* (?:kB|B|字节|bytes)")


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of the console blocks with the lines that it prints."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *printed = piece.rstrip("\n").split("\n")
            yield command, printed


def write_answers(root: Path) -> None:
    for code, answer in ANSWERS.items():
        [folder] = root.glob(f"指标/*/{code}-*")
        (folder / "答案.txt").write_text(f"{answer}\n", encoding="utf-8", newline="\n")
        target = folder / "佐证材料/01-政策文件/01-办法.txt"
        target.write_text(f"第 {code} 题的办法。\n", encoding="utf-8", newline="\n")


def mend(root: Path) -> None:
    [folder] = root.glob("指标/*/1.1-02-*")
    (folder / "答案.txt").write_text(f"{ANSWERS['1.1-02']}{MENDED}\n", encoding="utf-8", newline="\n")


def shown(line: str) -> str:
    """A line without what varies; columns move with it."""
    return " ".join(_VARYING.sub("…", line).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_true(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVCLI_LANG", "EVCLI_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", HOME)
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    text = (DOCS / language / "process.md").read_text(encoding="utf-8")
    root = tmp_path / "w"
    (root / "config").mkdir(parents=True)
    [table] = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (root / "config/indicators.yaml").write_text(table, encoding="utf-8")
    ran: list[str] = []
    assert "\nevcli init\n" in text
    for command, printed in [("evcli init", None), *commands(text)]:
        if command.startswith("evcli pack 1.1-02"):
            mend(root)
        done = subprocess.run(
            [sys.executable, "-m", "evidence_cli", *shlex.split(command)[1:]],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        assert printed is None or [shown(line) for line in done.stdout.splitlines()] == [
            shown(line) for line in printed
        ], command
        ran.append(command.split()[1])
        if ran == ["init"]:
            write_answers(root)
    assert ran[0] == "init"
    assert {"pack", "status", "review", "check", "sheet", "enter", "confirm", "submit", "archive", "log"} <= set(ran)

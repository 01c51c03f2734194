"""Names that try to steer: markup, escapes, writing direction, line breaks, bytes that are no Unicode."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
from running import evcli

from support.workspace import QUESTIONS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse these names")

FOLDER = QUESTIONS["1.2-01"] + "/佐证材料/09-案例"
# name → the codes of the findings it deserves (an empty file is E301 besides).
NAMES: dict[bytes, set[str]] = {
    "[red]案例[bold] [b].txt".encode(): {"E203"},
    "\x1b[31m红\x1b]0;标题\x07.txt".encode(): {"E209"},
    "\u202e片图.txt".encode(): {"E209"},
    "第一行\n第二行.txt".encode(): {"E209"},
    "回车\r覆盖.txt".encode(): {"E209"},
    "控制\u0085符.txt".encode(): {"E209"},
    "行\u2028分隔.txt".encode(): {"E209"},
    b"\xff\xfe\x80.txt": {"E210"},
    "案例".encode("gbk") + b".txt": {"E210"},
    b"{0} %s {code} $(id) `id`.txt": {"E203"},
}
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture
def hostile(workspace: Path) -> Path:
    for name in NAMES:
        with open(os.path.join(os.fsencode(workspace / FOLDER), name), "xb"):  # noqa: PTH118, PTH123
            pass
    return workspace


def test_text_shows_every_name_on_one_line_and_steers_nothing(hostile: Path) -> None:
    for arguments in (["check"], ["pack"], ["check", "--lang", "en"]):
        result = evcli(*arguments, cwd=hostile)
        assert (result.code, result.err) == (1, "")
        assert not STEERING.search(result.out)
        if arguments[0] == "pack":
            # It shows whole paths, which are broken at blanks.
            continue
        for shown in (
            "[red]案例[bold] [b].txt",
            r"\x1b[31m红",
            r"\u202e片图.txt",
            r"第一行\x0a第二行.txt",
            r"\xff\xfe\x80",
        ):
            assert shown in result.out.replace("\n", "").replace("    ", ""), shown


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_json_is_whole_and_steers_nothing(encoding: str, hostile: Path) -> None:
    result = evcli("check", "--format", "json", cwd=hostile, env={"PYTHONIOENCODING": encoding})
    assert (result.code, result.stderr) == (1, b"")
    text = result.stdout.decode(encoding)
    assert not STEERING.search(text)
    report = json.loads(text)
    assert {finding["question"] for finding in report["findings"]} == {"1.2-01"}
    codes: dict[str, set[str]] = {}
    for finding in report["findings"]:
        codes.setdefault(finding["path"], set()).add(finding["code"])
    names = {path for path in codes if path.startswith(FOLDER + "/")}
    assert len(names) == len(NAMES)
    for name, expected in NAMES.items():
        if expected != {"E210"}:
            assert codes[f"{FOLDER}/{name.decode()}"] == expected | {"E301"}
    assert sorted(codes[path] - {"E301"} == {"E210"} for path in names) == [False] * 8 + [True] * 2


def test_a_file_for_the_report_holds_the_same(hostile: Path, tmp_path: Path) -> None:
    for name in ("text", "json"):
        target = tmp_path / name
        assert evcli("check", "--format", name, "-q", "-o", target, cwd=hostile).code == 1
        assert not STEERING.search(target.read_text(encoding="utf-8"))


def test_hostile_arguments_are_shown_safely(workspace: Path) -> None:
    nasty = "\x1b[31m\u202e[red]"
    for arguments in (["check", nasty], ["verify", nasty], [nasty], ["check", f"--{nasty}"], ["rules", nasty]):
        result = evcli(*arguments, cwd=workspace)
        assert (result.code, result.out) == (2, "")
        assert not STEERING.search(result.err), arguments
        assert "[red]" in result.err.replace("[RED]", "[red]")
    for arguments in (["check", b"\xff\xfe"], ["verify", b"\xff\xfe.zip"], ["check", "-w", b"\xff"], [b"\xff"]):
        result = evcli(*arguments, cwd=workspace)
        assert (result.code, result.out) == (2, "")
        assert "Traceback" not in result.err


def test_a_workspace_in_a_folder_with_a_hostile_name(workspace: Path, tmp_path: Path) -> None:
    nasty = workspace.rename(tmp_path / "a\x1b[31m\n[b]\u202e")
    for command in ("check", "init", "pack", "table show", "verify 报送"):
        result = evcli(*command.split(), cwd=nasty)
        assert (result.code, result.err) == (0, "")
        assert not STEERING.search(result.out)
    other = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe"))
    nasty.rename(other)
    for command in ("check", "pack", "init", "verify 报送"):
        result = evcli(*command.split(), cwd=other)
        assert (result.code, result.err) == (0, "")

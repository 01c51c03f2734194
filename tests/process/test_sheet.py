"""The entry sheet: the text of the answer as it is in the package, ready to paste."""

import html
import json
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.messages import words
from evidence_cli.reporters.sheet import FORMATS, renderer
from evidence_cli.samples import office
from evidence_cli.vocabulary.course import SheetRow
from evidence_cli.vocabulary.process import Action, State
from support import sample_files
from support.workspace import NOW, PACKAGES, QUESTIONS

LINES = ["第一段：本市已公布清单。", "第二段：<b>全部</b> & 可以办理。"]


def sheet(root: Path, *codes: str) -> evidence_cli.Sheet:
    return evidence_cli.sheet(root, codes, now=NOW, jobs=1)


def answer(root: Path, name: str, data: bytes, code: str = "1.1-01") -> None:
    for old in (root / QUESTIONS[code]).glob("答案*"):
        old.unlink()
    (root / QUESTIONS[code] / name).write_bytes(data)
    assert not evidence_cli.pack(root, [code], now=NOW, jobs=1).refused


def row(root: Path, code: str = "1.1-01") -> SheetRow:
    [one] = sheet(root, code).rows
    return one


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("答案.docx", office.docx(LINES)),
        ("答案.txt", "\r\n".join(LINES).encode()),
        ("答案.TXT", "\n".join(LINES).encode("gb18030")),
    ],
)
def test_the_text_is_that_of_the_answer(name: str, data: bytes, workspace: Path) -> None:
    answer(workspace, name, data)
    one = row(workspace)
    assert one.text.splitlines() == LINES
    assert (one.lacking, one.answer.casefold()) == ("", name.casefold())
    assert one.size == (workspace / PACKAGES["1.1-01"]).stat().st_size
    assert one.digest == evidence_cli.status(workspace, ["1.1-01"], now=NOW, jobs=1).rows[0].digest


def test_questions_come_in_the_order_of_the_table(workspace: Path) -> None:
    evidence_cli.pack(workspace, ["1.2-01"], now=NOW, jobs=1)
    rows = sheet(workspace).rows
    assert [one.code for one in rows] == list(QUESTIONS)
    assert [one.lacking for one in rows] == ["package", "package", ""]
    assert [one.text != "" for one in rows] == [False, False, True]


def test_what_changed_after_packing_is_not_entered(workspace: Path) -> None:
    answer(workspace, "答案.txt", "\n".join(LINES).encode())
    (workspace / QUESTIONS["1.1-01"] / "答案.txt").write_text("改过的答案，内容和压缩包里的不一样。", encoding="utf-8")
    one = row(workspace)
    assert (one.lacking, one.text, one.size, one.digest) == ("package", "", None, None)


def test_an_answer_without_text_says_so(workspace: Path) -> None:
    answer(workspace, "答案.pdf", sample_files.make("答案", as_="scanned-pdf"))
    one = row(workspace)
    assert (one.text, one.lacking) == ("", "scan")


def test_a_long_answer_is_cut_and_says_so(workspace: Path) -> None:
    answer(workspace, "答案.txt", ("很长的答案。" * 20 + "\n").encode() * 3000)
    one = row(workspace)
    assert one.lacking == "long"
    assert 199_000 < len(one.text) <= 200_000


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_shows_the_text_as_text(format_name: str, workspace: Path) -> None:
    answer(workspace, "答案.docx", office.docx(LINES))
    evidence_cli.decide(workspace, Action.APPROVE, ["1.1-01"], by="副组长", now=NOW, jobs=1)
    made = sheet(workspace, "1.1-01")
    shown = renderer(format_name)(made, words("zh"), 80, False)
    if format_name == "json":
        [question] = json.loads(shown)["questions"]
        assert (question["text"], question["state"]) == ("\n".join(LINES), State.APPROVED)
    elif format_name == "html":
        assert "<b>" not in shown
        assert html.escape(LINES[1]) in shown
    else:
        assert f"\n{LINES[0]}\n{LINES[1]}\n" in shown
        assert "还没有审核通过" not in shown


def test_characters_that_are_not_fit_to_show_are_escaped(workspace: Path) -> None:
    answer(workspace, "答案.txt", "正常的文字，后面\u202e反过来的文字。\x1b[31m红".encode())
    for format_name in ("text", "html"):
        shown = renderer(format_name)(sheet(workspace, "1.1-01"), words("zh"), 80, False)
        assert "\u202e" not in shown
        assert "\x1b" not in shown


def test_nothing_is_kept_of_the_text(workspace: Path, own_cache: Path) -> None:
    answer(workspace, "答案.txt", "\n".join(LINES).encode())
    assert row(workspace).text
    assert "第二段" not in own_cache.read_bytes().decode("utf-8", "replace")

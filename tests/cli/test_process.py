"""The commands of the process, from outside: what they print, their exit codes, and who is who."""

import csv
import getpass
import io
import json
from pathlib import Path

import pytest
from running import Result, evcli, tree_of

from support.workspace import QUESTIONS, write_table

BY = ("--by", "副组长")
OTHER = ("--by", "责任人")
STATES = {"zh": "审核通过", "en": "approved"}


def states(root: Path) -> dict[str, str]:
    document = evcli("status", "--format", "json", cwd=root).report
    assert document["schema"] == "evcli.status/1"
    return {question["code"]: question["state"] for question in document["questions"]}


def approved(root: Path, *codes: str) -> Result:
    return evcli("review", *(codes or ("1",)), "--approve", *BY, cwd=root)


def confirmed(root: Path) -> None:
    for step in (["review", "1", "--approve", *BY], ["enter", "1"], ["confirm", "1", *OTHER]):
        assert evcli(*step, cwd=root).code == 0


def test_the_whole_way(packed: Path) -> None:
    assert states(packed) == dict.fromkeys(QUESTIONS, "packed")
    confirmed(packed)
    assert states(packed) == dict.fromkeys(QUESTIONS, "confirmed")
    dry = evcli("submit", "--dry-run", cwd=packed)
    assert (dry.code, dry.out) == (0, "3 道题都已复核，可以提交。没有写入任何文件。\n")
    done = evcli("submit", *BY, cwd=packed)
    assert (done.code, done.err) == (0, "")
    assert states(packed) == dict.fromkeys(QUESTIONS, "submitted")
    assert evcli("pack", cwd=packed).code == 1
    assert evcli("check", cwd=packed).code == 0
    log = evcli("log", "--format", "json", cwd=packed).report
    for code in (*QUESTIONS, ""):
        happened = [event["action"] for event in log["events"] if event["question"] == code]
        assert happened == (["approve", "enter", "confirm"] if code else ["submit"])
    assert {event["by"] for event in log["events"]} == {"副组长", "责任人", getpass.getuser()}


def test_what_is_refused_is_one_and_named(packed: Path) -> None:
    assert evcli("enter", "1.1-01", cwd=packed).code == 1
    assert evcli("confirm", "1.1-01", cwd=packed).code == 1
    assert approved(packed, "1.1-01").code == 0
    assert evcli("enter", "1.1-01", cwd=packed).code == 0
    alone = evcli("confirm", "1.1-01", "--by", " 副组长 ", cwd=packed)
    assert alone.code == 1
    assert "复核要由另一个人来做" in alone.out
    assert states(packed)["1.1-01"] == "entered"
    early = evcli("submit", cwd=packed)
    assert early.code == 1
    assert "3 道题中还有 3 道没有复核" in early.out


def test_a_return_needs_a_reason_and_is_shown_at_the_next_check(packed: Path) -> None:
    assert evcli("review", "1.1-01", cwd=packed).code == 2
    assert evcli("review", "1.1-01", "--approve", "--return", "x", cwd=packed).code == 2
    assert evcli("review", "1.1-01", "--return", "  ", cwd=packed).code == 2
    assert evcli("review", "1.1-01", "--return", "缺少网站截图", *BY, cwd=packed).code == 0
    shown = evcli("check", "1.1-01", cwd=packed)
    assert "E605" in shown.out
    assert "缺少网站截图" in shown.out
    assert "缺少网站截图" in evcli("status", cwd=packed).out


def test_only_what_passes_the_check_is_approved(packed: Path) -> None:
    (packed / QUESTIONS["1.1-01"] / "答案（二）.docx").write_bytes(b"x")
    result = approved(packed)
    assert result.code == 1
    assert states(packed) == {"1.1-01": "drafting", "1.1-02": "approved", "1.2-01": "approved"}


def test_a_decision_twice_is_once(packed: Path) -> None:
    approved(packed)
    before = tree_of(packed)
    again = approved(packed)
    assert again.code == 0
    assert "无变化 3" in again.out
    assert tree_of(packed) == before


@pytest.mark.parametrize("command", ["status", "sheet", "log"])
def test_what_only_looks_changes_nothing(command: str, packed: Path) -> None:
    before = tree_of(packed)
    for language in ("zh", "en"):
        assert evcli(command, "--lang", language, cwd=packed).code == 0
    assert tree_of(packed) == before


@pytest.mark.parametrize("command", ["review", "enter", "confirm"])
def test_what_decides_wants_codes(command: str, packed: Path) -> None:
    result = evcli(command, cwd=packed)
    assert (result.code, result.out) == (2, "")
    assert "请写出题号或指标号" in result.err
    assert evcli(command, "9.9-99", "--approve" if command == "review" else "-q", cwd=packed).code == 2


@pytest.mark.parametrize("language", STATES)
def test_status_says_the_state_in_the_language(language: str, packed: Path) -> None:
    approved(packed)
    assert STATES[language] in evcli("status", "--lang", language, cwd=packed).out


def test_status_as_csv_is_one_row_a_question(packed: Path) -> None:
    data = evcli("status", "--format", "csv", "-o", "催办.csv", cwd=packed)
    assert data.code == 0
    written = (packed / "催办.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == list(QUESTIONS)


def test_a_cell_is_never_a_formula(packed: Path) -> None:
    write_table(packed, {"defaults": {"package": {"name": "{code}-{title}"}}})
    evcli("review", "1.1-01", "--return", "=1+1", *BY, cwd=packed)
    rows = list(csv.reader(io.StringIO(evcli("status", "--format", "csv", cwd=packed).out.lstrip("\ufeff"))))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("by", ["owner", "unit", "indicator", "state"])
def test_groups_hold_every_question_once(by: str, packed: Path) -> None:
    for format_name in ("text", "markdown"):
        shown = evcli("status", "--by", by, "--format", format_name, cwd=packed).out
        assert [shown.count(code) for code in QUESTIONS] == [1, 1, 1]


def test_the_clock_can_be_set(packed: Path) -> None:
    late = evcli("status", "--now", "2099-12-15T09:00", "--format", "json", cwd=packed).report
    assert {(one["due"]["milestone"], one["due"]["seconds"] < 0) for one in late["questions"]} == {("review", True)}
    assert late["next"]["milestone"] == "recheck"
    assert evcli("status", "--now", "明天", cwd=packed).code == 2


def test_hostile_reasons_stay_text(packed: Path) -> None:
    reason = "\x1b[31m红 [bold]粗[/bold] <b>x</b> \u202e |反| `x`"
    assert evcli("review", "1.1-01", "--return", reason, *BY, cwd=packed).code == 0
    for arguments in (["status"], ["status", "--format", "markdown"], ["log"], ["check"]):
        shown = evcli(*arguments, cwd=packed).out
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "[bold]" in shown or "markdown" in arguments


def test_the_sheet_goes_to_a_file_or_the_screen(packed: Path) -> None:
    approved(packed)
    shown = evcli("sheet", "1.1-01", cwd=packed)
    assert shown.code == 0
    assert "报送/1.1-01-事项清单.zip" in shown.out
    assert evcli("sheet", "--format", "html", "-o", "清单.html", cwd=packed).code == 0
    assert (packed / "清单.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert evcli("sheet", "-o", "报送/清单.txt", cwd=packed).code == 2
    document = json.loads(evcli("sheet", "--format", "json", cwd=packed).stdout)
    assert document["schema"] == "evcli.sheet/1"
    assert [one["code"] for one in document["questions"]] == list(QUESTIONS)


def test_what_cannot_be_believed_is_said_by_status_and_log(packed: Path) -> None:
    approved(packed)
    [record] = (packed / ".evcli/records").glob("*-1.1-01-approve-*")
    record.write_bytes(record.read_bytes() + b" ")
    assert "E606" in evcli("status", cwd=packed).out
    log = evcli("log", cwd=packed)
    assert (log.code, log.err) == (0, "有 1 份记录损坏或被改过，没有列出。请运行 evcli check 查看。\n")
    assert states(packed)["1.1-01"] == "packed"


@pytest.mark.parametrize("moment", ["9999-12-31T23:59", "0001-01-01T00:00:00+14:00", "1999-12-31"])
def test_a_clock_beyond_all_calendars_is_wrong_usage(moment: str, packed: Path) -> None:
    for command in ("status", "check", "pack", "sheet"):
        assert evcli(command, "--now", moment, cwd=packed).code == 2

"""What could not be looked at is said, with the file and the reason: never a silent pass, and never a finding."""

import ast
import json
import os
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.cli.main import run
from evidence_cli.messages import LANGUAGES, words
from evidence_cli.reporters import renderer
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import NotDone, Report
from support import rar_writer, zips
from support.golden import found, perform, place
from support.source import modules
from support.workspace import NOW, PACKAGES, QUESTIONS, build, write_table

POLICY = "<1.1-01>/佐证材料/01-政策文件"
SCAN = f"{POLICY}/03-批复.pdf"
PACKED = f"{POLICY}/04-原件.rar"
WITH_ARCHIVES = {"categories": {"0": {"kinds": ["pdf", "ofd", "word", "image", "archive"]}}}
# A pattern that never ends on a text made for it.
ENDLESS = {"gate": {"secrecy": {"also": ["(?:a+)+b"]}}}
SLOW = "<1.1-01>/佐证材料/02-办事指南/02-指南.html"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return build(tmp_path / "w")


def with_scan(root: Path, *paths: str) -> None:
    perform(root, [{"write": path, "as": "scanned-pdf"} for path in paths or (SCAN,)])


def with_packed(root: Path) -> None:
    """An archive of a compression that nothing here unpacks."""
    write_table(root, WITH_ARCHIVES)
    (root / place(PACKED)).write_bytes(rar_writer.rar4({"a.txt": b"text\n"}, method=0x33))


def check(root: Path, **how: Any) -> Report:
    return evidence_cli.check(root, now=NOW, jobs=1, **how)


def lines(report: Report, language: str, *, every: bool = True) -> list[str]:
    """The lines of the text report that no page breaks; `every` finding is listed, or none."""
    return renderer("text")(report, words(language), lambda finding: every, 1000).splitlines()


def document(report: Report) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(renderer("json")(report, words("zh"), lambda finding: True, 80))
    return parsed


def notes(rows: Iterable[tuple[str, str, str]]) -> tuple[NotDone, ...]:
    return tuple(NotDone(place(path), check, reason) for path, check, reason in rows)


def test_a_clean_workspace_has_nothing_left_undone(workspace: Path) -> None:
    report = check(workspace)
    assert report.not_done == ()
    assert document(report)["not_done"] == []
    assert document(report)["summary"]["not_done"] == 0
    for language in LANGUAGES:
        hint = words(language).text("not_done.hint")
        assert hint not in lines(report, language)


def test_a_scan_is_said_and_is_no_finding(workspace: Path) -> None:
    with_scan(workspace)
    report = check(workspace)
    assert found(report.findings) == []
    assert report.not_done == notes([(SCAN, "text", "scan")])
    assert [question.passed for question in report.questions] == [True, True, True]
    assert not report.fails(Severity.INFO)


def test_a_scan_as_answer_is_a_finding_and_said_too(workspace: Path) -> None:
    (workspace / place("<1.1-01>/答案.docx")).unlink()
    with_scan(workspace, "<1.1-01>/答案.pdf")
    report = check(workspace)
    assert found(report.findings) == [("E315", "1.1-01", place("<1.1-01>/答案.pdf"))]
    assert report.not_done == notes([("<1.1-01>/答案.pdf", "text", "scan")])


def test_a_format_without_support_is_said(workspace: Path) -> None:
    perform(workspace, [{"write": f"{POLICY}/03-函.pdf", "as": "pdf"}])
    with_packed(workspace)
    report = check(workspace)
    assert found(report.findings) == []
    assert report.not_done == notes([(PACKED, "health", "format")])


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no limit of processor time on this system")
def test_a_pattern_of_the_table_that_never_ends_costs_its_file_alone(workspace: Path) -> None:
    write_table(workspace, ENDLESS)
    perform(workspace, [{"write": SLOW, "as": "html", "lines": ["a" * 60]}])
    report = check(workspace)
    assert found(report.findings) == []
    assert report.not_done == notes([(SLOW, "text", "time")])
    # What could not be done once is tried again.
    write_table(workspace)
    assert check(workspace).not_done == ()


def test_the_order_is_that_of_the_table_and_of_the_tree(workspace: Path) -> None:
    second = "<1.2-01>/佐证材料/09-案例/02-批复.pdf"
    with_packed(workspace)
    with_scan(workspace, second, SCAN)
    expected = [(SCAN, "text", "scan"), (PACKED, "health", "format"), (second, "text", "scan")]
    assert check(workspace).not_done == notes(expected)
    assert check(workspace, codes=["1.2"]).not_done == notes(expected[2:])


def test_what_was_not_done_is_remembered_with_the_facts(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidence_cli.looks.cache._YOUNG", 0)
    with_scan(workspace)
    assert check(workspace).not_done == check(workspace).not_done == notes([(SCAN, "text", "scan")])


def test_the_json_report_lists_and_counts(workspace: Path) -> None:
    with_packed(workspace)
    with_scan(workspace)
    parsed = document(check(workspace))
    assert parsed["not_done"] == [
        {"path": place(SCAN), "check": "text", "reason": "scan"},
        {"path": place(PACKED), "check": "health", "reason": "format"},
    ]
    assert parsed["summary"]["not_done"] == 2
    assert (parsed["summary"]["errors"], parsed["summary"]["passed"]) == (0, 3)


SAID: Mapping[str, list[str]] = {
    "zh": [
        "没有检查：里面的文字（敏感信息、字数、日期），因为全部或部分页面是扫描件或图片，没有文字可以搜索。"
        "共 2 个文件：1.1-01 03-批复.pdf、1.2-01 02-函.pdf",
        "没有检查：文件是否完好，因为这种格式还不能读取。共 1 个文件：1.1-01 04-原件.rar",
        "没有检查的，请人工看一遍。",
    ],
    "en": [
        "Not checked: the text inside (sensitive data, length, dates), "
        "because all or some pages are scans or pictures without text to search. "
        "Files, 2 in all: 1.1-01 03-批复.pdf, 1.2-01 02-函.pdf",
        "Not checked: whether the file is whole, because this format cannot be read yet. "
        "Files, 1 in all: 1.1-01 04-原件.rar",
        "Please look at what was not checked yourself.",
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_report_ends_with_it(workspace: Path, language: str) -> None:
    with_packed(workspace)
    with_scan(workspace, SCAN, "<1.2-01>/佐证材料/09-案例/02-函.pdf")
    report = check(workspace)
    assert lines(report, language)[-3:] == SAID[language]
    # No display filter hides it.
    assert lines(report, language, every=False)[-3:] == SAID[language]


def test_files_of_one_name_are_told_apart(workspace: Path) -> None:
    answers = [f"<{code}>/答案.pdf" for code in QUESTIONS]
    for code in QUESTIONS:
        (workspace / place(f"<{code}>/答案.docx")).unlink()
    with_scan(workspace, *answers, SCAN)
    [line] = [line for line in lines(check(workspace), "zh") if line.startswith("没有检查：")]
    assert line.endswith("共 4 个文件：1.1-01 答案.pdf、1.1-01 03-批复.pdf、1.1-02 答案.pdf、1.2-01 答案.pdf")


def test_files_of_one_name_in_one_question_are_told_apart(workspace: Path) -> None:
    with_scan(workspace, SCAN, "<1.1-01>/佐证材料/02-办事指南/03-批复.pdf")
    [line] = [line for line in lines(check(workspace), "zh") if line.startswith("没有检查：")]
    assert line.endswith("共 2 个文件：1.1-01 01-政策文件/03-批复.pdf、1.1-01 02-办事指南/03-批复.pdf")


def test_every_file_is_named(workspace: Path) -> None:
    with_scan(workspace, *(f"{POLICY}/{number:02}-函.pdf" for number in range(3, 15)))
    [line] = [line for line in lines(check(workspace), "zh") if line.startswith("没有检查：")]
    assert line.endswith("、".join(f"1.1-01 {number:02}-函.pdf" for number in range(3, 15)))


def test_every_gap_that_is_made_has_words() -> None:
    """An inspector that names a check or a reason of its own would end the report, not the look."""
    made = {
        (at, argument.value)
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Gap"
        for at, argument in enumerate(node.args)
        if isinstance(argument, ast.Constant)
    }
    assert len(made) > 10
    for language in LANGUAGES:
        for at, key in made:
            assert words(language).text(f"not_done.{('check', 'reason')[at]}.{key}")


@pytest.mark.parametrize(
    "reason", ["scan", "long", "large", "time", "memory", "crashed", "library", "format", "writing"]
)
@pytest.mark.parametrize("check_name", ["inside", "health", "text", "active"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_and_reason_has_words(language: str, check_name: str, reason: str) -> None:
    report = Report("test-2099", NOW, (), (), (NotDone("a/b.pdf", check_name, reason),))
    *_, said, hint = lines(report, language)
    if reason == "writing":
        # It is looked at again by itself: nobody has to.
        said, hint = hint, words(language).text("not_done.hint")
    assert hint == words(language).text("not_done.hint")
    assert words(language).text(f"not_done.check.{check_name}") in said
    assert words(language).text(f"not_done.reason.{reason}") in said
    assert said.endswith("b.pdf")


@pytest.mark.parametrize("fail_on", ["error", "warning", "never"])
def test_it_does_not_change_the_exit_code(workspace: Path, fail_on: str, capsys: pytest.CaptureFixture[str]) -> None:
    with_scan(workspace)
    assert run(["check", "-q", "--fail-on", fail_on, "--format", "json", "-w", str(workspace)]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["not_done"] == 1


def test_it_does_not_keep_from_packing(workspace: Path) -> None:
    with_scan(workspace)
    done = evidence_cli.pack(workspace, ["1.1-01"], now=NOW, jobs=1)
    assert (done.refused, done.failed) == (False, False)
    assert (workspace / PACKAGES["1.1-01"]).is_file()


def test_verify_says_it_of_a_package(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_packed(workspace)
    with_scan(workspace)
    package = workspace / PACKAGES["1.1-01"]
    package.parent.mkdir()
    zips.zip_folder(workspace / QUESTIONS["1.1-01"], package)
    report = evidence_cli.verify(package, workspace=workspace, now=NOW, jobs=1)
    inside = f"{PACKAGES['1.1-01']}!/佐证材料/01-政策文件"
    expected = [
        NotDone(f"{inside}/03-批复.pdf", "text", "scan"),
        NotDone(f"{inside}/04-原件.rar", "health", "format"),
    ]
    assert list(report.not_done) == expected
    assert not report.fails(Severity.ERROR)
    assert run(["verify", "-q", "--format", "json", "-w", str(workspace), str(package)]) == 0
    parsed = json.loads(capsys.readouterr().out)
    assert [row["path"] for row in parsed["not_done"]] == [note.path for note in expected]


def test_verify_without_a_table_says_both(workspace: Path) -> None:
    with_scan(workspace)
    evidence_cli.pack(workspace, ["1.1-01"], now=NOW, jobs=1)
    package = workspace / PACKAGES["1.1-01"]
    report = evidence_cli.verify(package, now=NOW, jobs=1)
    path = package.as_posix()
    assert list(report.not_done) == [
        NotDone(path, "table", "no_workspace"),
        NotDone(f"{path}!/佐证材料/01-政策文件/03-批复.pdf", "text", "scan"),
    ]
    for language in LANGUAGES:
        said = lines(report, language)[-3:]
        assert said[0] == words(language).text("not_done.no_table")
        assert "03-批复.pdf" in said[1]


def test_names_cannot_forge_the_report(workspace: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows cannot even make such a name")
    with_scan(workspace, f"{POLICY}/03-[bold]\x1b[31m.pdf")
    report = check(workspace)
    [line] = [line for line in lines(report, "zh") if line.startswith("没有检查：")]
    assert line.endswith("共 1 个文件：1.1-01 03-[bold]\\x1b[31m.pdf")

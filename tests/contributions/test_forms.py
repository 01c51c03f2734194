"""Forms that units send, as workbooks and as CSV, read back by a check."""

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from contributing import DUE, FINANCE, FOLDER, NOW, POLICIES, TAXES, found, prepare, put
from openpyxl.worksheet.datavalidation import DataValidation

import evidence_cli
from evidence_cli.messages import words
from evidence_cli.vocabulary.course import Given
from support import forms
from support.workspace import FIRST, QUESTIONS, build

RIGHT = [["稳岗补贴", "财〔2021〕1号", "财政", 1200, 900, 75], ["留抵退税", None, "税务", 3, 2, 66.67]]
FORM = f"{FINANCE}/惠企政策.xlsx"
OTHER_MISSING = ("E608", TAXES, "市税务局")


def states(root: Path) -> list[Given]:
    return [row.state for row in evidence_cli.status(root, now=NOW, jobs=1).contributions]


def test_before_the_time_nothing_is_found_and_status_lists_all(workspace: Path) -> None:
    prepare(workspace)
    assert found(workspace, DUE) == []
    rows = evidence_cli.status(workspace, now=NOW, jobs=1).contributions
    assert [(row.unit, row.state, row.path, row.due, row.late) for row in rows] == [
        ("市财政局", Given.MISSING, FINANCE, DUE, False),
        ("市税务局", Given.MISSING, TAXES, DUE, False),
    ]
    assert found(workspace) == [("E608", FINANCE, "市财政局"), OTHER_MISSING]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("惠企政策.xlsx", forms.filled(RIGHT)),
        ("财政.CSV", forms.as_csv(RIGHT)),
        ("bom.csv", forms.as_csv(RIGHT, encoding="utf-8-sig")),
        ("gbk.csv", forms.as_csv(RIGHT, encoding="gbk")),
        ("unicode.csv", forms.as_csv(RIGHT, encoding="utf-16", comma="\t")),
        ("semicolon.csv", forms.as_csv(RIGHT, comma=";")),
        ("english.csv", forms.as_csv(RIGHT, headings=["Policy", "Document number", "Department", "Enterprises entitled",
                                                      "Enterprises that received it", "Coverage"])),
        ("order.csv", forms.as_csv([row[::-1] for row in RIGHT], headings=["覆盖率(%)", *forms.HEADINGS[-2::-1]])),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_form_that_is_right(workspace: Path, name: str, data: bytes) -> None:
    put(prepare(workspace), f"{FINANCE}/{name}", data)
    assert found(workspace) == [OTHER_MISSING]
    assert states(workspace) == [Given.THERE, Given.MISSING]


def test_what_people_do_to_a_form(workspace: Path) -> None:
    """Lines above, a column of numbers before it, a sheet in front, empty lines, totals, another column behind."""
    book = openpyxl.Workbook()
    book.active["A1"] = "说明"
    sheet = book.create_sheet("表")
    rows = [
        ["市财政局惠企政策表"],
        [],
        ["序号", *forms.HEADINGS, "填表人"],
        [1, "稳岗补贴", "", "财政", "1,200", "900", "75%"],
    ]
    rows += [[], [2, "科技券", "", "科技", 8, 4, 0.5, "科长"], [None, "合 计", "", "", 1208, 904, None]]
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    put(prepare(workspace), FORM, target.getvalue())
    assert found(workspace) == [OTHER_MISSING]


def test_formulas_count_by_the_results_that_are_stored(workspace: Path) -> None:
    """A formula that no program has computed is an empty cell; nothing here computes it."""
    put(prepare(workspace), FORM, forms.filled([["稳岗补贴", "", "财政", "=1+1", 1, "=E3/D3*100"]]))
    assert found(workspace) == [("E609", FORM, [("D3", "missing")]), OTHER_MISSING]


def test_a_csv_names_its_cells_as_a_spreadsheet_shows_them(workspace: Path) -> None:
    put(
        prepare(workspace), f"{FINANCE}/a.csv", forms.as_csv([["稳岗\n补贴", "", "", 3, 4, ""], ["", "", "", 1, 1, ""]])
    )
    assert found(workspace) == [("E609", f"{FINANCE}/a.csv", [("E2", "more"), ("A3", "policy")]), OTHER_MISSING]


def test_more_faults_than_anybody_reads(workspace: Path) -> None:
    put(prepare(workspace), FORM, forms.filled([["政策", "", "", "x", "y", ""]] * 100))
    [finding] = [one for one in evidence_cli.check(workspace, now=NOW, jobs=1).findings if one.code.value == "E609"]
    assert (finding.params["count"], len(finding.params["places"])) == (200, 50)


def test_every_fault_that_is_kept_is_named() -> None:
    places = [{"text": "x", "unit": "cell", "at": f"D{row}", "reason": "number"} for row in range(3, 53)]
    shown = words("zh").message("E609", {"reason": "cells", "unit": "财政", "count": 50, "places": places})
    assert all(f"{place['at']} " in shown for place in places)


def test_nobody_entitled_means_a_coverage_of_nothing(workspace: Path) -> None:
    put(prepare(workspace), FORM, forms.filled([["政策", "", "", 0, 0, 100], ["政策", "", "", 0, 0, 0]]))
    [finding] = evidence_cli.check(workspace, now=NOW, jobs=1).findings
    assert [(place["at"], place["expected"]) for place in finding.params["places"]] == [("F3", "0")]


def sheets(*tables: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in tables:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def several(root: Path) -> list[tuple[str, object, object]]:
    """Of the findings about several forms the path, how many spreadsheets there are, and the forms."""
    return [
        (finding.path, finding.params["count"], finding.params["files"])
        for finding in evidence_cli.check(root, now=NOW, jobs=1).findings
        if finding.params["reason"] == "several"
    ]


def test_no_filled_sheet_is_dropped(workspace: Path) -> None:
    full = [forms.HEADINGS, *RIGHT]
    short = [row[:5] for row in full]
    put(prepare(workspace), FORM, sheets(("甲", full), ("空", full[:1]), ("乙", short)))
    assert several(workspace) == [(FORM, 1, ["惠企政策.xlsx（甲）", "惠企政策.xlsx（乙）"])]
    assert [one.policies for one in evidence_cli.collect(workspace, "policies", now=NOW).results[0].units] == [0, 0]
    put(workspace, FORM, sheets(("空", full[:1]), ("说明", [["政策名称", "部门"], ["a", "b"]]), ("乙", full)))
    assert found(workspace) == [OTHER_MISSING]
    put(workspace, FORM, sheets(("空", full[:1]), ("乙", short)))
    assert found(workspace) == [("E609", FORM, "header"), OTHER_MISSING]


def test_forms_of_one_name_are_told_apart(workspace: Path) -> None:
    put(prepare(workspace), FORM, forms.filled(RIGHT))
    put(workspace, f"{FINANCE}/附件/惠企政策.xlsx", forms.filled(RIGHT))
    assert several(workspace) == [(FINANCE, 2, ["惠企政策.xlsx", "附件/惠企政策.xlsx"])]


def test_more_spreadsheets_than_are_read_are_counted(workspace: Path) -> None:
    prepare(workspace)
    for number in range(24):
        put(workspace, f"{FINANCE}/{number:02}.csv", forms.as_csv(RIGHT))
    [(path, count, files)] = several(workspace)
    assert (path, count, files) == (FINANCE, 25, [f"{number:02}.csv" for number in range(19)])


def test_lists_to_choose_from_are_no_cells(workspace: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(forms.filled(RIGHT)))
    choice = DataValidation(type="list", formula1='"财政,税务"')
    choice.add("D3:D9")
    book.active.add_data_validation(choice)
    target = io.BytesIO()
    book.save(target)
    put(prepare(workspace), FORM, target.getvalue())
    assert found(workspace) == [OTHER_MISSING]


def test_other_spreadsheets_beside_a_form_are_evidence(workspace: Path) -> None:
    put(prepare(workspace), FORM, forms.filled(RIGHT))
    put(workspace, f"{FINANCE}/附件/名单.xlsx", forms.filled([["某公司"]], headings=["企业名单"]))
    assert found(workspace) == [OTHER_MISSING]
    put(workspace, FORM, forms.empty())
    assert found(workspace) == [("E609", FORM, "empty"), OTHER_MISSING]
    (workspace / FORM).unlink()
    assert found(workspace) == [("E609", f"{FINANCE}/附件/名单.xlsx", "header"), OTHER_MISSING]


def test_folders_are_known_by_their_names_without_numbers(workspace: Path) -> None:
    prepare(workspace)
    (workspace / FOLDER).rename(workspace / f"{FIRST}/汇总报送/惠企政策")
    put(workspace, f"{FIRST}/汇总报送/惠企政策/市财政局/表.xlsx", forms.filled(RIGHT))
    assert found(workspace) == [("E608", TAXES.replace("01-", ""), "市税务局")]
    before = sorted(path for path in workspace.rglob("*"))
    prepare(workspace)
    assert sorted(path for path in workspace.rglob("*")) == before


def test_links_are_never_followed(workspace: Path, tmp_path: Path) -> None:
    prepare(workspace)
    outside = tmp_path / "outside.xlsx"
    outside.write_bytes(forms.filled(RIGHT))
    (workspace / FORM).unlink()
    (workspace / FORM).symlink_to(outside)
    assert found(workspace) == [OTHER_MISSING, ("E206", FORM, "link")]
    assert states(workspace)[0] is Given.FAULTY
    folder = workspace / f"{FIRST}/汇总报送"
    folder.rename(tmp_path / "汇总报送")
    folder.symlink_to(tmp_path / "汇总报送")
    assert found(workspace) == [("E206", f"{FIRST}/汇总报送", "link")]


def test_nothing_of_it_is_packed_or_judged_as_evidence(workspace: Path) -> None:
    prepare(workspace)
    put(workspace, f"{FINANCE}/1.1-01-事项清单/身份证.exe", b"MZ" + bytes(100))
    put(workspace, f"{FIRST}/汇总报送/别的/a.tmp", b"x")
    assert found(workspace, NOW) == []
    before = build(workspace.parent / "plain")
    done = [evidence_cli.pack(root, ["1.1"], now=NOW, jobs=1) for root in (workspace, before)]
    digests = [[result.digest for result in one.results] for one in done]
    assert digests[0] == digests[1] and len(digests[0]) == 2


def test_a_question_alone_says_nothing_of_contributions(workspace: Path) -> None:
    prepare(workspace)
    for codes, count in (("1.1-01", 0), ("1.2", 0), ("1.1", 2), ("1", 2), ((), 2)):
        report = evidence_cli.check(workspace, codes, now=DUE.replace(year=2027), jobs=1)
        assert sum(one.code.value == "E608" for one in report.findings) == count, codes


@pytest.mark.parametrize("twice", [True, False])
def test_an_indicator_that_cannot_be_told_has_no_contributions(workspace: Path, twice: bool) -> None:
    prepare(workspace)
    if twice:
        (workspace / "指标/1.1-又一个").mkdir()
        expected = [("E102", FIRST, None)]
    else:
        (workspace / FIRST).rename(workspace / "1.1")
        (workspace / FIRST).symlink_to(workspace / "1.1")
        expected = [("E206", FIRST, "link")]
    assert [line[:1] for line in found(workspace)] == [line[:1] for line in expected]


def test_the_due_time_is_that_of_preparation_unless_said(workspace: Path) -> None:
    prepare(workspace, [POLICIES | {"due": None}])
    [row, _] = evidence_cli.status(workspace, now=NOW, jobs=1).contributions
    assert row.due is not None and f"{row.due:%Y-%m-%dT%H:%M%z}" == "2099-12-12T23:59+0800"
    assert set(QUESTIONS) == {one.code for one in evidence_cli.status(workspace, now=NOW, jobs=1).rows}

"""`evcli collect`: one workbook of what all units sent, with totals and with who is missing."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import click
import openpyxl
import pytest
from contributing import FINANCE, LATE, POLICIES, SUMMARY, TAXES, prepare, put

import evidence_cli
from evidence_cli.cli.main import run
from evidence_cli.cli.options import contribution
from evidence_cli.making.workbooks import is_ours, new_workbook, write_text
from evidence_cli.messages import words
from evidence_cli.vocabulary.course import Given
from evidence_cli.vocabulary.errors import EnvironmentFailure, RefusedError, UsageError
from support import forms
from support.workspace import FIRST, NOW

HEAD = ["单位", *forms.HEADINGS]
ROWS = [["稳岗补贴", "财〔2021〕1号", "财政", "１,２００", 900, None], ["贴息", None, "财政", 3, 2, "66.7%"]]
TAX_ROWS = [["留抵退税", None, "税务", 100, 100, 1]]


@pytest.fixture
def sent(workspace: Path) -> Path:
    """A workspace in which both units have sent a form in which nothing is wrong."""
    put(prepare(workspace), f"{FINANCE}/惠企政策.xlsx", forms.filled(ROWS))
    put(workspace, f"{TAXES}/税务.csv", forms.as_csv(TAX_ROWS, encoding="gbk"))
    return workspace


def collect(root: Path, code: str = "policies", **options: object) -> evidence_cli.CollectReport:
    return evidence_cli.collect(root, code, now=NOW, jobs=1, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["policies", "1.1", "1"])
def test_all_rows_and_totals(sent: Path, code: str) -> None:
    report = collect(sent, code)
    assert report.complete
    [result] = report.results
    assert (result.path, result.written, result.entitled, result.received) == (SUMMARY, True, 1303, 1002)
    assert result.coverage == Decimal("76.90")
    assert forms.read((sent / SUMMARY).read_bytes()) == {
        "汇总": [
            HEAD,
            ["市财政局", "稳岗补贴", "财〔2021〕1号", "财政", 1200, 900, 75],
            ["市财政局", "贴息", None, "财政", 3, 2, 66.67],
            ["市财政局 小计", None, None, None, 1203, 902, 74.98],
            ["市税务局", "留抵退税", None, "税务", 100, 100, 100],
            ["市税务局 小计", None, None, None, 100, 100, 100],
            ["合计", None, None, None, 1303, 1002, 76.9],
        ],
        "未报送和有错误的单位": [["单位", "情况", "说明"], [None, None, "各单位都已报送。"]],
    }


def test_the_same_again_changes_nothing(sent: Path) -> None:
    collect(sent)
    before = (sent / SUMMARY).read_bytes()
    assert collect(sent).results[0].written is False
    put(sent, f"{TAXES}/税务.csv", forms.as_csv([["留抵退税", None, "税务", 100, 99, 99]]))
    assert collect(sent).results[0].written is True
    put(sent, f"{TAXES}/税务.csv", forms.as_csv(TAX_ROWS))
    collect(sent)
    assert (sent / SUMMARY).read_bytes() == before


def test_who_is_missing_or_faulty_is_named_and_the_rest_is_merged(sent: Path) -> None:
    (sent / TAXES / "税务.csv").unlink()
    put(sent, f"{FINANCE}/惠企政策.xlsx", forms.filled([*ROWS, ["补贴", None, None, 5, 6, None]]))
    report = collect(sent)
    assert not report.complete
    [result] = report.results
    assert [(unit.unit, unit.state, unit.policies) for unit in result.units] == [
        ("市财政局", Given.FAULTY, 2),
        ("市税务局", Given.MISSING, 0),
    ]
    sheets = forms.read((sent / SUMMARY).read_bytes())
    assert [row[0] for row in sheets["汇总"]] == ["单位", "市财政局", "市财政局", "市财政局 小计", "合计"]
    [_, finance, taxes] = sheets["未报送和有错误的单位"]
    assert finance[:2] == ["市财政局", "有错误"] and "E5 已享受多于应享受（6）" in str(finance[2])
    assert taxes == ["市税务局", "未报送", "还没有报送。"]


def test_nobody_has_sent_anything(workspace: Path) -> None:
    [result] = collect(prepare(workspace)).results
    assert (result.entitled, result.coverage) == (0, None)
    assert forms.read((workspace / SUMMARY).read_bytes())["汇总"] == [HEAD, ["合计", None, None, None, 0, 0, None]]


def test_texts_never_become_formulas(workspace: Path) -> None:
    texts = ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)"]
    put(prepare(workspace), f"{FINANCE}/a.csv", forms.as_csv([[text, text, text, 10, 5, ""] for text in texts]))
    collect(workspace)
    sheet = openpyxl.load_workbook(workspace / SUMMARY)["汇总"]
    cells = [sheet.cell(row, column) for row in range(2, 6) for column in (2, 3, 4)]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        (text, "s", True) for text in texts for _ in range(3)
    ]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_control_characters_are_shown_not_written(workspace: Path) -> None:
    put(prepare(workspace), f"{FINANCE}/a.csv", forms.as_csv([["a\x0bb\u202ec", "", "", 10, 5, ""]]))
    collect(workspace)
    assert forms.read((workspace / SUMMARY).read_bytes())["汇总"][1][1] == "a\\x0bb\\u202ec"


def test_only_what_evcli_made_and_nobody_changed_is_replaced(sent: Path) -> None:
    target = sent / SUMMARY
    target.write_bytes(forms.filled([]))
    foreign = target.read_bytes()
    with pytest.raises(RefusedError, match="collect_foreign"):
        collect(sent)
    assert target.read_bytes() == foreign
    target.unlink()
    collect(sent)
    assert is_ours(target.read_bytes())
    book = openpyxl.load_workbook(target)
    book["汇总"]["B2"] = "改过"
    book.save(target)
    changed = target.read_bytes()
    put(sent, f"{TAXES}/税务.csv", forms.as_csv([["留抵退税", None, "税务", 100, 99, 99]]))
    with pytest.raises(RefusedError, match="collect_foreign"):
        collect(sent)
    assert target.read_bytes() == changed
    elsewhere = sent / "汇总.xlsx"
    assert collect(sent, output=elsewhere).results[0].written
    assert is_ours(elsewhere.read_bytes())


def test_every_changed_byte_of_a_summary_is_noticed(sent: Path) -> None:
    collect(sent)
    data = (sent / SUMMARY).read_bytes()
    start = data.index(b"xl/worksheets/sheet1.xml")
    for place in range(start + 40, start + 400, 7):
        changed = bytearray(data)
        changed[place] ^= 1
        assert not is_ours(bytes(changed))
    assert not is_ours(b"") and not is_ours(data[:-30]) and not is_ours(forms.empty()[:100])


def test_a_summary_of_other_content_is_nobodys(sent: Path) -> None:
    """Stored as evcli stores it, with sound checksums and evcli's own mark, but with another sheet."""
    collect(sent)
    target = io.BytesIO()
    with zipfile.ZipFile(sent / SUMMARY) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name).replace(b"<v>1200</v>", b"<v>1201</v>"))
    assert not is_ours(target.getvalue())


def test_what_units_add_up_themselves_is_not_counted_again(workspace: Path) -> None:
    rows = [["补贴", "", "", 10, 5, 50], ["合 计", "", "", 10, 5, 50], ["Total", "", "", 10, 5, 50]]
    put(prepare(workspace), f"{FINANCE}/惠企政策.xlsx", forms.filled(rows))
    [result] = collect(workspace).results
    assert (result.entitled, result.received) == (10, 5)


def test_nothing_is_written_through_links_or_over_folders(sent: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.xlsx"
    (sent / SUMMARY).symlink_to(outside)
    outside.write_bytes(b"mine")
    with pytest.raises((RefusedError, EnvironmentFailure)):
        collect(sent)
    assert outside.read_bytes() == b"mine"
    (sent / SUMMARY).unlink()
    (sent / SUMMARY).mkdir()
    with pytest.raises((RefusedError, EnvironmentFailure)):
        collect(sent)


def test_an_indicator_that_is_there_twice_gets_no_summary(sent: Path) -> None:
    (sent / "指标/1.1-又一个").mkdir()
    with pytest.raises(RefusedError, match="collect_blocked"):
        collect(sent)
    assert not (sent / SUMMARY).exists()


def test_what_cannot_be_collected(workspace: Path) -> None:
    prepare(workspace, [POLICIES, POLICIES | {"id": "more", "title": "更多"}, _without_form()])
    for code, key in (("x", "collect_unknown"), ("1.2", "collect_nothing"), ("free", "collect_nothing")):
        with pytest.raises(UsageError, match=key):
            collect(workspace, code)
    with pytest.raises(UsageError, match="collect_several"):
        collect(workspace, "1.1", output=workspace / "a.xlsx")
    assert [result.id for result in collect(workspace, "1.1").results] == ["policies", "more"]


def test_where_there_is_nothing_to_collect(workspace: Path) -> None:
    prepare(workspace, [_without_form()])
    with pytest.raises(UsageError, match="collect_none"):
        collect(workspace, "x")


def test_lines_within_cells_become_one(workspace: Path) -> None:
    row = ["稳岗\n补贴", "财\t1号", "\r\n财政\n", 10, 5, 50]
    put(prepare(workspace), f"{FINANCE}/惠企政策.xlsx", forms.filled([row]))
    put(workspace, f"{TAXES}/a.csv", forms.as_csv([row]))
    collect(workspace)
    lines = forms.read((workspace / SUMMARY).read_bytes())["汇总"]
    assert [lines[number][1:4] for number in (1, 3)] == [["稳岗 补贴", "财 1号", "财政"]] * 2


@pytest.mark.parametrize("letter", ["长", "\U00020000", "\x01"])
def test_a_cell_never_holds_more_than_excel_reads(letter: str) -> None:
    sheet = new_workbook("表").active
    write_text(sheet["A1"], "a" + letter * 40_000)
    assert 32_765 < len(sheet["A1"].value.encode("utf-16-le")) / 2 <= 32_767


@pytest.mark.parametrize("name", ["a.csv", "惠企政策.xlsx"])
def test_names_without_end_make_no_broken_workbook(workspace: Path, name: str) -> None:
    row = ["\U00020000" * 40_000, "", "", 10, 5, 50]
    data = forms.as_csv([row]) if name.endswith("csv") else forms.filled([row])
    put(prepare(workspace), f"{FINANCE}/{name}", data)
    collect(workspace)
    lines = forms.read((workspace / SUMMARY).read_bytes())["汇总"]
    assert all(len(str(value).encode("utf-16-le")) < 2 * 32_767 for line in lines for value in line)


def _without_form() -> dict[str, object]:
    return {key: value for key, value in POLICIES.items() if key != "form"} | {"id": "free", "indicator": "1.2"}


def test_the_shell_completes_indicators_and_ids(sent: Path) -> None:
    option = contribution(words("zh"))
    context = click.Context(click.Command("collect"))
    context.params["workspace"] = str(sent)
    assert [item.value for item in option.shell_complete(context, "")] == ["1.1", "policies"]
    assert [item.value for item in option.shell_complete(context, "po")] == ["policies"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command(sent: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    where = ["-w", str(sent), "--lang", language]
    assert run(["collect", "policies", *where]) == 0
    assert "76.90%" in capsys.readouterr().out
    (sent / TAXES / "税务.csv").unlink()
    assert run(["collect", "１．１", "--now", f"{LATE.isoformat()}", *where]) == 1
    shown = capsys.readouterr().out
    assert "市税务局" in shown and "74.98%" in shown
    assert run(["collect", "nobody", *where]) == 2
    assert run(["collect", *where]) == 2
    assert run(["collect", "policies", "-o", str(sent / FIRST / "a.xlsx"), *where]) == 2
    put(sent, SUMMARY, b"mine")
    assert run(["collect", "policies", *where]) == 1
    assert "-o" in capsys.readouterr().err
    assert run(["collect", "policies", "-o", str(sent / "没有/a.xlsx"), *where]) == 3


def test_the_same_bytes_on_every_day(sent: Path) -> None:
    first = io.BytesIO(forms.empty())
    forms.empty.cache_clear()
    assert first.getvalue() == forms.empty() and is_ours(forms.empty())
    assert b"1980-01-01T00:00:00Z" in forms.empty()

"""Excel workbooks as their inspector sees them."""

import io

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from evidence_cli.looks.facts import Active, Gap, Health
from evidence_cli.looks.inside.ooxml.sheets import column_letters, column_number, shown_number
from support.inside_cases import (
    changed,
    check_bomb,
    check_cuts,
    check_flips,
    check_locked,
    check_mutations,
    facts_of,
    gaps_of,
    member,
    replaced,
    texts,
)

MAIN = "xl/workbook.xml"
RELS = "xl/_rels/workbook.xml.rels"
SHEET = "xl/worksheets/sheet1.xml"
NAME = "台账 'A'&1"
# The cell of the second sheet, and the names of both.
AFTER = [("cell", "二!AA3", "末"), ("cell", f"{NAME}!A1", NAME), ("cell", "二!A1", "二")]


@pytest.fixture(scope="module")
def ordinary() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = NAME
    sheet["A1"] = "事项 <甲> & 乙"
    sheet["B7"] = 13812345678
    sheet["C7"] = 0.5
    sheet["D7"] = True
    sheet["A1"].comment = Comment("请核对", "a")
    sheet.oddHeader.center.text = "内部&资料"
    sheet.oddFooter.left.text = "第 &P 页"
    book.create_sheet("二")["AA3"] = "末"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def written() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("数据")
    sheet.write_string(0, 0, "共用")
    sheet.write_string(1, 0, "共用")
    sheet.write_rich_string(2, 0, book.add_format({"bold": True}), "粗", "体")
    sheet.write_formula(3, 0, "=1+1", None, 2)
    sheet.write_formula(4, 0, '="a"&"b"', None, "a<b")
    sheet.insert_textbox(5, 2, "文本框")
    chart = book.add_chart({"type": "pie"})
    chart.add_series({"values": "=数据!$A$4:$A$4", "categories": "=数据!$A$1:$A$1", "name": "=数据!$A$2"})
    sheet.insert_chart(9, 0, chart)
    sheet.write_url(6, 0, "https://example.org/")
    book.close()
    return out.getvalue()


def test_an_ordinary_workbook(ordinary: bytes) -> None:
    assert texts(ordinary, "xlsx") == [
        ("cell", f"{NAME}!A1", "事项 <甲> & 乙"),
        ("cell", f"{NAME}!B7", "13812345678"),
        ("cell", f"{NAME}!C7", "0.5"),
        ("cell", f"{NAME}!D7", "TRUE"),
        ("comment", f"{NAME}!A1", "请核对"),
        ("header", 1, "内部&资料"),
        ("footer", 1, "第   页"),
        ("cell", "二!AA3", "末"),
        ("cell", f"{NAME}!A1", NAME),
        ("cell", "二!A1", "二"),
    ]
    facts = facts_of(ordinary, "xlsx")
    assert (facts.active, facts.gaps) == ((), ())


def test_shared_strings_formulas_and_shapes(written: bytes) -> None:
    assert texts(written, "xlsx") == [
        ("cell", "数据!A1", "共用"),
        ("cell", "数据!A2", "共用"),
        ("cell", "数据!A3", "粗体"),
        ("cell", "数据!A4", "2"),
        ("cell", "数据!A5", "a<b"),
        ("cell", "数据!A7", "https://example.org/"),
        ("cell", "数据!C6", "文本框"),
        # A chart's series and its category have the same name.
        ("cell", "数据!A10", "共用"),
        ("cell", "数据!A1", "数据"),
    ]
    assert facts_of(written, "xlsx").active == ()


def with_cells(ordinary: bytes, rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return changed(ordinary, {SHEET: f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="2"><c r="B2"><v>1.3812345678E10</v></c></row>', [("B2", "13812345678")]),
        ('<row r="2"><c r="B2" t="str"><f>A&amp;B</f><v>x&#65;&lt;</v></c></row>', [("B2", "xA<")]),
        (
            "<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>3</v></c></row>",
            [("A1", "1"), ("B1", "2"), ("B2", "3")],
        ),
        ('<row r="5"><c t="inlineStr"><is><r><t>甲</t></r><rPh><t>x</t></rPh></is></c></row>', [("A5", "甲")]),
        ('<row r="5"><c r="A5" t="e"><v>#N/A</v></c><c r="B5" t="s"><v>9999</v></c></row>', [("A5", "#N/A")]),
        ('<!-- <c r="A1"><v>1</v></c> --><row r="5"><c r="A5"><v>2</v></c></row>', [("A5", "2")]),
    ],
)
def test_cells(ordinary: bytes, rows: str, expected: list[tuple[str, str]]) -> None:
    found = texts(with_cells(ordinary, rows), "xlsx")
    assert [(value, text) for unit, value, text in found if unit == "cell"][: -len(AFTER)] == [
        (f"{NAME}!{cell}", text) for cell, text in expected
    ]
    assert [piece for piece in found if piece[0] == "cell"][-len(AFTER) :] == AFTER


@pytest.mark.parametrize(
    ("formula", "expected"),
    [('"甲,乙 ""丙"""', ['甲\n乙 "丙"']), ("$A$1:$A$9", []), ('"甲"&amp;A1', [])],
)
def test_a_list_to_choose_from(ordinary: bytes, formula: str, expected: list[str]) -> None:
    rule = f'<dataValidation type="list" sqref="C3:C9 D1"><formula1>{formula}</formula1></dataValidation>'
    data = with_cells(ordinary, f"</sheetData><dataValidations>{rule}</dataValidations><sheetData>")
    assert [text for unit, value, text in texts(data, "xlsx") if value == f"{NAME}!C3"] == expected


def picture_book(title: str, text: str, picture: bytes | None) -> list[tuple[str, int | str, str]]:
    book = openpyxl.Workbook()
    book.active.title = title
    book.active["B2"] = text or None
    out = io.BytesIO()
    book.save(out)
    return texts(changed(out.getvalue(), {"xl/media/a.png": picture}), "xlsx")


def test_names_of_sheets() -> None:
    name = ("cell", "名单!A1", "名单")
    assert picture_book("名单", "x", None) == [("cell", "名单!B2", "x"), name]
    assert picture_book("名单", "", None) == [name]
    # A workbook of scans stays one, whatever its sheets are called.
    assert picture_book("名单", "", b"x") == []
    assert picture_book("Sheet12", "x", None) == [("cell", "Sheet12!B2", "x")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_prefixes_strict_spaces_and_encodings(ordinary: bytes, encoding: str) -> None:
    sheet = (
        f'<?xml version="1.0" encoding="{encoding}"?><x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main">'
        '<x:sheetData><x:row r="3"><x:c r="C3" t="inlineStr"><x:is><x:t>严格</x:t></x:is></x:c></x:row></x:sheetData>'
        "</x:worksheet>"
    )
    data = changed(ordinary, {SHEET: sheet.encode(encoding)})
    assert texts(data, "xlsx")[0] == ("cell", f"{NAME}!C3", "严格")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("12", "12"),
        ("1.0", "1"),
        ("1.3812345678E10", "13812345678"),
        ("1.5E-3", "0.0015"),
        ("0.30000000000000004", "0.3"),
        ("-5", "-5"),
        ("1E999999999", "1E999999999"),
        ("x", "x"),
        ("NaN", "NaN"),
        ("1_000e1", "10000"),
        ("9" * 50, "9" * 50),
    ],
)
def test_numbers(written: str, shown: str) -> None:
    assert shown_number(written) == shown


def test_columns() -> None:
    assert [column_letters(number) for number in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert [column_number(letters) for letters in ("A", "Z", "aa", "XFD")] == [1, 26, 27, 16384]


@pytest.mark.parametrize("name", [MAIN, RELS, SHEET, "_rels/.rels"])
def test_a_workbook_without_a_part_it_needs_is_damaged(ordinary: bytes, name: str) -> None:
    assert facts_of(changed(ordinary, {name: None}), "xlsx").health is Health.DAMAGED


@pytest.mark.parametrize("name", [MAIN, RELS, SHEET])
def test_a_part_that_ends_early_is_damage(ordinary: bytes, name: str) -> None:
    text = member(ordinary, name)
    for cut in range(0, len(text), max(1, len(text) // 10)):
        assert facts_of(changed(ordinary, {name: text[:cut]}), "xlsx").health is Health.DAMAGED


@pytest.mark.parametrize("root", ["<x/>", "<workbook/>"])
def test_no_workbook_and_no_sheet(ordinary: bytes, root: str) -> None:
    assert facts_of(changed(ordinary, {MAIN: root}), "xlsx").health is Health.DAMAGED


def test_a_workbook_without_styles_or_strings_is_fine(ordinary: bytes) -> None:
    data = changed(ordinary, {"xl/styles.xml": None, "xl/sharedStrings.xml": None, "xl/theme/theme1.xml": None})
    assert facts_of(data, "xlsx").health is Health.OK


def linked(data: bytes, type_: str, part: str, content: str | bytes) -> bytes:
    link = f'<Relationship Id="z9" Type="a/{type_}" Target="/{part}"/></Relationships>'
    return replaced(changed(data, {part: content}), RELS, "</Relationships>", link)


@pytest.mark.parametrize(
    ("type_", "part", "content", "expected"),
    [
        (
            "externalLink",
            "xl/externalLinks/externalLink1.xml",
            "<externalLink><ddeLink/></externalLink>",
            Active.EXTERNAL,
        ),
        ("xlMacrosheet", "xl/macrosheets/sheet1.xml", "<xm:macrosheet xmlns:xm='x'/>", Active.MACROS),
        ("vbaProject", "xl/any.bin", b"x", Active.MACROS),
        ("connections", "xl/connections.xml", "<connections><webPr url='http://a'/></connections>", Active.EXTERNAL),
        ("connections", "xl/connections.xml", "<connections><textPr/></connections>", None),
        ("calcChain", "xl/calcChain.xml", "<calcChain/>", None),
    ],
)
def test_parts_that_act(ordinary: bytes, type_: str, part: str, content: str | bytes, expected: Active | None) -> None:
    facts = facts_of(linked(ordinary, type_, part, content), "xlsx")
    assert facts.active == ((expected,) if expected else ())


def test_a_sheet_that_is_too_long_says_so(ordinary: bytes) -> None:
    assert gaps_of(with_cells(ordinary, "<x/>" * 1_000_000), "xlsx")[0] == Gap("text", "long")


def test_states(ordinary: bytes) -> None:
    check_cuts(ordinary, "xlsx")
    check_flips(ordinary, "xlsx", SHEET)
    check_locked(ordinary, "xlsx")
    check_bomb(ordinary, "xlsx")


def test_mutations(written: bytes) -> None:
    check_mutations(written, "xlsx", [MAIN, RELS, SHEET, "xl/sharedStrings.xml"])

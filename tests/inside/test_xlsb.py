"""What is told of binary Excel workbooks."""

import io
import random
import zipfile
from struct import pack

import python_calamine

from evidence_cli.looks.facts import Active, Facts, Health, Passage
from support.inside import look_inside

_SPACE = "http://schemas.openxmlformats.org"
_KIND = "application/vnd.ms-excel"


def record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    size = bytes([len(data)]) if len(data) < 0x80 else bytes([(len(data) & 0x7F) | 0x80, len(data) >> 7])
    return head + size + data


def string(text: str) -> bytes:
    return pack("<I", len(text)) + text.encode("utf-16-le")


def cell(kind: int, column: int, value: bytes) -> bytes:
    return record(kind, pack("<II", column, 0) + value)


def xlsb(*, lost: bool = False, macros: bool = False) -> bytes:
    sheet = record(129) + record(148, pack("<4I", 0, 6, 0, 5)) + record(145)
    sheet += record(0, pack("<IIHHBI", 0, 0, 300, 0, 0, 0)) + cell(7, 0, pack("<I", 1)) + cell(6, 1, string("inline"))
    sheet += record(0, pack("<IIHHBI", 6, 0, 300, 0, 0, 0)) + cell(2, 1, pack("<I", 42 << 2 | 2))
    sheet += cell(5, 2, pack("<d", 13800000000.0)) + cell(8, 3, string("sum") + bytes(8))
    sheet += record(146) + record(130)
    shared = record(159, pack("<II", 2, 2)) + b"".join(record(19, b"\0" + string(text)) for text in ("a", "姓名"))
    book = record(131) + record(143) + record(156, pack("<II", 0, 1) + string("rId1") + string("数据"))
    book += record(144) + record(132)
    types = f'<Types xmlns="{_SPACE}/package/2006/content-types"><Default Extension="rels" ContentType="x"/>'
    types += f'<Default Extension="bin" ContentType="{_KIND}.sheet.binary.macroEnabled.main"/>'
    types += f'<Override PartName="/xl/worksheets/sheet1.bin" ContentType="{_KIND}.worksheet"/>'
    types += f'<Override PartName="/xl/sharedStrings.bin" ContentType="{_KIND}.sharedStrings"/>'
    types += '<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    kind = f"{_SPACE}/officeDocument/2006/relationships"
    links = f'<Relationships xmlns="{_SPACE}/package/2006/relationships">'
    link = '<Relationship Id="{}" Type="' + kind + '/{}" Target="{}"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(
            "_rels/.rels", links + link.format("r1", "officeDocument", "xl/workbook.bin") + "</Relationships>"
        )
        parts = link.format("rId1", "worksheet", "worksheets/sheet1.bin")
        parts += link.format("rId2", "sharedStrings", "sharedStrings.bin")
        archive.writestr("xl/_rels/workbook.bin.rels", links + parts + "</Relationships>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/sharedStrings.bin", shared)
        if not lost:
            archive.writestr("xl/worksheets/sheet1.bin", sheet)
        if macros:
            archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


def test_cells() -> None:
    data = xlsb()
    facts, passages = look_inside(data, "xlsb")
    assert facts == Facts("xlsb")
    assert [(item.place.value, item.text) for item in passages if isinstance(item, Passage)] == [
        ("数据", "数据"),
        ("数据!A1", "姓名"),
        ("数据!B1", "inline"),
        ("数据!B7", "42"),
        ("数据!C7", "13800000000"),
        ("数据!D7", "sum"),
    ]
    rows = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_name("数据").to_python()
    assert [value for row in rows for value in row if value != ""] == ["姓名", "inline", 42.0, 13800000000.0, "sum"]


def test_a_lost_sheet_and_macros() -> None:
    facts, _ = look_inside(xlsb(lost=True), "xlsb")
    assert (facts.health, facts.detail) == (Health.DAMAGED, "sheet 数据 is missing")
    assert look_inside(xlsb(macros=True), "xlsb")[0].active == (Active.MACROS,)


def test_cut_and_mutated_files() -> None:
    whole = xlsb()
    for cut in range(60, len(whole), 40):
        assert look_inside(whole[:cut], "xlsb")[0].health is Health.DAMAGED, cut
    chance = random.Random(7)
    for _ in range(200):
        data = bytearray(whole)
        data[chance.randrange(len(data))] = chance.randrange(256)
        look_inside(bytes(data), "xlsb")

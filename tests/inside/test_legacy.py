"""What is told of Office 97-2003 and WPS documents."""

import io
import random
import time
from struct import pack, pack_into

import pytest
import xlwt

from evidence_cli.looks.facts import Active, Facts, Gap, Health, Passage, Place, Unit
from evidence_cli.looks.inside.legacy.default_password import EXCEL, opens_xor
from evidence_cli.looks.look import look
from support.inside import look_inside
from support.legacy_writer import atom, begin, doc, module, ppt, record, workbook, xls
from support.ole_writer import compound

CODE = module('Attribute VB_Name = "M"\r\nSub A()\r\nEnd Sub\r\n')
EMPTY = module('Attribute VB_Name = "M"\r\nAttribute VB_Base = "0"\r\n')
PACKAGE = bytes.fromhex("20a70df22cc0ce11927b0800095ae340")
SHEET = bytes.fromhex("2008020000000000c000000000000046")
NO_TEXT = Gap("text", "format")


def looked(data: bytes, extension: str = "doc") -> Facts:
    return look(io.BytesIO(data), size=len(data), extension=extension)


def texts(data: bytes, kind: str) -> list[tuple[str, int | str, str]]:
    _, passages = look_inside(data, kind)
    return [(item.place.unit.value, item.place.value, item.text) for item in passages if isinstance(item, Passage)]


def health(data: bytes, extension: str = "doc") -> tuple[Health, str]:
    facts = looked(data, extension)
    return facts.health, facts.detail


def cell(row: int, column: int, data: bytes) -> bytes:
    return pack("<HHH", row, column, 15) + data


# Word


def test_paragraphs_cells_and_fields_of_a_document() -> None:
    data = doc('标题\r甲\x07乙\x07\x07a\x13HYPERLINK "x"\x14shown\x15b\x0bc\r')
    assert texts(data, "doc") == [
        ("paragraph", 1, "标题"),
        ("paragraph", 2, "甲"),
        ("paragraph", 3, "乙"),
        ("paragraph", 5, "ashownb\nc"),
    ]
    assert look_inside(data, "doc")[0] == Facts("doc")


def test_pieces_of_both_widths() -> None:
    data = doc("abcd\r", pieces=[(0, 2, 0x400), (2, 4, 0x4000_0000 | 0x808), (4, 5, 0x408)])
    assert texts(data, "doc") == [("paragraph", 1, "abc")]


@pytest.mark.parametrize(("flags", "detail"), [(0x100, "RC4 encryption"), (0x8100, "XOR obfuscation")])
def test_a_document_with_a_password(flags: int, detail: str) -> None:
    assert health(doc(flags=flags)) == (Health.ENCRYPTED, detail)


def test_advice_to_read_only_is_no_lock() -> None:
    assert health(doc(flags=0x0C00)) == (Health.OK, "")


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (doc(magic=0x1234), "FIB begins with 0x1234"),
        (doc(flags=0x200), "OLE2 stream '1table' is missing"),
        (doc(pieces=[(0, 8, 0x10_0000)]), "a piece of the text lies outside its stream"),
        (doc(pieces=[(0, 2, 0x400)]), "the piece table ends before the text does"),
        (compound({"1Table": b"x"}), "OLE2 main stream is missing"),
        (compound({"WordDocument": b"\xec\xa5"}, short=True), "the FIB is cut off"),
    ],
)
def test_a_broken_document(data: bytes, detail: str) -> None:
    assert health(data) == (Health.DAMAGED, detail)


@pytest.mark.parametrize(("code", "expected"), [("DDEAUTO c:\\\\x", (Active.EXTERNAL,)), ("PAGE", ())])
def test_fields_that_fetch(code: str, expected: tuple[Active, ...]) -> None:
    assert looked(doc(f"a\x13 {code} \x14b\x15\r")).active == expected


def test_word_95() -> None:
    fib = bytearray(0x300)
    pack_into("<HHHH", fib, 0, 0xA5DC, 104, 0, 0x804)
    pack_into("<I", fib, 0x18, 0x300)
    pack_into("<i", fib, 0x34, 5)
    data = compound({"WordDocument": bytes(fib) + "汉字".encode("gbk") + b"\r"})
    assert texts(data, "doc") == [("paragraph", 1, "汉字")]
    pack_into("<H", fib, 0x0A, 4)
    assert looked(compound({"WordDocument": bytes(fib)})).gaps == (NO_TEXT,)
    pack_into("<H", fib, 0x0A, 0x100)
    assert health(compound({"WordDocument": bytes(fib)})) == (Health.ENCRYPTED, "XOR obfuscation")


# What a document carries


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"Macros/VBA/dir": b"x", "Macros/VBA/M": CODE}, (Active.MACROS,)),
        ({"Macros/VBA/dir": b"x", "Macros/VBA/M": b"compiled only"}, (Active.MACROS,)),
        ({"Macros/VBA/M": CODE}, ()),
    ],
)
def test_macros(more: dict[str, bytes], expected: tuple[Active, ...]) -> None:
    assert looked(doc(more=more)).active == expected


def test_an_empty_project_is_no_macro() -> None:
    streams = {"Workbook": workbook(), "_VBA_PROJECT_CUR/VBA/dir": b"x" * 5000, "_VBA_PROJECT_CUR/VBA/M": EMPTY}
    assert looked(compound(streams, short=True), "xls").active == ()
    streams["_VBA_PROJECT_CUR/VBA/M"] = CODE
    assert looked(compound(streams, short=True), "xls").active == (Active.MACROS,)


@pytest.mark.parametrize(
    ("class_id", "stream", "expected"),
    [
        (PACKAGE, "\x01Ole10Native", (Active.OBJECT,)),
        (SHEET, "Workbook", ()),
        (bytes.fromhex("02ce020000000000c000000000000046"), "Equation Native", ()),
        (bytes(16), "Workbook", ()),
        (bytes(16), "\x01Ole10Native", (Active.OBJECT,)),
    ],
)
def test_embedded_objects(class_id: bytes, stream: str, expected: tuple[Active, ...]) -> None:
    word = doc(more={f"ObjectPool/_1/{stream}": b"x"}, classes={"ObjectPool/_1": class_id})
    assert looked(word).active == expected
    sheet = xls(workbook(), {f"MBD0001/{stream}": b"x"}, {"MBD0001": class_id})
    assert looked(sheet, "xls").active == expected


# Excel


def test_cells_of_a_library() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("数据")
    sheet.write(0, 0, "姓名")
    sheet.write(6, 1, 13800000000)
    sheet.write(6, 2, 1.5)
    sheet.write(6, 27, -7)
    for row in range(400):
        sheet.write(10 + row, 0, f"长字符串{row}" * 9)
    out = io.BytesIO()
    book.save(out)
    found = texts(out.getvalue(), "xls")
    cells = [item for item in found if item[0] == "cell"]
    assert cells[:4] == [
        ("cell", "数据", "数据"),
        ("cell", "数据!A1", "姓名"),
        ("cell", "数据!B7", "13800000000"),
        ("cell", "数据!C7", "1.5"),
    ]
    assert ("cell", "数据!AB7", "-7") in found
    assert found[-1] == ("cell", "数据!A410", "长字符串399" * 9)


def test_cells_of_every_sort() -> None:
    cells = record(0x204, cell(0, 0, pack("<HB", 2, 1) + "文字".encode("utf-16-le")))
    cells += record(0x06, cell(1, 0, bytes([0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) + bytes(8)))
    cells += record(0x207, pack("<HB", 6, 0) + b"result")
    cells += record(0x06, cell(1, 1, pack("<d", 2.5) + bytes(8)))
    cells += record(0xBD, pack("<HH", 2, 1) + pack("<HIHI", 0, 7 << 2 | 2, 0, 150 << 2 | 3) + pack("<H", 2))
    cells += record(0x1B6, pack("<10xH6x", 3)) + record(0x3C, b"\0box")
    cells += record(0x14, pack("<HB", 8, 0) + b"&CHeader")
    assert texts(xls(workbook(cells)), "xls") == [
        ("cell", "S", "S"),
        ("cell", "S!A1", "文字"),
        ("cell", "S!A2", "result"),
        ("cell", "S!B2", "2.5"),
        ("cell", "S!B3", "7"),
        ("cell", "S!C3", "1.5"),
        ("cell", "S", "box"),
        ("header", 1, " Header"),
    ]


def test_a_shared_string_over_two_records() -> None:
    first = pack("<IIHB", 1, 1, 4, 0) + b"ab"
    table = record(0xFC, first) + record(0x3C, b"\x01" + "汉字".encode("utf-16-le"))
    cells = record(0xFD, cell(0, 0, pack("<I", 0)))
    assert texts(xls(workbook(cells, inside=table)), "xls")[1:] == [("cell", "S!A1", "ab汉字")]


def test_excel_95() -> None:
    cells = record(0x204, cell(0, 0, pack("<H", 4) + "汉字".encode("gbk")))
    stream = workbook(cells, before=record(0x42, pack("<H", 936)), version=0x500)
    assert texts(compound({"Book": stream}), "xls") == [("cell", "S", "S"), ("cell", "S!A1", "汉字")]


def test_excel_3_is_no_container() -> None:
    data = record(0x209, pack("<HHH", 0, 0x10, 0)) + record(0x204, cell(0, 0, pack("<H", 2) + b"ab"))
    assert texts(data + record(0x0A), "xls") == [("cell", "1!A1", "ab")]
    facts, _ = look_inside(data, "xls")
    assert (facts.health, facts.detail) == (Health.DAMAGED, "the sheet has no end")


RC4 = record(0x2F, pack("<HHH", 1, 1, 1) + bytes(48))
API = record(0x2F, pack("<HHH", 1, 2, 2) + pack("<II", 4, 40) + bytes(120))


@pytest.mark.parametrize(
    ("lock", "detail"),
    [
        (record(0x2F, pack("<HHH", 0, 1, 2)), "XOR obfuscation"),
        (RC4, "RC4 encryption"),
        (API, "RC4 CryptoAPI encryption"),
    ],
)
def test_a_workbook_with_a_password(lock: bytes, detail: str) -> None:
    assert health(xls(workbook(before=lock)), "xls") == (Health.ENCRYPTED, detail)


def test_excel_opens_its_own_password_without_asking() -> None:
    verifier = next(number for number in range(65536) if opens_xor(number, EXCEL))
    data = xls(workbook(before=record(0x2F, pack("<HHH", 0, 1, verifier))))
    assert looked(data, "xls") == Facts("xls", gaps=(NO_TEXT, Gap("active", "format")))


@pytest.mark.parametrize(
    ("stream", "detail"),
    [
        (b"junk", "the workbook does not begin with a BOF record"),
        (begin(5) + record(0x0A), "the workbook has no sheet"),
        (begin(5) + record(0x42, bytes(2)) + pack("<HH", 0x99, 60_000), "a record is cut off"),
        (
            begin(5) + record(0x85, pack("<IBB", 9999, 0, 0) + b"\x01\0S") + record(0x0A),
            "a sheet of the workbook is missing",
        ),
        (begin(5) + record(0x42, bytes(2)), "the workbook ends within its globals"),
    ],
)
def test_a_broken_workbook(stream: bytes, detail: str) -> None:
    assert health(xls(stream), "xls") == (Health.DAMAGED, detail)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (workbook(sort=1), (Active.MACROS,)),
        (workbook(inside=record(0x1AE, pack("<HH", 1, 0x401))), ()),
        (workbook(inside=record(0x1AE, pack("<HHB", 0, 3, 0) + b"a\x03b")), (Active.EXTERNAL,)),
    ],
)
def test_old_macros_and_links_of_a_workbook(stream: bytes, expected: tuple[Active, ...]) -> None:
    assert looked(xls(stream), "xls").active == expected


# PowerPoint


def test_slides() -> None:
    data = ppt(("甲\r乙", "two"))
    assert texts(data, "ppt") == [("slide", 1, "甲\n乙"), ("slide", 2, "two")]
    assert look_inside(data, "ppt")[0] == Facts("ppt", pages=2)


def test_a_wrong_place_of_the_last_edit_is_mended() -> None:
    assert health(ppt(edit=7), "ppt") == (Health.OK, "")


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (ppt(lost=True), "a slide is missing"),
        (ppt(token=5), "the current user atom has the token 0x00000005"),
        (compound({"PowerPoint Document": b"x"}), "OLE2 stream 'current user' is missing"),
        (compound({"PowerPoint Document": b"x", "Current User": b"x"}), "the current user atom is missing"),
        (compound({"Current User": b"x"}), "OLE2 main stream is missing"),
    ],
)
def test_a_broken_presentation(data: bytes, detail: str) -> None:
    assert health(data, "ppt") == (Health.DAMAGED, detail)


def test_a_presentation_with_a_password() -> None:
    assert health(ppt(token=0xF3D1C4DF), "ppt") == (Health.ENCRYPTED, "RC4 CryptoAPI encryption")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (atom(0x3FF, atom(0x400, pack("<III", 9, 1, 2)), 15), (Active.MACROS,)),
        (atom(0x3FF, atom(0x400, pack("<III", 9, 0, 2)), 15), ()),
        (atom(0xFCC, atom(0xFBA, "Package".encode("utf-16-le"), 2 << 4), 15), (Active.OBJECT,)),
        (atom(0xFCC, atom(0xFBA, "Excel.Sheet.8".encode("utf-16-le"), 2 << 4), 15), ()),
        (atom(0xFCE, b"", 15), (Active.EXTERNAL,)),
    ],
)
def test_what_a_presentation_carries(inside: bytes, expected: tuple[Active, ...]) -> None:
    assert looked(ppt(inside=inside), "ppt").active == expected


def test_powerpoint_95_is_not_read() -> None:
    data = compound({"PP40": b"x"})
    assert looked(data, "ppt") == Facts("ppt", detail="PowerPoint 95", gaps=(NO_TEXT, Gap("active", "format")))


# Whatever the bytes

SAMPLES = {
    "doc": doc("文字 text\r" * 900, more={"Macros/VBA/dir": b"x", "Macros/VBA/M": CODE}),
    "xls": xls(workbook(record(0x204, cell(0, 0, pack("<HB", 3, 0) + b"abc")) * 400)),
    "ppt": ppt(tuple(f"slide {number} " * 60 for number in range(20))),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_cut_file_is_damaged(kind: str) -> None:
    data = SAMPLES[kind]
    assert looked(data, kind).health is Health.OK
    for cut in range(600, len(data) - 600, len(data) // 40):
        assert looked(data[:cut], kind).health is Health.DAMAGED, cut


@pytest.mark.parametrize("kind", SAMPLES)
def test_mutated_files_raise_nothing_else(kind: str) -> None:
    chance = random.Random(7)
    for _ in range(150):
        data = bytearray(SAMPLES[kind])
        for _ in range(chance.choice((1, 4, 30))):
            place = chance.randrange(len(data))
            data[place : place + 2] = chance.choice((b"\xff\xff", b"\0\0", chance.randbytes(2)))
        started = time.perf_counter()
        look_inside(bytes(data), kind)
        assert time.perf_counter() - started < 5


def test_the_word_for_a_place() -> None:
    _, passages = look_inside(doc("a\r"), "doc")
    assert passages == [Passage(Place(Unit.PARAGRAPH, 1), "a")]

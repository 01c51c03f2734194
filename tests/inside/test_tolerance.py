"""What office programs open without a word is no finding, however odd it is."""

import io
from struct import pack
from uuid import UUID

import openpyxl
import pptx
import pytest

from evidence_cli.looks.facts import Active, Facts, Gap, Health, Passage
from evidence_cli.looks.look import look
from support.inside import look_inside
from support.inside_cases import replaced
from support.legacy_writer import atom, doc, ppt, record, workbook, xls
from support.office_files import docx, zipped
from support.ole_writer import compound

ODF = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = f'xmlns:office="{ODF}office:1.0" xmlns:text="{ODF}text:1.0"'
TYPE = "application/vnd.oasis.opendocument.text"
BODY = "<office:body><office:text><text:p>甲</text:p></office:text></office:body>"
MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{ODF}manifest:1.0">'
    f'<manifest:file-entry manifest:media-type="{TYPE}" manifest:full-path="/"/></manifest:manifest>'
)


def looked(data: bytes, extension: str) -> Facts:
    return look(io.BytesIO(data), size=len(data), extension=extension)


def words(data: bytes, kind: str) -> list[str]:
    return [item.text for item in look_inside(data, kind)[1] if isinstance(item, Passage)]


def state(data: bytes, extension: str) -> tuple[str, Health]:
    facts = looked(data, extension)
    return facts.format, facts.health


def test_sections_of_a_presentation_are_no_slides() -> None:
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[6])
    out = io.BytesIO()
    show.save(out)
    space = "http://schemas.microsoft.com/office/powerpoint/2010/main"
    section = f'<p14:sectionLst xmlns:p14="{space}"><p14:section><p14:sldIdLst><p14:sldId id="256"/></p14:sldIdLst>'
    end = f'<p:extLst><p:ext uri="x">{section}</p14:section></p14:sectionLst></p:ext></p:extLst></p:presentation>'
    data = replaced(out.getvalue(), "ppt/presentation.xml", "</p:presentation>", end)
    facts = looked(data, "pptx")
    assert (facts.health, facts.pages) == (Health.OK, 1)
    lost = replaced(data, "ppt/presentation.xml", "</p:sldIdLst>", '<p:sldId id="257" r:id="rId99"/></p:sldIdLst>')
    assert looked(lost, "pptx").detail == "slide 2 is missing"


def test_a_sheet_that_is_but_a_name() -> None:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheet = f'<sheet xmlns:r="{relations}" name="Module" sheetId="7" r:id="{{}}"/></sheets>'
    left = replaced(out.getvalue(), "xl/workbook.xml", "</sheets>", sheet.format(""))
    assert looked(left, "xlsx").health is Health.OK
    lost = replaced(out.getvalue(), "xl/workbook.xml", "</sheets>", sheet.format("rId99"))
    assert looked(lost, "xlsx").detail == "sheet Module is missing"


@pytest.mark.parametrize(
    ("tail", "expected"),
    [(b"\n", Health.OK), (b"\r\n", Health.OK), (b"\n\n\n", Health.DAMAGED), (b"x", Health.DAMAGED)],
)
def test_a_line_break_behind_a_package(tail: bytes, expected: Health) -> None:
    assert looked(docx("<w:p/>") + tail, "docx").health is expected


@pytest.mark.parametrize(
    ("class_id", "expected"),
    [
        ("F4754C9B-64F5-4B40-8AF4-679732AC0607", ()),
        ("048EB43E-2059-422F-95E0-557DA96038AF", ()),
        ("8BC6B165-B1B2-4EDD-AA47-DAE2EE689DD6", ()),
        ("11943940-36DE-11CF-953E-00C0A84029E9", ()),
        ("0003000A-0000-0000-C000-000000000046", ()),
        ("0003000C-0000-0000-C000-000000000046", (Active.OBJECT,)),
        ("B801CA65-A1FC-11D0-85AD-444553540000", (Active.OBJECT,)),
    ],
)
def test_objects_by_their_class(class_id: str, expected: tuple[Active, ...]) -> None:
    word = doc(more={"ObjectPool/_1/CONTENTS": b"x"}, classes={"ObjectPool/_1": UUID(class_id).bytes_le})
    assert looked(word, "doc").active == expected
    sheet = xls(workbook(), {"MBD0001/CONTENTS": b"x"}, {"MBD0001": UUID(class_id).bytes_le})
    assert looked(sheet, "xls").active == expected


def test_powerpoint_95_beside_its_successor() -> None:
    gaps = (Gap("text", "format"), Gap("active", "format"))
    old = {"PowerPoint Document": b"x" * 5000, "Current User": b"x" * 15, "PersistentStorage Directory": b"x"}
    assert looked(compound(old, short=True), "ppt") == Facts("ppt", detail="PowerPoint 95", gaps=gaps)
    assert words(ppt(("new",), more={"PersistentStorage Directory": b"x"}), "ppt") == ["new"]
    del old["PersistentStorage Directory"]
    assert looked(compound(old, short=True), "ppt").detail == "the current user atom is missing"


def test_what_a_master_of_slides_shows() -> None:
    def shape(text: str, *, placeholder: bool) -> bytes:
        holder = atom(0xF011, atom(0xBC3, bytes(8)), 15) if placeholder else b""
        return atom(0xF004, holder + atom(0xF00D, atom(0xFA0, text.encode("utf-16-le")), 15), 15)

    master = shape("Click to edit", placeholder=True) + 2 * shape("内部资料", placeholder=False)
    master += shape("*", placeholder=False)
    assert words(ppt(("one",), master=master), "ppt") == ["one", "内部资料"]


@pytest.mark.parametrize(
    ("begin", "detail"),
    [
        (record(0x09, pack("<HH", 2, 0x10)), "Excel 2 to 4"),
        (record(0x209, pack("<HHH", 0, 0x10, 0)), "Excel 2 to 4"),
        # What web pages export.
        (record(0x809, pack("<6H", 0, 0x10, 0, 0, 0, 0)), "a sheet alone"),
        (record(0x809, pack("<6H", 0x500, 0x10, 0, 0, 0, 0)), "a sheet alone"),
    ],
)
def test_a_sheet_without_a_container(begin: bytes, detail: str) -> None:
    cell = record(0x204, pack("<HHHH", 0, 0, 15, 4) + "汉字".encode("gbk"))
    data = begin + cell + record(0x0A)
    assert looked(data, "xls") == Facts("xls", detail=detail, writing=looked(data, "xls").writing)
    assert words(data, "xls") == ["汉字"]
    assert state(data[:-4], "xls") == ("xls", Health.DAMAGED)
    assert looked(b"\t\x00\x04\x00 no sheet at all", "txt").format != "xls"


def test_a_package_without_a_mimetype() -> None:
    content = f"<office:document-content {SPACES}>{BODY}</office:document-content>"
    members: dict[str, str | bytes] = {"META-INF/manifest.xml": MANIFEST, "content.xml": content}
    assert state(zipped(members), "odt") == ("odt", Health.OK)
    locked = MANIFEST.replace("/></", "><manifest:encryption-data/></manifest:file-entry></")
    assert state(zipped(members | {"META-INF/manifest.xml": locked}), "odt") == ("odt", Health.ENCRYPTED)
    assert state(zipped({"content.xml": content}), "odt") == ("zip", Health.OK)


def test_a_whole_document_as_content() -> None:
    content = f'<office:document {SPACES} office:mimetype="{TYPE}">{BODY}</office:document>'
    data = zipped({"mimetype": TYPE, "META-INF/manifest.xml": MANIFEST, "content.xml": content})
    assert state(data, "odt") == ("odt", Health.OK)
    assert words(data, "odt") == ["甲"]


def test_prefixes_that_a_flat_document_does_not_declare() -> None:
    styled = BODY.replace("<text:p>", '<text:p loext:marker-style-name="P1">')
    flat = f'<?xml version="1.0"?><office:document {SPACES} office:mimetype="{TYPE}">{styled}</office:document>'
    assert state(flat.encode(), "fodt") == ("odt", Health.OK)
    assert words(flat.encode(), "odt") == ["甲"]
    assert state(flat.replace("loext:", "sltye:").encode(), "fodt") == ("odt", Health.DAMAGED)


def test_text_boxes_of_word_95_in_rtf() -> None:
    data = rb"{\rtf1{\*\do\dobxpage\dptxbx{\dptxbxtext box\par}\dpx1}{\*\unknown no}a\par}"
    assert words(data, "rtf") == ["box", "a"]

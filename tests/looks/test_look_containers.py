"""What zip and OLE2 containers are called before anybody looks inside: whole, cut, encrypted and hostile."""

import io
import itertools
import struct
import zipfile
from functools import cache

import olefile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.look import identify, look
from evidence_cli.looks.sample import sample_of
from evidence_cli.vocabulary.kinds import FORMATS
from support.office_files import MAIN, OOXML, content_types, docx, office_members, word_part, zipped
from support.ole_writer import compound

PARAGRAPH = "<w:p><w:r><w:t>正文</w:t></w:r></w:p>"


def looked(data: bytes, extension: str = "") -> Facts:
    return identify(sample_of(io.BytesIO(data), size=len(data), extension=extension))


def whole_look(data: bytes, extension: str) -> Facts:
    return look(io.BytesIO(data), size=len(data), extension=extension)


@pytest.mark.parametrize("name", ["docx", "xlsx", "pptx"])
def test_office_files_in_every_order_of_their_members(name: str) -> None:
    for order in itertools.permutations(office_members(name).items()):
        assert looked(zipped(dict(order)), "zip") == Facts(name)


@pytest.mark.parametrize(
    ("content_type", "part", "expected"),
    [
        (f"{OOXML}wordprocessingml.document.main+xml", "word/document.xml", "docx"),
        ("application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml", "docm"),
        (f"{OOXML}wordprocessingml.template.main+xml", "word/document2.xml", "dotx"),
        ("application/vnd.ms-word.template.macroEnabledTemplate.main+xml", "word/document.xml", "dotm"),
        (f"{OOXML}spreadsheetml.sheet.main+xml;charset=utf-8", "xl/workbook.xml", "xlsx"),
        (f"{OOXML}spreadsheetml.template.main+xml", "xl/workbook.xml", "xltx"),
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xl/workbook.bin", "xlsb"),
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xl/other.xml", "xlsm"),
        ("application/vnd.ms-excel.template.macroEnabled.main+xml", "xl/workbook.xml", "xltm"),
        ("application/vnd.ms-excel.addin.macroEnabled.main+xml", "xl/workbook.xml", "xlsm"),
        (f"{OOXML}presentationml.slideshow.main+xml", "ppt/presentation.xml", "pptx"),
        (f"{OOXML}presentationml.template.main+xml", "ppt/presentation.xml", "potx"),
        ("application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml", "ppt/presentation.xml", "pptm"),
        ("application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", "ppt/presentation.xml", "pptm"),
        ("application/vnd.ms-powerpoint.template.macroEnabled.main+xml", "p/x.xml", "potm"),
        ("application/vnd.ms-visio.drawing.main+xml", "visio/document.xml", "other"),
        ("application/vnd.example", "x/document.xml", "zip"),
    ],
)
def test_main_parts(content_type: str, part: str, expected: str) -> None:
    members = {"[Content_Types].xml": content_types(part, content_type), part: "<x/>"}
    assert looked(zipped(members), "docx") == Facts(expected)


def test_an_embedded_workbook_does_not_make_a_document_a_workbook() -> None:
    part, content_type = MAIN["docx"]
    types = content_types(part, content_type).replace(
        "<Default", f'<Default Extension="xlsx" ContentType="{OOXML}spreadsheetml.sheet"/><Default', 1
    )
    members: dict[str, str | bytes] = {
        "word/embeddings/a.xlsx": zipped(office_members("xlsx")),
        "[Content_Types].xml": types,
        part: "<x/>",
    }
    assert looked(zipped(members, stored=True)) == Facts("docx")


def test_unusual_writers() -> None:
    assert looked(zipped({"word\\document.xml": "<x/>"})) == Facts("docx")
    assert looked(zipped({"[content_types].XML": "<x/>", "Word/Document.xml": "<x/>"})) == Facts("docx")
    types = content_types(*MAIN["xlsx"]).replace('"', "'").encode("utf-16")
    assert looked(zipped({"[Content_Types].xml": types, "xl/workbook.xml": "<x/>"})) == Facts("xlsx")


def test_a_default_may_declare_the_main_part() -> None:
    types = content_types(*MAIN["docx"]).replace("application/xml", f"{OOXML}wordprocessingml.template.main+xml", 1)
    types = types[: types.index("<Override")] + "</Types>"
    assert looked(zipped({"[Content_Types].xml": types, "word/document.xml": "<x/>"})) == Facts("dotx")
    links = '<Relationships><Relationship Id="r" Type="x/officeDocument" Target="/Other.xml"/></Relationships>'
    members: dict[str, str | bytes] = {"[Content_Types].xml": types, "_rels/.rels": links}
    assert looked(zipped(members | {"other.xml": "<x/>"})) == Facts("dotx")
    assert looked(zipped(members)) == Facts("dotx", Health.DAMAGED, "main part is missing")


ODF = "application/vnd.oasis.opendocument."


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"mimetype": f"{ODF}text", "content.xml": "<x/>"}, "odt"),
        ({"content.xml": "<x/>", "mimetype": f"{ODF}spreadsheet"}, "ods"),
        ({"mimetype": f"{ODF}presentation-template"}, "odp"),
        ({"mimetype": f"{ODF}graphics"}, "other"),
        ({"mimetype": "application/epub+zip"}, "other"),
        ({"mimetype": "text/plain"}, "zip"),
        ({"Doc_0/Document.xml": "<x/>", "OFD.xml": "<x/>"}, "ofd"),
        ({"META-INF/MANIFEST.MF": "x", "a/B.class": b"\xca\xfe\xba\xbe"}, "executable"),
        ({"META-INF/MANIFEST.MF": "x", "word/document.xml": "x", "B.class": "x"}, "executable"),
        ({"META-INF/MANIFEST.MF": "x"}, "zip"),
        ({"classes.dex": "x", "AndroidManifest.xml": "x"}, "executable"),
        ({"政策.pdf": b"%PDF-1.4"}, "zip"),
        ({}, "zip"),
    ],
)
def test_other_zips(members: dict[str, str | bytes], expected: str) -> None:
    facts = looked(zipped(members), "docx")
    assert (facts.format, facts.health) == (expected, Health.OK)


def test_encrypted_containers() -> None:
    manifest = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    odt = zipped({"mimetype": f"{ODF}text", "META-INF/manifest.xml": manifest})
    assert looked(odt, "odt") == Facts("odt", Health.ENCRYPTED, f"{ODF}text")
    locked = bytearray(zipped({"mimetype": f"{ODF}text"}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert looked(bytes(locked), "odt").health is Health.ENCRYPTED
    plain = bytearray(zipped({"a.txt": "secret"}))
    plain[6] |= 1
    plain[plain.index(b"PK\x01\x02") + 8] |= 1
    assert looked(bytes(plain), "zip") == Facts("zip", Health.ENCRYPTED, "zip with encrypted members")


def test_an_office_file_without_its_main_part_is_damaged() -> None:
    for name in MAIN:
        members = office_members(name)
        del members[MAIN[name][0]]
        facts = looked(zipped(members), "zip")
        assert (facts.format, facts.health) == (name, Health.DAMAGED)
    bare = zipped({"[Content_Types].xml": "<Types/>", "word/styles.xml": "<x/>"})
    assert looked(bare) == Facts("docx", Health.DAMAGED, "main part is missing")


def test_a_comment_may_follow_the_end_record_and_nothing_else() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("OFD.xml", "<x/>")
        archive.comment = "注释".encode()
    assert looked(out.getvalue(), "ofd") == Facts("ofd")
    assert looked(out.getvalue() + b"x", "ofd").health is Health.DAMAGED


@cache
def big_docx() -> bytes:
    """A document that embeds a stored workbook, so that an inner end record lies in the middle of it."""
    members = office_members("docx", word_part(PARAGRAPH * 50))
    members |= {"word/embeddings/a.xlsx": zipped(office_members("xlsx"))}
    return zipped(members | {"word/media/a.png": bytes(range(256)) * 300}, stored=True)


def test_a_cut_document_is_a_damaged_document_wherever_it_is_cut() -> None:
    data = big_docx()
    first_header = 30 + len("[Content_Types].xml")
    inner_end = data.index(b"PK\x05\x06") + 22
    assert inner_end < len(data) - 1000
    for cut in [*range(first_header, len(data), 97), inner_end, *range(len(data) - 700, len(data))]:
        facts = whole_look(data[:cut], "docx")
        assert (facts.format, facts.health, facts.writing) == ("docx", Health.DAMAGED, None), cut


@pytest.mark.parametrize(
    ("members", "extension", "expected"),
    [
        (office_members("docx"), "zip", "zip"),
        (office_members("pptx"), "ppsx", "pptx"),
        (office_members("docx"), "docm", "docm"),
        ({"OFD.xml": "<x/>"}, "ofd", "ofd"),
        ({"Doc_0/Document.xml": "<x/>", "OFD.xml": "<x/>"}, "ofd", "ofd"),
        ({"xl/workbook.xml": "<x/>"}, "zip", "xlsx"),
        ({"a.txt": "abc"}, "docx", "zip"),
        ({"META-INF/MANIFEST.MF": "x", "A.class": "x"}, "jar", "executable"),
    ],
)
def test_what_a_cut_container_was(members: dict[str, str | bytes], extension: str, expected: str) -> None:
    data = zipped(members)
    end = data.index(b"PK\x01\x02") if extension != "zip" or "[Content_Types].xml" not in members else 60
    facts = looked(data[:end], extension)
    assert (facts.format, facts.health) == (expected, Health.DAMAGED)


def test_a_cut_open_document_is_named_by_its_stored_mimetype() -> None:
    data = zipped({"mimetype": f"{ODF}text", "content.xml": "<x/>"}, stored=True)
    facts = looked(data[: data.index(b"PK\x01\x02")], "zip")
    assert (facts.format, facts.health) == ("odt", Health.DAMAGED)


def test_a_zip64_container_is_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("OFD.xml", "w", force_zip64=True) as member:
        member.write(b"<x/>")
    data = out.getvalue()
    place = data.rindex(b"PK\x05\x06")
    length, start = struct.unpack_from("<II", data, place + 12)
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, length, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, place, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert looked(data[:place] + end64 + locator + end) == Facts("ofd")
    assert looked(data[:place] + locator + end).health is Health.DAMAGED


def test_an_enormous_directory_is_not_looked_into() -> None:
    head = b"PK\x03\x04" + bytes(26)
    length = 9 * 1024 * 1024
    data = head + bytes(length) + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, length, len(head), 0)
    assert looked(data, "docx") == Facts("zip", detail="zip directory too large to look into")


def test_a_bomb_in_content_types_is_read_to_its_limit_only() -> None:
    members = office_members("docx")
    members["[Content_Types].xml"] = b"<Override " * 2_000_000
    assert looked(zipped(members), "docx") == Facts("docx")


@pytest.mark.parametrize(
    ("streams", "expected"),
    [
        ({"WordDocument": b"x", "1Table": b""}, "doc"),
        ({"Workbook": b"x"}, "xls"),
        ({"Book": b"x"}, "xls"),
        ({"PowerPoint Document": b"x", "Current User": b""}, "ppt"),
        ({"__properties_version1.0": b"x"}, "other"),
        ({"Catalog": b"x"}, "other"),
        ({}, "other"),
        ({f"stream {number:05}": b"" for number in range(300)} | {"Workbook": b"x"}, "xls"),
    ],
)
def test_ole_files(streams: dict[str, bytes], expected: str) -> None:
    data = compound(streams)
    with olefile.OleFileIO(data, raise_defects=olefile.DEFECT_UNSURE) as reader:
        assert {"/".join(path) for path in reader.listdir()} == set(streams)
        assert reader.parsing_issues == []
    facts = looked(data, "docx")
    assert (facts.format, facts.health) == (expected, Health.OK)


def test_a_long_list_of_siblings_is_read() -> None:
    storages = tuple(f"storage {number:05}" for number in range(3000))
    assert looked(compound({"WordDocument": b""}, storages=(*storages, "ObjectPool"))) == Facts("doc")


@pytest.mark.parametrize(
    ("extension", "expected"),
    [("docx", "docx"), ("xlsx", "xlsx"), ("et", "xlsx"), ("pptx", "pptx"), ("pdf", "docx"), ("", "docx")],
)
def test_encrypted_office_files(extension: str, expected: str) -> None:
    data = compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}, storages=("\x06DataSpaces",))
    assert looked(data, extension) == Facts(expected, Health.ENCRYPTED, "encrypted Office package")


def test_rights_management() -> None:
    data = compound({"EncryptedPackage": b"x", "DRMEncryptedDataSpace": b"x"})
    assert looked(data, "pptx").health is Health.ENCRYPTED
    data = compound({"Workbook": b"x", "\tDRMContent": b"x"})
    assert looked(data, "doc") == Facts("xls", Health.ENCRYPTED, "rights management")


def test_an_installer_is_a_program() -> None:
    class_id = bytes.fromhex("84100c0000000000c000000000000046")
    data = compound({"Workbook": b"x"}, class_id=class_id)
    with olefile.OleFileIO(data) as reader:
        assert reader.root.clsid == "000C1084-0000-0000-C000-000000000046"
    assert looked(data, "xls") == Facts("executable", detail="Windows Installer package")


@pytest.mark.parametrize(
    ("extension", "expected"),
    [("doc", "doc"), ("wps", "doc"), ("et", "xls"), ("dps", "ppt"), ("pdf", "other")],
)
def test_a_cut_ole_file_is_damaged(extension: str, expected: str) -> None:
    data = compound({"WordDocument": b"x" * 20_000})
    for cut in range(8, 20_000, 501):
        facts = looked(data[:cut], extension)
        assert (facts.format, facts.health) == (expected, Health.DAMAGED), cut


def test_a_stream_beyond_the_end_is_damage() -> None:
    data = bytearray(compound({"WordDocument": b"x"}))
    entry = data.index("WordDocument".encode("utf-16-le"))
    struct.pack_into("<I", data, entry + 120, 1_000_000)
    assert whole_look(bytes(data), "doc").health is Health.DAMAGED


def test_a_directory_that_runs_in_a_circle_is_damage() -> None:
    data = bytearray(compound({f"s{number}": b"" for number in range(9)}))
    directory = struct.unpack_from("<I", data, 48)[0]
    page = struct.unpack_from("<I", data, 76)[0]
    struct.pack_into("<I", data, (page + 1) * 512 + directory * 4, directory)
    assert looked(bytes(data), "xls") == Facts("xls", Health.DAMAGED, "OLE2 directory runs in a circle")


@cache
def victims() -> tuple[bytes, ...]:
    return (
        docx(PARAGRAPH * 20),
        zipped({"mimetype": f"{ODF}text", "META-INF/manifest.xml": "<x/>"}, stored=True),
        compound({"WordDocument": b"x", "1Table": b"y"}, storages=("\x06DataSpaces",)),
    )


@given(st.integers(0, 2), st.data())
def test_mutated_containers_raise_nothing(which: int, choice: st.DataObject) -> None:
    data = bytearray(victims()[which])
    places = st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255))
    for place, value in choice.draw(st.lists(places, min_size=1, max_size=12)):
        data[place] = value
    cut = choice.draw(st.integers(0, 40))
    extension = choice.draw(st.sampled_from(["docx", "doc", "zip", ""]))
    assert whole_look(bytes(data[: len(data) - cut]), extension).format in FORMATS


@given(st.integers(0, 2), st.sampled_from([0, 0xFF, 0x7F, 0x80]), st.integers(1, 8), st.data())
def test_mutated_records_raise_nothing(which: int, value: int, width: int, choice: st.DataObject) -> None:
    data = bytearray(victims()[which])
    marks = [b"PK\x05\x06", b"PK\x01\x02", b"\xd0\xcf\x11\xe0", "WordDocument".encode("utf-16-le")]
    starts = [data.rfind(mark) for mark in marks if mark in data]
    place = choice.draw(st.sampled_from(starts)) + choice.draw(st.integers(4, 127))
    data[place : place + width] = bytes([value]) * len(data[place : place + width])
    assert whole_look(bytes(data), "docx").format in FORMATS

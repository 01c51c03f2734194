"""OFD: whole, cut, without its parts, encrypted; its pages and their text, as different programs write them."""

import random
import struct
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from evidence_cli.looks.facts import Active, Facts, Gap, Health, Passage, Place, Unit
from evidence_cli.samples.portable import ofd
from support.inside import look_inside
from support.raw_zip import member, write

SPACE = "http://www.ofdspec.org/2016"
MARK = "秘密★1年"
OFD = f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="{SPACE}" Version="1.0" DocType="OFD">{{}}</ofd:OFD>'
BODY = "<ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID></ofd:DocInfo><ofd:DocRoot>{}</ofd:DocRoot></ofd:DocBody>"
DOCUMENT = f'<ofd:Document xmlns:ofd="{SPACE}"><ofd:CommonData>{{}}</ofd:CommonData>'
DOCUMENT += "<ofd:Pages>{}</ofd:Pages>{}</ofd:Document>"
PAGE = f'<ofd:Page xmlns:ofd="{SPACE}">{{}}<ofd:Content><ofd:Layer ID="9">{{}}</ofd:Layer></ofd:Content></ofd:Page>'
IMAGE = '<ofd:ImageObject ID="8" Boundary="0 0 210 297" ResourceID="3"/>'
PATH = '<ofd:PathObject Boundary="0 0 210 297"><ofd:AbbreviatedData>M 0 0 L 9 9</ofd:AbbreviatedData></ofd:PathObject>'


def text_object(text: str, left: float = 20, top: float = 20, width: float = 30) -> str:
    code = f'<ofd:TextCode X="0" Y="4" DeltaX="g 9 4">{text}</ofd:TextCode>'
    return f'<ofd:TextObject ID="7" Boundary="{left} {top} {width} 5" Font="1" Size="4">{code}</ofd:TextObject>'


def packed(parts: dict[str, str | bytes]) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def document(
    *pages: str, root: str = "Doc_0/Document.xml", common: str = "", after: str = "", **parts: str
) -> dict[str, str | bytes]:
    tree = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    found: dict[str, str | bytes] = {
        "OFD.xml": OFD.format(BODY.format(root)),
        "Doc_0/Document.xml": DOCUMENT.format(common, tree, after),
    }
    found |= {f"Doc_0/Pages/Page_{n}/Content.xml": PAGE.format("", page) for n, page in enumerate(pages)}
    return found | {f"Doc_0/{name.replace('__', '/')}.xml": content for name, content in parts.items()}


def seen(parts: dict[str, str | bytes]) -> tuple[Facts, list[Passage | Gap]]:
    return look_inside(packed(parts), "ofd")


def page(number: int, text: str) -> Passage:
    return Passage(Place(Unit.PAGE, number), text)


def test_our_own() -> None:
    facts, passages = look_inside(ofd([f"第{line}行" for line in range(45)]), "ofd")
    assert facts == Facts("ofd", pages=2)
    assert passages[1] == page(2, "\n".join(f"第{line}行" for line in range(30, 45)))


def test_cut_anywhere() -> None:
    data = ofd([MARK, "text"])
    for cut in range(0, len(data), max(len(data) // 40, 1)):
        assert look_inside(data[:cut], "ofd")[0].health is Health.DAMAGED
    assert look_inside(data[:-1], "ofd")[0].health is Health.DAMAGED


def test_no_byte_does_harm() -> None:
    parts = document(
        text_object(MARK), IMAGE, common='<ofd:TemplatePage ID="4" BaseLoc="T.xml"/>', T=PAGE.format("", "")
    )
    whole, chance = packed(parts), random.Random(4)
    stored = BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    for source in (whole, stored.getvalue()):
        for _ in range(150):
            data = bytearray(source)
            for _ in range(chance.choice((1, 4))):
                data[chance.randrange(len(data))] = chance.randrange(256)
            start = time.perf_counter()
            look_inside(bytes(data), "ofd")
            assert time.perf_counter() - start < 2


def test_a_flipped_byte_is_damage() -> None:
    data = bytearray(packed(document(text_object(MARK * 50))))
    directory = data.index(b"PK\1\2")
    for back in (5, 15, 30, 60, 90):
        data[directory - back] ^= 0x10
        assert look_inside(bytes(data), "ofd")[0].health is Health.DAMAGED
        data[directory - back] ^= 0x10


@pytest.mark.parametrize(
    ("lost", "detail"),
    [
        ("OFD.xml", "no OFD.xml"),
        ("Doc_0/Document.xml", "document root 'Doc_0/Document.xml' is missing"),
        ("Doc_0/Pages/Page_1/Content.xml", "page 'Pages/Page_1/Content.xml' is missing"),
    ],
)
def test_missing_parts(lost: str, detail: str) -> None:
    parts = document(text_object("a"), text_object("b"))
    del parts[lost]
    facts = seen(parts)[0]
    assert (facts.health, facts.detail) == (Health.DAMAGED, detail)


@pytest.mark.parametrize("broken", ["OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_1/Content.xml"])
@pytest.mark.parametrize("content", ["", "<a>", "nothing", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_broken_parts(broken: str, content: str) -> None:
    parts = document(text_object("a"), text_object("b"))
    assert seen(parts | {broken: content})[0].health is Health.DAMAGED


@pytest.mark.parametrize("parts", [document(), {"OFD.xml": OFD.format("")}], ids=["no page", "no document"])
def test_nothing_to_show(parts: dict[str, str | bytes]) -> None:
    assert seen(parts)[0].health is Health.DAMAGED


def test_encrypted() -> None:
    """GM/T 0099: what was encrypted is gone, and a list says so."""
    encrypted = f'<ofd:Encryptions xmlns:ofd="{SPACE}">{{}}</ofd:Encryptions>'
    listed = encrypted.format('<ofd:EncryptInfo ID="1"/>')
    rest: dict[str, str | bytes] = {"Doc_0/document.dat": b"\1\2", "decryptseed.dat": "<a/>", "entriesmap.dat": b"\3"}
    whole = document(text_object("a"))
    assert seen({"OFD.xml": whole["OFD.xml"], "Encryptions.xml": listed} | rest)[0].health is Health.ENCRYPTED
    assert seen({"Encryptions.xml": listed} | rest)[0].health is Health.ENCRYPTED
    assert seen({"OFD.xml": whole["OFD.xml"]} | rest)[0].health is Health.ENCRYPTED
    assert seen(whole | {"Encryptions.xml": encrypted.format("")})[0].health is Health.OK


def test_password_of_the_zip() -> None:
    data = bytearray(packed(document(text_object("a"))))
    for mark, offset in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        place = data.find(mark)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(mark, place + 1)
    assert look_inside(bytes(data), "ofd")[0].health is Health.ENCRYPTED


@pytest.mark.parametrize("space", ["http://www.ofdspec.org", "http://www.ofdspec.org/2016", "urn:other"])
@pytest.mark.parametrize("prefix", ["ofd:", "", "x:"])
def test_namespaces(space: str, prefix: str) -> None:
    declared = f"xmlns:{prefix}".rstrip(":")
    parts: dict[str, str | bytes] = {
        name: str(content)
        .replace("xmlns:ofd", declared)
        .replace("<ofd:", f"<{prefix}")
        .replace("</ofd:", f"</{prefix}")
        for name, content in document(text_object(MARK)).items()
    }
    parts = {name: str(content).replace(SPACE, space) for name, content in parts.items()}
    facts, passages = seen(parts)
    assert (facts.health, facts.detail, passages) == (Health.OK, "", [page(1, MARK)])


@pytest.mark.parametrize(
    "location",
    ["Pages/P.xml", "/Doc_0/Pages/P.xml", "./Pages/../Pages/P.xml", "Doc_0/Pages/P.xml", "pages\\p.XML",
     " Pages/P.xml ", "../../../Doc_0/Pages/P.xml", "Pages%2FP.xml"],
)  # fmt: skip
def test_locations(location: str) -> None:
    tree = f'<ofd:Page ID="1" BaseLoc="{location}"/>'
    parts = document() | {"Doc_0/Document.xml": DOCUMENT.format("", tree, "")}
    facts, passages = seen(parts | {"Doc_0/Pages/P.xml": PAGE.format("", text_object("a"))})
    assert (facts.health, facts.pages, passages) == (Health.OK, 1, [page(1, "a")])


@pytest.mark.parametrize("location", ["../../../../etc/hostname", "/etc/hostname", "file:///etc/hostname", ""])
def test_locations_never_leave(location: str) -> None:
    tree = f'<ofd:Page ID="1" BaseLoc="{location}"/>'
    assert seen(document() | {"Doc_0/Document.xml": DOCUMENT.format("", tree, "")})[0].health is Health.DAMAGED


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_names_without_their_flag(encoding: str, tmp_path: Path) -> None:
    """Programs of Windows write names in its code page and do not say which."""
    tree = DOCUMENT.format("", '<ofd:Page ID="1" BaseLoc="页/一.xml"/>', "")
    parts = {"OFD.xml": OFD.format(BODY.format("文档/D.xml")), "文档/D.xml": tree}
    parts["文档/页/一.xml"] = PAGE.format("", text_object("a"))
    members = [member(name.encode(encoding), content.encode(), flags=0) for name, content in parts.items()]
    facts, passages = look_inside(write(tmp_path / "a.ofd", *members).read_bytes(), "ofd")
    assert (facts.health, passages) == (Health.OK, [page(1, "a")]), facts.detail


def test_declared_encoding() -> None:
    parts = document(text_object(MARK))
    name = "Doc_0/Pages/Page_0/Content.xml"
    parts[name] = ('<?xml version="1.0" encoding="GB2312"?>' + str(parts[name])).encode("gbk")
    facts, passages = seen(parts)
    assert (facts.health, passages) == (Health.OK, [page(1, MARK)])


def test_objects_beside_each_other_are_one_line() -> None:
    """Some programs write every run, or every character, as an object of its own."""
    content = (
        text_object("秘密", 20, 20, 8)
        + text_object("★", 28, 20.5, 4)
        + text_object("1年", 32, 20, 8)
        + text_object("2020", 100, 20, 8)
        + text_object("below", 20, 30, 8)
    )
    assert seen(document(content))[1] == [page(1, f"{MARK} 2020\nbelow")]


def test_objects_in_one_box() -> None:
    """Some programs give each run the box of its line, or of the page."""

    def run(text: str, x: float, y: float, deltas: str = "") -> str:
        code = f'<ofd:TextCode X="{x}" Y="{y}" DeltaX="{deltas}">{text}</ofd:TextCode>'
        return f'<ofd:TextObject ID="7" Boundary="0 0 210 297" Font="1" Size="4">{code}</ofd:TextObject>'

    content = run("秘密", 20, 30, "4") + run("★", 28, 30) + run("1年", 32, 30, "2") + run("2020", 60, 30, "g 3 2")
    assert seen(document(content + run("below", 20, 40)))[1] == [page(1, f"{MARK} 2020\nbelow")]
    assert seen(document(run("秘密", 0, 5) + run("★1年", 0, 5)))[1] == [page(1, MARK)]


def test_lines_of_one_object() -> None:
    codes = '<ofd:TextCode X="0" Y="4">one</ofd:TextCode><ofd:TextCode X="9">!</ofd:TextCode>'
    codes += '<ofd:TextCode X="0" Y="9">two</ofd:TextCode>'
    content = f'<ofd:PageBlock><ofd:TextObject Boundary="0 0 9 9">{codes}</ofd:TextObject></ofd:PageBlock>'
    assert seen(document(content))[1] == [page(1, "one!\ntwo")]


def test_templates_and_annotations() -> None:
    common = '<ofd:TemplatePage ID="4" BaseLoc="Tpls/T.xml"/><ofd:TemplatePage ID="5" BaseLoc="Tpls/lost.xml"/>'
    used = '<ofd:Template TemplateID="4" ZOrder="Background"/><ofd:Template TemplateID="5"/>'
    annotations = '<a:Annotations xmlns:a="b"><a:Page PageID="1"><a:FileLoc>A.xml</a:FileLoc></a:Page></a:Annotations>'
    appearance = f'<a xmlns:ofd="c"><ofd:Annot><ofd:Appearance>{text_object(MARK)}</ofd:Appearance></ofd:Annot></a>'
    parts = document(
        "", "", common=common, after="<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>",
        Tpls__T=PAGE.format("", text_object("letterhead")), Annots__Annotations=annotations, Annots__A=appearance,
    )  # fmt: skip
    for number in (0, 1):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = PAGE.format(used, text_object(f"page {number}"))
    facts, passages = seen(parts)
    assert (facts.health, facts.pages) == (Health.OK, 2)
    assert passages == [page(1, "page 0\nletterhead"), page(2, f"page 1\n{MARK}")]


def test_two_documents() -> None:
    parts = document(text_object("a"))
    parts |= {name.replace("Doc_0", "Doc_1"): content for name, content in document(text_object("b")).items()}
    parts["OFD.xml"] = OFD.format(BODY.format("Doc_0/Document.xml") + BODY.format("/Doc_1/Document.xml"))
    facts, passages = seen(parts)
    assert (facts.pages, passages) == (2, [page(1, "a"), page(2, "b")])


@pytest.mark.parametrize(
    ("pages", "gaps"),
    [
        ([IMAGE], [Gap("text", "scan")]),
        ([PATH], [Gap("text", "scan")]),
        ([text_object("a") + IMAGE], []),
        ([text_object("a"), IMAGE], [Gap("text", "scan")]),
        ([text_object("a"), PATH], []),
        ([""], []),
    ],
)
def test_scans(pages: list[str], gaps: list[Gap]) -> None:
    facts, passages = seen(document(*pages))
    assert (facts.health, [passage for passage in passages if isinstance(passage, Gap)]) == (Health.OK, gaps)


@pytest.mark.parametrize(
    ("name", "content", "active"),
    [
        ("invoice.xbrl", "<xbrl/>", ()),
        ("original.docx", "PK", ()),
        ("setup.exe", "nothing", (Active.EMBEDDED,)),
        ("data.bin", "\x7fELF\2\1\1" + "\0" * 60, (Active.EMBEDDED,)),
    ],
)
def test_attachments(name: str, content: str, active: tuple[Active, ...]) -> None:
    attachment = f'<b:Attachment ID="1" Name="{name}"><b:FileLoc>{name}</b:FileLoc></b:Attachment>'
    listed = f'<b:Attachments xmlns:b="{SPACE}">{attachment}</b:Attachments>'
    after = "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>"
    parts = document(text_object("a"), after=after, Attachs__Attachments=listed)
    facts = seen(parts | {f"Doc_0/Attachs/{name}": content, "Doc_0/Signs/Signatures.xml": "<a/>"})[0]
    assert (facts.health, facts.active) == (Health.OK, active)


def test_bomb() -> None:
    data = bytearray(packed(document(text_object("a")) | {"Doc_0/Res/a.png": bytes(100_000)}))
    place = data.rindex(b"PK\1\2")
    struct.pack_into("<I", data, place + 24, 300_000_000)
    assert look_inside(bytes(data), "ofd")[0].health is Health.BOMB


def test_a_page_of_nothing_but_tags() -> None:
    start = time.perf_counter()
    facts, passages = seen(document("<ofd:a/>" * 3_000_000))
    assert (facts.health, passages) == (Health.OK, [Gap("text", "long")])
    assert time.perf_counter() - start < 5

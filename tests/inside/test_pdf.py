"""PDF files of several producers in every state: whole, untidy, cut, locked, restricted, active, hostile."""

import random
import re
import shutil
import subprocess
import time
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from fpdf import FPDF
from pikepdf import Array, Dictionary, Encryption, Name, Object, ObjectStreamMode, Pdf, Permissions, String
from PIL import Image

from evidence_cli.looks.facts import Active, Facts, Gap, Health, Passage, Place, Unit
from support.inside import look_inside

SCAN = Gap("text", "scan")


def written(pages: int = 5, *, compressed: bool = True) -> bytes:
    document = FPDF()
    document.set_compression(compressed)
    document.set_font("helvetica", size=12)
    for number in range(1, pages + 1):
        document.add_page()
        for line in range(30):
            document.cell(0, 8, f"Page {number} line {line} of the text", new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def scanned(pages: int = 3) -> bytes:
    document = FPDF()
    for number in range(pages):
        document.add_page()
        document.image(Image.effect_noise((300 + number, 400), 60), 0, 0, 210)
    return bytes(document.output())


def saved(data: bytes, change: Callable[[Pdf], None] | None = None, **how: object) -> bytes:
    with pikepdf.open(BytesIO(data)) as pdf:
        if change is not None:
            change(pdf)
        out = BytesIO()
        pdf.save(out, **how)  # type: ignore[arg-type]
        return out.getvalue()


PLAIN = written()
PRODUCERS = {
    "fpdf2": PLAIN,
    "fpdf2, not compressed": written(compressed=False),
    "scan": scanned(),
    "object streams": saved(PLAIN, object_stream_mode=ObjectStreamMode.generate),
    "linearized": saved(PLAIN, linearize=True),
    "linearized with object streams": saved(PLAIN, linearize=True, object_stream_mode=ObjectStreamMode.generate),
    "qdf": saved(PLAIN, qdf=True),
    "encrypted": saved(PLAIN, encryption=Encryption(user="", owner="o")),
}


def facts_of(data: bytes) -> Facts:
    return look_inside(data, "pdf")[0]


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


FLATE = b"/Filter/FlateDecode"
HELVETICA = b"<</Font<</F <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"


def built(content: bytes, resources: bytes = HELVETICA, **more: bytes) -> bytes:
    """A document of one page from objects 4 (its content), 5 (its resources) and more (`o<number>`)."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources 5 0 R>>",
        4: content,
        5: resources,
        **{int(name[1:]): body for name, body in more.items()},
    }
    out = BytesIO()
    out.write(b"%PDF-1.7\n")
    table = {0: b"0000000000 65535 f \n"}
    for number, body in sorted(objects.items()):
        table[number] = b"%010d 00000 n \n" % out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    begin = out.tell()
    size = max(objects) + 1
    out.write(b"xref\n0 %d\n" % size)
    out.writelines(table.get(number, table[0]) for number in range(size))
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, begin))
    return out.getvalue()


HELLO = stream(b"BT /F 12 Tf 9 9 Td (hello)Tj ET")


@pytest.mark.parametrize("name", PRODUCERS)
def test_whole(name: str) -> None:
    facts, passages = look_inside(PRODUCERS[name], "pdf")
    if name == "scan":
        assert facts == Facts("pdf", pages=3)
        assert passages == [SCAN]
    else:
        assert facts == Facts("pdf", pages=5)
        assert [passage.place for passage in passages if isinstance(passage, Passage)] == [
            Place(Unit.PAGE, number) for number in range(1, 6)
        ]
        assert isinstance(passages[2], Passage)
        assert passages[2].text.splitlines()[:2] == ["Page 3 line 0 of the text", "Page 3 line 1 of the text"]


@pytest.mark.parametrize("name", PRODUCERS)
def test_cut_off(name: str) -> None:
    data = PRODUCERS[name]
    end = data.rindex(b"startxref") - 60
    for cut in [*range(20, end, end // 40), end]:
        assert facts_of(data[:cut]).health is Health.DAMAGED, cut
        assert facts_of(data[:cut] + bytes(len(data) - cut)).health is Health.DAMAGED, cut


def test_cut_off_after_all_that_is_shown() -> None:
    """A linearized file has its first table at the start, and may end with what no page needs."""
    untidy = built(HELLO)
    cut = untidy[: untidy.rindex(b"xref\n0")]
    head = cut.replace(
        b"%PDF-1.7\n", b"%PDF-1.7\n9 0 obj\n<</Linearized 1/L 99999>>\nendobj\ntrailer\n<</Root 1 0 R>>\n"
    )
    assert facts_of(head) == Facts("pdf", Health.DAMAGED, "shorter than its linearization dictionary says")
    assert facts_of(head.replace(b"/L 99999", b"/L 00099")) == Facts("pdf", pages=1)


@pytest.mark.tools
def test_of_libreoffice(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("needs LibreOffice")
    source = tmp_path / "a.html"
    source.write_text("".join(f'<p style="page-break-before:always">{n} {"words " * 300}</p>' for n in range(4)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ("--headless", "--convert-to", "pdf:writer_web_pdf_Export", "--outdir", str(tmp_path), str(source))
    subprocess.run([soffice, profile, *convert], check=True, capture_output=True, timeout=120)
    data = (tmp_path / "a.pdf").read_bytes()
    facts, passages = look_inside(data, "pdf")
    assert facts.health is Health.OK
    assert facts.pages == len(passages)
    for cut in range(50, data.rindex(b"startxref"), len(data) // 20):
        assert facts_of(data[:cut]).health is Health.DAMAGED, cut


_TABLE = PLAIN.rindex(b"xref\n", 0, PLAIN.rindex(b"startxref"))
_TRAILER = PLAIN.rindex(b"trailer")
_FIRST_PAGE = PLAIN.index(b"/Type /Page\n") - 20
UNTIDY = {
    "before": b"junk\n" * 20 + PLAIN,
    "mail": b"HTTP/1.1 200 OK\r\n" * 50 + PLAIN,
    "after": PLAIN + b"<html>more</html>" * 300,
    "padded": PLAIN + bytes(3_000_000),
    "line ends": PRODUCERS["fpdf2, not compressed"].replace(b"\n", b"\r\n"),
    "shifted": PRODUCERS["fpdf2, not compressed"].replace(b"endobj\n", b"endobj\n\n\n"),
    "no table": PLAIN[:_TABLE] + PLAIN[_TRAILER:],
    "no startxref": PLAIN[: PLAIN.rindex(b"startxref")],
    "no end mark": PLAIN[: PLAIN.rindex(b"%%EOF")],
    "startxref 0": re.sub(rb"startxref\n\d+", b"startxref\n0", PLAIN),
}


@pytest.mark.parametrize("name", UNTIDY)
def test_untidy_and_whole(name: str) -> None:
    facts, passages = look_inside(UNTIDY[name], "pdf")
    assert facts == Facts("pdf", pages=5)
    assert len(passages) == 5


def test_objects_that_share_lines() -> None:
    data = (
        b"%PDF-1.4\ntrailer<</Root 1 0 R>> 1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 1"
        b"/Kids[4 0 R]>>endobj 4 0 obj<</Type/Page/MediaBox[0 0 99 99]/Contents 3 0 R>>endobj 3 0 obj<</Length 3>>"
        b"stream\nq Q\nendstream endobj"
    )
    assert facts_of(data) == Facts("pdf", pages=1)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"%PDF-1.4\n%%EOF\n", "unable to find trailer dictionary while recovering damaged file"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 40, "ends inside an object"),
        (PLAIN[:_TABLE], "ends after an object, with neither cross-reference nor trailer"),
        (PLAIN[: _TABLE + 60], "ends inside its cross-reference table"),
        (PLAIN[: _TRAILER + 12], "ends inside its cross-reference table"),
        (PLAIN + b"3 0 obj\n<</Type/Pa", "ends inside an object"),
        (PLAIN[:_FIRST_PAGE] + bytes(60) + PLAIN[_FIRST_PAGE + 60 :], "1 pages are missing"),
        (built(HELLO, o2=b"<</Type/Pages/Count 0/Kids[]>>"), "no pages"),
        (built(stream(b"\x78\x9c" + b"\xff" * 50, FLATE)), "content of page 1 cannot be decoded"),
    ],
)
def test_damaged(data: bytes, detail: str) -> None:
    assert facts_of(data) == Facts("pdf", Health.DAMAGED, detail)


REVISIONS = [(2, False), (3, False), (4, False), (4, True), (6, True)]


@pytest.mark.parametrize(("revision", "aes"), REVISIONS)
def test_encrypted(revision: int, aes: bool) -> None:
    def locked(user: str, **denied: bool) -> bytes:
        allow = Permissions(**denied)
        return saved(PLAIN, encryption=Encryption(user=user, owner="o", R=revision, aes=aes, metadata=aes, allow=allow))  # type: ignore[arg-type]

    assert facts_of(locked("u")) == Facts("pdf", Health.ENCRYPTED, "needs a password")
    assert facts_of(locked("")) == Facts("pdf", pages=5)
    assert facts_of(locked("", modify_other=False)) == Facts("pdf", pages=5)
    facts, passages = look_inside(locked("", print_lowres=False, print_highres=False), "pdf")
    assert facts == Facts("pdf", pages=5, restricted=True)
    assert len(passages) == 5
    assert facts_of(locked("", extract=False)) == Facts("pdf", pages=5, restricted=True)
    assert facts_of(locked("u")[:2000]).health is Health.DAMAGED


@pytest.mark.parametrize("handler", [b"/Adobe.PubSec", b"/FOPN_foweb"])
def test_other_security(handler: bytes) -> None:
    data = saved(PLAIN, encryption=Encryption(user="", owner="o", R=4))
    assert facts_of(data.replace(b"/Standard", handler)) == Facts("pdf", Health.ENCRYPTED, "unknown encryption")


def test_empty_password_of_the_owner() -> None:
    """Programs try it as the user's only, so they ask for the password."""
    for revision in (2, 3, 4, 6):
        data = saved(
            PLAIN, encryption=Encryption(user="u", owner="", R=revision, aes=revision > 3, metadata=revision > 3)
        )
        assert facts_of(data) == Facts("pdf", Health.ENCRYPTED, "needs a password")


def test_what_one_reader_mends_and_another_refuses() -> None:
    """One wrong offset: qpdf finds the page all the same, pdfium does not load it."""
    data = built(HELLO)
    page = data.index(b"3 0 obj")
    data = data.replace(b"%010d 00000 n" % page, b"%010d 00000 n" % (page + 9))
    assert facts_of(data) == Facts("pdf", Health.DAMAGED, "the cross-reference table is beyond repair")


def test_numbers_far_beyond_the_size() -> None:
    data = built(HELLO, o5=HELVETICA).replace(b"5 0 obj", b"8005 0 obj").replace(b"5 0 R", b"8005 0 R")
    place = data.index(b"8005 0 obj")
    begin = data.index(b"xref\n0")
    table = b"xref\n0 1\n0000000000 65535 f \n"
    for number in (1, 2, 3, 4, 8005):
        table += b"%d 1\n%010d 00000 n \n" % (number, data.index(b"%d 0 obj" % number))
    assert place < begin
    data = data[:begin] + table + b"trailer\n<</Size 9/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % begin
    assert look_inside(data, "pdf") == (Facts("pdf", pages=1), [Passage(Place(Unit.PAGE, 1), "hello")])


def test_glyphs_without_a_meaning_are_not_read() -> None:
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/ABCDEF+Some/FirstChar 1/LastChar 9/Widths[" + b"500 " * 9 + b"]>>"
    data = built(stream(b"BT /F 12 Tf 9 9 Td (\1\2\3\4\5\6)Tj ET"), b"<</Font<</F 6 0 R>>>>", o6=font)
    facts, passages = look_inside(data, "pdf")
    assert facts == Facts("pdf", pages=1)
    assert passages[-1] == Gap("text", "format")


def test_text_of_stamps_and_signatures() -> None:
    """What lies over the page is read with it, once, but not what is hidden."""
    look = stream(b"BT /F 12 Tf 9 9 Td (stamped)Tj ET", b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources 5 0 R")

    def seen(entries: bytes, looks: bytes = b"7 0 R") -> list[Passage | Gap]:
        stamp = b"<</Type/Annot/Rect[9 99 108 198]/AP<</N %s>>%s>>" % (looks, entries)
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources 5 0 R/Annots[6 0 R]>>"
        return look_inside(built(HELLO, o3=page, o6=stamp, o7=look), "pdf")[1]

    assert seen(b"/Subtype/Stamp/F 4") == [Passage(Place(Unit.PAGE, 1), "hello stamped")]
    assert seen(b"/Subtype/Widget/FT/Sig/F 4") == [Passage(Place(Unit.PAGE, 1), "hello stamped")]
    assert seen(b"/Subtype/FreeText/F 4/Contents(stamped)") == [Passage(Place(Unit.PAGE, 1), "hello stamped")]
    assert seen(b"/Subtype/Stamp/F 4/Contents(a remark)") == [Passage(Place(Unit.PAGE, 1), "hello stamped\na remark")]
    assert seen(b"/Subtype/Stamp/F 2") == [Passage(Place(Unit.PAGE, 1), "hello")]
    for looks in (b"<</On 7 0 R>>", b"<</On 99 0 R>>", b"99 0 R", b"[7 0 R]"):
        assert seen(b"/Subtype/Widget/FT/Btn/F 4", looks) == [Passage(Place(Unit.PAGE, 1), "hello")]


def script(pdf: Pdf) -> Object:
    return pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))


def annotated(pdf: Pdf, **entries: object) -> None:
    annotation = pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries))
    pdf.pages[0].obj.Annots = Array([annotation])
    if entries["Subtype"] == Name.Widget:
        pdf.Root.AcroForm = Dictionary(Fields=Array([annotation]))


def attached(pdf: Pdf) -> None:
    pdf.attachments["x.txt"] = pikepdf.AttachedFileSpec(pdf, b"hello")


def named(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script(pdf)])))


LAUNCH = Dictionary(S=Name.Launch, F=String("a.exe"))
ACTIVE: list[tuple[Callable[[Pdf], object], tuple[Active, ...]]] = [
    (lambda pdf: setattr(pdf.Root, "OpenAction", script(pdf)), (Active.SCRIPT,)),
    (named, (Active.SCRIPT,)),
    (lambda pdf: setattr(pdf.pages[2].obj, "AA", Dictionary(O=script(pdf))), (Active.SCRIPT,)),
    (lambda pdf: annotated(pdf, Subtype=Name.Widget, AA=Dictionary(K=script(pdf))), (Active.SCRIPT,)),
    (lambda pdf: annotated(pdf, Subtype=Name.Link, A=LAUNCH), (Active.LAUNCH,)),
    (lambda pdf: setattr(pdf.Root, "OpenAction", Dictionary(S=Name.GoTo, Next=LAUNCH)), (Active.LAUNCH,)),
    (attached, (Active.EMBEDDED,)),
    (lambda pdf: annotated(pdf, Subtype=Name.RichMedia), (Active.OBJECT,)),
    (lambda pdf: annotated(pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://example.org"))), ()),
    (lambda pdf: annotated(pdf, Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F=String("b.pdf"))), ()),
    (lambda pdf: annotated(pdf, Subtype=Name.Widget, A=Dictionary(S=Name.SubmitForm, F=String("x"))), ()),
    (lambda pdf: setattr(pdf.Root, "Names", Dictionary(JavaScript=Dictionary(Names=Array([])))), ()),
]


@pytest.mark.parametrize("row", range(len(ACTIVE)))
def test_active(row: int) -> None:
    change, expected = ACTIVE[row]
    for mode in (ObjectStreamMode.disable, ObjectStreamMode.generate):
        data = saved(PLAIN, change, object_stream_mode=mode)  # type: ignore[arg-type]
        assert facts_of(data) == Facts("pdf", pages=5, active=expected)


def test_text_beside_scans() -> None:
    document = FPDF()
    document.set_font("helvetica")
    document.add_page()
    document.cell(0, 8, "words")
    document.add_page()
    document.image(Image.effect_noise((300, 400), 50), 0, 0, 100)
    document.add_page()
    document.line(1, 1, 50, 50)
    document.add_page()
    document.cell(0, 8, "end")
    facts, passages = look_inside(bytes(document.output()), "pdf")
    assert facts == Facts("pdf", pages=4)
    assert passages == [Passage(Place(Unit.PAGE, 1), "words"), Passage(Place(Unit.PAGE, 4), "end"), SCAN]


def test_blank_is_no_scan() -> None:
    assert look_inside(built(stream(b"")), "pdf") == (Facts("pdf", pages=1), [])


def test_fields_and_comments_are_text() -> None:
    filled = saved(built(HELLO), lambda pdf: annotated(pdf, Subtype=Name.Widget, FT=Name.Tx, V=String("filled in")))
    remark = saved(built(HELLO), lambda pdf: annotated(pdf, Subtype=Name.Text, Contents=String("a remark")))
    assert look_inside(filled, "pdf")[1] == [Passage(Place(Unit.PAGE, 1), "hello\nfilled in")]
    assert look_inside(remark, "pdf")[1] == [Passage(Place(Unit.PAGE, 1), "hello\na remark")]


@cache
def zeros(mebibytes: int) -> bytes:
    return zlib.compress(bytes(mebibytes << 20), 9)


def nested_forms(times: int) -> dict[str, bytes]:
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
    return {f"o{number}": stream(b"(x)Tj " + b"/X Do " * times, form % (number + 1)) for number in range(10, 24)}


def picture(data: bytes, side: int, entries: bytes = FLATE) -> bytes:
    return stream(data, b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8%s" % (side, side, entries))


DRAWN = b"<</XObject<</X 10 0 R>>>>"


def bombs() -> dict[str, bytes]:
    twice = zlib.compress(zeros(300), 9)
    return {
        "content": built(stream(zeros(300), FLATE)),
        "nested filters": built(stream(twice, b"/Filter[/FlateDecode/FlateDecode]")),
        "font": built(HELLO, o6=b"<</Font 7 0 R>>", o7=stream(zeros(300), FLATE), o5=b"<</Font 6 0 R>>"),
        "forms in forms": built(stream(b"/X Do " * 10), DRAWN, **nested_forms(10)),
        "picture": built(stream(b"/X Do"), DRAWN, o10=picture(zeros(300), 20_000)),
        "array": built(HELLO, o1=b"<</Type/Catalog/Pages 2 0 R/X[" + b"1 " * 5_000_000 + b"]>>"),
        "wide picture": built(stream(b"/X Do"), DRAWN, o10=picture(b"x" * 99, 200_000, b"/Filter/CCITTFaxDecode")),
    }


def test_bombs() -> None:
    for name, data in bombs().items():
        began = time.monotonic()
        assert facts_of(data).health is Health.BOMB, name
        assert time.monotonic() - began < 5, name


@pytest.mark.parametrize(
    "data",
    [
        built(stream(zlib.compress(b"BT /F 12 Tf 9 9 Td (h)Tj ET\n" * 500_000), FLATE)),
        built(stream(zlib.compress(b"/a <</b 1>> BDC " * 200_000 + b"(x)Tj"), FLATE)),
        built(stream(zlib.compress(b"q " * 100_000 + b"(x)Tj"), FLATE)),
        built(stream(b"/X Do " * 3), DRAWN, **nested_forms(3)),
        built(
            stream(b"/X Do"),
            DRAWN,
            o10=stream(b"/X Do /X Do", b"/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 10 0 R>>>>"),
        ),
    ],
    ids=["long", "marks", "states", "forms", "circle"],
)
def test_too_much_to_interpret(data: bytes) -> None:
    assert look_inside(data, "pdf") == (Facts("pdf", pages=1), [Gap("text", "large")])


@pytest.mark.parametrize(
    "more",
    [
        {"o2": b"<</Type/Pages/Count 1/Kids[2 0 R 3 0 R]>>"},
        {"o2": b"<</Type/Pages/Count 9999999/Kids[" + b"3 0 R " * 200_000 + b"]>>"},
        {f"o{n}": b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (n + 1) for n in [2, *range(6, 5000)]},
        {f"o{n}": b"<</Type/Pages/Count 1/Kids[%s]>>" % (b"%d 0 R " % (n + 1) * 3) for n in [2, *range(6, 40)]},
        {"o9": b"[" * 100_000 + b"]" * 100_000, "o1": b"<</Type/Catalog/Pages 2 0 R/X 9 0 R>>"},
        {f"o{n}": b"<</A %d 0 R>>" % (n + 1) for n in range(5, 30_000)},
    ],
    ids=["circle", "wide", "deep", "dense", "nested", "chain"],
)
def test_hostile_graphs_are_bounded(more: dict[str, bytes]) -> None:
    began = time.monotonic()
    look_inside(built(HELLO, **more) if "o5" not in more else built(HELLO, more.pop("o5"), **more), "pdf")
    assert time.monotonic() - began < 5


def test_many_pages() -> None:
    with pikepdf.open(BytesIO(built(HELLO))) as pdf:
        for _ in range(3100):
            pdf.pages.append(pdf.pages[0])
        out = BytesIO()
        pdf.save(out)
    facts, passages = look_inside(out.getvalue(), "pdf")
    assert facts == Facts("pdf", pages=3101)
    assert passages[-1] == Gap("text", "long")
    assert len(passages) <= 3001


def test_mutations() -> None:
    chance = random.Random(20)
    names = [name for name in PRODUCERS if name != "scan"]
    for turn in range(300):
        data = bytearray(PRODUCERS[names[turn % len(names)]])
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        began = time.monotonic()
        look_inside(bytes(data), "pdf")
        assert time.monotonic() - began < 5, turn

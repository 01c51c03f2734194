"""What a PDF does by itself, the scripts of its XML form, and what is written beside its pages."""

import time
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, Pdf, String

from evidence_cli.looks.facts import Active, Facts, Gap, Passage, Place, Unit
from support.inside import look_inside

SCRIPT = b'<template><event><script contentType="application/x-javascript">x()</script></event></template>'
LARGE = Gap("active", "large")


def made(change: Callable[[Pdf], object], text: bytes = b"(hello)Tj", **how: object) -> bytes:
    """A document of two pages, changed."""
    with pikepdf.new() as pdf:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        for _ in range(2):
            page = pdf.add_blank_page(page_size=(600, 800)).obj
            page.Resources = Dictionary(Font=Dictionary(F=font))
            page.Contents = pdf.make_stream(b"BT /F 12 Tf 9 9 Td " + text + b" ET")
        change(pdf)
        out = BytesIO()
        pdf.save(out, compress_streams=False, **how)  # type: ignore[arg-type]
        return out.getvalue()


def opening(**entries: Any) -> Callable[[Pdf], object]:
    return lambda pdf: setattr(pdf.Root, "OpenAction", pdf.make_indirect(Dictionary(**entries)))


def of_page(pdf: Pdf, entries: Object) -> None:
    pdf.pages[1].obj.AA = pdf.make_indirect(entries)


def of_annotation(pdf: Pdf, **entries: Any) -> None:
    annotation = pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries))
    pdf.pages[1].obj.Annots = Array([annotation])
    pdf.Root.AcroForm = Dictionary(Fields=Array([annotation]))


URI = Dictionary(S=Name.URI, URI=String("https://example.org"))
OTHER = {"F": String("\\\\host\\a.pdf"), "D": Array([0, Name.Fit])}


@pytest.mark.parametrize(
    ("change", "leaves"),
    [
        (opening(S=Name.URI, URI=String("https://example.org")), True),
        (opening(S=Name.SubmitForm, F=String("https://example.org")), True),
        (opening(S=Name.ImportData, F=String("a.fdf")), True),
        (opening(S=Name.GoToR, **OTHER), True),
        (opening(S=Name.GoToE, **OTHER), True),
        (opening(S=Name.GoToE, T=Dictionary(R=Name.C, N=String("a"))), False),
        (opening(S=Name.GoTo, D=String("a")), False),
        (opening(S=Name.GoTo, D=String("a"), Next=URI), True),
        (opening(S=Name.GoTo, D=String("a"), Next=Array([Dictionary(S=Name.Named), URI])), True),
        (lambda pdf: setattr(pdf.Root, "OpenAction", Array([pdf.pages[0].obj, Name.Fit])), False),
        (lambda pdf: setattr(pdf.Root, "AA", Dictionary(WP=URI)), True),
        (lambda pdf: of_page(pdf, Dictionary(O=URI)), True),
        (lambda pdf: of_page(pdf, Dictionary(C=Dictionary(S=Name.Named, N=Name.NextPage))), False),
        (lambda pdf: of_annotation(pdf, Subtype=Name.Widget, AA=Dictionary(PV=URI)), True),
        (lambda pdf: of_annotation(pdf, Subtype=Name.Widget, AA=Dictionary(U=URI)), False),
        (lambda pdf: of_annotation(pdf, Subtype=Name.Link, A=URI), False),
    ],
)
def test_what_leaves_the_file_without_a_click(change: Callable[[Pdf], object], leaves: bool) -> None:
    for mode in (ObjectStreamMode.disable, ObjectStreamMode.generate):
        facts, _ = look_inside(made(change, object_stream_mode=mode), "pdf")
        assert facts == Facts("pdf", pages=2, active=(Active.EXTERNAL,) if leaves else ())


def in_circles(pdf: Pdf) -> None:
    following = pdf.make_indirect(Array([]))
    for _ in range(1000):
        following.append(Dictionary(S=Name.Named, Next=following))
    pdf.Root.OpenAction = Dictionary(S=Name.Named, Next=following)


def test_actions_in_circles_are_bounded() -> None:
    data = made(in_circles)
    start = time.monotonic()
    assert look_inside(data, "pdf")[0] == Facts("pdf", pages=2)
    assert time.monotonic() - start < 2


def form(*parts: bytes, filters: str = "", rendering: bool = False) -> Callable[[Pdf], None]:
    """An XML form of these parts, or of one stream."""

    def change(pdf: Pdf) -> None:
        streams = [pdf.make_stream(part) for part in parts]
        for stream in streams if filters else ():
            stream.Filter = Name(filters)
        named = Array([thing for stream in streams for thing in (String("part"), stream)])
        pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=named if len(streams) > 1 else streams[0])
        pdf.Root.NeedsRendering = rendering

    return change


@pytest.mark.parametrize(
    ("change", "active", "gaps"),
    [
        (form(SCRIPT), (Active.SCRIPT,), ()),
        (form(zlib.compress(SCRIPT), filters="/FlateDecode"), (Active.SCRIPT,), ()),
        (form(SCRIPT.hex().encode() + b">", filters="/ASCIIHexDecode"), (Active.SCRIPT,), ()),
        (form(b"<xdp>", SCRIPT[:20], SCRIPT[20:]), (Active.SCRIPT,), ()),
        (form(SCRIPT.replace(b"script", b"t:script").decode().encode("utf-16")), (Active.SCRIPT,), ()),
        (form(b"<a><script/><script></script><script a='b'/><scripts>x</scripts></a>"), (), ()),
        (form(zlib.compress(b"<a>" + b" " * 8_000_000), filters="/FlateDecode"), (), (LARGE,)),
        (form(*[b"<a/>"] * 200), (), (LARGE,)),
        (form(b"not deflated", filters="/FlateDecode"), (), (Gap("active", "format"),)),
        (form(b"not known", filters="/OtherDecode"), (), (Gap("active", "format"),)),
    ],
)
def test_scripts_of_a_form(change: Callable[[Pdf], None], active: tuple[Active, ...], gaps: tuple[Gap, ...]) -> None:
    facts, passages = look_inside(made(change), "pdf")
    assert facts == Facts("pdf", pages=2, active=active, gaps=gaps)
    assert passages == [Passage(Place(Unit.PAGE, number), "hello") for number in (1, 2)]


@pytest.mark.parametrize(
    ("rendering", "text", "expected"),
    [
        (True, b"(Please wait)Tj", [Gap("text", "format")]),
        (True, b"(%s)Tj" % (b"words " * 200), []),
        (False, b"(Please wait)Tj", []),
    ],
)
def test_a_form_that_is_made_on_opening_is_not_read(rendering: bool, text: bytes, expected: list[Gap]) -> None:
    _, passages = look_inside(made(form(b"<a/>", rendering=rendering), text), "pdf")
    assert [item for item in passages if isinstance(item, Gap)] == expected


def titled(pdf: Pdf) -> None:
    pdf.trailer.Info = pdf.make_indirect(Dictionary(Title=String("题"), Author=String("x"), Keywords=String("a b")))
    first, second, inner = (pdf.make_indirect(Dictionary(Title=String(text))) for text in ("一", "二", "一之一"))
    first.First, first.Next, second.Next = inner, second, first
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=first, Last=second))


def test_titles_are_read_as_notes() -> None:
    _, passages = look_inside(made(titled), "pdf")
    notes = [item for item in passages if isinstance(item, Passage) and item.place.unit is Unit.NOTE]
    assert passages[2:] == notes
    assert notes == [
        Passage(Place(Unit.NOTE, n), text) for n, text in enumerate(["题", "a b", "一", "一之一", "二"], 1)
    ]


def test_content_that_no_filter_reads_is_of_a_format_not_known() -> None:
    data = made(lambda pdf: setattr(pdf.pages[0].Contents, "Filter", Name.OtherDecode))
    _, passages = look_inside(data, "pdf")
    assert passages == [Passage(Place(Unit.PAGE, 2), "hello"), Gap("text", "format")]

"""What is told of RTF files."""

import random
import time

import pytest

from evidence_cli.looks.facts import Active, Facts, Gap, Health, Passage
from support.inside import look_inside

CHINESE = rb"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 \'cb\'ce;}{\f1\fcharset0 Arial;}}{\*\generator x;}"


def texts(data: bytes) -> list[tuple[str, int | str, str]]:
    _, passages = look_inside(data, "rtf")
    return [(item.place.unit.value, item.place.value, item.text) for item in passages if isinstance(item, Passage)]


def facts_of(data: bytes) -> Facts:
    return look_inside(data, "rtf")[0]


def test_text_in_code_pages_and_in_unicode() -> None:
    data = (
        CHINESE
        + rb"\f0 \'c4\'e3\'ba\'c3\'81@ ok\par \u20320 ?\u22909 ?\u-10179 ?\u-8704 ?\f1 a\~b\tab c\par\uc2\u24179 ab.}"
    )
    assert texts(data) == [
        ("paragraph", 1, "你好丂 ok"),
        ("paragraph", 2, "你好\U0001f600a\xa0b\tc"),
        ("paragraph", 3, "平."),
    ]


def test_fonts_of_another_code_page() -> None:
    data = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f5\fcharset204 A;}{\f6\fcharset134 B;}}"
    data += rb"\f5 \'cf{\f6 \'c4\'e3}\plain\'e9\par}"
    assert texts(data) == [("paragraph", 1, "П你é")]


def test_what_is_no_text_of_the_document() -> None:
    data = (
        rb"{\rtf1{\info{\author x}}{\stylesheet{\s1 Normal;}}{\pict 0102\bin4 }}}}03}{\*\unknown y}"
        rb"{\header top\par}{\footer foot\par}a{\footnote note\par}b\par"
        rb"{\field{\*\fldinst PAGE}{\fldrslt 7}}\cell\{x\}\par{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt box\par}}}"
    )
    assert texts(data) == [
        ("header", 1, "top"),
        ("footer", 1, "foot"),
        ("note", 1, "note"),
        ("paragraph", 1, "ab"),
        ("paragraph", 2, "7"),
        ("paragraph", 3, "{x}"),
        ("paragraph", 4, "box"),
    ]


def object_of(program: bytes, kind: int = 2) -> bytes:
    head = b"\x01\x05\0\0" + kind.to_bytes(4, "little") + (len(program) + 1).to_bytes(4, "little") + program + b"\0"
    return (
        rb"{\rtf1{\object\objemb{\*\objdata "
        + b"\r\n".join([head.hex().encode(), b"00" * 40])
        + rb"}{\result shown}}\par}"
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (object_of(b"Package"), (Active.OBJECT,)),
        (object_of(b"Excel.Sheet.8"), ()),
        (object_of(b"Equation.3"), ()),
        (object_of(b"OLE2Link"), (Active.EXTERNAL,)),
        (object_of(b"Word.Document.8", kind=1), (Active.EXTERNAL,)),
        (rb"{\rtf1{\object\objautlink}}", (Active.EXTERNAL,)),
        (rb"{\rtf1{\object\objemb\objupdate}}", (Active.OBJECT,)),
        (rb"{\rtf1{\field{\*\fldinst{\b  DDEAUTO} x}{\fldrslt 7}}}", (Active.EXTERNAL,)),
        (rb"{\rtf1{\field{\*\fldinst HYPERLINK x}{\fldrslt 7}}}", ()),
        (rb"{\rtf1{\*\template http://example.org/a.dotm}a\par}", (Active.EXTERNAL,)),
        (rb"{\rtf1{\*\template \\\\host\\share\\a.dotm}a\par}", (Active.EXTERNAL,)),
        (rb"{\rtf1{\*\template {\'68t}\u116 ?p\'3a//host/a}a\par}", (Active.EXTERNAL,)),
        (rb"{\rtf1{\*\template C:\\Templates\\Normal.dotm}http://example.org\par}", ()),
        (rb"{\rtf1{\*\template Normal.dotm}{\*\listtable{\list\listtemplateid7}}a\par}", ()),
    ],
)
def test_active_content(data: bytes, expected: tuple[Active, ...]) -> None:
    assert facts_of(data) == Facts("rtf", active=expected)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (rb"{\rtf1 a\par}" + b"\r\n\0\0", Health.OK),
        (rb"{\rtf1 a\par}{}}}", Health.OK),
        (b"{\\rtf1 {\\b a\\par}\r\n", Health.OK),
        (b"{\\rtf1 a\\par", Health.OK),
        (rb"{\rtf1 a\par text that goes on", Health.DAMAGED),
        (rb"{\rtf1 {\b a\par", Health.DAMAGED),
        (rb"{\rtf1 {\pict\bin900 abc}}", Health.DAMAGED),
    ],
)
def test_groups_that_do_not_close(data: bytes, expected: Health) -> None:
    assert facts_of(data).health is expected


def test_a_cut_file_is_damaged() -> None:
    data = CHINESE + b"\r\n".join(rb"{\b \'c4\'e3 line %d}\par" % number for number in range(9000)) + b"}"
    assert len(texts(data)) == 9000
    for cut in range(100, len(data), len(data) // 40):
        if not data[:cut].rstrip().endswith(b"par"):
            assert facts_of(data[:cut]).health is Health.DAMAGED, cut


@pytest.mark.parametrize(
    "token", [b"{}", b"{", b"}", rb"\b", rb"\'c4", rb"\fldinst", rb"\objdata", rb"\template", rb"\u1 ", rb"{\pict 00}"]
)
def test_dense_files_cost_little(token: bytes) -> None:
    started = time.perf_counter()
    look_inside(rb"{\rtf1 " + token * (400_000 // len(token)) + rb"a\par}", "rtf")
    assert time.perf_counter() - started < 3


def test_many_fields_are_not_all_looked_at() -> None:
    assert facts_of(rb"{\rtf1 " + rb"{\fldinst PAGE}" * 6000 + rb"}").gaps == (Gap("active", "large"),)


def test_mutated_files_raise_nothing_else() -> None:
    whole = (
        CHINESE
        + object_of(b"Package")[6:-1]
        + rb"{\field{\*\fldinst PAGE}{\fldrslt 7}}{\pict\bin4 abcd}\u20320 ?\par" * 40
        + b"}"
    )
    chance = random.Random(7)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 4, 30))):
            data[chance.randrange(6, len(data))] = chance.choice(b"{}\\'u*\0" + chance.randbytes(3))
        started = time.perf_counter()
        look_inside(bytes(data), "rtf")
        assert time.perf_counter() - started < 2

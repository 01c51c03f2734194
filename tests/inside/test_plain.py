"""The lines of texts in every encoding, and texts that cease to be text."""

import io
import random
import time
from collections import deque

import pytest

from evidence_cli.looks.facts import Active, Facts, Gap, Health, Passage, Place, Unit
from evidence_cli.looks.inside.text.plain import look_inside
from evidence_cli.looks.look import identify
from evidence_cli.looks.sample import TornError, sample_of

LINES = ["甲方：某单位", "", "Line, with 数字 42", "末行"]


def looked(data: bytes, extension: str = "txt") -> tuple[Facts, list[Passage | Gap]]:
    """As `look` does it, because the encoding is found when the file is identified."""
    sample = sample_of(io.BytesIO(data), size=len(data), extension=extension)
    facts = identify(sample)
    if facts.health is not Health.OK or facts.format not in ("text", "csv"):
        return facts, []
    try:
        inside = look_inside(sample, facts)
    except TornError as torn:
        return Facts(facts.format, Health.DAMAGED, str(torn)), []
    return inside.facts, list(inside.passages or ())


def line(number: int, text: str) -> Passage:
    return Passage(Place(Unit.LINE, number), text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_lines_are_counted_in_every_encoding(encoding: str, end: str) -> None:
    data = end.join(LINES).encode(encoding)
    expected = [line(1, LINES[0]), line(3, LINES[2]), line(4, LINES[3])]
    for extension, format_name in (("txt", "text"), ("csv", "csv")):
        facts, passages = looked(data, extension)
        assert (facts.format, facts.health, passages) == (format_name, Health.OK, expected)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16", "utf-16-le"])
def test_a_long_text_keeps_every_character(encoding: str) -> None:
    text = "\n".join(f"第 {number} 行的内容，共一万行。" for number in range(1, 30_001))
    facts, passages = looked(text.encode(encoding))
    assert facts.health is Health.OK
    assert passages == [line(number, row) for number, row in enumerate(text.split("\n"), 1)]


def test_a_long_line_is_split_where_no_number_is_torn() -> None:
    text = " ".join(str(number) for number in range(100_000, 160_000))
    _, passages = looked(text.encode())
    assert "".join(passage.text for passage in passages if isinstance(passage, Passage)) == text
    assert all(isinstance(passage, Passage) and passage.place.value == 1 for passage in passages)
    assert all(isinstance(passage, Passage) and passage.text.endswith(" ") for passage in passages[:-1])
    _, passages = looked("无".encode() * 200_000)
    assert "".join(passage.text for passage in passages if isinstance(passage, Passage)) == "无" * 200_000


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
def test_a_text_cut_inside_a_character_is_whole(encoding: str) -> None:
    data = ("正文的一行。\n" * 20_000).encode(encoding)
    for cut in range(len(data) - 8, len(data)):
        assert looked(data[:cut])[0].health is Health.OK
    for cut in range(200, 240):
        assert looked(data[:cut])[0].health is Health.OK


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("count", [30, 300, 9_000])
def test_a_tail_of_zeros_or_noise_is_damage(encoding: str, count: int) -> None:
    data = ("正文的一行，共有若干行。\n" * count).encode(encoding)
    assert looked(data + bytes(8192))[0].health is Health.DAMAGED
    if len(data) > 8192:
        assert looked(data + random.Random(2).randbytes(300_000))[0].health is Health.DAMAGED


def test_late_flaws_are_no_damage() -> None:
    text = ("正文的一行，共有若干行。\n" * 5_000).encode()
    assert looked(text + b"\xff\xfe a flaw\n" + text)[0].health is Health.OK
    assert looked(text + ("另一种编码的一行。\n" * 20_000).encode("gbk"))[0].health is Health.OK
    assert looked(b"ascii only\n" * 9_000 + ("后文。\n" * 9_000).encode("gbk"))[0].health is Health.OK
    assert looked(b"a log\n" * 20_000 + b"\x00 stray" + b"a log\n" * 20_000)[0].health is Health.OK


def test_text_of_other_encodings_is_text() -> None:
    facts, passages = looked(("Größe und Maß, déjà vu\n" * 40).encode("cp1252"))
    assert (facts.format, facts.health, len(passages)) == ("text", Health.OK, 40)


def test_more_than_32_mib_is_said_and_costs_little() -> None:
    data = ("一行一行的文字。" * 20 + "\n").encode() * 72_000
    start = time.monotonic()
    sample = sample_of(io.BytesIO(data), size=len(data), extension="txt")
    inside = look_inside(sample, Facts("text", detail="utf-8"))
    last = deque(inside.passages or (), maxlen=1)
    assert list(last) == [Gap("text", "long")]
    assert time.monotonic() - start < 5
    assert looked(data + bytes(5000))[0].health is Health.DAMAGED


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("=cmd|' /C calc'!A0,1", True),
        ("1,@SUM(1+1)*cmd|' /C calc'!A0", True),
        ("1;+cmd|'/C x'!A0", True),
        ('1\t"-2+3, 4+ cmd|\' /C ""x""\'!A0"', True),
        ("=EXCEL|a.xls!R1C1", True),
        ('"=DDE(""soffice"";""a.ods"";""B1"")"', True),
        ("=SUM(A1:A3),-5,+86 10 0000 0000,-1.5e3,@name", False),
        ("- 甲|'乙'!丙,- yes|no!maybe,+a|b", False),
        ("=A1,cmd|'x'!A0", False),
        ("see cmd|'x'!A0 and DDE(x)", False),
        ("=IF(A1|B1;1;2)", False),
    ],
)
def test_a_table_that_calls_a_program(row: str, expected: bool) -> None:
    active = (Active.EXTERNAL,) if expected else ()
    for lines in ("甲,乙\n{}\n末行", "{}\n甲,乙", "甲,乙\n" * 40_000 + "{}\n"):
        for encoding in ("utf-8", "gb18030", "utf-16"):
            facts, _ = looked(lines.format(row).encode(encoding), "csv")
            assert (facts.health, facts.active, facts.gaps) == (Health.OK, active, ())
    assert looked(f"甲\n{row}".encode())[0].active == ()


@pytest.mark.parametrize("piece", ["a|'x'!", ",-a|'x", ',"-""', "a.b\\", "-a+", "=(", "x|y!z,"])
def test_tables_made_to_cost_much(piece: str) -> None:
    data = ("甲,乙\n" + piece * (2_000_000 // len(piece))).encode()
    start = time.monotonic()
    looked(data, "csv")
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("extension", ["txt", "csv", "md", "json", "html"])
def test_binaries_do_not_become_text(extension: str) -> None:
    dice = random.Random(5)
    for length in (300, 5_000, 90_000):
        for _ in range(20):
            facts, _ = looked(dice.randbytes(length), extension)
            assert facts.kind not in ("text", "web", "excel") or facts.health is Health.DAMAGED


def test_changed_texts_raise_nothing_else() -> None:
    dice = random.Random(6)
    for encoding in ("utf-8", "gbk", "utf-16", "utf-16-le"):
        data = ("正文的一行，共有若干行。\n" * 4_000).encode(encoding)
        for _ in range(30):
            changed = bytearray(data)
            for _ in range(dice.choice([1, 5, 500])):
                changed[dice.randrange(len(data))] = dice.randrange(256)
            start = time.monotonic()
            looked(bytes(changed), dice.choice(["txt", "csv"]))
            assert time.monotonic() - start < 5

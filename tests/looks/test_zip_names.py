"""Which encoding a stored name is read in."""

import struct
import zlib

import pytest

from evidence_cli.looks.packages.zip_names import UTF8_FLAG, ambiguous_as, decode_name, extra_fields, normal


def unicode_path(raw: bytes, text: bytes) -> bytes:
    return struct.pack("<2HBI", 0x7075, 5 + len(text), 1, zlib.crc32(raw)) + text


GBK = "佐证材料/政策.pdf".encode("gbk")
UTF8 = "佐证材料/政策.pdf".encode()


@pytest.mark.parametrize(
    ("raw", "flags", "extra", "expected"),
    [
        (b"a.txt", 0, b"", ("a.txt", "utf-8")),
        (UTF8, UTF8_FLAG, b"", ("佐证材料/政策.pdf", "utf-8")),
        (UTF8, 0, b"", ("佐证材料/政策.pdf", "utf-8")),
        (GBK, 0, b"", ("佐证材料/政策.pdf", "gbk")),
        (GBK, UTF8_FLAG, b"", ("佐证材料/政策.pdf", "gbk")),
        # the trail byte of 乗 is 0x5C: it is no backslash
        ("乗.txt".encode("gbk"), 0, b"", ("乗.txt", "gbk")),
        # good in both encodings; in this field it is Chinese
        ("目录.csv".encode("gbk"), 0, b"", ("目录.csv", "gbk")),
        ("目录.csv".encode("gbk"), UTF8_FLAG, b"", ("Ŀ¼.csv", "utf-8")),
        ("𠮷.txt".encode("gb18030"), 0, b"", ("𠮷.txt", "gbk")),
        # the euro sign of Windows, which is a trail byte too
        (b"100\x80.txt", 0, b"", ("100€.txt", "gbk")),
        ("补贴".encode("gbk") + b"\x80\x80/100" + b"\x80", 0, b"", ("补贴€€/100€", "gbk")),
        (b"\x81\x80\x80.txt", 0, b"", ("亐€.txt", "gbk")),
        (b"\x80" + "乗.txt".encode("gbk"), 0, b"", ("€乗.txt", "gbk")),
        (b"..\x80\\..\\a", 0, b"", ("..€\\..\\a", "gbk")),
        (b"\xa2\xe3\x80", 0, b"", ("€€", "gbk")),
        ("“—€”.txt".encode(), 0, b"", ("“—€”.txt", "utf-8")),
        (b"a\x80.txt", UTF8_FLAG, b"", ("a\udc80.txt", "unknown")),
        (b"a\x80\xff.txt", 0, b"", ("a\udc80\udcff.txt", "unknown")),
        (b"a\x80\x81", 0, b"", ("a\udc80\udc81", "unknown")),
        (b"?.txt\xff", 0, unicode_path(b"?.txt\xff", "好.txt".encode()), ("好.txt", "utf-8")),
        (b"__.txt", 0, unicode_path(b"__.txt", "通知.txt".encode()), ("通知.txt", "utf-8")),
        (b"__.txt", UTF8_FLAG, unicode_path(b"__.txt", "通知.txt".encode()), ("__.txt", "utf-8")),
        (GBK, 0, unicode_path(b"other", "好.txt".encode()), ("佐证材料/政策.pdf", "gbk")),
        (GBK, 0, unicode_path(GBK, b"\xff"), ("佐证材料/政策.pdf", "gbk")),
        (b"a\xff.txt", 0, b"", ("a\udcff.txt", "unknown")),
        (b"a\xff.txt", UTF8_FLAG, b"", ("a\udcff.txt", "unknown")),
    ],
)
def test_decode_name(raw: bytes, flags: int, extra: bytes, expected: tuple[str, str]) -> None:
    assert decode_name(raw, flags, extra) == expected


def test_many_euro_signs_take_no_time() -> None:
    assert decode_name(b"\x80" * 65_535, 0, b"") == ("€" * 65_535, "gbk")
    assert decode_name(b"\x80" * 65_534 + b"\xff", 0, b"")[1] == "unknown"


def test_an_archive_decides_for_its_ambiguous_names() -> None:
    middle_dot = "a·b.pdf".encode()
    assert ambiguous_as([b"a", middle_dot]) == "gbk"
    assert ambiguous_as([middle_dot, UTF8]) == "utf-8"
    assert ambiguous_as([middle_dot, UTF8, GBK]) == "gbk"
    assert decode_name(middle_dot, 0, b"", ambiguous="utf-8") == ("a·b.pdf", "utf-8")


def test_names_are_normalised_part_by_part() -> None:
    assert normal("e\u0301/e\u0301") == "\u00e9/\u00e9"
    endless = "\u0301" * 500_000 + "\u0327" * 500_000
    assert normal("e\u0301/" + endless) == "\u00e9/" + endless


def test_torn_extra_fields_end_the_list() -> None:
    assert list(extra_fields(b"\1\0\2\0ab" + b"\2\0\xff\0x")) == [(1, b"ab")]
    assert list(extra_fields(b"\0\0\0")) == []

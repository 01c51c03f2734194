"""Files that other programs' tests are full of: odd beginnings, old blocks, numbers that look like a format."""

import io
import struct
import zipfile

import pytest

from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.look import look
from support.rar_writer import rar4


def facts_of(data: bytes, extension: str) -> Facts:
    return look(io.BytesIO(data), size=len(data), extension=extension)


def a_zip(before: bytes = b"") -> bytes:
    """A zip behind something else, whose offsets count from the start of the file."""
    out = io.BytesIO(before)
    out.seek(len(before))
    with zipfile.ZipFile(out, "a" if before else "w") as archive:
        archive.writestr("a.txt", "a line\n" * 50)
    return out.getvalue()


def test_a_zip_behind_something_else() -> None:
    before = bytes(range(256)) * 4
    assert facts_of(a_zip(before), "zip") == Facts("zip", detail="1 files")
    moved = facts_of(before + a_zip(), "zip")
    assert (moved.format, moved.health) == ("zip", Health.DAMAGED)
    assert facts_of(a_zip(before), "dat").format == "other"


def test_a_zip_whose_directory_is_encrypted() -> None:
    data = bytearray(a_zip())
    data[6:8] = struct.pack("<H", 0x2041)
    place = data.index(b"PK\x01\x02")
    data[place : place + 4] = b"\x9c\x13\x77\x05"
    assert facts_of(bytes(data), "zip").health is Health.ENCRYPTED


@pytest.mark.parametrize("kind", [0x75, 0x76, 0x77, 0x78, 0x79])
def test_blocks_of_rar_before_3_have_a_crc_of_their_own(kind: int) -> None:
    members = {"a.txt": b"a line\n" * 50}
    old = struct.pack("<HBHHI", 0x1234, kind, 0x8000, 11, 8) + b"rootroot"
    data = rar4(members, end=False) + old
    assert facts_of(data, "rar").health is Health.OK
    assert facts_of(data[:-4], "rar").health is Health.DAMAGED


ICON = struct.pack("<3H", 0, 1, 1) + struct.pack("<4B2H2I", 1, 1, 0, 0, 1, 32, 48, 22)
ICON += struct.pack("<I2i2H6I", 40, 1, 2, 1, 32, 0, 8, 0, 0, 0, 0) + b"\x10\x20\x30\xff" + bytes(4)


def test_an_icon_is_no_tga() -> None:
    facts = facts_of(ICON, "ico")
    assert (facts.format, facts.health, facts.width, facts.height) == ("image", Health.OK, 1, 1)
    assert facts_of(ICON[:50], "ico").health is Health.DAMAGED


def test_small_numbers_are_no_tga_without_its_name() -> None:
    data = b"\x00\x00\x01\x01\x00\x00" + b"\x01" * 506
    assert facts_of(data, "lut") == Facts("other", detail="image/x-tga")
    assert facts_of(data, "tga").format == "image"


@pytest.mark.parametrize(
    ("data", "extension", "format_name"),
    [
        (struct.pack("<II", 1, 108) + bytes(32) + b" EMF\x00\x00\x01\x00" + bytes(60), "emf", "image"),
        (b"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n", "deb", "archive"),
        (b"\x89LZO\x00\r\n\x1a\n\x10\x30", "lzo", "archive"),
        (b"%!PS-Adobe-3.1 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n", "eps", "image"),
        (b"%!PS-Adobe-3.0\n%%Pages: 1\nshowpage\n", "ps", "text"),
        (b"wvpk\xfc\x18\x00\x00\x10\x04", "wv", "audio"),
        (b"wvpk is how a WavPack file begins", "txt", "text"),
    ],
)
def test_signatures_that_libmagic_does_not_know(data: bytes, extension: str, format_name: str) -> None:
    assert facts_of(data, extension).format == format_name


def test_a_bitmap_whose_header_has_no_size_that_is_known() -> None:
    pixels = bytes(4 * 8)
    good = b"BM" + struct.pack("<3I", 54 + len(pixels), 0, 54) + struct.pack("<I2i2H6I", 40, 8, 1, 1, 32, *[0] * 6)
    assert facts_of(good + pixels, "bmp").health is Health.OK
    bad = good[:14] + struct.pack("<I", 50) + good[18:]
    facts = facts_of(bad + pixels, "bmp")
    assert (facts.format, facts.health, facts.detail) == ("bmp", Health.DAMAGED, "a header of 50 bytes")
    assert facts_of(b"BMW and others: a list of makers", "txt").format == "text"


def gif_frame(width: int) -> bytes:
    # Clear, a pixel or two, end: three bits each.
    codes = {1: b"\x44\x01", 2: b"\x04\x0a"}[width]
    return b"," + struct.pack("<4HB", 0, 0, width, 1, 0) + b"\x02\x02" + codes + b"\x00"


def test_a_gif_is_as_large_as_its_canvas_and_first_picture() -> None:
    head = b"GIF89a" + struct.pack("<2H3B", 1, 1, 0x80, 0, 0) + bytes(6)
    facts = facts_of(head + gif_frame(1) + gif_frame(2) + b";", "gif")
    assert (facts.width, facts.height) == (1, 1)
    facts = facts_of(head + gif_frame(2) + b";", "gif")
    assert (facts.width, facts.height) == (2, 1)

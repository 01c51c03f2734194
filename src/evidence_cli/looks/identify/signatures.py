"""Formats that their first bytes tell: documents, pictures, archives and programs.

Every test is a pure function of the head and answers a key of `kinds.FORMATS`, or None. Recordings have a
module of their own.
"""

import re
from collections.abc import Callable
from struct import unpack_from

# offset, bytes, format. Only signatures that no text can begin with by chance.
_FIXED: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
    (0, b"II+\x00\x08\x00\x00\x00", "tiff"),
    (0, b"MM\x00+\x00\x08\x00\x00", "tiff"),
    (0, b"{\\rtf", "rtf"),
    (0, b"Rar!\x1a\x07\x00", "rar"),
    (0, b"Rar!\x1a\x07\x01\x00", "rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"MSCF\x00\x00\x00\x00", "cab"),
    (0, b"!<arch>\n", "archive"),
    (0, b"\x89LZO\x00\r\n\x1a\n", "archive"),
    (0, b"MSWIM\x00\x00\x00", "archive"),
    (40, b" EMF\x00\x00\x01\x00", "image"),
    (257, b"ustar", "tar"),
    (0x8001, b"CD001", "iso"),
    (0, b"\x7fELF", "executable"),
    (0, b"dex\n0", "executable"),
    (0, b"dey\n0", "executable"),
    (0, b"\xca\xfe\xd0\x0d", "executable"),
    # MS-SHLLINK 2.1: header size and class of a Windows shortcut.
    (0, b"L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F", "executable"),
    (0, b"\xfe\xed\xfa\xce", "executable"),
    (0, b"\xfe\xed\xfa\xcf", "executable"),
    (0, b"\xce\xfa\xed\xfe", "executable"),
    (0, b"\xcf\xfa\xed\xfe", "executable"),
    # Voice messages look like scripts by their first two bytes.
    (0, b"#!AMR", "amr"),
    (0, b"#!SILK_V3", "audio"),
    (0, b"\x02#!SILK_V3", "audio"),
)

# Sizes of the information header of a Windows or OS/2 bitmap.
BITMAP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
# Where the pixels of a bitmap begin, at most: behind its headers, its palette, perhaps a colour profile.
_BITMAP_PIXELS = 8192
_SHEBANG = re.compile(rb"(?:\xef\xbb\xbf)?#![ \t]*/")
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# The record that begins a sheet: its length, its version, and that it is one of cells, of macros or a chart.
_BARE_SHEET = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x10]\x00.[\x00-\x06][\x10\x20\x40]\x00", re.DOTALL)
# ISO 32000 annex H: readers look for the header in the first 1024 bytes.
_PDF_WITHIN = 1024


def signature_of(head: bytes) -> str | None:
    """The format that the first bytes of a file tell, or None."""
    for offset, signature, name in _FIXED:
        if head.startswith(signature, offset):
            return name
    for test in _TESTS:
        if name_or_none := test(head):
            return name_or_none
    return None


def is_binary(data: bytes) -> bool:
    """Whether there are bytes that no text holds."""
    return _BINARY.search(data) is not None


def _pdf(head: bytes) -> str | None:
    place = head.find(b"%PDF-", 0, _PDF_WITHIN + 5)
    if place < 0:
        return None
    before = head[:place]
    # A text about PDF may name the header inside a sentence; a PDF with a preamble begins a line with it.
    if not before.strip(b" \t\r\n\xef\xbb\xbf") or before[-1:] in b"\r\n" or is_binary(before):
        return "pdf"
    return None


def _bitmap(head: bytes) -> str | None:
    if not head.startswith(b"BM") or len(head) < 18:
        return None
    reserved, pixels, header = unpack_from("<III", head, 6)
    # A header of no known size is one that was damaged.
    damaged = reserved == 0 and 14 + 12 <= pixels <= _BITMAP_PIXELS and header < pixels and is_binary(head[:18])
    return "bmp" if header in BITMAP_HEADERS or damaged else None


def _icon(head: bytes) -> str | None:
    """Icons and cursors of Windows: the first picture lies behind the directory, which has no odd byte set."""
    if len(head) < 22 or not head.startswith((b"\x00\x00\x01\x00", b"\x00\x00\x02\x00")):
        return None
    count, unused, length, place = unpack_from("<4xHxxxB4xII", head)
    return "image" if count and not unused and length and place >= 6 + 16 * count else None


def _script(head: bytes) -> str | None:
    """A text may begin with “#!” too; the first line of a script names a program by its path."""
    return "script" if _SHEBANG.match(head) else None


def _bzip2(head: bytes) -> str | None:
    return "bzip2" if _BZIP2.match(head) else None


def _dos_program(head: bytes) -> str | None:
    """PE and DOS programs. A text may begin with MZ too, but the header of a program is never text."""
    if not head.startswith((b"MZ", b"ZM")):
        return None
    if len(head) >= 64:
        place = unpack_from("<I", head, 60)[0]
        if head.startswith((b"PE\x00\x00", b"NE", b"LE", b"LX"), place):
            return "executable"
    return "executable" if is_binary(head[:64]) else None


def _fat_or_class(head: bytes) -> str | None:
    """CAFEBABE begins a Mach-O of several processors and a Java class; some other files begin so too."""
    if len(head) < 8 or not head.startswith((b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")):
        return None
    count_or_version = unpack_from(">I", head, 4)[0]
    processors = 0 < count_or_version < 40
    java = 45 <= (count_or_version & 0xFFFF) < 200
    return "executable" if processors or java else None


def _bare_sheet(head: bytes) -> str | None:
    """A sheet of Excel without a container: of Excel 2 to 4, and what many web pages still export as .xls."""
    if not _BARE_SHEET.match(head):
        return None
    place = 4 + head[2]
    if len(head) < place + 4:
        return None
    kind, length = unpack_from("<HH", head, place)
    return "xls" if kind < 0x1000 and length < 0x830 and is_binary(head[place : place + 4]) else None


_TESTS: tuple[Callable[[bytes], str | None], ...] = (
    _bitmap,
    _icon,
    _bzip2,
    _script,
    _dos_program,
    _fat_or_class,
    _bare_sheet,
    _pdf,
)

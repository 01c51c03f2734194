"""Builds small Word, Excel and PowerPoint 97 files for tests: as little as their formats allow."""

from struct import pack, pack_into

from support.ole_writer import compound

_FIB = 0x400


def doc(
    text: str = "one\rtwo\r",
    *,
    magic: int = 0xA5EC,
    flags: int = 0,
    pieces: list[tuple[int, int, int]] | None = None,
    more: dict[str, bytes] | None = None,
    classes: dict[str, bytes] | None = None,
) -> bytes:
    """A document of one wide piece ([MS-DOC]); `pieces` are first and last character and the place with its mark."""
    fib = bytearray(_FIB)
    pack_into("<HH", fib, 0, magic, 0xC1)
    pack_into("<H", fib, 0x0A, flags)
    pack_into("<i", fib, 0x4C, len(text))
    runs = pieces or [(0, len(text), _FIB)]
    table = pack(f"<{len(runs) + 1}I", *(run[0] for run in runs), runs[-1][1])
    table += b"".join(pack("<HIH", 0, run[2], 0) for run in runs)
    clx = b"\x01\x02\x00xx\x02" + pack("<I", len(table)) + table
    pack_into("<II", fib, 0x1A2, 16, len(clx))
    main = bytes(fib) + text.encode("utf-16-le")
    return compound({"WordDocument": main, "0Table": bytes(16) + clx, **(more or {})}, classes=classes)


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of a workbook ([MS-XLS])."""
    return pack("<HH", kind, len(data)) + data


def begin(content: int, version: int = 0x600) -> bytes:
    """The record that begins a substream."""
    return record(0x809, pack("<HH", version, content) + bytes(12))


def workbook(
    cells: bytes = b"",
    *,
    before: bytes = b"",
    inside: bytes = b"",
    sort: int = 0,
    ends: bool = True,
    version: int = 0x600,
) -> bytes:
    """The stream of a workbook with one sheet, `S`; `before` and `inside` are further records of its globals."""

    def head(place: int) -> bytes:
        name = b"\x01\x00S" if version == 0x600 else b"\x01S"
        sheet = record(0x85, pack("<IBB", place, 0, sort) + name)
        return begin(5, version) + before + sheet + inside + (record(0x0A) if ends else b"")

    return head(len(head(0))) + begin(0x10, version) + cells + record(0x0A)


def xls(stream: bytes, more: dict[str, bytes] | None = None, classes: dict[str, bytes] | None = None) -> bytes:
    """A workbook of this stream."""
    return compound({"Workbook": stream, **(more or {})}, classes=classes)


def atom(kind: int, data: bytes = b"", head: int = 0) -> bytes:
    """A record of a presentation ([MS-PPT]); those that hold others have the head 15."""
    return pack("<HHI", head, kind, len(data)) + data


def ppt(
    texts: tuple[str, ...] = ("one", "two"),
    *,
    inside: bytes = b"",
    master: bytes = b"",
    token: int = 0xE391C05F,
    lost: bool = False,
    edit: int | None = None,
    more: dict[str, bytes] | None = None,
) -> bytes:
    """A presentation with one text on each slide; `inside` are further records of its document, `master` are those of
    a master.

    `lost` leaves the last slide out of the stream, `edit` is where the current user's edit is said to be.
    """
    slides = [atom(0x3EE, atom(0xFA0, text.encode("utf-16-le")), 15) for text in texts]
    places = b"".join(atom(0x3F3, pack("<IIIII", number, 0, 0, 255, 0)) for number in range(2, len(texts) + 2))
    inside += atom(0xFF0, atom(0x3F3, pack("<IIIII", len(texts) + 2, 0, 0, 255, 0)), 0x1F) if master else b""
    document = atom(0x3E8, atom(0xFF0, places, 15) + inside, 15)
    stream, offsets = b"", []
    for part in [document, *slides, *([atom(0x3F8, master, 15)] if master else [])]:
        offsets.append(len(stream))
        stream += part
    if lost:
        offsets[-1] = 1_000_000
    directory = len(stream)
    stream += atom(0x1772, pack(f"<{len(offsets) + 1}I", len(offsets) << 20 | 1, *offsets))
    user = atom(0xFF6, pack("<III", 20, token, len(stream) if edit is None else edit))
    stream += atom(0xFF5, pack("<IIIIIII", 0, 0, 0, directory, 1, 0, 0))
    return compound({"PowerPoint Document": stream, "Current User": user, **(more or {})}, short=True)


def module(text: str) -> bytes:
    """A module of a VBA project: its text packed without any repetition ([MS-OVBA] 2.4.1)."""
    raw = text.encode("latin-1")
    tokens = b"".join(b"\0" + raw[place : place + 8] for place in range(0, len(raw), 8))
    return b"compiled\x01" + pack("<H", 0xB000 | (len(tokens) + 2 - 3)) + tokens

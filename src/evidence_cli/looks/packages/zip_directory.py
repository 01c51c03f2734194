"""The directory of a hostile zip, read within bounds (PKWARE APPNOTE 6.3.10 §4.3).

The standard library finds the end record of a document inside a cut-off package, and hides entries of one
name behind each other: both are what has to be found here.
"""

import struct
from typing import NamedTuple

from evidence_cli.looks.packages.bounds import MAX_ENTRIES
from evidence_cli.looks.packages.zip_names import extra_fields
from evidence_cli.looks.packages.zip_streams import Source

# Room for the most entries with names of 180 汉字; of each byte several copies are held.
MAX_DIRECTORY = 12 * 1024 * 1024
MAX_NAME = 4096

_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
LOCAL = struct.Struct("<4s5H3I2H")

_FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
# A local header with its name and the longest extra field.
_FRONT = LOCAL.size + MAX_NAME + 0xFFFF
_OTHER_ARCHIVES = ((b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "RAR"))


class DirectoryError(Exception):
    """The directory cannot be read. `reason` is other, not_zip, cut, end, directory, disks or bounds."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class TooManyEntries(DirectoryError):  # noqa: N818 - says what is wrong
    """More entries than anybody packs: `count` of them, where `maximum` may be."""

    def __init__(self, count: int, maximum: int) -> None:
        super().__init__("bounds", f"{count} entries")
        self.count = count
        self.maximum = maximum


class Record(NamedTuple):
    """One entry as the central directory has it. `offset` is the place of its local header in the file."""

    raw: bytes
    extra: bytes
    host: int
    attributes: int
    flags: int
    method: int
    crc: int
    size: int
    compressed: int
    offset: int


class Directory(NamedTuple):
    """All records in order. `start` is where the directory begins: no entry reaches beyond.

    `trailing` counts the bytes behind the end of the archive, which pipes, mails and tapes add.
    """

    records: tuple[Record, ...]
    start: int
    trailing: int


class _End(NamedTuple):
    """What the end record says, where what it speaks of must end, and how many bytes follow."""

    entries: int
    length: int
    offset: int
    limit: int
    trailing: int


def read_directory(source: Source) -> Directory:
    """Find and read the directory. Raises DirectoryError, and OSError when the file cannot be read."""
    end = _read_end(source)
    start = end.limit - end.length
    shift = start - end.offset
    if start < 0 or shift < 0:
        raise DirectoryError("directory", "the directory lies outside the file")
    if end.entries * _CENTRAL.size > end.length:
        raise DirectoryError("directory", f"{end.entries} entries in {end.length} bytes of directory")
    if end.entries > MAX_ENTRIES:
        raise TooManyEntries(end.entries, MAX_ENTRIES)
    if end.length > MAX_DIRECTORY:
        raise DirectoryError("bounds", f"directory of {end.length} bytes")
    data = source.read_at(start, end.length)
    if len(data) != end.length:
        raise DirectoryError("cut", "the file became shorter")
    records, at = [], 0
    for _ in range(end.entries):
        record, at = _read_record(data, at, shift)
        records.append(record)
    if at != len(data):
        raise DirectoryError("directory", "the directory holds more than its entries")
    _check_front(source, min((record.offset for record in records), default=start))
    return Directory(tuple(records), start, end.trailing)


def zip64_values(extra: bytes, values: tuple[int, ...]) -> tuple[int, ...]:
    """The values, those that did not fit their field taken from the zip64 extra. Raises DirectoryError."""
    if FULL32 not in values:
        return values
    data = next((data for tag, data in extra_fields(extra) if tag == 1), b"")
    wide = list(struct.unpack_from(f"<{len(data) // 8}Q", data))
    if len(wide) < values.count(FULL32):
        raise DirectoryError("directory", "a zip64 field is missing")
    return tuple(wide.pop(0) if value == FULL32 else value for value in values)


def _check_front(source: Source, first: int) -> None:
    """Before the first listed entry may be anything but an entry.

    A cut package that ends behind a document inside it looks like that document with something in front.
    """
    head = source.read_at(0, LOCAL.size) if first else b""
    # Android's tools fill gaps with a header that has no name.
    if head[:4] == b"PK\3\4" and LOCAL.unpack(head)[-2]:
        raise DirectoryError("cut", "the file begins with an entry that the directory does not list")
    window = source.read_at(max(0, first - _FRONT), min(first, _FRONT))
    at = window.rfind(b"PK\3\4")
    while at >= 0:
        if at + LOCAL.size <= len(window):
            *_, names, extras = LOCAL.unpack_from(window, at)
            if names and at + LOCAL.size + names + extras == len(window):
                raise DirectoryError("cut", "the directory is that of a document inside the package")
        at = window.rfind(b"PK\3\4", 0, at)


def _read_end(source: Source) -> _End:
    """The end record, joined with its zip64 form: the last one in the file, as all tools take it."""
    head = source.read_at(0, 8)
    for magic, name in _OTHER_ARCHIVES:
        if head.startswith(magic):
            raise DirectoryError("other", name)
    base = max(0, source.size - _END.size - 0xFFFF)
    tail = source.read_at(base, source.size - base)
    ends = _whole_ends(tail)
    if b"PK\5\6" not in tail and not head.startswith(b"PK"):
        raise DirectoryError("not_zip", "no zip" if head else "empty")
    if not ends:
        raise DirectoryError("cut", "cut off: no whole end record")
    (at, behind), *earlier = ends
    # The last one may lie in the comment of another: some tools take that.
    if any(place == len(tail) for _, place in earlier):
        raise DirectoryError("end", "two end records")
    position, trailing = base + at, len(tail) - behind
    _, disk, first_disk, here, count, length, offset, _ = _END.unpack_from(tail, at)
    locator = source.read_at(position - _LOCATOR.size, _LOCATOR.size) if position >= _LOCATOR.size else b""
    if locator[:4] == b"PK\6\7":
        return _read_end64(source, position - _LOCATOR.size, locator, (here, count, length, offset), trailing)
    if disk or first_disk or here != count:
        raise DirectoryError("disks", "one volume of several")
    return _End(count, length, offset, position, trailing)


def _whole_ends(tail: bytes) -> list[tuple[int, int]]:
    """The end records of which nothing is cut off, the last first: where each begins, and where its comment ends."""
    found = []
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        if at + _END.size <= len(tail):
            behind = at + _END.size + _END.unpack_from(tail, at)[7]
            if behind <= len(tail):
                found.append((at, behind))
        at = tail.rfind(b"PK\5\6", 0, at)
    return found


def _read_end64(source: Source, limit: int, locator: bytes, narrow: tuple[int, int, int, int], trailing: int) -> _End:
    _, disk, said, disks = _LOCATOR.unpack(locator)
    # With something in front of the zip the said place is off by its length; the record stands before the
    # locator.
    for position in (said, limit - _END64.size):
        data = source.read_at(position, _END64.size) if 0 <= position <= limit - _END64.size else b""
        if data[:4] == b"PK\6\6" and position + 12 + _END64.unpack(data)[1] == limit:
            break
    else:
        raise DirectoryError("end", "the zip64 end record is not where it should be")
    _, _, _, _, this, first, here, count, length, offset = _END64.unpack(data)
    if disk or disks > 1 or this or first or here != count:
        raise DirectoryError("disks", "one volume of several")
    wide, full = (here, count, length, offset), (_FULL16, _FULL16, FULL32, FULL32)
    if any(value not in pair for value, *pair in zip(narrow, wide, full, strict=True)):
        raise DirectoryError("end", "the two end records disagree")
    return _End(count, length, offset, position, trailing)


def _read_record(data: bytes, at: int, shift: int) -> tuple[Record, int]:
    """The record at this place, and where the next one begins."""
    if at + _CENTRAL.size > len(data) or data[at : at + 4] != b"PK\1\2":
        raise DirectoryError("directory", "an entry of the directory is torn")
    fields = _CENTRAL.unpack_from(data, at)
    made, _, flags, method, _, _, crc, compressed, size = fields[1:10]
    names, extras, comments, disk, _, attributes, offset = fields[10:]
    name_at = at + _CENTRAL.size
    extra_at = name_at + names
    end = extra_at + extras + comments
    if end > len(data):
        raise DirectoryError("directory", "an entry of the directory is torn")
    if names > MAX_NAME:
        raise DirectoryError("bounds", f"a name of {names} bytes")
    if disk not in (0, _FULL16):
        raise DirectoryError("disks", "one volume of several")
    extra = data[extra_at : extra_at + extras]
    size, compressed, offset = zip64_values(extra, (size, compressed, offset))
    raw = data[name_at:extra_at]
    record = Record(raw, extra, made >> 8, attributes, flags, method, crc, size, compressed, offset + shift)
    return record, end

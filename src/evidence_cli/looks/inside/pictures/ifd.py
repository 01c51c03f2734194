"""Image file directories of TIFF 6.0 and BigTIFF, which EXIF (CIPA DC-008) uses too; and the position in them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from struct import calcsize, iter_unpack, unpack
from struct import error as struct_error

from evidence_cli.looks.sample import TornError

# type → struct code; a rational is two numbers.
_TYPES = {1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 7: "B", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d"}
_BIG_TYPES = {13: "I", 16: "Q", 17: "q", 18: "Q"}
_CODES = _TYPES | _BIG_TYPES
# Far more than any directory has; a hostile one could hold 65535, and a chain of them.
_ENTRY_LIMIT = 4096
_GPS_POINTER = 0x8825
_EXIF_START = b"Exif\x00\x00"
_XMP_LATITUDE = re.compile(rb"\bGPSLatitude(?:\s*=\s*[\"']|>)\s*\d")
_XMP_LONGITUDE = re.compile(rb"\bGPSLongitude(?:\s*=\s*[\"']|>)\s*\d")

Read = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag: `count` values of `type` at `place` from the start of the TIFF data."""

    type: int
    count: int
    place: int

    @property
    def length(self) -> int:
        """The bytes of its values; 0 for an unknown type."""
        return calcsize("=" + _CODES[self.type].replace("s", "B")) * self.count if self.type in _CODES else 0


@dataclass(frozen=True, slots=True)
class Directories:
    """TIFF data behind a bounded `read(offset, count)`. `order` is a struct prefix, `big` tells BigTIFF."""

    read: Read
    order: str
    big: bool
    first: int

    def directory(self, place: int) -> tuple[dict[int, Entry], int]:
        """The tags of the directory at `place`, and the place of the next one (0: none). Raises TornError."""
        count_code, size, count_size = ("Q", 20, 8) if self.big else ("H", 12, 2)
        try:
            (count,) = unpack(self.order + count_code, self.read(place, count_size))
            if count > _ENTRY_LIMIT:
                raise TornError(f"directory of {count} tags")
            raw = self.read(place + count_size, count * size)
            if len(raw) < count * size:
                raise TornError("a directory lies beyond the end of the file")
            code = self.order + ("HHQ" if self.big else "HHI")
            entries = {}
            for index in range(count):
                start = index * size
                tag, kind, values = unpack(code, raw[start : start + calcsize(code)])
                entries[tag] = self._entry(kind, values, raw, start, place + count_size)
            after = self.read(place + count_size + count * size, 8 if self.big else 4)
            if 0 < len(after) < (8 if self.big else 4):
                raise TornError("the file ends inside a directory")
            # A last directory without its end mark is all there.
            following = unpack(self.order + ("Q" if self.big else "I"), after)[0] if len(after) in (4, 8) else 0
        except struct_error as problem:
            raise TornError("a directory lies beyond the end of the file") from problem
        return entries, following

    def _entry(self, kind: int, count: int, raw: bytes, start: int, base: int) -> Entry:
        """Values that fit stand in the entry itself."""
        room = 8 if self.big else 4
        field = start + (12 if self.big else 8)
        inline = Entry(kind, count, base + field)
        if inline.length <= room:
            return inline
        return Entry(kind, count, unpack(self.order + ("Q" if self.big else "I"), raw[field : field + room])[0])

    def values(self, entry: Entry | None, most: int) -> tuple[float, ...]:
        """The numbers of a tag, at most `most` of them (a rational gives two); none if they lie outside the data."""
        if entry is None or entry.type not in _CODES or entry.type == 2:
            return ()
        code = _CODES[entry.type]
        size = calcsize("=" + code)
        count = min(entry.count, most)
        data = self.read(entry.place, count * size)
        if len(data) < count * size:
            return ()
        return tuple(number for row in iter_unpack(self.order + code, data) for number in row)

    def number(self, entry: Entry | None, default: int) -> int:
        """The first value of a tag as a whole number."""
        found = self.values(entry, 1)
        return int(found[0]) if found and abs(found[0]) < 1 << 63 else default

    def has_position(self, entries: dict[int, Entry]) -> bool:
        """Whether a directory leads to a latitude and a longitude that are somewhere (CIPA DC-008 4.6.6)."""
        place = self.number(entries.get(_GPS_POINTER), 0)
        if place <= 0:
            return False
        try:
            gps, _ = self.directory(place)
        except TornError:
            return False
        latitude, longitude = self._degrees(gps.get(2)), self._degrees(gps.get(4))
        # A camera without reception writes zeros.
        return latitude is not None and longitude is not None and (latitude, longitude) != (0.0, 0.0)

    def _degrees(self, entry: Entry | None) -> float | None:
        numbers = self.values(entry, 3)
        if entry is None or entry.type not in (5, 10) or len(numbers) < 2 or not numbers[1]:
            return None
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return sum((part / whole / (1, 60, 3600)[power] for power, (part, whole) in enumerate(pairs) if whole), 0.0)


def directories(read: Read) -> Directories | None:
    """The directories of TIFF data; None if it is none. What `read` gives is bounded by the data."""
    head = read(0, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    (magic,) = unpack(order + "H", head[2:4])
    if magic == 43 and len(head) == 16:
        return Directories(read, order, True, unpack(order + "Q", head[8:16])[0])
    # Some cameras write marks of their own here (ORF, RW2).
    return Directories(read, order, False, unpack(order + "I", head[4:8])[0])


def exif_position(data: bytes) -> bool:
    """Whether an EXIF block, with or without its mark, tells where a picture was taken. Raises nothing."""
    data = data.removeprefix(_EXIF_START)

    def read(place: int, count: int) -> bytes:
        return data[place : place + count] if place >= 0 else b""

    found = directories(read)
    if found is None:
        return False
    try:
        return found.has_position(found.directory(found.first)[0])
    except TornError:
        return False


def xmp_position(packet: bytes) -> bool:
    """Whether an XMP packet tells where a picture was taken (XMP part 2, 3.2: `exif:GPSLatitude`)."""
    return bool(_XMP_LATITUDE.search(packet) and _XMP_LONGITUDE.search(packet))

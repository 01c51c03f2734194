"""RAR archives of version 1.5 to 4 and of version 5 (technote.txt of WinRAR): blocks, their CRCs, encryption.

Members that are stored are compared with their CRC; nothing here can unpack the others, and a Gap says so.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from struct import error as struct_error
from struct import unpack_from

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.archives.unpacking import CHUNK, refuse_bomb
from evidence_cli.looks.sample import LockedError, Sample, TornError

_MARK4, _MARK5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_BLOCKS = 50_000
_HEADER_LIMIT = 2 * 1024 * 1024
_STORED_BUDGET = 128 * 1024 * 1024

# Version 4: types of blocks and their flags.
_MAIN4, _FILE4, _SERVICE4, _END4 = 0x73, 0x74, 0x7A, 0x7B
# Comments, signatures, owners, recovery records before RAR 3: their CRC covers more than the header, or less.
_OLD4 = range(0x75, 0x7A)
_COMMENTED = {_MAIN4: 0x0002, _FILE4: 0x0008}
# Version 5.
_MAIN5, _FILE5, _ENCRYPTION5, _END5 = 1, 2, 4, 5


@dataclass(slots=True)
class _Walk:
    """What the blocks told so far. `place` is where the next one begins."""

    place: int
    files: int = 0
    unpacked: int = 0
    stored: int = 0
    volume: bool = False
    packed: bool = False  # members that nothing here can unpack
    large: bool = False
    ended: bool = False


def look_inside_rar(sample: Sample, facts: Facts) -> Inside:
    """Whether every block is there and right. Raises TornError, LockedError, BombError; OSError."""
    five = sample.head.startswith(_MARK5)
    walk = _Walk(len(_MARK5 if five else _MARK4))
    block = _block5 if five else _block4
    for _ in range(_BLOCKS):
        if walk.ended or walk.place >= sample.size:
            break
        try:
            block(sample, walk)
        except (struct_error, IndexError) as problem:
            raise TornError(f"the RAR block at byte {walk.place} ends too early") from problem
        if walk.place > sample.size:
            raise TornError("RAR data lies beyond the end")
    else:
        walk.large = True
    if not walk.ended and not walk.large and (five or walk.files == 0):
        # Version 5 always has the block; before, writers could be told to leave it out.
        raise TornError("the end of the RAR archive is missing")
    refuse_bomb(walk.unpacked, sample.size)
    reasons = {"large"} if walk.large else set()
    reasons |= {"format"} if walk.packed or walk.volume else set()
    gaps = tuple(Gap("health", reason) for reason in sorted(reasons))
    told = f"{walk.files} files" + (", one of several volumes" if walk.volume else "")
    return Inside(replace(facts, detail=told, gaps=gaps))


def _block4(sample: Sample, walk: _Walk) -> None:
    start = sample.read(walk.place, 7)
    crc, kind, flags, size = unpack_from("<HBHH", start)
    if size < 7:
        raise TornError(f"no RAR block at byte {walk.place}")
    header = sample.read(walk.place, size)
    if len(header) < size:
        raise TornError("a RAR header is cut off")
    # The CRC leaves out an old comment inside the header.
    unsure = kind in _OLD4 or flags & _COMMENTED.get(kind, 0)
    if zlib.crc32(header[2:]) & 0xFFFF != crc and not unsure:
        raise TornError(f"the CRC of the RAR block at byte {walk.place} differs")
    if kind == _MAIN4:
        if flags & 0x0080:
            raise LockedError("RAR with encrypted headers")
        walk.volume = bool(flags & 0x0001)
    data = _file4(sample, walk, header, flags) if kind in (_FILE4, _SERVICE4) else 0
    if kind not in (_FILE4, _SERVICE4) and flags & 0x8000:
        data = unpack_from("<I", header, 7)[0]
    walk.ended = kind == _END4
    walk.place += size + data


def _file4(sample: Sample, walk: _Walk, header: bytes, flags: int) -> int:
    """Notes a member, and gives the length of its data."""
    packed, unpacked = unpack_from("<II", header, 7)
    crc = unpack_from("<I", header, 16)[0]
    method = header[25]
    if flags & 0x0100:
        high_packed, high_unpacked = unpack_from("<II", header, 32)
        packed, unpacked = packed | high_packed << 32, unpacked | high_unpacked << 32
    if header[2] == _SERVICE4:
        return int(packed)
    if flags & 0x0004:
        raise LockedError("RAR with encrypted members")
    whole = not flags & 0x0003
    _note_member(sample, walk, walk.place + len(header), packed, unpacked, crc if whole else None, method == 0x30)
    return int(packed)


def _note_member(
    sample: Sample, walk: _Walk, place: int, packed: int, unpacked: int, crc: int | None, stored: bool
) -> None:
    """Counts a member; one that is stored is compared with its CRC."""
    walk.files += 1
    # A size that is not known is written as all ones.
    walk.unpacked += unpacked if unpacked < 1 << 62 and unpacked != 0xFFFFFFFFFFFFFFFF else 0
    if place + packed > sample.size:
        raise TornError("a RAR member is cut off")
    if packed == 0:
        return
    if not stored:
        walk.packed = True
        return
    walk.stored += packed
    if walk.stored > _STORED_BUDGET:
        walk.large = True
    elif crc is not None and packed == unpacked and _crc_of(sample, place, packed) != crc:
        raise TornError("the CRC of a RAR member differs")


def _crc_of(sample: Sample, place: int, length: int) -> int:
    crc = 0
    end = place + length
    while place < end and (chunk := sample.read(place, min(CHUNK, end - place))):
        crc = zlib.crc32(chunk, crc)
        place += len(chunk)
    return crc


def _block5(sample: Sample, walk: _Walk) -> None:
    start = sample.read(walk.place, 16)
    crc = unpack_from("<I", start)[0]
    size, behind = _number(start, 4)
    if not 0 < size <= _HEADER_LIMIT:
        raise TornError(f"no RAR block at byte {walk.place}")
    block = sample.read(walk.place + 4, behind - 4 + size)
    if len(block) < behind - 4 + size:
        raise TornError("a RAR header is cut off")
    if zlib.crc32(block) != crc:
        raise TornError(f"the CRC of the RAR block at byte {walk.place} differs")
    fields = _Fields(block, behind - 4)
    kind, flags = fields.number(), fields.number()
    extra = fields.number() if flags & 1 else 0
    data = fields.number() if flags & 2 else 0
    end = walk.place + behind + size
    if kind == _ENCRYPTION5:
        raise LockedError("RAR with encrypted headers")
    if kind == _MAIN5:
        walk.volume = bool(fields.number() & 1)
    elif kind == _FILE5:
        _file5(sample, walk, fields, (flags, extra, data, end))
    walk.ended = kind == _END5
    walk.place = end + data


def _file5(sample: Sample, walk: _Walk, fields: "_Fields", block: tuple[int, int, int, int]) -> None:
    flags, extra, data, place = block
    if 1 in fields.extra_types(extra):
        raise LockedError("RAR with encrypted members")
    file_flags, unpacked = fields.number(), fields.number()
    fields.number()
    if file_flags & 2:
        fields.skip(4)
    crc = fields.fixed() if file_flags & 4 else None
    stored = fields.number() >> 7 & 7 == 0
    if file_flags & 8:
        unpacked = 0
    # Data that goes on in another volume has a CRC of its own sort.
    _note_member(sample, walk, place, data, unpacked, None if flags & 0x18 else crc, stored)


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, the highest bit telling that more follow, and the place behind it."""
    value = 0
    for index in range(10):
        byte = data[place + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, place + index + 1
    raise TornError("a RAR number without end")


class _Fields:
    """The fields of a block one after the other. Raises IndexError at its end."""

    def __init__(self, block: bytes, place: int) -> None:
        self._block = block
        self._place = place

    def number(self) -> int:
        value, self._place = _number(self._block, self._place)
        return value

    def fixed(self) -> int:
        """A number of four bytes."""
        self._place += 4
        return int(unpack_from("<I", self._block, self._place - 4)[0])

    def skip(self, count: int) -> None:
        self._place += count

    def extra_types(self, length: int) -> Iterator[int]:
        """The types of the records in the extra area, which ends the block."""
        place = len(self._block) - length
        if place < self._place:
            raise TornError("the extra area of a RAR block is too long")
        while place < len(self._block):
            size, place = _number(self._block, place)
            if size == 0:
                return
            yield _number(self._block, place)[0]
            place += size

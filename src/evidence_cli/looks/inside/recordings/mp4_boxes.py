"""The boxes of ISO base media files (ISO/IEC 14496-12, QuickTime File Format)."""

from collections.abc import Iterator
from struct import unpack_from
from typing import NamedTuple

from evidence_cli.looks.inside.recordings.reader import Reader

_DEPTH = 6


class Box(NamedTuple):
    """`begin` is where the header begins, `start` where the content does, `end` behind it."""

    kind: bytes
    begin: int
    start: int
    end: int


def box_at(reader: Reader, place: int, limit: int) -> Box | None:
    """The box at `place`, which may end beyond `limit`; None where there is none. A size of 0 is up to `limit`."""
    header = reader.read(place, 16)
    if len(header) < 8 or place + 8 > limit:
        return None
    size, kind = unpack_from(">I4s", header)
    start = place + 8
    if size == 1 and len(header) == 16:
        size = unpack_from(">Q", header, 8)[0]
        start = place + 16
    elif size == 0:
        size = limit - place
    if size < start - place or not _is_name(kind):
        return None
    return Box(kind, place, start, place + size)


def _is_name(kind: bytes) -> bool:
    return all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind)


def children(reader: Reader, start: int, end: int) -> Iterator[Box]:
    """The boxes of a box, none longer than it. Players read on over what is too long, too."""
    place = start
    while place + 8 <= end:
        box = box_at(reader, place, end)
        if box is None:
            return
        yield box._replace(end=min(box.end, end))
        place = box.end


def descendants(reader: Reader, box: Box, containers: frozenset[bytes], depth: int = _DEPTH) -> dict[bytes, Box]:
    """The first box of each kind in a box and in the containers in it."""
    found: dict[bytes, Box] = {}
    for child in children(reader, box.start, box.end):
        found.setdefault(child.kind, child)
        if child.kind in containers and depth:
            found = descendants(reader, child, containers, depth - 1) | found
    return found

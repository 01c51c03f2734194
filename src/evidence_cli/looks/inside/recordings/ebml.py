"""The elements of EBML (RFC 8794)."""

from collections.abc import Iterator
from typing import NamedTuple

from evidence_cli.looks.inside.recordings.reader import Reader


class Element(NamedTuple):
    """`kind` is the ID with its marker, `end` None where the length is unknown."""

    kind: int
    begin: int
    start: int
    end: int | None


def element_at(reader: Reader, place: int) -> Element | None:
    """The element at `place`, which may end beyond the file; None where there is none."""
    head = reader.read(place, 12)
    if not head or head[0] < 0x10:
        return None
    width = 9 - head[0].bit_length()
    if len(head) <= width or not head[width]:
        return None
    length = 9 - head[width].bit_length()
    if len(head) < width + length:
        return None
    start = place + width + length
    mask = (1 << 7 * length) - 1
    size = int.from_bytes(head[width : width + length], "big") & mask
    return Element(int.from_bytes(head[:width], "big"), place, start, None if size == mask else start + size)


def elements(reader: Reader, start: int, end: int) -> Iterator[Element]:
    """The elements in one of a known length, none longer than it."""
    place = start
    while place < end:
        element = element_at(reader, place)
        if element is None or element.end is None:
            return
        yield element._replace(end=min(element.end, end))
        place = element.end


def content(reader: Reader, element: Element, limit: int = 64) -> bytes:
    """What an element holds, at most `limit` bytes of it."""
    return reader.read(element.start, min(limit, (element.end or element.start) - element.start))


def number(reader: Reader, element: Element) -> int:
    """The unsigned number that an element holds."""
    return int.from_bytes(content(reader, element, 8), "big")

"""Where the last bytes of a PDF leave off: what tells a file that was cut short from one that is merely untidy."""

import re
from enum import Enum
from typing import NamedTuple

from evidence_cli.looks.sample import Sample

# The windows that are searched from the end, each larger than the one before; past the last there is nothing to find.
_WINDOWS = (4 * 1024, 256 * 1024, 16 * 1024 * 1024)
_ZERO_BLOCK = 1024 * 1024
# More zeros than this at the end are looked through to no purpose: whatever was there is gone.
_ZEROS_LOOKED_THROUGH = 400 * 1024 * 1024
_OVERLAP = 32

# Each mark as the search finds it, and the pattern that tells it from chance: what stands at and before its end.
_MARKS: dict[str, tuple[bytes, re.Pattern[bytes]]] = {
    "eof": (b"%%EOF", re.compile(rb"%%EOF\Z")),
    "startxref": (b"startxref", re.compile(rb"startxref\Z")),
    "table": (b"xref", re.compile(rb"(?<![A-Za-z])xref\Z")),
    "trailer": (b"trailer", re.compile(rb"(?<![A-Za-z])trailer\Z")),
    "endobj": (b"endobj", re.compile(rb"endobj\Z")),
    "obj": (b"obj", re.compile(rb"\d[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj\Z")),
    "endstream": (b"endstream", re.compile(rb"endstream\Z")),
    "stream": (b"stream", re.compile(rb">>[\0\t\n\f\r ]*stream\Z")),
}
_MAX_CHANCES = 1000
_XREF_STREAM = re.compile(rb"/Type[\0\t\n\f\r ]*/XRef\b")


class End(Enum):
    """What the file ends with. CLOSED: a cross-reference section or its trailer. BETWEEN: a whole object, with no
    cross-reference after it. INSIDE: an object that has no end. TABLE: a cross-reference table that has no trailer."""

    CLOSED = "closed"
    BETWEEN = "between"
    INSIDE = "inside"
    TABLE = "table"


class Tail(NamedTuple):
    """`end` and the offset past the last byte that is not zero."""

    end: End
    length: int


def tail_of(sample: Sample) -> Tail:
    """How the file ends (ISO 32000-1 7.5), bytes of zero at the very end left out. Raises OSError.

    Reads 4 KiB of a tidy file, at most the last 16 MiB and the zeros of another.
    """
    length = _length_without_zeros(sample)
    for window in _WINDOWS:
        begin = max(0, length - window)
        data = sample.read(begin, length - begin)
        end = _end_of(data)
        if end is not None:
            return Tail(end, length)
        if begin == 0:
            break
    return Tail(End.INSIDE, length)


def _length_without_zeros(sample: Sample) -> int:
    position = sample.size
    while position > 0 and sample.size - position <= _ZEROS_LOOKED_THROUGH:
        begin = max(0, position - (_OVERLAP if position == sample.size else _ZERO_BLOCK))
        kept = len(sample.read(begin, position - begin).rstrip(b"\0"))
        if kept:
            return begin + kept
        position = begin
    return position


def _end_of(data: bytes) -> End | None:
    position, mark = max((_last(data, *how), name) for name, how in _MARKS.items())
    if position < 0:
        return None
    match mark:
        case "eof" | "startxref":
            return End.CLOSED
        case "table":
            return End.TABLE
        case "trailer":
            return End.CLOSED if _is_whole_dictionary(data[position:]) else End.TABLE
        case "endobj":
            beginning = _last(data[: position - len(b"endobj")], *_MARKS["obj"])
            return End.CLOSED if _XREF_STREAM.search(data, max(0, beginning), position) else End.BETWEEN
        case _:
            return End.INSIDE


def _last(data: bytes, mark: bytes, pattern: re.Pattern[bytes]) -> int:
    """Where the last such mark ends; -1 if there is none."""
    end = len(data)
    for _ in range(_MAX_CHANCES):
        found = data.rfind(mark, 0, end)
        if found < 0:
            break
        after = found + len(mark)
        if pattern.search(data, max(0, found - _OVERLAP), after):
            return after
        end = found + len(mark) - 1
    return -1


def _is_whole_dictionary(data: bytes) -> bool:
    opened = data.count(b"<<")
    return opened > 0 and data.count(b">>") >= opened

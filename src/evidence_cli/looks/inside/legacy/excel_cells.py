"""The cells of a sheet of the Excel binary formats, 3 to 2003 ([MS-XLS] 2.4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from struct import error as struct_error
from struct import unpack, unpack_from

from evidence_cli.looks.containers.ole_file import Stream
from evidence_cli.looks.facts import Gap, Passage, Place, Unit
from evidence_cli.looks.inside.legacy.excel_strings import CONTINUE, records, wide_string

BOFS = frozenset({0x09, 0x209, 0x409, 0x809})
EOF = 0x0A
_LABEL_2, _NUMBER_2 = 0x04, 0x03
_LABELS = frozenset({0x204, 0xD6})
_SHARED, _NUMBER, _RK, _RKS = 0xFD, 0x203, 0x27E, 0xBD
_FORMULAS = frozenset({0x06, 0x206, 0x406})
_RESULTS = frozenset({0x07, 0x207})
_HEADER, _FOOTER, _SHAPE_TEXT = 0x14, 0x15, 0x1B6
_FORMAT_CODES = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|[0-9]{1,3}|[A-Za-z])')


@dataclass(slots=True)
class Workbook:
    """What the cells need: `wide` strings from Excel 97 on, otherwise those of `codec`; the shared strings.

    `records_left` and `bytes_left` bound the work on all sheets.
    """

    stream: Stream
    wide: bool
    codec: str
    shared: list[str] = field(default_factory=list)
    records_left: int = 600_000
    bytes_left: int = 512 * 1024 * 1024

    def string(self, data: bytes, place: int, *, short: bool = False) -> str:
        """A string with its length in front: one byte where it is `short`, otherwise two."""
        count: int = data[place] if short else unpack_from("<H", data, place)[0]
        place += 1 if short else 2
        if self.wide:
            return wide_string(data, place, count)
        return data[place : place + count].decode(self.codec, "replace")


def read_sheet(book: Workbook, name: str, number: int, start: int) -> Iterator[Passage | Gap]:
    """The texts of the substream that begins here; the sheet is the `number`-th. Raises TornError; OSError."""
    depth = 0
    pending: str | None = None  # the cell of a formula whose result follows
    shape = 0  # characters of a shape whose text follows
    for kind, data, _ in records(book.stream, start):
        book.records_left -= 1
        book.bytes_left -= len(data) + 4
        if book.records_left < 0 or book.bytes_left < 0:
            yield Gap("text", "long")
            return
        if kind in BOFS:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth <= 0:
                return
        try:
            if kind in _FORMULAS:
                pending = _cell(name, data) if data[12:14] == b"\xff\xff" and not data[6] else None
                if data[12:14] != b"\xff\xff":
                    yield _passage(_cell(name, data), number_text(unpack_from("<d", data, 6)[0]))
            elif kind in _RESULTS and pending is not None:
                yield _passage(pending, book.string(data, 0, short=kind == 0x07))
                pending = None
            elif kind == _SHAPE_TEXT:
                shape = unpack_from("<H", data, 10)[0] if book.wide and len(data) >= 12 else 0
            elif kind == CONTINUE and shape:
                text = wide_string(data, 0, shape)
                shape = 0
                yield _passage(name, text)
            elif kind in (_HEADER, _FOOTER) and data:
                text = _FORMAT_CODES.sub(" ", book.string(data, 0, short=not book.wide))
                yield Passage(Place(Unit.HEADER if kind == _HEADER else Unit.FOOTER, number), text)
            else:
                yield from _cells(book, name, kind, data)
        except (struct_error, IndexError):
            # A record shorter than its kind: Excel skips such cells as well.
            continue


def _cells(book: Workbook, name: str, kind: int, data: bytes) -> Iterator[Passage]:
    """What a record that is a whole cell, or a row of numbers, holds."""
    if kind == _SHARED:
        index = unpack_from("<I", data, 6)[0]
        if index < len(book.shared):
            yield _passage(_cell(name, data), book.shared[index])
    elif kind in _LABELS:
        yield _passage(_cell(name, data), book.string(data, 6))
    elif kind == _RK:
        yield _passage(_cell(name, data), number_text(rk_number(unpack_from("<I", data, 6)[0])))
    elif kind == _RKS:
        row, first = unpack_from("<HH", data)
        for index in range((len(data) - 6) // 6):
            value = rk_number(unpack_from("<I", data, 6 + 6 * index)[0])
            yield _passage(f"{name}!{column_name(first + index)}{row + 1}", number_text(value))
    elif kind == _NUMBER:
        yield _passage(_cell(name, data), number_text(unpack_from("<d", data, 6)[0]))
    elif kind == _LABEL_2:
        yield _passage(_cell(name, data), book.string(data, 7, short=True))
    elif kind == _NUMBER_2:
        yield _passage(_cell(name, data), number_text(unpack_from("<d", data, 7)[0]))


def _passage(cell: str, text: str) -> Passage:
    return Passage(Place(Unit.CELL, cell), text)


def _cell(name: str, data: bytes) -> str:
    row, column = unpack_from("<HH", data)
    return f"{name}!{column_name(column)}{row + 1}"


@lru_cache(maxsize=512)
def column_name(number: int) -> str:
    """The letters of a column that is counted from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def number_text(value: float) -> str:
    """A number as people read it: an identity number is none if it ends in `.0`."""
    return str(int(value)) if abs(value) < 1e18 and value == int(value) else f"{value:.15g}"


def rk_number(raw: int) -> float:
    """An RkNumber ([MS-XLS] 2.5.217): half a number, perhaps a whole one, perhaps times 100."""
    value: float
    if raw & 2:
        value = (raw >> 2) - (1 << 30 if raw & 0x8000_0000 else 0)
    else:
        value = unpack("<d", bytes(4) + (raw & 0xFFFF_FFFC).to_bytes(4, "little"))[0]
    return value / 100 if raw & 1 else value

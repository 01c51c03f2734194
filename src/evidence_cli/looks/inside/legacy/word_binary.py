"""Word 97-2003 documents, as WPS Writer saves them too ([MS-DOC]), and what Word 6 and 95 left of theirs."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from struct import unpack_from
from typing import NamedTuple

from evidence_cli.looks.containers.ole_file import Compound, Stream
from evidence_cli.looks.facts import Active, Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.legacy.code_pages import code_page_of_language, codec_of
from evidence_cli.looks.inside.ooxml.parts import in_order
from evidence_cli.looks.sample import LockedError, TornError

_WORD_97 = 0xA5EC
_OLDER = frozenset({0xA5DB, 0xA5DC, 0xA59B, 0xA59C, 0xA697, 0xA698, 0xA699, 0xA5D9})
_FIB_BYTES = 0x1AA  # as far as the place of the piece table
# Places in the FIB and bits of its flags.
_FLAGS = 0x0A
_ENCRYPTED, _OTHER_TABLE, _WIDE, _OBFUSCATED, _COMPLEX = 0x100, 0x200, 0x1000, 0x8000, 0x4
_COUNTS = 0x4C
_HEADERS_PLACE = 0xF2
_PIECES_PLACE = 0x1A2
_COUNTS_6 = 0x34

_CLX_LIMIT = 4 * 1024 * 1024
_CHARACTERS = 1 << 16  # read at once
_SEARCHED = 8 * 1024 * 1024  # characters that are searched for fields
_READ = 5_000_000  # characters that are read; blank ones cost as much as others
_PASSAGE = 1 << 19  # characters of the longest passage
# The stories of a document in the order of their counts; None for one that Word does not use.
_STORIES = (
    Unit.PARAGRAPH,
    Unit.NOTE,
    Unit.HEADER,
    None,
    Unit.COMMENT,
    Unit.NOTE,
    Unit.PARAGRAPH,
    Unit.HEADER,
)
_FOOTERS = (2, 3, 5)  # of the six stories that each section has for headers and footers
_MARKS = re.compile("([\x07\x0c\r\x13\x14\x15])")
# A line break, a hyphen that does not break; what only marks a place is dropped.
_SIGNS = str.maketrans({"\x0b": "\n", "\x1e": "-", **dict.fromkeys("\0\x01\x02\x03\x04\x05\x06\x08\x1f")})
_LINK_FIELD = re.compile('\x13[\\s"\x01]*(?:DDE|DDEAUTO|LINK)\\s', re.IGNORECASE)
_LINK_LENGTH = 32


class _Piece(NamedTuple):
    """A run of characters `first` to `last` of the document that begins at this offset of the stream."""

    first: int
    last: int
    offset: int
    codec: str

    @property
    def width(self) -> int:
        return 2 if self.codec == "utf-16-le" else 1


class _Text(NamedTuple):
    main: Stream
    pieces: list[_Piece]
    firsts: list[int]

    def between(self, first: int, last: int) -> Iterator[str]:
        """The characters of a part, some at a time."""
        begin = max(0, bisect_right(self.firsts, first) - 1)
        for piece in self.pieces[begin:] if begin else self.pieces:
            if piece.first >= last:
                return
            start, end = max(first, piece.first), min(last, piece.last)
            while start < end:
                count = min(_CHARACTERS, end - start)
                data = self.main.read(piece.offset + (start - piece.first) * piece.width, count * piece.width)
                yield data.decode(piece.codec, "replace")
                start += count


def look_inside(compound: Compound, facts: Facts) -> Inside:
    """Raises TornError, LockedError; OSError."""
    main = compound.open("worddocument")
    head = main.read(0, _FIB_BYTES)
    if len(head) < 0x40:
        raise TornError("the FIB is cut off")
    magic = unpack_from("<H", head)[0]
    if magic in _OLDER:
        return _look_inside_older(main, head, facts)
    if magic != _WORD_97:
        raise TornError(f"FIB begins with {magic:#06x}")
    flags = unpack_from("<H", head, _FLAGS)[0]
    if flags & _ENCRYPTED:
        raise LockedError("XOR obfuscation" if flags & _OBFUSCATED else "RC4 encryption")
    if len(head) < _FIB_BYTES:
        raise TornError("the FIB is cut off")
    table = compound.open("1table" if flags & _OTHER_TABLE else "0table")
    counts = unpack_from("<8i", head, _COUNTS)
    if min(counts) < 0:
        raise TornError("the FIB has a negative length")
    pieces = _pieces(main, table, head)
    text = _Text(main, pieces, [piece.first for piece in pieces])
    if text.pieces[-1].last < counts[0]:
        raise TornError("the piece table ends before the text does")
    active = set(facts.active) | ({Active.EXTERNAL} if _has_link(text) else set())
    headers = _header_ends(table, head)
    passages = _passages(text, counts, headers)
    return Inside(replace(facts, active=in_order(active)), passages, pictures="data" in compound.paths)


def _pieces(main: Stream, table: Stream, head: bytes) -> list[_Piece]:
    """The piece table ([MS-DOC] 2.9.38). Raises TornError; OSError."""
    place, length = unpack_from("<II", head, _PIECES_PLACE)
    if not length:
        start = unpack_from("<I", head, 0x18)[0]
        wide = unpack_from("<H", head, _FLAGS)[0] & _WIDE
        return [_Piece(0, sum(unpack_from("<8i", head, _COUNTS)), start, "utf-16-le" if wide else "cp1252")]
    data = table.read(place, min(length, _CLX_LIMIT))
    if len(data) < length:
        raise TornError("the piece table is cut off or larger than any")
    at = 0
    while at + 3 <= len(data) and data[at] == 1:
        at += 3 + unpack_from("<H", data, at + 1)[0]
    if at + 5 > len(data) or data[at] != 2:
        raise TornError("there is no piece table")
    size = min(unpack_from("<I", data, at + 1)[0], len(data) - at - 5)
    count = (size - 4) // 12
    if count < 1:
        raise TornError("the piece table is empty")
    ends = unpack_from(f"<{count + 1}I", data, at + 5)
    pieces = []
    for number in range(count):
        start = unpack_from("<I", data, at + 5 + 4 * (count + 1) + 8 * number + 2)[0]
        short = start & 0x4000_0000
        offset = (start & 0x3FFF_FFFF) // (2 if short else 1)
        piece = _Piece(ends[number], ends[number + 1], offset, "cp1252" if short else "utf-16-le")
        if piece.last < piece.first or offset + (piece.last - piece.first) * piece.width > main.size:
            raise TornError("a piece of the text lies outside its stream")
        pieces.append(piece)
    return pieces


def _has_link(text: _Text) -> bool:
    """Whether a field fetches from another program or file."""
    before = ""
    for part in text.between(0, _SEARCHED):
        if _LINK_FIELD.search(before + part if before else part):
            return True
        before = part[-_LINK_LENGTH:]
    return False


def _header_ends(table: Stream, head: bytes) -> tuple[int, ...]:
    """Where the stories of headers and footers end ([MS-DOC] 2.8.23); empty if nothing tells."""
    place, length = unpack_from("<II", head, _HEADERS_PLACE)
    data = table.read(place, min(length, _CHARACTERS))
    return unpack_from(f"<{len(data) // 4}I", data)[1:]


def _passages(text: _Text, counts: tuple[int, ...], header_ends: tuple[int, ...]) -> Iterator[Passage | Gap]:
    first = 0
    left = _READ
    numbers = dict.fromkeys(Unit, 0)
    for story, (unit, count) in enumerate(zip(_STORIES, counts, strict=True)):
        last = first + min(count, left)
        left -= last - first
        if unit is Unit.HEADER and story == 2 and header_ends:
            yield from _headers(text, (first, last), header_ends, numbers)
        elif unit is not None:
            yield from _paragraphs(text.between(first, last), unit, numbers)
        if last < first + count:
            yield Gap("text", "long")
            return
        first += count


def _headers(
    text: _Text, part: tuple[int, int], ends: tuple[int, ...], numbers: dict[Unit, int]
) -> Iterator[Passage | Gap]:
    """The headers and footers of the sections: six each, after six separators of notes."""
    start = part[0]
    for index, end in enumerate(ends):
        last = min(part[0] + end, part[1])
        if index >= 6 and start < last:
            unit = Unit.FOOTER if index % 6 in _FOOTERS else Unit.HEADER
            yield from _paragraphs(text.between(start, last), unit, numbers)
        start = max(start, last)


def _paragraphs(parts: Iterable[str], unit: Unit, numbers: dict[Unit, int]) -> Iterator[Passage | Gap]:
    """Cuts a story into paragraphs and cells and drops the codes of fields, which may lie in one another."""
    line: list[str] = []
    fields: list[bool] = []  # whether we are in the code of it
    hidden = length = 0
    for part in parts:
        for piece in _MARKS.split(part):
            if piece == "\x13":
                fields.append(True)
                hidden += 1
            elif piece == "\x14":
                if fields and fields[-1]:
                    fields[-1] = False
                    hidden -= 1
            elif piece == "\x15":
                hidden -= fields.pop() if fields else 0
            elif piece in ("\r", "\x07", "\x0c"):
                # A code ends with its paragraph at the latest: an odd mark may not hide the rest.
                if hidden:
                    fields, hidden = [], 0
                numbers[unit] += 1
                if line:
                    yield from _passage(line, Place(unit, numbers[unit]))
                    line, length = [], 0
            elif piece and not hidden:
                line.append(piece)
                length += len(piece)
        if length > _PASSAGE:
            yield from _passage(line, Place(unit, numbers[unit] + 1))
            line, length = [], 0
    yield from _passage(line, Place(unit, numbers[unit] + 1))


def _passage(line: list[str], place: Place) -> Iterator[Passage]:
    text = "".join(line).translate(_SIGNS)
    if text and not text.isspace():
        yield Passage(place, text)


def _look_inside_older(main: Stream, head: bytes, facts: Facts) -> Inside:
    """Word 6 and 95: text as long as it was not saved in pieces."""
    flags, language = unpack_from("<H", head, _FLAGS)[0], unpack_from("<H", head, 6)[0]
    if flags & _ENCRYPTED:
        raise LockedError("XOR obfuscation")
    start = unpack_from("<I", head, 0x18)[0]
    counts = unpack_from("<3i", head, _COUNTS_6) if unpack_from("<H", head)[0] == 0xA5DC else (0,)
    if flags & _COMPLEX or counts[0] <= 0 or start + counts[0] > main.size:
        return Inside(replace(facts, gaps=(*facts.gaps, Gap("text", "format")), detail="Word 6 or 95"))
    text = _Text(main, [_Piece(0, counts[0], start, codec_of(code_page_of_language(language)))], [0])
    story = (max(0, counts[0]), *(0,) * (len(_STORIES) - 1))
    return Inside(replace(facts, detail="Word 6 or 95"), _passages(text, story, ()))

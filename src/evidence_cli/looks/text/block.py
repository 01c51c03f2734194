"""A stretch of a document's text as it is searched, with the places that its parts have."""

from bisect import bisect_right
from dataclasses import dataclass, field

from evidence_cli.looks.facts import Passage, Place, Unit
from evidence_cli.vocabulary.folding import fold

# A mark of secrecy stands at the very top (GB/T 9704-2012 7.2.2); further down such a word is an item of a list.
_FRONT_LINES = 4
_FRONT_CELLS = 3
_PAGE_LINES = 2
_BESIDE = frozenset((Unit.HEADER, Unit.FOOTER, Unit.NOTE, Unit.COMMENT, Unit.NAME))


@dataclass(slots=True)
class Block:
    """Whole passages, folded and joined by line feeds. `front` are the stretches where a mark may stand alone."""

    text: str
    starts: list[int]
    places: list[Place]
    front: list[tuple[int, int]]

    def place(self, at: int) -> Place:
        """The place of the character at this offset."""
        return self.places[bisect_right(self.starts, at) - 1]

    def in_front(self, at: int) -> bool:
        """Whether the character at this offset stands where marks stand."""
        before = bisect_right(self.front, (at, len(self.text))) - 1
        return before >= 0 and at < self.front[before][1]


@dataclass(slots=True)
class BlockBuilder:
    """Makes blocks of the passages of one document, in reading order."""

    _parts: list[str] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _places: list[Place] = field(default_factory=list)
    _front: list[tuple[int, int]] = field(default_factory=list)
    _lines: int = 0
    length: int = 0

    def add(self, passage: Passage) -> str:
        """Takes a passage in and returns its folded text."""
        text = fold(passage.text)
        self._starts.append(self.length)
        self._places.append(passage.place)
        end = self._front_end(passage.place.unit, text)
        if end:
            self._front.append((self.length, self.length + end))
        self._parts.append(text)
        self.length += len(text) + 1
        return text

    def take(self) -> Block:
        """What was added since the last time."""
        block = Block("\n".join(self._parts), self._starts, self._places, self._front)
        self._parts, self._starts, self._places, self._front = [], [], [], []
        self.length = 0
        return block

    def _front_end(self, unit: Unit, text: str) -> int:
        """How far into the passage a mark may stand alone."""
        if unit in (Unit.HEADER, Unit.FOOTER):
            return len(text)
        if unit in _BESIDE:
            return 0
        limit = _FRONT_CELLS if unit is Unit.CELL else _FRONT_LINES
        left = max(limit - self._lines, _PAGE_LINES if unit is Unit.PAGE else 0)
        end, lines = _after_lines(text, left)
        self._lines += lines
        return end


def _after_lines(text: str, limit: int) -> tuple[int, int]:
    """Where the first lines that are not blank end, and how many there are, up to the limit."""
    end = lines = 0
    while lines < limit and end < len(text):
        stop = text.find("\n", end)
        stop = len(text) if stop < 0 else stop
        lines += not text[end:stop].isspace() and stop > end
        end = stop + 1
    return min(end, len(text)), lines

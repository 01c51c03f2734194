"""From the passages of a document to what its text tells: lengths, what may not leave, dates, references."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from evidence_cli.looks.facts import Dating, Gap, Passage, Place, Reference, Unit, Writing
from evidence_cli.looks.text.block import BlockBuilder
from evidence_cli.looks.text.gate_search import GateSearch
from evidence_cli.looks.text.references import references
from evidence_cli.looks.wanted import Wanted, dense
from evidence_cli.vocabulary.dates import datings, is_number_line, quotes_another
from evidence_cli.vocabulary.folding import fold

MAX_TEXT = 4_000_000
# Searched at once: enough to be quick, and little to hold.
_BLOCK = 500_000
# A passage costs more than its characters, so many short ones count as a long text.
_PASSAGE_COST = 2

_TITLE_LINES = 3
_TITLE_WITHIN = 6
_TITLE_CHARACTERS = 60
_NUMBER_WITHIN = 15
_MAX_DATES = 20
_MAX_ANSWER = 500_000
_SENTENCE_ENDS = (".", ",", ";", ":", "\u3002")
_BESIDE = frozenset((Unit.HEADER, Unit.FOOTER, Unit.NOTE, Unit.COMMENT))


def write_up(passages: Iterable[Passage | Gap], wanted: Wanted) -> tuple[Writing, tuple[Gap, ...]]:
    """What the text tells, and what of it could not be read.

    Of the text, the first 4 million characters count; `Gap("text", "long")` says that there is more. Memory and time
    are bounded by that, whatever the text. Raises what drawing from `passages` raises.
    """
    gaps: dict[Gap, None] = {}
    reader = _Reader(wanted)
    for passage in passages:
        if isinstance(passage, Gap):
            gaps[passage] = None
        elif not reader.take(passage):
            gaps[Gap("text", "long")] = None
            break
    return reader.writing(), tuple(gaps)


@dataclass(slots=True)
class _Template:
    """The lines that an answer held before anybody wrote, also where a page broke them."""

    lines: list[str]
    _begun: str = ""

    def own(self, line: str) -> int:
        """How many characters of this line, and of those held back before it, are not the template's."""
        joined = self._begun + line
        if self._begins(joined):
            exact = joined in self._equal(joined)
            self._begun = "" if exact else joined
            return 0
        held, self._begun = self._begun, ""
        return len(held) + (self.own(line) if held else len(line))

    def rest(self) -> int:
        """What was held back and never completed."""
        held, self._begun = self._begun, ""
        return len(held)

    def _begins(self, text: str) -> bool:
        at = bisect_left(self.lines, text)
        return bool(text) and at < len(self.lines) and self.lines[at].startswith(text)

    def _equal(self, text: str) -> list[str]:
        at = bisect_left(self.lines, text)
        return self.lines[at : at + 1]


@dataclass(slots=True)
class _Top:
    """The dates that the first lines of a document give it."""

    dates: dict[Dating, None] = field(default_factory=dict)
    _lines: int = 0
    _titles: int = 0

    @property
    def over(self) -> bool:
        """Whether what follows is running text."""
        return self._lines >= _NUMBER_WITHIN

    def line(self, line: str) -> None:
        """Takes the next line that is not blank."""
        self._lines += 1
        short = len(line) <= _TITLE_CHARACTERS and not line.endswith(_SENTENCE_ENDS)
        numbered = short and is_number_line(line)
        titled = short and self._titles < _TITLE_LINES and self._lines <= _TITLE_WITHIN
        self._titles += titled
        if numbered or titled:
            own = numbered or not quotes_another(line)
            self.dates |= dict.fromkeys(datings(line, numbers=own))


class _Reader:
    def __init__(self, wanted: Wanted) -> None:
        self._blocks = BlockBuilder()
        self._search = GateSearch(wanted.gate)
        self._template = None if wanted.template is None else _Template(sorted(wanted.template))
        self._known = frozenset(fold(line) for line in wanted.template or ())
        self._answer: list[str] = []
        self._top = _Top()
        self._left = MAX_TEXT
        self._length = self._own = self._kept = 0

    def take(self, passage: Passage) -> bool:
        """Takes a passage in, or its beginning: then there is more than anybody reads."""
        text = passage.text
        whole = len(text) <= self._left
        at, end = 0, min(len(text), self._left)
        while at < end:
            cut = _cut(text, at, end)
            self._take_piece(passage.place, text[at:cut])
            at = cut
        self._left -= end + _PASSAGE_COST
        return whole and self._left > 0

    def _take_piece(self, place: Place, text: str) -> None:
        if place.unit not in _BESIDE:
            self._measure(text)
        self._read(place.unit, self._blocks.add(Passage(place, text)))
        if self._blocks.length >= _BLOCK:
            self._search.search(self._blocks.take())

    def writing(self) -> Writing:
        """What all passages tell."""
        self._search.search(self._blocks.take())
        if self._template is not None:
            self._own += self._template.rest()
        return Writing(
            self._length,
            self._own,
            self._search.spotted(),
            self._search.counts(),
            tuple(self._top.dates)[:_MAX_DATES],
            self._references(),
        )

    def _references(self) -> tuple[Reference, ...]:
        return () if self._template is None else references(self._answer)

    def _measure(self, text: str) -> None:
        lines = [dense(line) for line in text.splitlines()]
        length = sum(map(len, lines))
        self._length += length
        self._own += length if self._template is None else sum(map(self._template.own, lines))

    def _read(self, unit: Unit, text: str) -> None:
        """Keep what the first lines say, and an answer's own lines."""
        # What a program notes down (a title, a property) is not what the answer says.
        answer = self._template is not None and self._kept < _MAX_ANSWER and unit not in _BESIDE
        if not answer and (self._top.over or unit in _BESIDE):
            return
        for line in text.split("\n"):
            plain = line.strip()
            if not plain or dense(line) in self._known:
                continue
            if not self._top.over and unit not in _BESIDE:
                self._top.line(plain)
            if answer:
                self._answer.append(line)
                self._kept += len(line)
            elif self._top.over:
                return


def _cut(text: str, start: int, end: int) -> int:
    """Where a long passage may be cut, after the last line end or blank in reach."""
    limit = start + _BLOCK
    if end <= limit:
        return end
    at = max(text.rfind(blank, limit - _BLOCK // 2, limit) for blank in "\n ")
    return at + 1 if at > 0 else limit

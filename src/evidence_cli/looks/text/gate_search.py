"""Find what may not leave the house: each pattern runs once over each stretch of text."""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from evidence_cli.looks.facts import Passage, Place, Spotted, Unit
from evidence_cli.looks.text.block import Block, BlockBuilder
from evidence_cli.looks.text.proofs import PROOFS
from evidence_cli.vocabulary.folding import fold_pattern
from evidence_cli.vocabulary.gate import Gate, Search

MAX_SPOTTED = 50
_MAX_SHOWN = 60
_KEPT = 2

Span = tuple[int, int]


@dataclass(slots=True)
class GateSearch:
    """Gathers the finds of one document, block by block."""

    gate: Gate
    _spotted: dict[str, list[Spotted]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def search(self, block: Block) -> None:
        """Look for everything in a block."""
        taken: list[Span] = []
        of_code: dict[str, list[Span]] = {}
        masked: dict[Span, bool] = {}
        for search in self.gate.searches:
            found = [span for span in _finds(search, block) if not _meets(span, taken)]
            for span in found:
                insort(taken, span)
                masked[span] = search.masked
            of_code.setdefault(search.code, []).extend(found)
        for code, spans in of_code.items():
            self._note(code, sorted(spans), masked, block)

    def spotted(self) -> tuple[Spotted, ...]:
        """The first finds of each rule."""
        return tuple(spotted for found in self._spotted.values() for spotted in found)

    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many finds each rule has, where it has any."""
        return tuple(self._counts.items())

    def _note(self, code: str, spans: list[Span], masked: dict[Span, bool], block: Block) -> None:
        if not spans:
            return
        self._counts[code] = self._counts.get(code, 0) + len(spans)
        kept = self._spotted.setdefault(code, [])
        for start, end in spans[: MAX_SPOTTED - len(kept)]:
            kept.append(Spotted(code, shown(block.text[start:end], masked[start, end]), block.place(start)))


def found_in_name(gate: Gate, name: str) -> GateSearch:
    """What is found in the name of a file. Its beginning is no beginning of a document."""
    builder = BlockBuilder()
    builder.add(Passage(Place(Unit.NAME, 1), name))
    search = GateSearch(gate)
    search.search(builder.take())
    return search


def shown(found: str, masked: bool) -> str:
    """A find as reports may show it, on one line: of what is sensitive, the first and last two characters alone."""
    line = " ".join(found.split())
    if not masked:
        return line[:_MAX_SHOWN]
    plain = re.sub("[ -]", "", line)
    if len(plain) <= 2 * _KEPT:
        return "*" * len(plain)
    return f"{plain[:_KEPT]}{'*' * min(len(plain) - 2 * _KEPT, _MAX_SHOWN)}{plain[-_KEPT:]}"


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as it runs over folded text. Raises re.error."""
    return re.compile(fold_pattern(pattern), re.MULTILINE)


def _finds(search: Search, block: Block) -> list[Span]:
    """Every find of one search that stands its proof, in order; of overlapping ones the first."""
    spans: list[Span] = []
    for pattern in search.patterns:
        for span in _matches(search.proof, compiled(pattern), block):
            if not _meets(span, spans):
                insort(spans, span)
    if spans and search.exceptions:
        spared = _spared(search.exceptions, block.text)
        spans = [span for span in spans if not _inside(span, spared)]
    return spans


def _matches(proof: str, pattern: re.Pattern[str], block: Block) -> Iterator[Span]:
    group = "find" if "find" in pattern.groupindex else 0
    proven = PROOFS[proof] if proof else None
    match = pattern.search(block.text)
    while match:
        start, end = match.span(group)
        stands = start < end and (proven is None or proven(block, start, end))
        if stands:
            yield start, end
        # What fails its proof may have swallowed the beginning of what does not.
        after = match.end() if match.end() > match.start() and (stands or not proof) else match.start() + 1
        match = pattern.search(block.text, after) if after <= len(block.text) else None


def _spared(exceptions: tuple[str, ...], text: str) -> list[Span]:
    """The stretches that exceptions cover, in order, overlapping ones joined."""
    joined: list[Span] = []
    for start, end in sorted(match.span() for pattern in exceptions for match in compiled(pattern).finditer(text)):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _meets(span: Span, others: list[Span]) -> bool:
    """Whether a span overlaps one of others, which are in order and do not overlap."""
    at = bisect_left(others, (span[1], 0)) - 1
    return at >= 0 and others[at][1] > span[0]


def _inside(span: Span, others: list[Span]) -> bool:
    at = bisect_right(others, (span[0], 2**62)) - 1
    return at >= 0 and others[at][1] >= span[1]

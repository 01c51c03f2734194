"""The properties of a document that its author wrote as text: of OOXML (ECMA-376 part 2, 11) and OpenDocument."""

from collections.abc import Iterable, Iterator

from evidence_cli.looks.facts import Gap, Passage, Place, Unit
from evidence_cli.looks.inside.ooxml.parts import Package
from evidence_cli.looks.inside.ooxml.xml_parts import PART_LIMIT, Budget, Collector, read_chunks
from evidence_cli.looks.sample import TornError

# Dublin Core and Office's own; strings of custom properties (part 1, 22.4). Who wrote it, and when, is not searched.
_WRITTEN = frozenset({"title", "subject", "keywords", "description", "category", "lpwstr", "lpstr", "bstr"})
# OpenDocument (part 1, 4.3) has a `keyword` for each, and its own custom ones.
_OPEN_WRITTEN = frozenset({"title", "subject", "keyword", "description", "user-defined"})
_KINDS = ("core-properties", "custom-properties")


class Properties(Collector):
    """One passage, which has no place of its own, for each of the properties `written`."""

    def __init__(self, written: frozenset[str]) -> None:
        super().__init__()
        self._written = written
        self._open = ""
        self._parts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name in self._written:
            self._open = name

    def end(self, name: str) -> None:
        if name == self._open:
            self.emit(Place(Unit.NOTE, 1), self._parts)
            self._open = ""
            self._parts = []

    def characters(self, text: str) -> None:
        if self._open:
            self._parts.append(text)


def package_properties(package: Package, budget: Budget) -> Iterator[Passage | Gap]:
    """The properties of an OOXML package. Raises OSError."""
    for kind in _KINDS:
        for part in package.targets("", kind):
            yield from _read(package.container.chunks(part, PART_LIMIT), part, _WRITTEN, budget)


def open_properties(chunks: Iterable[bytes], part: str, budget: Budget) -> Iterator[Passage | Gap]:
    """The properties in the meta.xml of an OpenDocument package. Raises OSError."""
    return _read(chunks, part, _OPEN_WRITTEN, budget)


def _read(chunks: Iterable[bytes], part: str, written: frozenset[str], budget: Budget) -> Iterator[Passage | Gap]:
    try:
        yield from read_chunks(chunks, Properties(written), part, budget)
    except TornError:
        # A document opens without them.
        yield Gap("text", "format")

"""Text in DrawingML (ECMA-376 part 1, 20-21): shapes, SmartArt and charts, wherever a document keeps them."""

from collections.abc import Iterator, Mapping

from evidence_cli.looks.facts import Gap, Passage, Place
from evidence_cli.looks.inside.ooxml.parts import Package
from evidence_cli.looks.inside.ooxml.xml_parts import Budget, Collector, read_passages

_TEXT_TYPES = frozenset({"diagramdata", "chart", "chartex"})
# A text body; in SmartArt data a `dgm:t`, in charts a `c:rich`.
_BODIES = frozenset({"txBody", "rich"})
_NUMBERS = frozenset({"numCache", "numLit", "numDim"})
# Numbers of slides and dates of the day are no text of the author.
_AUTOMATIC = ("slidenum", "datetime")


class Bodies(Collector):
    """One passage for each text body, with the place that `place` gives when it ends."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self._parts: list[str] = []
        self._in_text = 0
        self._automatic = 0
        self._fallback = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._in_text += 1
        elif name == "br":
            self._parts.append("\n")
        elif name == "fld":
            self._automatic += attributes.get("type", "").startswith(_AUTOMATIC)
        elif name == "Fallback":
            self._fallback += 1

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text -= 1
        elif name == "p":
            self._parts.append("\n")
        elif name in _BODIES or name == "pt":
            self.flush()
        elif name == "fld":
            self._automatic = 0
        elif name == "Fallback":
            self._fallback -= 1

    def flush(self) -> None:
        """Give what was collected."""
        self.emit(self.place, ["".join(self._parts).strip("\n")])
        self._parts = []

    def characters(self, text: str) -> None:
        # In SmartArt a text stands in a text: the line breaks between their tags are none.
        if self._in_text and not self._automatic and not self._fallback and not (text.isspace() and "\n" in text):
            self._parts.append(text)


class _Drawing(Bodies):
    """The text of SmartArt or a chart. A chart keeps the names of its series and categories as it last saw them.

    A name that comes again, as categories do with every series, is given once (21.2.2.201, [MS-ODRAWXML] 2.24.3).
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._numbers = 0
        self._names: set[str] = set()
        self._name: list[str] | None = None
        self._dimension = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _NUMBERS:
            self._numbers += 1
        elif name == "strDim":
            self._dimension = True
        elif not self._numbers and (name == "v" or (name == "pt" and self._dimension)):
            self._name = []
        super().start(name, attributes)

    def end(self, name: str) -> None:
        if name in _NUMBERS:
            self._numbers -= 1
        elif name == "strDim":
            self._dimension = False
        elif self._name is not None and name in ("v", "pt"):
            text = "".join(self._name)
            self._name = None
            if text not in self._names:
                self._names.add(text)
                self.emit(self.place, [text])
        super().end(name)

    def characters(self, text: str) -> None:
        if self._name is not None:
            self._name.append(text)
        else:
            super().characters(text)


def drawing_texts(
    package: Package, source: str, placed: Mapping[str, Place], rest: Place, budget: Budget
) -> Iterator[Passage | Gap]:
    """The text of the SmartArt and charts that the part `source` is related to.

    `placed` gives the places of those that it shows, by the id of their relationship and in their order; what it has
    and does not show follows, at the place `rest`. Raises TornError; OSError.
    """
    order = {link: at for at, link in enumerate(placed)}
    links = [found for found in package.related(source) if found.type in _TEXT_TYPES and not found.external]
    seen = set()
    for link in sorted(links, key=lambda link: order.get(link.id, len(order))):
        if link.target in package.container.members and link.target not in seen:
            seen.add(link.target)
            place = placed.get(link.id, rest)
            yield from read_passages(package.container, link.target, _Drawing(place), budget)
            for shapes in package.targets(link.target, "chartusershapes"):
                yield from read_passages(package.container, shapes, Bodies(place), budget)

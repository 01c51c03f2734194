"""Text in DrawingML (ECMA-376 part 1, 20-21): shapes, SmartArt and charts, wherever a document keeps them."""

from collections.abc import Iterator

from evidence_cli.looks.facts import Gap, Passage, Place
from evidence_cli.looks.inside.ooxml.parts import Package
from evidence_cli.looks.inside.ooxml.xml_parts import Budget, Collector, read_passages

_TEXT_TYPES = frozenset({"diagramdata", "chart", "chartex"})
# A text body; in SmartArt data a `dgm:t`, in charts a `c:rich`.
_BODIES = frozenset({"txBody", "rich"})
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


def drawing_text(package: Package, source: str, link: str, place: Place, budget: Budget) -> Iterator[Passage | Gap]:
    """The text of the SmartArt or chart that a relationship of the part `source` leads to.

    Raises TornError; OSError.
    """
    target = next((found for found in package.related(source) if found.id == link), None)
    if target is None or target.type not in _TEXT_TYPES or target.target not in package.container.members:
        return
    yield from read_passages(package.container, target.target, Bodies(place), budget)

"""Presentations: PresentationML (ECMA-376 part 1, 19), transitional and strict."""

from collections.abc import Iterator
from dataclasses import replace

from evidence_cli.looks.facts import Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.ooxml.drawings import Bodies, drawing_texts
from evidence_cli.looks.inside.ooxml.parts import (
    Package,
    active_content,
    attribute,
    embedded_documents,
    health_gaps,
    in_order,
    open_package,
)
from evidence_cli.looks.inside.ooxml.properties import package_properties
from evidence_cli.looks.inside.ooxml.xml_parts import Budget, Collector, read_part, read_passages
from evidence_cli.looks.sample import Sample, TornError

_SLIDE_LIMIT = 10_000
_DRAWING_LIMIT = 200  # of one slide


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Macros, links and objects, the number of slides, and the text: slides, notes, comments.

    Raises TornError, LockedError, BombError; OSError.
    """
    package = open_package(sample)
    slides = _slides(package)
    active = active_content(package)
    facts = replace(facts, active=in_order(active), pages=len(slides), gaps=health_gaps(package, facts))
    return Inside(facts, _passages(package, slides), pictures=package.has_pictures)


class _Presentation(Collector):
    """The relationship ids of the slides, in their order (19.2.1.34)."""

    def __init__(self) -> None:
        super().__init__()
        self.slides: list[str] = []
        self._extensions = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        # Sections list their slides again, in an extension ([MS-PPTX] 2.6.7), by number and not by relationship.
        if name == "ext":
            self._extensions += 1
        elif name == "sldId" and not self._extensions:
            self.slides.append(attribute(attributes, "id"))
            if len(self.slides) > _SLIDE_LIMIT:
                raise TornError("too many slides")

    def end(self, name: str) -> None:
        if name == "ext":
            self._extensions -= 1


def _slides(package: Package) -> list[str]:
    """The parts of the slides. Raises TornError when one is missing."""
    package.check_root("presentation")
    presentation = _Presentation()
    read_part(package.container, package.main, presentation)
    links = {link.id: link for link in package.related(package.main)}
    found = []
    for number, identifier in enumerate(presentation.slides, 1):
        link = links.get(identifier)
        if link is None or link.external or link.target not in package.container.members:
            raise TornError(f"slide {number} is missing")
        found.append(link.target)
    return found


def _passages(package: Package, slides: list[str]) -> Iterator[Passage | Gap]:
    container = package.container
    budget = Budget()
    backgrounds: set[str] = set()
    for number, part in enumerate(slides, 1):
        slide = _Slide(Place(Unit.SLIDE, number))
        yield from read_passages(container, part, slide, budget)
        placed = dict.fromkeys(slide.drawings, slide.place)
        yield from drawing_texts(package, part, placed, slide.place, budget)
        for notes in package.targets(part, "notesslide"):
            yield from read_passages(container, notes, Bodies(Place(Unit.NOTE, number)), budget)
        for comments in package.targets(part, "comments"):
            yield from read_passages(container, comments, _Comments(Place(Unit.COMMENT, number)), budget)
        for background in _backgrounds(package, part):
            if background not in backgrounds:
                backgrounds.add(background)
                yield from read_passages(container, background, _Background(slide.place), budget)
    yield from package_properties(package, budget)
    yield from embedded_documents(package)


def _backgrounds(package: Package, slide: str) -> list[str]:
    """The layout of a slide, and the layout's master."""
    layouts = package.targets(slide, "slidelayout")[:1]
    return layouts + [master for layout in layouts for master in package.targets(layout, "slidemaster")[:1]]


class _Slide(Bodies):
    """The text of a slide, and the relationships of its SmartArt and charts."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.drawings: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("relIds", "chart") and len(self.drawings) < _DRAWING_LIMIT:
            link = attribute(attributes, "dm" if name == "relIds" else "id")
            if link and link not in self.drawings:
                self.drawings.append(link)
        elif name == "cNvPr":
            # What a picture is said to show (20.1.2.2.8).
            self.emit(Place(Unit.NOTE, self.place.value), [attributes.get("descr", "")])
        super().start(name, attributes)


class _Background(Bodies):
    """What a layout or master itself shows: not its placeholders, whose text is a prompt to the author."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._placeholder = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sp":
            self._placeholder = False
        elif name == "ph":
            self._placeholder = True
        super().start(name, attributes)

    def characters(self, text: str) -> None:
        if not self._placeholder:
            super().characters(text)


class _Comments(Bodies):
    """Comments: `p:text` of the old ones (19.4.1), a text body of the new ones ([MS-PPTX] 2.6.10)."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start("t" if name == "text" else name, attributes)

    def end(self, name: str) -> None:
        super().end("t" if name == "text" else name)
        if name == "text":
            self.flush()

"""Excel workbooks: SpreadsheetML (ECMA-376 part 1, 18), transitional and strict."""

import re
from collections.abc import Iterator
from dataclasses import replace

from evidence_cli.looks.facts import Active, Facts, Gap, Passage, Place, Unit
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
from evidence_cli.looks.inside.ooxml.sheets import Cells, SharedStrings, column_letters
from evidence_cli.looks.inside.ooxml.xml_parts import (
    LONG,
    PART_LIMIT,
    Budget,
    Collector,
    read_part,
    read_passages,
)
from evidence_cli.looks.sample import Sample, TornError

# Excel itself holds as many sheets as fit into memory; nobody has so many.
_SHEET_LIMIT = 10_000
_CODES = re.compile(r"&(?:[LCRPNDTZFAGUESXYBIHO+-]|\"[^\"]{0,200}\"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d{1,3})")
# Names that programs give; they tell nothing.
_NAMELESS = re.compile(r"(?:Sheet|Chart)\d{0,4}", re.IGNORECASE)
_DRAWING_LIMIT = 1000  # of one sheet
_QUERIES = (b"webPr", b"dbPr", b"olapPr")


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Macros, links, queries and objects, and the text: cells, shapes, comments, headers and footers.

    Raises TornError, LockedError, BombError; OSError.
    """
    package = open_package(sample)
    sheets = _sheets(package)
    active = active_content(package)
    for part in package.targets(package.main, "connections"):
        if any(query in package.container.read(part, PART_LIMIT) for query in _QUERIES):
            active.add(Active.EXTERNAL)
    facts = replace(facts, active=in_order(active), gaps=health_gaps(package, facts))
    return Inside(facts, _passages(package, sheets), pictures=package.has_pictures)


class _Workbook(Collector):
    """The names and relationship ids of the sheets, in their order (18.2.19)."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("name", ""), attribute(attributes, "id")))
            if len(self.sheets) > _SHEET_LIMIT:
                raise TornError("too many sheets")


def _sheets(package: Package) -> list[tuple[str, str]]:
    """The name and the part of each sheet. Raises TornError when a part is missing."""
    package.check_root("workbook")
    workbook = _Workbook()
    read_part(package.container, package.main, workbook)
    if not workbook.sheets:
        raise TornError("the workbook has no sheets")
    links = {link.id: link for link in package.related(package.main)}
    found = []
    # What Excel leaves of a sheet of macros or Visual Basic in a workbook that may hold none: a name without a part.
    named = [sheet for sheet in workbook.sheets if sheet[1]] or workbook.sheets
    for name, identifier in named:
        link = links.get(identifier)
        if link is None or link.external or link.target not in package.container.members:
            raise TornError(f"sheet {name} is missing")
        # A sheet of Visual Basic (module) is a leftover of Excel 5, and no XML.
        if link.type != "xlvbmodule":
            found.append((name, link.target))
    return found


def _passages(package: Package, sheets: list[tuple[str, str]]) -> Iterator[Passage | Gap]:
    container = package.container
    budget = Budget()
    strings = SharedStrings()
    written = False
    for part in package.targets(package.main, "sharedstrings")[:1]:
        yield from read_passages(container, part, strings, budget)
    for number, (name, part) in enumerate(sheets, 1):
        for passage in _sheet(package, number, name, part, strings, budget):
            written = written or (isinstance(passage, Passage) and passage.place.unit is Unit.CELL)
            yield passage
    if strings.cut:
        yield LONG
    # A workbook of pictures without any text stays one.
    if written or not package.has_pictures:
        yield from (Passage(Place(Unit.CELL, f"{name}!A1"), name) for name, _ in sheets if _tells(name))
    yield from package_properties(package, budget)
    yield from embedded_documents(package)


def _tells(name: str) -> bool:
    return bool(name.strip()) and not _NAMELESS.fullmatch(name)


def _sheet(
    package: Package, number: int, name: str, part: str, strings: SharedStrings, budget: Budget
) -> Iterator[Passage | Gap]:
    container = package.container
    cells = Cells(name, strings)
    yield from read_passages(container, part, cells, budget)
    for comments in package.targets(part, "comments"):
        yield from read_passages(container, comments, _Comments(name), budget)
    for drawing in package.targets(part, "drawing"):
        shapes = _Shapes(name)
        yield from read_passages(container, drawing, shapes, budget)
        yield from drawing_texts(package, drawing, shapes.drawings, Place(Unit.CELL, f"{name}!A1"), budget)
    yield from _headings(cells, number)


def _headings(cells: Cells, number: int) -> Iterator[Passage]:
    """Headers and footers without their codes (18.3.1.39); those of first and even pages often repeat the others."""
    seen = set()
    for element, code in cells.headings:
        text = _CODES.sub(" ", code.replace("&&", "\0")).replace("\0", "&").strip()
        unit = Unit.HEADER if element.endswith("Header") else Unit.FOOTER
        if text and (unit, text) not in seen:
            seen.add((unit, text))
            yield Passage(Place(unit, number), text)


class _Comments(Collector):
    """One passage for each comment (18.7)."""

    def __init__(self, sheet: str) -> None:
        super().__init__()
        self._sheet = sheet
        self._cell = ""
        self._parts: list[str] = []
        self._in_text = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "comment":
            self._cell = attributes.get("ref", "")
        elif name == "t":
            self._in_text = True

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "comment":
            self.emit(Place(Unit.COMMENT, f"{self._sheet}!{self._cell}"), self._parts)
            self._parts = []

    def characters(self, text: str) -> None:
        if self._in_text:
            self._parts.append(text)


class _Shapes(Bodies):
    """The text of the shapes that lie on a sheet, each at the cell of its upper left corner (20.5)."""

    def __init__(self, sheet: str) -> None:
        super().__init__(Place(Unit.CELL, f"{sheet}!A1"))
        self._sheet = sheet
        self.drawings: dict[str, Place] = {}
        self._corner = ""
        self._anchor: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("from", "to"):
            self._anchor = {}
        elif name in ("chart", "relIds") and len(self.drawings) < _DRAWING_LIMIT:
            link = attribute(attributes, "id" if name == "chart" else "dm")
            self.drawings.setdefault(link, self.place)
        self._corner = name if name in ("col", "row") else ""
        super().start(name, attributes)

    def end(self, name: str) -> None:
        self._corner = ""
        if name == "from":
            column, row = (self._anchor.get(key, "").strip() for key in ("col", "row"))
            if column.isdecimal() and row.isdecimal() and len(column + row) < 18:
                self.place = Place(Unit.CELL, f"{self._sheet}!{column_letters(int(column) + 1)}{int(row) + 1}")
        super().end(name)

    def characters(self, text: str) -> None:
        if self._corner:
            self._anchor[self._corner] = self._anchor.get(self._corner, "") + text
        else:
            super().characters(text)

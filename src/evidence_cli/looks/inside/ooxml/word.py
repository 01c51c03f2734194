"""Word documents: WordprocessingML (ECMA-376 part 1, 17), transitional and strict."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from evidence_cli.looks.containers.zipped import Container
from evidence_cli.looks.facts import Active, Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.ooxml.drawings import drawing_texts
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
from evidence_cli.looks.inside.ooxml.xml_parts import PART_LIMIT, Budget, Collector, read_passages
from evidence_cli.looks.sample import Sample

_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Inside properties `w:tab` is a tab stop; deleted and moved-away text is not shown; a fallback repeats.
_SILENT = frozenset({"pPr", "rPr", "sectPr", "tblPr", "del", "moveFrom", "Fallback", "rt"})
_DIAGRAM, _CHART = "relIds", "chart"

_FIELD = re.compile(
    rb"<(?:\w{1,20}:)?(?:(fldChar)\b|instrText\b[^<>]{0,500}>([^<]{0,4000})"
    rb"|fldSimple\b[^<>]{0,1000}?\binstr\s{0,9}=\s{0,9}(?:\"([^\"<]{0,4000})\"|'([^'<]{0,4000})'))"
)
_FIELD_LIMIT = 16 * 1024
_RUN_LIMIT = 1000
_DDE = re.compile(r"\s*DDE(?:AUTO)?\b", re.IGNORECASE)
_LINK = re.compile(r"\s*(?:LINK|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|RD)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?:https?|ftps?)://|[\s\"]\\{2,4}[\w]", re.IGNORECASE)


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Macros, links and objects, and the text: body, headers, footers, notes, comments.

    Raises TornError, LockedError, BombError; OSError.
    """
    package = open_package(sample)
    package.check_root("document")
    active = active_content(package)
    for part in (package.main, *_stories(package)):
        if Active.EXTERNAL not in active and _fields_leave(package.container, part):
            active.add(Active.EXTERNAL)
    facts = replace(facts, active=in_order(active), gaps=health_gaps(package, facts))
    return Inside(facts, _passages(package), pictures=package.has_pictures)


def _stories(package: Package) -> list[str]:
    kinds = ("header", "footer", "footnotes", "endnotes", "comments")
    return [part for kind in kinds for part in package.targets(package.main, kind)]


def _passages(package: Package) -> Iterator[Passage | Gap]:
    budget = Budget()
    body = _Body()
    yield from read_passages(package.container, package.main, body, budget)
    last = Place(Unit.PARAGRAPH, max(1, body.number))
    yield from drawing_texts(package, package.main, body.drawings, last, budget)
    for kind, unit in (("header", Unit.HEADER), ("footer", Unit.FOOTER)):
        for number, part in enumerate(package.targets(package.main, kind), 1):
            yield from read_passages(package.container, part, _Pieces(unit, ("hdr", "ftr"), number), budget)
            yield from drawing_texts(package, part, {}, Place(unit, number), budget)
    number = 1
    for kind, item in (("footnotes", "footnote"), ("endnotes", "endnote")):
        for part in package.targets(package.main, kind):
            notes = _Pieces(Unit.NOTE, (item,), number)
            yield from read_passages(package.container, part, notes, budget)
            number = notes.number
    for part in package.targets(package.main, "comments"):
        yield from read_passages(package.container, part, _Pieces(Unit.COMMENT, ("comment",)), budget)
    if package.targets(package.main, "afchunk"):
        # A chunk in another format (HTML, RTF) that Word turns into text when it opens the document.
        yield Gap("text", "format")
    yield from package_properties(package, budget)
    yield from embedded_documents(package)


class _Text(Collector):
    """The characters of runs. What a paragraph is for, subclasses know."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._deleted: list[str] = []
        self._in_deleted = False
        self._silent = 0
        self._in_text = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _SILENT:
            self._silent += 1
        elif name == "delText":
            self._in_deleted = True
        elif self._silent == 0:
            if name == "t":
                self._in_text += 1
            elif name == "p":
                self.open_paragraph()
            elif name in _SIGNS:
                self.parts.append(_SIGNS[name])
            elif name == "textpath":
                # WordArt and watermarks in VML (part 4, 19.1.2.23).
                self.parts.append(attributes.get("string", ""))
            else:
                self.other(name, attributes)

    def end(self, name: str) -> None:
        if name in _SILENT:
            self._silent -= 1
        elif name == "delText":
            self._in_deleted = False
        elif self._silent == 0:
            if name == "t":
                self._in_text -= 1
            elif name == "p":
                self.close_paragraph()
            else:
                self.close_other(name)

    def characters(self, text: str) -> None:
        if self._in_text:
            self.parts.append(text)
        elif self._in_deleted:
            self._deleted.append(text)

    def give_deleted(self, number: int) -> None:
        """Give what was deleted while changes were tracked: it is not shown, but leaves the house with the file."""
        self.emit(Place(Unit.COMMENT, number), self._deleted)
        self._deleted.clear()

    def open_paragraph(self) -> None:
        """A paragraph begins."""

    def close_paragraph(self) -> None:
        """A paragraph ends."""

    def other(self, name: str, attributes: dict[str, str]) -> None:
        """Some other element begins."""

    def close_other(self, name: str) -> None:
        """Some other element ends."""


class _Body(_Text):
    """The body: one passage for each paragraph. One may stand in another, in its text box."""

    def __init__(self) -> None:
        super().__init__()
        self.drawings: dict[str, Place] = {}
        self.number = 0
        self._open: list[tuple[int, list[str]]] = []

    def open_paragraph(self) -> None:
        self.number += 1
        self._open.append((self.number, self.parts))
        self.parts = []

    def close_paragraph(self) -> None:
        if self._open:
            number, outer = self._open.pop()
            self.emit(Place(Unit.PARAGRAPH, number), self.parts)
            self.parts = outer
            self.give_deleted(number)

    def other(self, name: str, attributes: dict[str, str]) -> None:
        if name in (_DIAGRAM, _CHART):
            link = attribute(attributes, "dm" if name == _DIAGRAM else "id")
            if link and len(self.drawings) < 1000:
                self.drawings.setdefault(link, Place(Unit.PARAGRAPH, max(1, self.number)))
        elif name == "docPr":
            # What a picture is said to show (20.4.2.5).
            self.emit(Place(Unit.NOTE, max(1, self.number)), [attributes.get("descr", "")])


class _Pieces(_Text):
    """A header, a footer, or the notes or comments of a part: one passage for each."""

    def __init__(self, unit: Unit, items: tuple[str, ...], number: int = 1) -> None:
        super().__init__()
        self.number = number
        self._unit = unit
        self._items = items

    def close_paragraph(self) -> None:
        self.parts.append("\n")

    def close_other(self, name: str) -> None:
        if name in self._items:
            before = len(self.out)
            self.emit(Place(self._unit, self.number), ["".join(self.parts).rstrip("\n")])
            given = len(self.out) > before
            self.give_deleted(self.number)
            self.number += given
            self.parts = []


def _fields_leave(container: Container, part: str) -> bool:
    """Whether a field (17.16) fetches from another program by DDE or from another computer."""
    code: list[bytes] = []  # the code of a field may be spread over many runs
    rest = b""
    for chunk in container.chunks(part, PART_LIMIT):
        data = rest + chunk
        # What stands before the last tag is complete.
        end = data.rfind(b"<")
        rest = data[end:] if end >= 0 and len(data) - end < _FIELD_LIMIT else b""
        if b"instrText" not in data and b"fldSimple" not in data and not code:
            continue
        for found in _FIELD.finditer(data):
            if found[2] is not None and found.start() != end and len(code) < _RUN_LIMIT:
                code.append(found[2])
            elif found[2] is None:
                if _leaves(b"".join(code)) or _leaves(found[3] or found[4] or b""):
                    return True
                code = []
    return _leaves(b"".join(code))


def _leaves(code: bytes) -> bool:
    text = html.unescape(code.decode("utf-8", "replace"))
    return bool(_DDE.match(text) or (_LINK.match(text) and _ELSEWHERE.search(text)))

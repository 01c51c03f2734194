"""The text of OpenDocument (ISO/IEC 26300-1, 5-9 and 19.761): paragraphs, cells, slides, notes, comments."""

from evidence_cli.looks.containers.xml_events import local
from evidence_cli.looks.facts import Place, Unit
from evidence_cli.looks.inside.ooxml.sheets import column_letters, shown_number
from evidence_cli.looks.inside.ooxml.xml_parts import Collector

# The row or column behind a run of repeated ones; a count is anybody's to write.
_REPEAT_LIMIT = 10_000_000
_SPACES_LIMIT = 1000
# Who changed what, what is no text, and fields for which a file holds a stand-in.
_SILENT = frozenset(
    {
        "change-info", "binary-data", "settings", "scripts", "styles", "automatic-styles", "ruby-text",
        "page-number", "sheet-name",
    }
)  # fmt: skip
# Attributes of cells are looked up by their whole name: there may be a million.
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_ROWS, _COLUMNS = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"
_VALUE, _VALUE_TYPE = f"{_OFFICE}value", f"{_OFFICE}value-type"
_SPACES = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 c"
_NUMBERS = frozenset({"float", "percentage", "currency"})
_UNITS = {
    "note": Unit.NOTE,
    "annotation": Unit.COMMENT,
    # Deleted while changes were tracked: not shown, but still in the file.
    "tracked-changes": Unit.COMMENT,
    "header": Unit.HEADER,
    "header-left": Unit.HEADER,
    "header-first": Unit.HEADER,
    "footer": Unit.FOOTER,
    "footer-left": Unit.FOOTER,
    "footer-first": Unit.FOOTER,
    # What every slide shows.
    "master-page": Unit.HEADER,
}
# Pieces that are one passage each; shapes of slides and sheets are, too.
_KEPT = frozenset({"notes", *_UNITS})
_SHAPES = frozenset({"text-box", "custom-shape"})


class Texts(Collector):
    """The passages of a content.xml, a styles.xml or a flat document.

    `format_name` (odt, ods, odp) says what places are counted in. A text that stands in another (a note in its
    paragraph, a comment in its cell) is given first.
    """

    def __init__(self, format_name: str) -> None:
        super().__init__()
        self._format = format_name
        self._parts: list[str] = []
        self._open: list[tuple[list[str], int]] = []
        self._kept: list[tuple[str, list[str]]] = []  # pieces within which paragraphs are but lines
        self._paragraphs = 0
        self._depth = 0
        self._silent = 0  # the depth of the element whose content does not count
        self._slide = 0
        self._counts: dict[Unit, int] = {}
        self._sheet = ""
        self._row = self._column = 0
        self._rows = self._columns = 1
        self._value = ""
        self._in_cell = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._silent:
            return
        if (
            name in _SILENT
            or (name == "tracked-changes" and self._format != "odt")
            or (name == "frame" and self._is_prompt(attributes))
        ):
            self._silent = self._depth
        elif name in ("p", "h"):
            self._open_paragraph()
        elif name == "s":
            self._parts.append(" " * min(_number(attributes, _SPACES, _SPACES_LIMIT), _SPACES_LIMIT))
        elif name in ("tab", "line-break"):
            self._parts.append("\t" if name == "tab" else "\n")
        elif name in _KEPT or (name in _SHAPES and self._shape_is_kept()):
            self._keep(name)
        elif name == "page":
            self._slide += 1
        elif self._format == "ods":
            self._start_in_table(name, attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._silent:
            if self._depth < self._silent:
                self._silent = 0
        elif name in ("p", "h"):
            self._close_paragraph()
        elif self._kept and self._kept[-1][0] == name:
            self._give(name)
        elif self._format == "ods":
            self._end_in_table(name)

    def characters(self, text: str) -> None:
        if self._open and not self._silent:
            self._parts.append(text)

    def _is_prompt(self, attributes: dict[str, str]) -> bool:
        """Whether a frame is a placeholder of a master page: its text tells the author what to write."""
        return bool(self._kept) and self._kept[-1][0] == "master-page" and local(attributes, "class") != ""

    def _open_paragraph(self) -> None:
        if not self._kept:
            self._paragraphs += 1
        self._open.append((self._parts, self._paragraphs))
        self._parts = []

    def _close_paragraph(self) -> None:
        if not self._open:
            return
        parts = self._parts
        self._parts, number = self._open.pop()
        if self._kept:
            self._kept[-1][1].extend((*parts, "\n"))
        else:
            self.emit(self._here(number), parts)

    def _shape_is_kept(self) -> bool:
        return self._format != "odt" and (not self._kept or self._kept[-1][0] == "cell")

    def _keep(self, name: str) -> None:
        self._kept.append((name, []))
        # What stands between its paragraphs (who wrote a comment, and when) is dropped.
        self._open.append((self._parts, self._paragraphs))
        self._parts = []

    def _here(self, number: int) -> Place:
        """The place of a paragraph or shape that is no part of a kept piece."""
        if self._format == "ods":
            return self._cell_place(Unit.CELL)
        if self._slide:
            return Place(Unit.SLIDE, self._slide)
        return Place(Unit.PARAGRAPH, max(1, number))

    def _give(self, name: str) -> None:
        """The piece is complete: give it as one passage."""
        self._parts, number = self._open.pop()
        parts = ["".join(self._kept.pop()[1]).strip("\n")]
        if name == "cell" or name in _SHAPES:
            self.emit(self._here(number), parts)
        elif name == "annotation" and self._in_cell:
            self.emit(self._cell_place(Unit.COMMENT), parts)
        elif name == "notes":
            self.emit(Place(Unit.NOTE, self._slide), parts)
        else:
            unit = _UNITS[name]
            if parts[0].strip():
                self._counts[unit] = self._counts.get(unit, 0) + 1
                self.emit(Place(unit, self._counts[unit]), parts)

    def _cell_place(self, unit: Unit) -> Place:
        return Place(unit, f"{self._sheet}!{column_letters(max(1, self._column))}{max(1, self._row)}")

    def _start_in_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table" and not self._in_cell:
            self._sheet = local(attributes, "name")
            self._row = 0
            self._rows = 1
        elif name == "table-row" and not self._in_cell:
            self._row += self._rows
            self._rows = _number(attributes, _ROWS, _REPEAT_LIMIT)
            self._column = 0
            self._columns = 1
        elif name in ("table-cell", "covered-table-cell") and not self._in_cell:
            self._column += self._columns
            self._columns = _number(attributes, _COLUMNS, _REPEAT_LIMIT)
            is_number = attributes.get(_VALUE_TYPE) in _NUMBERS
            self._value = shown_number(attributes.get(_VALUE, "")) if is_number else ""
            self._in_cell = True
            self._keep("cell")

    def _end_in_table(self, name: str) -> None:
        if name not in ("table-cell", "covered-table-cell") or not self._in_cell:
            return
        # Within a cell everything that was kept has been given, so this is the cell's own.
        if self._kept and self._kept[-1][0] == "cell":
            if self._value:
                # The number itself: what is shown of it may be `1.38E+10` or ####.
                self._kept[-1] = ("cell", [self._value])
            self._give("cell")
        self._in_cell = False


def _number(attributes: dict[str, str], name: str, limit: int) -> int:
    """A count of at least 1 and at most `limit`."""
    text = attributes.get(name, "")
    return max(1, min(int(text), limit)) if text.isdecimal() and len(text) < 12 else 1

"""The text of an OFD page (GB/T 33190-2016, 11): objects that stand beside each other on a line are joined."""

from dataclasses import dataclass, field
from typing import NamedTuple

from evidence_cli.looks.containers.xml_events import local

_TEXT_LIMIT = 4_000_000
# Millimetres squared, a sixth of an A4 page: a picture of this size is no logo or seal.
_SCAN_AREA = 10_000.0
_SAME_LINE = 0.5
_WORD_GAP = 0.6
_MAX_DELTAS = 500
# A PageBlock inside a PageBlock, and the appearance of an annotation, hold objects too.
_OBJECTS = frozenset({"TextObject", "ImageObject", "PathObject", "CompositeObject"})


class _Run(NamedTuple):
    """Where the text of an object begins within its box, its base line, and the start and steps of its last piece."""

    begin: float
    base: float
    last: float
    deltas: str


@dataclass(slots=True)
class Steps:
    """How many steps between characters may still be added up, over all pages of a file."""

    left: int = 200_000


@dataclass(slots=True)
class PageText:
    """A handler that collects the text of a page, of a template or of annotations.

    `templates` are the numbers of the template pages it uses. `scan` tells that it shows a large picture, `drawn`
    that it shows anything.
    """

    steps: Steps = field(default_factory=Steps)
    lines: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    scan: bool = False
    drawn: bool = False
    _parts: list[str] = field(default_factory=list)
    _depth: int = 0
    _length: int = 0
    _box: tuple[float, ...] = ()
    _last: tuple[float, ...] = ()
    _run: "_Run | None" = None
    _last_run: "_Run | None" = None
    _size: float = 0.0
    _height: str = ""

    @property
    def text(self) -> str:
        """Line by line."""
        return "\n".join(line for line in self.lines if line.strip())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "TextCode":
            self._depth += 1
            height = local(attributes, "Y")
            # Without Y it stands on the line of the one before (11.3).
            if self._parts and height and height != self._height:
                self._parts.append("\n")
            self._height = height or self._height
            self._extend(attributes)
        elif name == "Template":
            self.templates.append(local(attributes, "TemplateID"))
        elif name in _OBJECTS:
            self.drawn = True
            self._box = _numbers(local(attributes, "Boundary"))
            if name == "TextObject":
                self._size = (_numbers(local(attributes, "Size")) or (0.0,))[0]
                self._parts, self._height, self._run = [], "", None
            elif name == "ImageObject" and len(self._box) == 4:
                self.scan |= self._box[2] * self._box[3] >= _SCAN_AREA

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "TextCode":
            self._depth -= 1
        elif name == "TextObject":
            self._place("".join(self._parts))
            self._parts = []

    def characters(self, text: str) -> None:
        """Only what stands in a TextCode is shown."""
        if self._depth and self._length < _TEXT_LIMIT:
            self._length += len(text)
            self._parts.append(text)

    def _place(self, text: str) -> None:
        """Joins the text of an object to the line before, if that is where it stands."""
        if not text:
            return
        gap = self._gap()
        if gap is None or not self.lines:
            self.lines.append(text)
        else:
            self.lines[-1] += (" " if gap > _WORD_GAP * max(self._size, 1.0) else "") + text
        self._last, self._last_run = self._box, self._run

    def _extend(self, attributes: dict[str, str]) -> None:
        begin, deltas = _number(local(attributes, "X")), local(attributes, "DeltaX")
        first = self._run or _Run(begin, _number(local(attributes, "Y")), begin, deltas)
        self._run = first._replace(last=begin, deltas=deltas)

    def _gap(self) -> float | None:
        """Millimetres between this object and the one before it on its line; None where it stands elsewhere."""
        if len(self._box) != 4 or len(self._last) != 4:
            return None
        if self._box == self._last:
            return self._gap_within()
        left, top, _, height = self._box
        last_left, last_top, last_width, last_height = self._last
        shared = min(top + height, last_top + last_height) - max(top, last_top)
        if left <= last_left or shared < _SAME_LINE * min(height, last_height):
            return None
        return left - last_left - last_width

    def _gap_within(self) -> float | None:
        """The same of two objects in one box: some writers give each the whole line's, or the page's."""
        run, last = self._run, self._last_run
        if run is None or last is None or run.begin < last.begin:
            return None
        if abs(run.base - last.base) > _SAME_LINE * max(self._size, 1.0):
            return None
        if run.begin == last.begin:
            return 0.0
        return run.begin - last.last - self._size - self._advance(last.deltas)

    def _advance(self, deltas: str) -> float:
        """The sum of an ST_Array of steps; `g 3 4.5` stands for three of 4.5 (11.3)."""
        total, times = 0.0, 1.0
        steps = iter(deltas.split(maxsplit=_MAX_DELTAS)[:_MAX_DELTAS] if self.steps.left > 0 else ())
        for step in steps:
            self.steps.left -= 1
            if step == "g":
                times = _number(next(steps, ""))
            else:
                total += times * _number(step)
                times = 1.0
        return total


def _number(text: str) -> float:
    return (_numbers(text) or (0.0,))[0]


def _numbers(text: str) -> tuple[float, ...]:
    """The numbers of an ST_Box or ST_Array; none where they are no numbers."""
    try:
        return tuple(float(part) for part in text.split()[:4])
    except ValueError:
        return ()

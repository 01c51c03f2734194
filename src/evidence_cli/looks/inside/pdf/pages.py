"""What a page of a PDF shows, without drawing it: how much there is to interpret, whether there are pictures."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_cli.looks.inside.pdf.structure import MAX_DECODED, Key, decoded, length_of, said
from evidence_cli.looks.sample import BombError, TornError

if TYPE_CHECKING:
    from pikepdf import Pdf

# Bytes of content of one page that are interpreted: pdfium makes some 60 times as much memory of them.
MAX_COST = 6 * 1024 * 1024
# Forms that draw forms: more levels than any program follows.
_MAX_LEVELS = 30
# A page whose forms, each drawn as often as it is called, come to this much is made to swell.
_BOMB_COST = 4 * 1024 * 1024 * 1024
_MAX_STREAMS = 5000
_MAX_ANNOTATIONS = 2000
_MAX_ANNOTATION_TEXT = 100_000
_MAX_ANCESTORS = 64
# ISO 32000-1 table 165: neither shown nor printed.
_HIDDEN = 2
# A page's pictures have to come to more than a logo for their text to be missed.
_SCAN_PIXELS = 40_000

_DRAW = re.compile(rb"/([^\0\t\n\f\r ()<>\[\]{}/%]+)[\0\t\n\f\r ]+Do\b")
_INLINE_PICTURE = re.compile(rb"BI[\0\t\n\f\r /][^()]{0,400}?[\0\t\n\f\r ]ID[\0\t\n\f\r ]")
_MARKED = re.compile(rb"(?:BDC|BMC|EMC)\b")
_SHOW = re.compile(rb"T[jJ]\b|[)>][\0\t\n\f\r ]*['\"]")
_STATE = re.compile(rb"(?<![^\0\t\n\f\r >\])])[qQ](?![^\0\t\n\f\r /(<\[])")
_STRING = re.compile(rb"[(<][^()<>]*[)>]")
# Below this, nothing in a content stream costs enough to be looked at more closely.
_SMALL_CONTENT = 16 * 1024
_MAX_MARKED_LEVELS = 500
_MAX_SAVED_STATES = 5000
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


class Load(NamedTuple):
    """What drawing takes. `cost` is the bytes of content that are read, forms as often as they are called; `pixels` and
    `stored` are the size of its pictures, decoded and as they are; `writes` tells that there is text, `unknown` that
    its content is stored in a way that nothing here can read."""

    cost: int = 0
    pixels: int = 0
    stored: int = 0
    writes: bool = False
    unknown: bool = False

    def with_calls(self, other: "Load", times: int) -> "Load":
        """This and so many times the other, whose pictures are stored once."""
        return Load(
            self.cost + times * other.cost,
            self.pixels + times * other.pixels,
            self.stored + other.stored,
            self.writes or other.writes,
            self.unknown or other.unknown,
        )


class Sketch(NamedTuple):
    """What drawing a page takes with what lies over it, and the text of its annotations and form fields.

    `covered` tells that stamps, signatures or fields show text of their own.
    """

    load: Load
    notes: tuple[str, ...]
    covered: bool


@dataclass(slots=True)
class Sketcher:
    """Sketches pages of one document. Raises TornError for content that cannot be decoded, and BombError."""

    pdf: "Pdf"
    pages: list[Any]
    _sketches: dict[int, Sketch] = field(default_factory=dict)
    _forms: dict[Key, Load] = field(default_factory=dict)

    def sketch(self, index: int) -> Sketch:
        """The page of this index, counted from 0; each is sketched once."""
        known = self._sketches.get(index)
        if known is None:
            known = self._sketches[index] = self._sketch(index)
        return known

    def _sketch(self, index: int) -> Sketch:
        page = self.pages[index]
        resources = _inherited(page, "/Resources")
        content = self._content(page, index + 1)
        over, tidy = self._appearances(page, resources)
        load = content if isinstance(content, Load) else self._load(content, resources, 0)
        load = load.with_calls(over, 1)
        if load.cost > _BOMB_COST:
            raise BombError(f"page {index + 1} draws forms over and over: {load.cost} bytes to interpret")
        return Sketch(load, tuple(_notes(page)), over.writes and tidy)

    def _appearances(self, page: Any, resources: Any) -> tuple[Load, bool]:
        """What is drawn over a page (ISO 32000-1 12.5.5), and whether all of it is as it should be.

        Marks of two states (a tick) are no text.
        """
        import pikepdf  # late: start-up time

        load, tidy = Load(), True
        for annotation in _annotations(page):
            hidden = _number(annotation, "/F") & _HIDDEN or annotation.get("/Subtype") == pikepdf.Name.Popup
            look = _dictionary(annotation.get("/AP")).get("/N")
            tidy = tidy and (look is None or isinstance(look, pikepdf.Stream) or _is_state(annotation, look))
            if isinstance(look, pikepdf.Stream) and not hidden:
                load = load.with_calls(self._drawn(look, resources, 0), 1)
        return load, tidy

    def _content(self, page: Any, number: int) -> bytes | Load | None:
        """What draws the page; None where it is too long, its load where no filter here reads it."""
        import pikepdf  # late: start-up time

        contents = page.get("/Contents")
        streams = list(_first(contents, _MAX_STREAMS)) if isinstance(contents, pikepdf.Array) else [contents]
        try:
            parts = [_decoded_content(stream, number) for stream in streams if isinstance(stream, pikepdf.Stream)]
        except pikepdf.PikepdfError:
            # A filter that qpdf does not have: nothing is known to be wrong.
            return Load(MAX_DECODED, writes=True, unknown=True)
        known = [part for part in parts if part is not None]
        total = sum(map(len, known))
        return b"\n".join(known) if len(known) == len(parts) and total <= MAX_DECODED else None

    def _load(self, content: bytes | None, resources: Any, level: int) -> Load:
        if content is None:
            return Load(MAX_DECODED, writes=True)
        inline = _SCAN_PIXELS if _INLINE_PICTURE.search(content) else 0
        load = Load(_cost_of(content), inline, writes=_SHOW.search(content) is not None)
        drawn = _dictionary(_dictionary(resources).get("/XObject"))
        calls = Counter(_DRAW.findall(content)) if drawn else Counter[bytes]()
        for raw, times in calls.items():
            thing = drawn.get(_name(raw))
            if thing is not None:
                load = load.with_calls(self._drawn(thing, resources, level), times)
        return load

    def _drawn(self, thing: Any, resources: Any, level: int) -> Load:
        import pikepdf  # late: start-up time

        if not isinstance(thing, pikepdf.Stream):
            return Load()
        if thing.get("/Subtype") != pikepdf.Name.Form:
            return Load(pixels=_number(thing, "/Width") * _number(thing, "/Height"), stored=length_of(thing))
        key = thing.objgen
        if key not in self._forms and level < _MAX_LEVELS:
            # A form that draws itself is drawn again at every level, as often as it says.
            self._forms[key] = Load(MAX_DECODED, writes=True)
            try:
                content = decoded(thing)
            except pikepdf.PikepdfError:
                content = b""
            own = thing.get("/Resources")
            self._forms[key] = self._load(content, resources if own is None else own, level + 1)
        return self._forms.get(key, Load())


def _cost_of(content: bytes) -> int:
    """Its length, writing thrice: pdfium keeps a record of each character, and of each level of marked content."""
    cost = len(content)
    if cost <= _SMALL_CONTENT or cost > MAX_COST:
        return cost
    if _is_deep(_MARKED, b"EMC", content, _MAX_MARKED_LEVELS) or _is_deep(_STATE, b"Q", content, _MAX_SAVED_STATES):
        return MAX_DECODED
    return cost + 2 * sum(len(string.group()) + 4 for string in _STRING.finditer(content))


def _is_deep(pattern: re.Pattern[bytes], closing: bytes, content: bytes, limit: int) -> bool:
    level = 0
    for mark in pattern.finditer(content):
        level += -1 if mark.group() == closing else 1
        if level > limit:
            return True
    return False


def _decoded_content(stream: Any, number: int) -> bytes | None:
    import pikepdf  # late: start-up time

    try:
        return decoded(stream)
    except pikepdf.DataDecodingError as problem:
        if "incorrect data check" in str(problem):
            return b""
        raise TornError(f"content of page {number} cannot be decoded") from problem


def _inherited(page: Any, key: str) -> Any:
    node = page
    for _ in range(_MAX_ANCESTORS):
        value = _dictionary(node).get(key)
        if value is not None:
            return value
        node = _dictionary(node).get("/Parent")
        if node is None:
            break
    return None


def _is_state(annotation: Any, looks: Any) -> bool:
    """Whether one of several looks is chosen, and is there: pdfium crashes otherwise."""
    import pikepdf  # late: start-up time

    state = said(annotation.get("/AS"))
    chosen = _dictionary(looks).get(state) if state.startswith("/") else None
    return isinstance(chosen, pikepdf.Stream)


def _annotations(page: Any) -> Iterator[Any]:
    import pikepdf  # late: start-up time

    annotations = page.get("/Annots")
    if isinstance(annotations, pikepdf.Array):
        for annotation in _first(annotations, _MAX_ANNOTATIONS):
            yield _dictionary(annotation)


def _notes(page: Any) -> Iterator[str]:
    """The texts that are not in the page's content: comments, text boxes, values of form fields."""
    import pikepdf  # late: start-up time

    left = _MAX_ANNOTATION_TEXT
    for annotation in _annotations(page):
        values = [annotation.get("/Contents")]
        if annotation.get("/Subtype") == pikepdf.Name.Widget:
            values = [_inherited(annotation, "/V")]
        for value in values:
            if isinstance(value, pikepdf.String) and left > 0:
                text = said(value)[:left]
                left -= len(text)
                yield text


def _dictionary(thing: Any) -> Any:
    import pikepdf  # late: start-up time

    return thing if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream) else {}


def _number(thing: Any, key: str) -> int:
    value = thing.get(key)
    return value if isinstance(value, int) and value > 0 else 0


def _name(raw: bytes) -> str:
    plain = _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), raw) if b"#" in raw else raw
    return "/" + plain.decode("utf-8", "surrogateescape")


def _first(things: Any, count: int) -> Iterator[Any]:
    for number, thing in enumerate(things):
        if number >= count:
            break
        yield thing


def is_scan(sketch: Sketch) -> bool:
    """Whether the page's pictures are large enough to hold writing."""
    return sketch.load.pixels >= _SCAN_PIXELS

"""SVG (W3C SVG 1.1): well-formed to its end, what would run or load when it is opened, its text and its size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from evidence_cli.looks.containers.xml_encoding import utf8_chunks
from evidence_cli.looks.facts import Active, Passage, Place, Unit
from evidence_cli.looks.inside.pictures.picture import LARGE, Picture
from evidence_cli.looks.sample import BombError, Sample, TornError

_PIECE = 256 * 1024
# Some two seconds of parsing.
_SIZE_LIMIT = 32 * 1024 * 1024
_TAG_LIMIT = 1_500_000
_DEPTH_LIMIT = 1000
_TEXT_LIMIT = 4_000_000
# Drawing programs declare their namespaces as entities; what nests to more than this is no shorthand.
_ENTITY_LIMIT = 200
_EXPANSION_LIMIT = 100_000
_REFERENCE = re.compile(r"&([^#&;\s][^&;\s]*);")
_PIXELS = re.compile(r"\s*\+?(\d{1,7}(?:\.\d*)?)(?:px)?\s*")
_SCRIPT_LINK = re.compile(r"[\s\x00-\x1f]*(?:javascript|vbscript)\s*:", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:|ftp:|file:|//|\\\\)", re.IGNORECASE)
_LOADED = frozenset({"image", "feImage", "use", "iframe", "embed", "object", "video", "audio", "img"})
_SHOWN = frozenset({"text", "title", "desc"})
# onload, onclick, …
_STARTS_ON = re.compile(r"on[a-z]{3,}")


@dataclass(slots=True)
class _Drawing:
    width: int | None = None
    height: int | None = None
    active: set[Active] = field(default_factory=set)
    passages: list[Passage] = field(default_factory=list)
    entities: dict[str, int] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    shown: int = 0
    line: int = 0
    length: int = 0


def look_at_svg(sample: Sample) -> Picture:
    """Raises TornError where it is not well-formed to its end, BombError where its entities explode; OSError."""
    drawing = _Drawing()
    parser = _parser(drawing)
    complete, tags = sample.size <= _SIZE_LIMIT, 0
    try:
        for chunk in utf8_chunks(_chunks(sample)):
            parser.Parse(chunk, False)
            tags += chunk.count(b"<")
            if tags > _TAG_LIMIT:
                complete = False
                break
        if complete:
            parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as problem:
        if "amplification" in str(problem):
            raise BombError(f"svg: {problem}") from problem
        raise TornError(f"svg: {problem}") from problem
    return Picture(
        drawing.width,
        drawing.height,
        active=tuple(sorted(drawing.active)),
        gaps=() if complete else (LARGE,),
        passages=tuple(drawing.passages),
    )


def _chunks(sample: Sample) -> Iterator[bytes]:
    place, end = 0, min(sample.size, _SIZE_LIMIT)
    while place < end and (chunk := sample.read(place, min(_PIECE, end - place))):
        yield chunk
        place += len(chunk)


def _parser(drawing: _Drawing) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(drawing.open) >= _DEPTH_LIMIT:
            raise TornError("svg: nested too deeply")
        tag = name.rpartition(" ")[2]
        if not drawing.open:
            drawing.width, drawing.height = _size(attributes)
        drawing.open.append(tag)
        if tag in _SHOWN:
            drawing.shown += 1
            drawing.line = parser.CurrentLineNumber
        _danger(drawing, tag, attributes)

    def end(_name: str) -> None:
        tag = drawing.open.pop()
        if tag in _SHOWN:
            drawing.shown -= 1
            _finish(drawing)

    def characters(text: str) -> None:
        if drawing.shown and drawing.length < _TEXT_LIMIT:
            drawing.text.append(text)
            drawing.length += len(text)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.EntityDeclHandler = lambda name, parameter, value, *_rest: _declare(drawing, name, parameter, value)
    return parser


def _finish(drawing: _Drawing) -> None:
    text = " ".join("".join(drawing.text).split())
    drawing.text.clear()
    if text:
        drawing.passages.append(Passage(Place(Unit.LINE, drawing.line), text))


def _declare(drawing: _Drawing, name: str, parameter: bool, value: str | None) -> None:
    """Weighs what an entity would expand to, before anything uses it."""
    if value is None:
        # It names another file; nothing here ever opens one.
        drawing.active.add(Active.EXTERNAL)
        return
    if parameter or len(drawing.entities) >= _ENTITY_LIMIT:
        raise TornError("svg: declares entities of entities")
    length = len(value) + sum(drawing.entities.get(inner, 0) for inner in _REFERENCE.findall(value))
    if length > _EXPANSION_LIMIT:
        raise BombError(f"svg: an entity of {length} characters")
    drawing.entities[name] = length


def _size(attributes: dict[str, str]) -> tuple[int | None, int | None]:
    """Width and height where both are given in pixels."""
    width, height = (_PIXELS.fullmatch(attributes.get(name, "")) for name in ("width", "height"))
    if width is None or height is None:
        return None, None
    return round(float(width[1])) or None, round(float(height[1])) or None


def _danger(drawing: _Drawing, tag: str, attributes: dict[str, str]) -> None:
    if tag == "script":
        drawing.active.add(Active.SCRIPT)
    for key, value in attributes.items():
        name = key.rpartition(" ")[2]
        linked = name in ("href", "src", "data")
        if (name == key and _STARTS_ON.fullmatch(name)) or (linked and _SCRIPT_LINK.match(value)):
            drawing.active.add(Active.SCRIPT)
        elif linked and tag in _LOADED and _REMOTE.match(value):
            drawing.active.add(Active.EXTERNAL)

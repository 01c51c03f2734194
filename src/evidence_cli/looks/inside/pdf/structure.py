"""The object graph of a PDF, walked with limits: its pages, what may run, what would swell, what is missing.

qpdf (by way of pikepdf) reads the objects; nothing here decodes a picture, and nothing recurses.
"""

import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evidence_cli.looks.facts import Active
from evidence_cli.looks.sample import BombError

if TYPE_CHECKING:
    from pikepdf import Pdf

MAX_OBJECTS = 150_000
MAX_PAGES = 100_000
# One stream that is read when a page is shown (a page's content, a font) never needs as much as this when decoded.
MAX_DECODED = 32 * 1024 * 1024
_EVIDENT_RATIO = 200
# Deflate cannot do better than 1032 to 1.
_HARMLESS_RAW = MAX_DECODED // 1032
_MAX_PIXELS = 1 << 30
_PICTURE_DECODED = 256 * 1024 * 1024
_PROBE = 64 * 1024
# A picture whose data are as long as this is no little file that swells.
_PICTURE_LARGE = 8 * 1024 * 1024
_EVIDENT_FIRST = 500

# What a page cannot be shown without; names in the dictionaries of resources are free.
_VITAL = re.compile(
    rb"/(?:Contents|Resources|XObject|Font|FontDescriptor|FontFile[23]?|DescendantFonts) "
    rb"(?:\[ ([^\[\]<>()]*)\]|<< ([^<>()]*)>>|(\d+ \d+ R))"
)
_REFERENCE = re.compile(rb"(\d{1,10}) (\d{1,5}) R\b")
# The structure tree describes the pages' content; it holds nothing that runs, and can be most of a file's objects.
_STRUCTURE_TREE = re.compile(rb"/StructTreeRoot \d+ \d+ R\b")
# qpdf writes names in their one plain form, keys sorted, one blank between tokens.
_ACTIVE: tuple[tuple[Active, re.Pattern[bytes]], ...] = (
    (Active.SCRIPT, re.compile(rb"/JS (?!null)(?=.*/S /(?:JavaScript|Rendition)\b)", re.DOTALL)),
    (Active.LAUNCH, re.compile(rb"/S /Launch\b")),
    (Active.EMBEDDED, re.compile(rb"/EF (?:<<|\d+ \d+ R)|/Subtype /FileAttachment\b")),
    (Active.OBJECT, re.compile(rb"/Subtype /(?:RichMedia|3D|Movie|Screen)\b")),
)
_FILTERS = re.compile(rb"/(Flate|LZW|RunLength|ASCII85|ASCIIHex|Brotli|DCT|JPX|CCITTFax|JBIG2)Decode\b|/(Fl|LZW|RL)\b")
_HARMLESS_STREAM = re.compile(rb"/Type /(?:EmbeddedFile|Metadata|XRef|ObjStm)\b")
_PICTURE_STREAM = re.compile(rb"/Subtype /Image\b")
_SIZE = re.compile(rb"/(Height|Width) (\d{1,10})\b")

Key = tuple[int, int]


@dataclass(slots=True)
class Walk:
    """What a walk over the graph found. `dangling` counts references to objects that are not there, `vital` holds
    those without which a page cannot be shown, and `lost` is one of them that is not there. `large` tells that a stream
    swells to more than is decoded here, `triggers` that something has further actions (`/AA`), `complete` that every
    object was seen."""

    active: set[Active] = field(default_factory=set)
    dangling: int = 0
    vital: set[Key] = field(default_factory=set)
    lost: Key | None = None
    large: bool = False
    triggers: bool = False
    complete: bool = True


@dataclass(slots=True)
class Leaves:
    """The pages of a document, in order. `lost` counts entries of the page tree that lead nowhere."""

    pages: list[Any] = field(default_factory=list)
    lost: int = 0
    complete: bool = True


def leaves_of(pdf: "Pdf") -> Leaves:
    """The leaves of the page tree (ISO 32000-1 7.7.3): without recursion, each node once, at most `MAX_PAGES`."""
    import pikepdf  # late: start-up time

    found = Leaves()
    visited: set[Key] = set()
    stack: list[Iterator[Any]] = [iter([pdf.Root.get("/Pages")])]
    budget = 2 * MAX_PAGES
    while stack:
        node = next(stack[-1], stack)
        if node is stack:
            stack.pop()
            continue
        budget -= 1
        if budget < 0 or len(found.pages) >= MAX_PAGES:
            found.complete = False
            break
        if not isinstance(node, pikepdf.Dictionary):
            found.lost += 1
            continue
        kids = node.get("/Kids")
        if not isinstance(kids, pikepdf.Array):
            if node.get("/Type") != pikepdf.Name.Pages:
                found.pages.append(node)
        elif node.objgen not in visited or node.objgen == (0, 0):
            visited.add(node.objgen)
            if len(stack) < 1000:
                stack.append(iter(kids))
    return found


def walk(pdf: "Pdf", *, seconds: float) -> Walk:
    """Everything that the catalog leads to, breadth first, until `MAX_OBJECTS` or the seconds are used up.

    Raises BombError for a stream that swells to far more than its size.
    """
    import pikepdf  # late: start-up time

    seen = Walk()
    deadline = time.monotonic() + seconds
    visited: set[Key] = set()
    waiting: deque[Key] = deque()
    _note(pdf.Root.unparse(resolved=True), seen, visited, waiting)
    while waiting:
        if len(visited) > MAX_OBJECTS or time.monotonic() > deadline:
            seen.complete = False
            break
        key = waiting.popleft()
        thing = None
        with suppress(pikepdf.PikepdfError, ValueError, OverflowError, RuntimeError):
            thing = pdf.get_object(key)
        if thing is None:
            seen.dangling += 1
            seen.lost = key if key in seen.vital else seen.lost
        elif isinstance(thing, pikepdf.Stream):
            words = thing.stream_dict.unparse()
            _note(words, seen, visited, waiting)
            _weigh(thing, words, seen)
        elif isinstance(thing, pikepdf.Object):
            _note(thing.unparse(resolved=True), seen, visited, waiting)
    return seen


def _note(words: bytes, seen: Walk, visited: set[Key], waiting: deque[Key]) -> None:
    for active, pattern in _ACTIVE:
        if active not in seen.active and pattern.search(words):
            seen.active.add(active)
    seen.triggers = seen.triggers or b"/AA " in words
    if b"/StructTreeRoot" in words:
        words = _STRUCTURE_TREE.sub(b"", words)
    for groups in _VITAL.findall(words):
        seen.vital.update((int(n), int(g)) for group in groups for n, g in _REFERENCE.findall(group))
    for number, generation in _REFERENCE.findall(words):
        key = (int(number), int(generation))
        if key not in visited and 0 < key[0] < 1 << 31:
            visited.add(key)
            if len(visited) <= MAX_OBJECTS:
                waiting.append(key)


def _weigh(stream: Any, words: bytes, seen: Walk) -> None:
    """Whether decoding this would cost far more than the file's size says."""
    if b"/Filter" not in words or _HARMLESS_STREAM.search(words):
        return
    picture = _PICTURE_STREAM.search(words) is not None
    if picture:
        _expect_sane_sides(words, length_of(stream))
    filters = [match.group().removesuffix(b"Decode") for match in _FILTERS.finditer(words)]
    swelling = sum(name in (b"/Flate", b"/Fl", b"/LZW", b"/RunLength", b"/RL", b"/Brotli") for name in filters)
    if swelling == 0:
        return
    length = length_of(stream)
    if length <= _HARMLESS_RAW and swelling == 1:
        return
    if picture:
        _weigh_picture(stream, words, length, nested=swelling > 1)
    elif b"/LZW" in filters:
        # Nothing bounds what qpdf's decoder of LZW gives back.
        seen.large = True
    else:
        seen.large |= _swells(stream)


def _expect_sane_sides(words: bytes, length: int) -> None:
    sides = dict(_SIZE.findall(words))
    pixels = int(sides.get(b"Width", 0)) * int(sides.get(b"Height", 0))
    if pixels > _MAX_PIXELS and pixels // 8 > 100 * length:
        raise BombError(f"picture of {pixels} pixels in {length} bytes")


def _weigh_picture(stream: Any, words: bytes, length: int, *, nested: bool) -> None:
    if nested and b"/LZW" not in words:
        _swells(stream)
    elif length < _PICTURE_LARGE and length * 1032 > _PICTURE_DECODED and re.search(rb"/Filter (?:\[ )?/Fl", words):
        _probe_picture(stream, length)


def _probe_picture(stream: Any, length: int) -> None:
    ratio = _first_ratio(stream)
    if ratio > _EVIDENT_FIRST and ratio * length > _PICTURE_DECODED:
        raise BombError(f"picture that expands {ratio} times")


def _first_ratio(stream: Any) -> int:
    """How many times the beginning of a deflated stream grows; 0 where that cannot be told."""
    import zlib  # late: start-up time

    import pikepdf  # late: start-up time

    try:
        raw = bytes(memoryview(stream.get_raw_stream_buffer())[:_PROBE])
        return len(zlib.decompressobj().decompress(raw, _PROBE * 1032)) // max(1, len(raw))
    except (zlib.error, ValueError, RuntimeError, pikepdf.PikepdfError):
        return 0


def _swells(stream: Any) -> bool:
    import pikepdf  # late: start-up time

    try:
        return decoded(stream) is None
    except pikepdf.PikepdfError:
        return False


def length_of(stream: Any) -> int:
    """How many bytes the stream says to hold as it is stored; `MAX_DECODED` where it does not say."""
    length = stream.get("/Length")
    return length if isinstance(length, int) and length >= 0 else MAX_DECODED


def decoded(stream: Any) -> bytes | None:
    """The decoded bytes of a stream; None if they are more than `MAX_DECODED`.

    Raises pikepdf.PdfError where they cannot be decoded, BombError where they swell absurdly.
    """
    import pikepdf  # late: start-up time

    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError as problem:
        if "memory limit" not in str(problem):
            raise
    raw = max(1, length_of(stream))
    if MAX_DECODED // raw >= _EVIDENT_RATIO or (raw < _PICTURE_LARGE and _first_ratio(stream) > _EVIDENT_FIRST):
        raise BombError(f"stream of {raw} bytes expands to more than {MAX_DECODED}")
    return None


def said(value: Any) -> str:
    """A name or a string as text; empty where it is neither, or holds bytes that are no characters."""
    import pikepdf  # late: start-up time

    if isinstance(value, pikepdf.Name | pikepdf.String):
        with suppress(ValueError):
            return str(value)
    return ""

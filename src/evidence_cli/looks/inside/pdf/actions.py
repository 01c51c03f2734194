"""What a PDF does by itself: actions that leave the file without a click, and the scripts of XML forms (XFA)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from evidence_cli.looks.facts import Active, Gap
from evidence_cli.looks.inside.pdf.structure import decoded, said

if TYPE_CHECKING:
    from pikepdf import Pdf

# Pages, annotations and actions that are looked at.
_THINGS = 50_000
_XFA_STREAMS = 100
# Of all parts of a form together, decoded: the largest forms come to some 2 MiB.
_XFA_BYTES = 6 * 1024 * 1024
# An element that holds something, with whatever prefix.
_SCRIPT = re.compile(rb"<(?:[\w.-]{1,40}:)?script(?:>(?!\s{0,99}</)|\s(?![^<>]{0,999}/>|[^<>]{0,999}>\s{0,99}</))")
_LEAVES = frozenset({"/SubmitForm", "/ImportData", "/URI"})
# They leave the file if they name another.
_LEAVES_FOR = frozenset({"/GoToR", "/GoToE"})
# ISO 32000-1 tables 194, 195 and 197; the other triggers are those of keys, the mouse and fields.
_OF_ANNOTATIONS = ("/PO", "/PC", "/PV", "/PI")
_OF_PAGES = ("/O", "/C")
_OF_DOCUMENTS = ("/WC", "/WS", "/DS", "/WP", "/DP")


@dataclass(slots=True)
class SelfActing:
    """`active` and `gaps` as in the facts; `dynamic` tells that the pages are made from an XML form on opening."""

    active: set[Active] = field(default_factory=set)
    gaps: list[Gap] = field(default_factory=list)
    dynamic: bool = False


def self_acting(pdf: "Pdf", pages: list[Any], *, triggers: bool) -> SelfActing:
    """What happens when the document or a page of it is opened, closed, saved or printed (ISO 32000-1 12.6.3).

    `triggers` tells that there are dictionaries of further actions (`/AA`) anywhere; without, no page is looked at.
    """
    found = SelfActing()
    if _leaves(pdf, pages if triggers else [], found):
        found.active.add(Active.EXTERNAL)
    form = _dictionary(pdf.Root.get("/AcroForm")).get("/XFA")
    if form is not None:
        rendering: Any = pdf.Root.get("/NeedsRendering")
        found.dynamic = rendering is True
        _look_at_form(form, found)
    return found


def _leaves(pdf: "Pdf", pages: list[Any], found: SelfActing) -> bool:
    """Whether one of the actions leaves the file; each may lead to more of them (`/Next`)."""
    import pikepdf  # late: start-up time

    left = _THINGS
    known: set[tuple[int, int]] = set()
    for first in _triggered(pdf, pages):
        waiting = [first]
        while waiting:
            left -= 1
            if left < 0:
                found.gaps.append(Gap("active", "large"))
                return False
            action = waiting.pop()
            if not isinstance(action, pikepdf.Dictionary) or action.objgen in known:
                continue
            if action.is_indirect:
                known.add(action.objgen)
            named = said(action.get("/S"))
            if named in _LEAVES or (named in _LEAVES_FOR and action.get("/F") is not None):
                return True
            following: Any = action.get("/Next")
            if not isinstance(following, pikepdf.Array):
                waiting.append(following)
            elif following.objgen not in known:
                if following.is_indirect:
                    known.add(following.objgen)
                waiting.extend(islice(following, max(0, left - len(waiting))))
    return False


def _triggered(pdf: "Pdf", pages: list[Any]) -> Iterator[Any]:
    """What is done unasked; None where there is nothing, which counts too."""
    import pikepdf  # late: start-up time

    yield pdf.Root.get("/OpenAction")
    yield from _values(pdf.Root.get("/AA"), _OF_DOCUMENTS)
    for page in pages:
        yield from _values(page.get("/AA"), _OF_PAGES)
        annotations = page.get("/Annots")
        for annotation in annotations if isinstance(annotations, pikepdf.Array) else ():
            yield from _values(_dictionary(annotation).get("/AA"), _OF_ANNOTATIONS)


def _values(actions: Any, keys: tuple[str, ...]) -> list[Any]:
    return [actions.get(key) for key in keys] if _dictionary(actions) else [None]


def _look_at_form(form: Any, found: SelfActing) -> None:
    """Looks for scripts in a form: one stream, or names and streams in turn that make up one XML text (12.7.8)."""
    import pikepdf  # late: start-up time

    things = list(islice(form, _THINGS)) if isinstance(form, pikepdf.Array) else [form]
    streams = [thing for thing in things if isinstance(thing, pikepdf.Stream)]
    parts: list[bytes] = []
    left = _XFA_BYTES
    reason = "large" if len(streams) > _XFA_STREAMS else ""
    for stream in streams[:_XFA_STREAMS]:
        try:
            part = _beginning(stream, left)
        except (pikepdf.PikepdfError, ValueError, RuntimeError):
            reason = "format"
            continue
        parts.append(part[:left])
        left -= len(part)
        if left < 0:
            reason = "large"
            break
    # Without its zeros, UTF-16 of plain markup is ASCII.
    if _SCRIPT.search(b"".join(parts).replace(b"\0", b"")):
        found.active.add(Active.SCRIPT)
    elif reason:
        found.gaps.append(Gap("active", reason))


def _beginning(stream: Any, limit: int) -> bytes:
    """The decoded bytes of a stream; where they are more than `limit`, more than so many of them.

    Raises pikepdf.PikepdfError, ValueError or RuntimeError where they cannot be decoded.
    """
    import zlib  # late: start-up time

    import pikepdf  # late: start-up time

    how = stream.get("/Filter")
    if isinstance(how, pikepdf.Array) and len(how) == 1:
        how = how[0]
    if how is None or (how == pikepdf.Name.FlateDecode and stream.get("/DecodeParms") is None):
        raw = memoryview(stream.get_raw_stream_buffer())
        if how is None:
            return bytes(raw[: limit + 1])
        try:
            return zlib.decompressobj().decompress(raw, limit + 1)
        except zlib.error as problem:
            raise ValueError(str(problem)) from problem
    if "LZW" in str(stream.stream_dict.unparse()):
        raise ValueError("nothing bounds the decoder of LZW")
    data = decoded(stream)
    return bytes(limit + 1) if data is None else data


def _dictionary(thing: Any) -> Any:
    import pikepdf  # late: start-up time

    return thing if isinstance(thing, pikepdf.Dictionary) else {}

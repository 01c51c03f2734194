"""The writing of a PDF that stands on no page: the document information and the titles of the outline."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from evidence_cli.looks.facts import Passage, Place, Unit
from evidence_cli.looks.inside.pdf.structure import said

if TYPE_CHECKING:
    from pikepdf import Pdf

_INFORMATION = ("/Title", "/Subject", "/Keywords")
_ITEMS = 5000
_CHARACTERS = 200_000


def titles_of(pdf: "Pdf") -> Iterator[Passage]:
    """What a reader shows beside the pages (ISO 32000-1 14.3.3, 12.3.3), numbered from 1, as notes.

    At most 5000 titles of the outline and 200 000 characters. Never raises for what is broken: that is left out.
    """
    left = _CHARACTERS
    number = 0
    for text in _texts(pdf):
        if left <= 0:
            break
        text = text[:left]
        left -= len(text)
        if text.strip():
            number += 1
            yield Passage(Place(Unit.NOTE, number), text)


def _texts(pdf: "Pdf") -> Iterator[str]:
    information = _dictionary(pdf.trailer.get("/Info"))
    for key in _INFORMATION:
        yield said(information.get(key))
    waiting = [_dictionary(pdf.Root.get("/Outlines")).get("/First")]
    known: set[tuple[int, int]] = set()
    for _ in range(_ITEMS):
        if not waiting:
            break
        item = _dictionary(waiting.pop())
        # Items without a number cannot make a circle.
        if not item or item.objgen in known:
            continue
        if item.is_indirect:
            known.add(item.objgen)
        yield said(item.get("/Title"))
        waiting += (item.get("/Next"), item.get("/First"))


def _dictionary(thing: Any) -> Any:
    import pikepdf  # late: start-up time

    return thing if isinstance(thing, pikepdf.Dictionary) else {}

"""The gate before anything leaves the house: what the text or a picture gives away, by file and rule."""

from collections.abc import Iterator
from typing import Any

from evidence_cli.looks.facts import Spotted, Writing
from evidence_cli.looks.tree import Entry
from evidence_cli.rules.entries import hit
from evidence_cli.schema.view import Subject, material
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.kinds import Kind


def secrecy_marks(subject: Subject) -> Iterator[Hit]:
    """Marks that forbid a document to leave: GB/T 9704-2012 7.2.2 and those of internal material."""
    for entry, writing in _writings(subject):
        if found := _spotted(writing, Code.SECRECY_MARK):
            yield hit(subject, Code.SECRECY_MARK, entry.path, **found)


def resident_ids(subject: Subject) -> Iterator[Hit]:
    """Whole numbers of resident identity cards: GB 11643."""
    for entry, writing in _writings(subject):
        if found := _spotted(writing, Code.RESIDENT_ID):
            yield hit(subject, Code.RESIDENT_ID, entry.path, **found)


def mobile_numbers(subject: Subject) -> Iterator[Hit]:
    """Mobile telephone numbers of mainland China."""
    for entry, writing in _writings(subject):
        if found := _spotted(writing, Code.MOBILE_NUMBER):
            yield hit(subject, Code.MOBILE_NUMBER, entry.path, **found)


def bank_cards(subject: Subject) -> Iterator[Hit]:
    """Numbers of bank cards: ISO/IEC 7812-1."""
    for entry, writing in _writings(subject):
        if found := _spotted(writing, Code.BANK_CARD):
            yield hit(subject, Code.BANK_CARD, entry.path, **found)


def positions(subject: Subject) -> Iterator[Hit]:
    """Pictures and recordings that tell where they were taken."""
    for entry in material(subject.shape):
        facts = subject.facts.get(entry.raw)
        if facts is not None and facts.position:
            reason = "picture" if facts.kind is Kind.IMAGE else "recording"
            yield hit(subject, Code.GPS_POSITION, entry.path, reason=reason)


def _writings(subject: Subject) -> Iterator[tuple[Entry, Writing]]:
    for entry in material(subject.shape):
        facts = subject.facts.get(entry.raw)
        if facts is not None and facts.writing is not None:
            yield entry, facts.writing


def _spotted(writing: Writing, code: Code) -> dict[str, Any]:
    """How many there are, and the places of the first ones; nothing where there is none."""
    found = [_place(spotted) for spotted in writing.spotted if spotted.code == code]
    return {"count": dict(writing.counts).get(code, len(found)), "places": found} if found else {}


def _place(spotted: Spotted) -> dict[str, Any]:
    return {"text": spotted.shown, "unit": str(spotted.place.unit), "at": spotted.place.value}

"""The gate before anything leaves the house: what text, name or position of a file gives away, by file and rule."""

from collections.abc import Iterator
from typing import Any

from evidence_cli.looks.facts import Facts, Spotted
from evidence_cli.looks.tree import Entry
from evidence_cli.rules.entries import hit
from evidence_cli.schema.view import Subject, material
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.kinds import Kind


def secrecy_marks(subject: Subject) -> Iterator[Hit]:
    """Marks that forbid a document to leave: GB/T 9704-2012 7.2.2 and those of internal material."""
    for entry, facts in _looked_at(subject):
        if found := _spotted(facts, Code.SECRECY_MARK):
            yield hit(subject, Code.SECRECY_MARK, entry.path, **found)


def resident_ids(subject: Subject) -> Iterator[Hit]:
    """Whole numbers of resident identity cards: GB 11643."""
    for entry, facts in _looked_at(subject):
        if found := _spotted(facts, Code.RESIDENT_ID):
            yield hit(subject, Code.RESIDENT_ID, entry.path, **found)


def mobile_numbers(subject: Subject) -> Iterator[Hit]:
    """Mobile telephone numbers of mainland China."""
    for entry, facts in _looked_at(subject):
        if found := _spotted(facts, Code.MOBILE_NUMBER):
            yield hit(subject, Code.MOBILE_NUMBER, entry.path, **found)


def bank_cards(subject: Subject) -> Iterator[Hit]:
    """Numbers of bank cards: ISO/IEC 7812-1."""
    for entry, facts in _looked_at(subject):
        if found := _spotted(facts, Code.BANK_CARD):
            yield hit(subject, Code.BANK_CARD, entry.path, **found)


def positions(subject: Subject) -> Iterator[Hit]:
    """Pictures and recordings that tell where they were taken."""
    for entry, facts in _looked_at(subject):
        if facts.position:
            reason = "picture" if facts.kind is Kind.IMAGE else "recording"
            yield hit(subject, Code.GPS_POSITION, entry.path, reason=reason)


def _looked_at(subject: Subject) -> Iterator[tuple[Entry, Facts]]:
    return ((entry, subject.facts[entry.raw]) for entry in material(subject.shape) if entry.raw in subject.facts)


def _spotted(facts: Facts, code: Code) -> dict[str, Any]:
    """How many there are, and the places of the first ones; nothing where there is none."""
    if not facts.named and (facts.writing is None or not (facts.writing.spotted or facts.writing.counts)):
        return {}
    named = [spotted for spotted in facts.named if spotted.code == code]
    written = [] if facts.writing is None else [spotted for spotted in facts.writing.spotted if spotted.code == code]
    count = len(named) + (dict(facts.writing.counts).get(code, len(written)) if facts.writing else 0)
    return {"count": count, "places": [_place(spotted) for spotted in [*named, *written]]} if count else {}


def _place(spotted: Spotted) -> dict[str, Any]:
    return {"text": spotted.shown, "unit": str(spotted.place.unit), "at": spotted.place.value}

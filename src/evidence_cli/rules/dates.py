"""Last year's material: what a document says of its own date, held against the evaluation period."""

from collections.abc import Iterator, Sequence
from datetime import date

from evidence_cli.looks.tree import Entry
from evidence_cli.rules.entries import hit
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.dates import Dating, datings
from evidence_cli.vocabulary.findings import Hit


def out_of_period(subject: Subject) -> Iterator[Hit]:
    """Evidence whose own dates all lie outside the evaluation period. The time of a file is no date of a document."""
    period = subject.period
    if period is None:
        return
    for entry in subject.shape.evidence_files:
        dates = _dates(subject, entry)
        outside = [dating for dating in dates if not _meets(dating, period.start, period.end)]
        if outside and len(outside) == len(dates):
            texts = list(dict.fromkeys(dating.text for dating in outside))
            params = {"dates": texts, "start": period.start.isoformat(), "end": period.end.isoformat()}
            yield hit(subject, Code.OUT_OF_PERIOD, entry.path, **params)


def _dates(subject: Subject, entry: Entry) -> Sequence[Dating]:
    """The dates in the name, and those of the title and the document number."""
    facts = subject.facts.get(entry.raw)
    written = facts.writing.dates if facts is not None and facts.writing is not None else ()
    return [*datings(entry.name.rpartition(".")[0]), *written]


def _meets(dating: Dating, start: date, end: date) -> bool:
    return date.fromisoformat(dating.first) <= end and date.fromisoformat(dating.last) >= start

"""Rules across files: the same content twice in a question, or in other questions too."""

from collections.abc import Iterator

from evidence_cli.looks.tree import Entry
from evidence_cli.rules.entries import hit, twin_files
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit


def same_in_question(subject: Subject) -> Iterator[Hit]:
    """Each further file with the content of an earlier one of the same question."""
    for entry, first in _repeated(subject):
        yield hit(subject, Code.SAME_IN_QUESTION, entry.path, other=first.path)


def repeated_files(subject: Subject) -> set[str]:
    """The stored names of the files that `same_in_question` reports."""
    return {entry.raw for entry, _ in _repeated(subject)}


def same_elsewhere(subject: Subject) -> Iterator[Hit]:
    """Files whose content other questions use too."""
    for entry in _contents(subject):
        codes = subject.elsewhere.get(subject.digests.get(entry.raw, ""), frozenset()) - {subject.question.code}
        if codes:
            yield hit(subject, Code.SAME_ELSEWHERE, entry.path, questions=sorted(codes))


def _contents(subject: Subject) -> list[Entry]:
    return subject.shape.answers + subject.shape.evidence_files


def _repeated(subject: Subject) -> Iterator[tuple[Entry, Entry]]:
    twins = twin_files(subject)
    first: dict[str, Entry] = {}
    for entry in _contents(subject):
        digest = subject.digests.get(entry.raw)
        if digest is not None and entry.raw not in twins:
            other = first.setdefault(digest, entry)
            if other is not entry:
                yield entry, other

"""Rules across files: the same content twice in a question, or in other questions too."""

import re
from collections.abc import Iterator

from evidence_cli.looks.tree import Entry
from evidence_cli.rules.entries import hit, twin_files
from evidence_cli.schema.view import Subject, material
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit

_NUMBER = re.compile(r"\d{1,9}")


def same_in_question(subject: Subject) -> Iterator[Hit]:
    """Each further file with the content of an earlier one of the same question."""
    for entry, first in _repeated(subject):
        yield hit(subject, Code.SAME_IN_QUESTION, entry.path, other=first.path)


def repeated_files(subject: Subject) -> set[str]:
    """The stored names of the files that `same_in_question` reports."""
    return {entry.raw for entry, _ in _repeated(subject)}


def same_elsewhere(subject: Subject) -> Iterator[Hit]:
    """Files whose content other questions use too."""
    if not subject.elsewhere:
        return
    for entry in material(subject.shape):
        codes = subject.elsewhere.get(subject.digests.get(entry.raw, ""), frozenset()) - {subject.question.code}
        if codes:
            yield hit(subject, Code.SAME_ELSEWHERE, entry.path, questions=sorted(codes))


def _original_first(entry: Entry) -> tuple[object, ...]:
    """The answer, then folder by folder in the order of the numbers; `x - 副本.pdf` comes after `x.pdf`."""
    number = _NUMBER.match(entry.name)
    return entry.parent, number is None, int(number[0]) if number else 0, len(entry.name), entry.path


def _repeated(subject: Subject) -> Iterator[tuple[Entry, Entry]]:
    if len(set(subject.digests.values())) == len(subject.digests):
        return
    first: dict[str, Entry] = {}
    # A copy of a whole category is a folder that no category has: that is said already.
    ignored = twin_files(subject) | {entry.raw for entry in subject.shape.unsorted}
    for entry in sorted(material(subject.shape), key=_original_first):
        digest = subject.digests.get(entry.raw)
        if digest is not None and entry.raw not in ignored:
            other = first.setdefault(digest, entry)
            if other is not entry:
                yield entry, other

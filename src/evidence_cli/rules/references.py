"""Evidence that the answer names, held against what is there. In doubt it is there."""

import re
from collections.abc import Iterator

from evidence_cli.looks.facts import Reference
from evidence_cli.rules.entries import hit
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.folding import fold

_NUMBER = re.compile(r"\d{1,3}")
_DIGITS = "0123456789"
# What a title and the name of its file need not share.
_UNSAID = re.compile(r"[^\w]|_")
# So much of the shorter of two names must be in the longer one, in order.
_LEAST = 4


def missing_references(subject: Subject) -> Iterator[Hit]:
    """Evidence that the answer refers to by number, title or name, and that nobody finds."""
    if len(subject.shape.answers) != 1:
        return
    [answer] = subject.shape.answers
    facts = subject.facts.get(answer.raw)
    if facts is None or facts.writing is None or not facts.writing.references:
        return
    there = _There(subject)
    missing = [reference for reference in facts.writing.references if not there.has(reference)]
    if missing:
        texts = list(dict.fromkeys(reference.text for reference in missing))
        yield hit(subject, Code.REFERENCE_MISSING, answer.path, references=texts)


class _There:
    """What the evidence set has, in the forms in which an answer may name it."""

    def __init__(self, subject: Subject) -> None:
        files = subject.shape.evidence_files
        # `init` makes all folders: an empty one is no evidence.
        filled = [name for name, entries in subject.shape.filed.items() if entries]
        folders = [entry.name for name in filled for entry in subject.shape.shelves[name]]
        # The figure of an extension (`mp4`) is no number.
        names = [entry.name.rpartition(".")[0] or entry.name for entry in files]
        self.count = max(len(names), len(folders))
        self.numbers = {int(n) for name in [*names, *folders] for n in _NUMBER.findall(fold(name))}
        self.names = [_plain(name) for name in [*names, *folders]]

    def has(self, reference: Reference) -> bool:
        """Whether this may be there."""
        if reference.sort == "title":
            return self._title(reference.value)
        if reference.sort == "file":
            return self._file(reference.value)
        # A list of attachments names each behind its number.
        return self._number(reference.value) or self._title(reference.text)

    def _number(self, value: str) -> bool:
        return int(value) <= self.count or int(value) in self.numbers

    def _title(self, value: str) -> bool:
        title = _plain(value)
        return any(_alike(title, name) for name in self.names)

    def _file(self, value: str) -> bool:
        # The extension may have been written otherwise, the number in front left out, or words stand before the name.
        stem = _plain(value.rpartition(".")[0])
        return any(stem and (stem in name or stem.endswith(name.lstrip(_DIGITS) or name)) for name in self.names)


def _alike(title: str, name: str) -> bool:
    """Whether a title and a name may mean the same: one holds the other, but for a number in front."""
    core = name.lstrip(_DIGITS)
    shorter, longer = sorted((title, core), key=len)
    return len(shorter) >= _LEAST and shorter in longer


def _plain(text: str) -> str:
    return _UNSAID.sub("", fold(text)).lower()

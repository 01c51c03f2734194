"""Rules about single entries of a tree: twins, junk, links, empty folders, what cannot be read."""

from collections.abc import Iterator
from typing import Any

from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.names import twin_key


def hit(subject: Subject, code: Code, path: str, **params: Any) -> Hit:
    """A hit at a path of the question's tree."""
    return Hit(code, subject.question.code, subject.tree.shown(path), path, params=params)


def twins(subject: Subject) -> Iterator[Hit]:
    """Two names in one folder that Windows would take for one."""
    first: dict[str, Entry] = {}
    for entry in _named(subject):
        other = first.setdefault(twin_key(entry.path), entry)
        if other is not entry:
            yield hit(subject, Code.NAME_TWIN, entry.path, other=other.path)


def twin_files(subject: Subject) -> set[str]:
    """The stored names of the files that `twins` reports."""
    first: dict[str, Entry] = {}
    return {e.raw for e in _named(subject) if first.setdefault(twin_key(e.path), e) is not e}


def _named(subject: Subject) -> list[Entry]:
    shape = subject.shape
    folders = [entry for entries in shape.shelves.values() for entry in entries] + shape.subfolders
    # Two answers are “more than one answer” already, whatever their names.
    answers = shape.answers if len(shape.answers) == 1 else []
    return sorted(answers + folders + shape.evidence_files + shape.links, key=lambda entry: (entry.path, entry.raw))


def junk(subject: Subject) -> Iterator[Hit]:
    """What an operating system or office program left behind."""
    for entry in subject.shape.junk:
        yield hit(subject, Code.JUNK, entry.path)


def links(subject: Subject) -> Iterator[Hit]:
    """Symlinks, junctions, devices, pipes: never followed, never opened."""
    for entry in subject.shape.links:
        reason = "link" if entry.type is EntryType.LINK else "special"
        yield hit(subject, Code.LINK, entry.path, reason=reason)


def empty_folders(subject: Subject) -> Iterator[Hit]:
    """Folders people made inside a category and left empty; the topmost of several."""
    shape = subject.shape
    shelves = [entry.path + "/" for entries in shape.shelves.values() for entry in entries]
    used = set()
    for entry in [*shape.evidence_files, *shape.junk, *shape.links, *shape.unreadable]:
        parent = entry.path
        while parent:
            used.add(parent)
            parent = parent.rpartition("/")[0]
    reported: set[str] = set()
    for entry in sorted(shape.subfolders, key=lambda entry: entry.path):
        if entry.path in used or not entry.path.startswith(tuple(shelves)):
            continue
        if entry.parent not in reported:
            yield hit(subject, Code.FOLDER_EMPTY, entry.path)
        reported.add(entry.path)


def unreadable(subject: Subject) -> Iterator[Hit]:
    """What could not be listed or opened."""
    for entry in subject.shape.unreadable:
        yield hit(subject, Code.UNREADABLE, entry.path, detail=entry.error)
    for entry, detail in subject.unopened:
        yield hit(subject, Code.UNREADABLE, entry.path, detail=detail)

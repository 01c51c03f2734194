"""Rules about single entries of a tree: twins, junk, links, empty folders, what cannot be read."""

from collections.abc import Iterator
from typing import Any

from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.names import twin_key

# What a file that is only half there may seem to be.
UNRIPE = frozenset(
    {
        Code.UNREADABLE,
        Code.FILE_EMPTY,
        Code.KIND_NOT_ACCEPTED,
        Code.EXTENSION_MISMATCH,
        Code.DAMAGED,
        Code.RECORDING_UNFIT,
        Code.ANSWER_SHORT,
        Code.PACKAGE_BROKEN,
    }
)


def hit(subject: Subject, code: Code, path: str, **params: Any) -> Hit:
    """A hit at a path of the question's tree."""
    return Hit(code, subject.question.code, subject.tree.shown(path), path, params=params)


def linked(question: str | None, path: str, place: str = "", *, special: bool = False) -> Hit:
    """The hit for a symlink or junction, or for a device, pipe or socket."""
    return Hit(Code.LINK, question, path, place, params={"reason": "special" if special else "link"})


def unopenable(question: str | None, path: str, detail: str, place: str = "") -> Hit:
    """The hit for what cannot be listed or opened; `detail` is the operating system's word for it."""
    return Hit(Code.UNREADABLE, question, path, place, params={"detail": detail})


def being_written(question: str | None, path: str, place: str = "") -> Hit:
    """The hit for a file that somebody is copying or saving just now: what it holds is not judged yet."""
    return Hit(Code.BEING_WRITTEN, question, path, place)


def twins(subject: Subject) -> Iterator[Hit]:
    """Two names in one folder that Windows would take for one; what lies in twin folders is not said again."""
    reported: set[str] = set()
    for entry, other in _twins(subject):
        if entry.parent not in reported:
            yield hit(subject, Code.NAME_TWIN, entry.path, other=other.path)
        reported.add(entry.path)


def twin_files(subject: Subject) -> set[str]:
    """The stored names of what has a twin, or lies in twin folders under the same name."""
    return {entry.raw for entry, _ in _twins(subject)}


def _twins(subject: Subject) -> Iterator[tuple[Entry, Entry]]:
    first: dict[str, Entry] = {}
    for entry in _named(subject):
        other = first.setdefault(twin_key(entry.path), entry)
        if other is not entry:
            yield entry, other


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
        special = entry.type is not EntryType.LINK
        yield linked(subject.question.code, subject.tree.shown(entry.path), entry.path, special=special)


def empty_folders(subject: Subject) -> Iterator[Hit]:
    """Folders people made inside a category and left empty; the topmost of several."""
    shape = subject.shape
    # That a required category, or the whole evidence set, holds nothing is said already.
    required = subject.question.requirements.evidence.required
    judged = [id for id in shape.shelves if shape.evidence_files and (shape.filed[id] or id not in required)]
    inside = {entry.path for id in judged for entry in shape.shelves[id]}
    used: set[str] = set()
    for entry in [*shape.evidence_files, *shape.junk, *shape.links, *shape.unreadable]:
        parent = entry.path
        while parent and parent not in used:
            used.add(parent)
            parent = parent.rpartition("/")[0]
    reported: set[str] = set()
    for entry in sorted(shape.subfolders, key=lambda entry: entry.path):
        if entry.parent not in inside:
            continue
        inside.add(entry.path)
        if entry.path in used:
            continue
        if entry.parent not in reported:
            yield hit(subject, Code.FOLDER_EMPTY, entry.path)
        reported.add(entry.path)


def unreadable(subject: Subject) -> Iterator[Hit]:
    """What could not be listed or opened."""
    listed = [(entry, entry.error) for entry in subject.shape.unreadable]
    for entry, detail in [*listed, *subject.unopened]:
        yield unopenable(subject.question.code, subject.tree.shown(entry.path), detail, entry.path)

"""One question as it was found, and how it is put away small until it is needed again."""

import marshal
from array import array
from dataclasses import replace
from typing import NamedTuple
from zlib import compress, decompress

from evidence_cli.looks.facts import Facts
from evidence_cli.looks.tree import Entry, EntryType, Tree
from evidence_cli.schema.shape import Shape, shape_of
from evidence_cli.schema.view import Subject, material
from evidence_cli.table import Category
from evidence_cli.vocabulary.findings import Hit, NotDone
from evidence_cli.workspace.survey import Place

_FAST = 1


class Counts(NamedTuple):
    """What a question holds: answers and evidence, their bytes, and how many of them are looked into."""

    files: int = 0
    bytes: int = 0
    looks: int = 0


class _Folded(NamedTuple):
    """A subject without what is large; `packed` are its tree's entries and their formats."""

    rest: Subject
    packed: bytes
    counts: Counts


class Examination:
    """One question as it was found. `hits` and `notes` (what could not be done) are what was said of it so far;
    `growing` are the files that somebody is writing just now. `package` is the path of the package that is judged in
    the place of its folder, or empty."""

    __slots__ = ("_categories", "_folded", "_subject", "growing", "hits", "notes", "package", "place")

    def __init__(self, place: Place, categories: tuple[Category, ...], hits: list[Hit]) -> None:
        self.place = place
        self.hits = hits
        self.notes: list[NotDone] = []
        self.growing: tuple[str, ...] = ()
        self.package = ""
        self._categories = categories
        self._subject: Subject | None = None
        self._folded: _Folded | None = None

    @property
    def code(self) -> str:
        """The question's code."""
        return self.place.question.code

    @property
    def subject(self) -> Subject | None:
        """What is in its folder, or in that package; None where there is no single one to read. Of a folded one it is
        made anew each time, and of the facts only the formats are left."""
        return self._subject if self._folded is None else self._unfolded(self._folded)

    @subject.setter
    def subject(self, subject: Subject | None) -> None:
        self._subject, self._folded = subject, None

    @property
    def folded(self) -> bool:
        """Whether it is put away."""
        return self._folded is not None

    @property
    def root(self) -> str:
        """What is shown before the names of its files, folded or not."""
        subject = self._folded.rest if self._folded else self._subject
        return subject.tree.root if subject else ""

    @property
    def counts(self) -> Counts:
        """How much it holds, folded or not."""
        if self._folded is not None:
            return self._folded.counts
        if self._subject is None:
            return Counts()
        entries = contents(self._subject)
        return Counts(len(entries), sum(entry.size for entry in entries), len(material(self._subject.shape)))

    def fold(self) -> None:
        """Put the subject away: it takes a tenth of the memory then."""
        subject, counts = self._subject, self.counts
        if subject is None:
            return
        formats = {raw: facts.format for raw, facts in subject.facts.items()}
        rows = [
            (e.path, e.raw if e.raw != e.path else None, e.type.value, e.size, e.mtime_ns, e.error, e.stamp)
            for e in subject.tree.entries
        ]
        packed = compress(marshal.dumps((rows, [formats.get(e.raw) for e in subject.tree.entries])), _FAST)
        tree = replace(subject.tree, entries=())
        rest = replace(subject, tree=tree, shape=Shape(), facts={}, digests={}, elsewhere={})
        self._subject, self._folded = None, _Folded(rest, packed, counts)

    def unfold(self) -> None:
        """Have the subject at hand again."""
        self.subject = self.subject

    def _unfolded(self, folded: _Folded) -> Subject:
        rows, formats = marshal.loads(decompress(folded.packed))  # noqa: S302 - made by `fold`, in this process
        types = {kind.value: kind for kind in EntryType}
        entries = tuple(
            Entry(path, raw or path, types[kind], size, mtime, error, stamp)
            for path, raw, kind, size, mtime, error, stamp in rows
        )
        tree = replace(folded.rest.tree, entries=entries)
        kinds = {format: Facts(format) for format in set(formats) if format is not None}
        facts = {entry.raw: kinds[format] for entry, format in zip(entries, formats, strict=True) if format is not None}
        return replace(folded.rest, tree=tree, shape=_shape(tree, folded.rest, self._categories), facts=facts)


def contents(subject: Subject) -> list[Entry]:
    """Every answer and all evidence."""
    return subject.shape.answers + subject.shape.evidence_files


def sizes(subject: Subject | None) -> "array[int]":
    """The sizes of all files that hold anything."""
    return array("Q", (entry.size for entry in contents(subject) if entry.size) if subject else ())


def _shape(tree: Tree, subject: Subject, categories: tuple[Category, ...]) -> Shape:
    return shape_of(tree, subject.evidence_name, categories)

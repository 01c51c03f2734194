"""Sort the entries of a tree by what the contract calls them: answer, evidence set, category, junk …"""

import re
from dataclasses import dataclass, field
from itertools import chain

from evidence_cli.looks.packages.record import is_metadata
from evidence_cli.looks.tree import Entry, EntryType, Origin, Tree
from evidence_cli.table import Category
from evidence_cli.vocabulary.names import is_junk, loose_key

_NUMBER = re.compile(r"^\d{1,3}\s*[-_.、．]?\s*")


@dataclass(slots=True)
class Shape:
    """The parts of one question. Every file and folder of the tree is in exactly one list, links and junk included;
    `evidence_files` are those of `filed`, `loose` and `unsorted` again: all that could be packed, in the tree's order.

    A *claim* is an entry that cannot be used (a link, a special file, something unreadable) but shows that a person
    meant to put something there: it keeps “missing” findings silent. `mistaken` is a file with the evidence set's name,
    such as a zip of it.
    """

    answers: list[Entry] = field(default_factory=list)
    answer_claimed: bool = False
    evidence: Entry | None = None
    mistaken: Entry | None = None
    evidence_claimed: bool = False
    copies: list[Entry] = field(default_factory=list)
    unexpected: list[Entry] = field(default_factory=list)
    shelves: dict[str, list[Entry]] = field(default_factory=dict)
    filed: dict[str, list[Entry]] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    unknown: list[Entry] = field(default_factory=list)
    unsorted: list[Entry] = field(default_factory=list)
    loose: list[Entry] = field(default_factory=list)
    subfolders: list[Entry] = field(default_factory=list)
    junk: list[Entry] = field(default_factory=list)
    links: list[Entry] = field(default_factory=list)
    unreadable: list[Entry] = field(default_factory=list)
    evidence_files: list[Entry] = field(default_factory=list)


def shape_of(tree: Tree, evidence_name: str, categories: tuple[Category, ...]) -> Shape:
    """Sort a tree's entries. `evidence_name` is the evidence set's name in the table's layout."""
    return _Sorter(tree, evidence_name, categories).run()


class _Sorter:
    def __init__(self, tree: Tree, evidence_name: str, categories: tuple[Category, ...]) -> None:
        self.tree = tree
        self.key = loose_key(evidence_name)
        self.exact = evidence_name
        self.categories = {loose_key(category.name): category.id for category in categories}
        self.shape = Shape(filed={c.id: [] for c in categories}, shelves={c.id: [] for c in categories})
        self.owners: dict[str, str | None] = {}
        self.skipped: set[str] = set()

    def run(self) -> Shape:
        top = [entry for entry in self.tree.entries if not entry.parent]
        # The exact name wins over one that merely looks like it.
        for entry in sorted(top, key=lambda entry: entry.name != self.exact):
            self._sort_top(entry)
        if self.shape.evidence is not None and self.shape.mistaken is not None:
            # Beside a real evidence set it is one file too many.
            self.shape.answers.append(self.shape.mistaken)
            self.shape.answers.sort(key=lambda entry: entry.path)
            self.shape.mistaken = None
        for entry in self.tree.entries:
            if entry.parent and not self._below_skipped(entry):
                self._sort_evidence(entry)
        files = [*chain.from_iterable(self.shape.filed.values()), *self.shape.loose, *self.shape.unsorted]
        self.shape.evidence_files = sorted(files, key=lambda entry: entry.path.encode("utf-8", "surrogateescape"))
        return self.shape

    def _below_skipped(self, entry: Entry) -> bool:
        if entry.parent in self.skipped:
            self.skipped.add(entry.path)
            return True
        return False

    def _sort_top(self, entry: Entry) -> None:
        shape = self.shape
        is_folder = entry.type is EntryType.FOLDER
        is_evidence = loose_key(entry.name) == self.key
        if self._sort_faulty(entry):
            shape.evidence_claimed |= is_evidence
            shape.answer_claimed |= not is_evidence and not (is_folder and entry.error)
        elif self._sort_junk(entry):
            return
        elif not is_folder:
            if self.tree.origin is Origin.PACKAGE and is_metadata(entry.name):
                return
            if loose_key(entry.name).partition(".")[0] == self.key:
                shape.mistaken = entry
            else:
                shape.answers.append(entry)
        elif is_evidence and shape.evidence is None:
            shape.evidence = entry
        else:
            self.skipped.add(entry.path)
            (shape.copies if self.key in loose_key(entry.name) else shape.unexpected).append(entry)

    def _sort_faulty(self, entry: Entry) -> bool:
        if entry.type in (EntryType.LINK, EntryType.SPECIAL):
            self.shape.links.append(entry)
        elif entry.error:
            self.shape.unreadable.append(entry)
        else:
            return False
        self.skipped.add(entry.path)
        return True

    def _sort_junk(self, entry: Entry) -> bool:
        if not is_junk(entry.name, folder=entry.type is EntryType.FOLDER):
            return False
        self.shape.junk.append(entry)
        self.skipped.add(entry.path)
        return True

    def _sort_evidence(self, entry: Entry) -> None:
        shape = self.shape
        top_level = shape.evidence is not None and entry.parent == shape.evidence.path
        category = self._category(entry.name) if top_level else self.owners.get(entry.parent)
        if self._sort_faulty(entry):
            shape.claimed.add(category or "")
        elif self._sort_junk(entry):
            return
        elif entry.type is EntryType.FOLDER:
            self.owners[entry.path] = category
            if not top_level:
                shape.subfolders.append(entry)
            elif category is None:
                shape.unknown.append(entry)
            else:
                shape.shelves[category].append(entry)
        elif top_level:
            shape.loose.append(entry)
        elif category is None:
            shape.unsorted.append(entry)
        else:
            shape.filed[category].append(entry)

    def _category(self, name: str) -> str | None:
        key = loose_key(name)
        return self.categories.get(key) or self.categories.get(_NUMBER.sub("", key))

"""One look at the folders of a workspace: which folder is whose, and what belongs to nobody."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence_cli.looks.folder import entry_of
from evidence_cli.looks.listing import Listing
from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.table import Leaf, QuestionSpec, Table
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.names import carries_code, is_junk, loose_key, nfc, question_code
from evidence_cli.workspace.naming import NOTES_NAME, indicator_folder, question_folder
from evidence_cli.workspace.store import is_link


@dataclass(frozen=True, slots=True)
class Place:
    """Where one question's folder is.

    `folders` are the entries that carry its code (paths relative to the workspace); exactly one is right. `expected` is
    where `init` would make it. `blocked` is true while the indicator's own folder exists twice or cannot be read, so
    that nothing can be said about the question. While no folder is right, `elsewhere` are those that carry the code in
    another place, and `renamed` is one in the right place whose name only looks like it.
    """

    question: QuestionSpec
    expected: str
    folders: tuple[Entry, ...] = ()
    blocked: bool = False
    elsewhere: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """All places, with paths relative to the workspace; `leaf_folders` are the indicators' own as stored, by code, and
    `contributions` the folders in them for what units send. `listing` is what was listed for it."""

    root: Path
    table: Table
    places: dict[str, Place]
    strays: tuple[tuple[str, str | None], ...] = ()
    indicators_twice: dict[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[tuple[Entry, str | None], ...] = ()
    leaf_folders: dict[str, str] = field(default_factory=dict)
    contributions: dict[str, list[Entry]] = field(default_factory=dict)
    listing: Listing = field(default_factory=Listing)

    def leaf_path(self, leaf: Leaf) -> str:
        """An indicator's own folder as stored, or where `init` would make it."""
        return self.leaf_folders.get(leaf.code) or f"{self.table.layout.indicators}/{indicator_folder(leaf)}"

    @property
    def blocked(self) -> frozenset[str]:
        """The codes of indicators whose own folder is there twice, is a link or cannot be listed, or all of them."""
        if any(leaf is None for _, leaf in self.faults):
            return frozenset(leaf.code for leaf in self.table.leaves())
        return frozenset({*self.indicators_twice, *(leaf for _, leaf in self.faults if leaf)})


def survey(root: Path, table: Table) -> Survey:
    """Look at the indicators' folders and at what lies in them. Raises EnvironmentFailure if that cannot be listed."""
    return _Surveyor(root, table).run()


def list_folder(root: Path, path: str, *, raw: str | None = None) -> list[Entry]:
    """The entries of one folder of the workspace, by name; paths are relative to the workspace. Raises OSError."""
    real = raw if raw is not None else path
    with os.scandir(root / real) as listing:
        entries = [entry_of(child, f"{path}/{nfc(child.name)}", f"{real}/{child.name}") for child in listing]
    return sorted(entries, key=lambda entry: entry.path)


class _Surveyor:
    def __init__(self, root: Path, table: Table) -> None:
        self.root = root
        self.table = table
        self.top = table.layout.indicators
        self.codes = {question.code for question in table.questions()}
        self.strays: list[tuple[str, str | None]] = []
        self.faults: list[tuple[Entry, str | None]] = []
        self.twice: dict[str, tuple[str, ...]] = {}
        self.places: dict[str, Place] = {}
        self.leaf_folders: dict[str, str] = {}
        self.contributions: dict[str, list[Entry]] = {}
        self.listing = Listing()
        self.leads_out = False
        self.stray_entries: list[tuple[Entry, str | None]] = []

    def run(self) -> Survey:
        by_leaf: dict[str, list[Entry]] = {leaf.code: [] for leaf in self.table.leaves()}
        for entry in self._list_top():
            code = self._leaf_code(entry)
            if code is not None:
                by_leaf[code].append(entry)
            elif not is_junk(entry.name, folder=entry.type is EntryType.FOLDER):
                self._stray(entry, None)
        for leaf in self.table.leaves():
            self._look_at_leaf(leaf, by_leaf[leaf.code])
        self._find_misplaced()
        return Survey(
            self.root,
            self.table,
            self.places,
            tuple(sorted(self.strays, key=lambda stray: stray[0])),
            self.twice,
            tuple(self.faults),
            self.leaf_folders,
            self.contributions,
            self.listing,
        )

    def _stray(self, entry: Entry, leaf: str | None) -> None:
        self.strays.append((entry.path, leaf))
        self.stray_entries.append((entry, leaf))

    def _find_misplaced(self) -> None:
        # A folder that slipped or lost its code is one mistake: its question is not where it should be.
        for code, place in self.places.items():
            if place.folders or place.blocked:
                continue
            elsewhere = tuple(entry.path for entry, _ in self.stray_entries if question_code(entry.name) == code)
            renamed = tuple(
                entry.path
                for entry, leaf in self.stray_entries
                if leaf == place.question.indicator
                and entry.type in (EntryType.FOLDER, EntryType.LINK)
                and _looks_like(entry.name, place.question)
            )
            if elsewhere or len(renamed) == 1:
                self.places[code] = replace(place, elsewhere=elsewhere, renamed=() if elsewhere else renamed)
                self.strays = [stray for stray in self.strays if stray[0] not in (elsewhere or renamed)]

    def _list_top(self) -> list[Entry]:
        if is_link(self.root / self.top):
            self.faults.append((Entry(self.top, self.top, EntryType.LINK), None))
            self.leads_out = True
            self.listing.whole = False
            return []
        try:
            entries = list_folder(self.root, self.top)
        except FileNotFoundError:
            self.listing.add_missing(self.top)
            return []
        except OSError as error:
            raise EnvironmentFailure("read", path=self.top, detail=error.strerror or str(error)) from error
        self.listing.add(self.top, entries)
        return entries

    def _leaf_code(self, entry: Entry) -> str | None:
        if entry.type not in (EntryType.FOLDER, EntryType.LINK):
            return None
        # A question's folder that slipped one level up also begins with its indicator's code.
        if question_code(entry.name) in self.codes:
            return None
        return next((leaf.code for leaf in self.table.leaves() if carries_code(entry.name, leaf.code)), None)

    def _look_at_leaf(self, leaf: Leaf, folders: list[Entry]) -> None:
        questions = [question for question in self.table.questions() if question.indicator == leaf.code]
        if len(folders) > 1:
            self.twice[leaf.code] = tuple(entry.path for entry in folders)
            return self._place_all(leaf, questions, {}, blocked=True)
        if not folders:
            return self._place_all(leaf, questions, {}, blocked=self.leads_out)
        [folder] = folders
        self.leaf_folders[leaf.code] = folder.raw
        try:
            if folder.type is EntryType.LINK or folder.error:
                raise OSError(None, folder.error)
            entries = list_folder(self.root, folder.path, raw=folder.raw)
        except OSError as error:
            broken = folder if folder.type is EntryType.LINK else _with_error(folder, error)
            self.faults.append((broken, leaf.code))
            # A link is not followed, and that it is one is seen in the folder above.
            self.listing.whole = self.listing.whole and folder.type is EntryType.LINK
            return self._place_all(leaf, questions, {}, blocked=True)
        self.listing.add(folder.raw, entries)
        found: dict[str, list[Entry]] = {question.code: [] for question in questions}
        for entry in entries:
            self._sort_in(entry, leaf, found)
        return self._place_all(leaf, questions, found, parent=folder.path)

    def _sort_in(self, entry: Entry, leaf: Leaf, found: dict[str, list[Entry]]) -> None:
        is_folder = entry.type in (EntryType.FOLDER, EntryType.LINK)
        code = question_code(entry.name) if is_folder else None
        if code is not None and code in found:
            found[code].append(entry)
        elif is_folder and loose_key(entry.name) == loose_key(self.table.layout.contributions):
            self.contributions.setdefault(leaf.code, []).append(entry)
        elif not self._belongs(entry):
            self._stray(entry, leaf.code)

    def _belongs(self, entry: Entry) -> bool:
        if is_junk(entry.name, folder=entry.type is EntryType.FOLDER):
            return True
        if entry.type in (EntryType.FOLDER, EntryType.LINK):
            return loose_key(entry.name) == loose_key(self.table.layout.pool)
        return entry.name == NOTES_NAME

    def _place_all(
        self,
        leaf: Leaf,
        questions: list[QuestionSpec],
        found: dict[str, list[Entry]],
        *,
        parent: str | None = None,
        blocked: bool = False,
    ) -> None:
        base = parent or f"{self.top}/{indicator_folder(leaf)}"
        for question in questions:
            expected = f"{base}/{question_folder(question)}"
            self.places[question.code] = Place(question, expected, tuple(found.get(question.code, ())), blocked)


def _looks_like(name: str, question: QuestionSpec) -> bool:
    """Whether a person meant this question although the name does not carry its code: `1.1-01 清单`, `清单`."""
    plain, title = loose_key(name), loose_key(question_folder(question)).removeprefix(f"{question.code}-")
    begins = plain.startswith(question.code) and not plain[len(question.code) :][:1].isdigit()
    return begins or (len(title) > 1 and plain.endswith(title))


def _with_error(folder: Entry, error: OSError) -> Entry:
    return Entry(folder.path, folder.raw, folder.type, error=error.strerror or str(error))

"""Folders as they were listed, so that a later run can tell that nothing in them changed."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from evidence_cli.looks.cache import fingerprint, is_young
from evidence_cli.looks.folder import entry_of
from evidence_cli.looks.tree import Entry, EntryType, Tree
from evidence_cli.vocabulary.names import is_junk

# In the place of the digest of a folder that is not there.
_ABSENT = ""


@dataclass(slots=True)
class Listing:
    """Folders by their stored path, each with a digest of the names, sorts, sizes and times of what lies in it.

    `whole` is false where something could not be listed, or leads elsewhere. `newest` is the latest of all times in
    nanoseconds, `taken` when the listing was begun.
    """

    folders: dict[str, str] = field(default_factory=dict)
    whole: bool = True
    newest: int = 0
    taken: int = field(default_factory=time.time_ns)

    @property
    def settled(self) -> bool:
        """Whether whatever changes from now on has another size or time: nothing changed just before."""
        return self.whole and not is_young(self.newest, self.taken)

    def add(self, folder: str, entries: Iterable[Entry]) -> None:
        """A folder and what lies in it."""
        entries = list(entries)
        self.folders[folder] = _digest(entries)
        self.whole = self.whole and not any(entry.error for entry in entries)
        self.newest = max([self.newest, *map(_latest, entries)])

    def add_missing(self, folder: str) -> None:
        """A folder that is not there."""
        self.folders[folder] = _ABSENT

    def add_tree(self, folder: str, tree: Tree) -> None:
        """All folders of a tree that was read from this one."""
        inside: dict[str, list[Entry]] = {"": []}
        for entry in tree.entries:
            inside.setdefault(entry.raw.rpartition("/")[0], []).append(entry)
            if entry.type is EntryType.FOLDER and not is_junk(entry.name, folder=True):
                inside.setdefault(entry.raw, [])
        for raw, entries in inside.items():
            self.add(f"{folder}/{raw}" if raw else folder, entries)

    def join(self, other: "Listing") -> None:
        """Take over the folders of another one that was begun later; what changed meanwhile was not listed whole."""
        same = all(self.folders.get(folder, digest) == digest for folder, digest in other.folders.items())
        self.folders |= other.folders
        self.whole = self.whole and other.whole and same
        self.newest = max(self.newest, other.newest)

    def holds(self, root: Path) -> bool:
        """Whether all of it is still so."""
        return all(self._holds(root, folder) for folder in self.folders)

    def _holds(self, root: Path, folder: str) -> bool:
        path = f"{root}/{folder}"
        # In whose place a link is now, the folder above tells; the topmost have none that was listed.
        above = folder.rpartition("/")[0] in self.folders
        if not above and entry_of(Path(path), folder, folder).type is EntryType.LINK:
            return False
        return _listed(path) == self.folders[folder]


def _listed(folder: str) -> str | None:
    try:
        with os.scandir(folder) as listing:
            return _digest([entry_of(child, child.name, child.name) for child in listing])
    except FileNotFoundError:
        return _ABSENT
    except OSError:
        return None


def _digest(entries: Iterable[Entry]) -> str:
    lines = [f"{entry.raw.rpartition('/')[2]}\0{entry.type.value}\0{entry.stamp}\0{entry.error}" for entry in entries]
    return fingerprint(*sorted(lines))


def _latest(entry: Entry) -> int:
    """The later of a file's two times; see `entry_of`."""
    return max((int(moment) for moment in entry.stamp.split()[1:3]), default=0)

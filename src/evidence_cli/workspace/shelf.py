"""The folder of packages (报送): which file there is whose package."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from evidence_cli.looks.bags.guard import is_bag
from evidence_cli.looks.folder import entry_of
from evidence_cli.looks.listing import Listing
from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.table import Table
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.names import codes_inside, is_junk, nfc, question_code, twin_key
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.store import is_link
from evidence_cli.workspace.survey import list_folder

ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The packages found, by question code; those of no question in `others`.

    `leads_out` is true where the folder of packages is a link: what lies behind it is not the workspace's. `listing` is
    what was listed for it.
    """

    packages: dict[str, tuple[Entry, ...]]
    others: tuple[Entry, ...] = ()
    leads_out: bool = False
    listing: Listing = field(default_factory=Listing)


def read_shelf(root: Path, table: Table) -> Shelf:
    """List the folder of packages. Raises EnvironmentFailure when it is there but cannot be listed."""
    if is_link(root / table.layout.packages):
        return Shelf({}, leads_out=True, listing=Listing(whole=False))
    listing = Listing()
    archives = _archives(root, table.layout.packages, listing)
    if not archives:
        return Shelf({}, listing=listing)
    owners = Owners(table)
    found: dict[str, list[Entry]] = {}
    others = []
    for entry in archives:
        code = owners.code_of(entry.name)
        if code is None:
            others.append(entry)
        else:
            found.setdefault(code, []).append(entry)
    return Shelf({code: tuple(entries) for code, entries in found.items()}, tuple(others), listing=listing)


class Spellings:
    """The names in the folder of packages as they are spelled, so that one package is found without a new listing."""

    def __init__(self, root: Path, table: Table) -> None:
        """List the folder once. Raises EnvironmentFailure when it is there but cannot be listed, or leads elsewhere."""
        self._root = root
        self._folder = table.layout.packages
        if is_link(root / self._folder):
            raise EnvironmentFailure("leads_out", path=self._folder)
        self._names: dict[str, list[str]] = {}
        for entry in _archives(root, self._folder):
            name = entry.raw.rpartition("/")[2]
            self._names.setdefault(twin_key(name), []).append(name)

    def find(self, name: str) -> Entry | None:
        """The package of this name as it is now, however it is spelled; the exact name first."""
        for spelled in dict.fromkeys((name, *self._names.get(twin_key(name), ()))):
            path = self._root / self._folder / spelled
            if os.path.lexists(path):
                return entry_of(path, f"{self._folder}/{nfc(spelled)}", f"{self._folder}/{spelled}")
        return None


class Owners:
    """Which question a package's file name speaks of."""

    def __init__(self, table: Table) -> None:
        self._codes = {question.code for question in table.questions()}
        self._names = {twin_key(package_name(table, question)): question.code for question in table.questions()}

    def code_of(self, name: str) -> str | None:
        """The code of that question: by the whole name, by how it begins, or, as a template may have it, inside."""
        if exact := self._names.get(twin_key(name)):
            return exact
        stem = re.sub(r"\.[A-Za-z0-9]+$", "", name)
        return next((code for code in (question_code(stem), *codes_inside(stem)) if code in self._codes), None)


def is_archive(folder: Path) -> bool:
    """Whether a folder is an archive (a BagIt bag), not one in which packages lie. Raises OSError."""
    return is_bag(folder)


def _archives(root: Path, folder: str, listing: Listing | None = None) -> list[Entry]:
    listing = listing or Listing()
    try:
        entries = list_folder(root, folder)
    except FileNotFoundError:
        listing.add_missing(folder)
        return []
    except OSError as error:
        raise EnvironmentFailure("read", path=folder, detail=error.strerror or str(error)) from error
    listing.add(folder, entries)
    return [
        entry
        for entry in entries
        if entry.type is not EntryType.FOLDER and entry.name.lower().endswith(ARCHIVES) and not is_junk(entry.name)
    ]

"""What units have put into their folders under an indicator (汇总报送): listed, not opened."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence_cli.looks.folder import read_folder
from evidence_cli.looks.listing import Listing
from evidence_cli.looks.tree import Entry, EntryType, Tree
from evidence_cli.table import Contribution, Table
from evidence_cli.vocabulary.names import is_junk, loose_key, nfc
from evidence_cli.workspace.naming import contribution_folder, indicator_folder, unit_folder
from evidence_cli.workspace.store import is_link, is_temporary
from evidence_cli.workspace.survey import list_folder

_NUMBER = re.compile(r"\d{1,3}\s*[-_.、．]?\s*")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one unit has put into its folder. `path` is the folder's, relative to the workspace, and where `init` makes
    it while it is not there.

    `files` are the regular files with the tree that they are in. `faults` are links and what cannot be read, with their
    paths relative to the workspace. `blocked` says that the indicator's own folder cannot be told or read.
    """

    contribution: Contribution
    unit: str
    path: str
    files: tuple[tuple[Tree, Entry], ...] = ()
    faults: tuple[tuple[Entry, str], ...] = ()
    blocked: bool = False


def find_deliveries(
    root: Path,
    table: Table,
    contributions: Iterable[Contribution],
    leaf_folders: Mapping[str, str],
    blocked: frozenset[str],
    listing: Listing,
) -> list[Delivery]:
    """The deliveries of every unit of these contributions, in the order of the table.

    `leaf_folders` are the indicators' folders as stored, by code; `blocked` the codes of those that nobody can tell or
    read. What is listed joins `listing`.
    """
    places: dict[str, _Place] = {}
    found = []
    for contribution in contributions:
        code = contribution.indicator
        if code not in places:
            places[code] = _look(root, table, code, None if code in blocked else leaf_folders.get(code), listing)
        found += [_deliver(table, contribution, unit, places[code], code in blocked) for unit in contribution.units]
    return found


def contributions_path(table: Table, code: str, leaf_folder: str | None) -> str:
    """The folder of all contributions to an indicator; `leaf_folder` is the indicator's own where there is one."""
    folder = leaf_folder or f"{table.layout.indicators}/{indicator_folder(table.leaf(code))}"
    return f"{folder}/{table.layout.contributions}"


@dataclass(frozen=True, slots=True)
class _Place:
    """The folder of all contributions to an indicator: its path, and what is in it."""

    path: str
    trees: tuple[Tree, ...] = ()
    faults: tuple[tuple[Entry, str], ...] = ()


def _look(root: Path, table: Table, code: str, raw: str | None, listing: Listing) -> _Place:
    path = nfc(contributions_path(table, code, raw))
    if raw is None or is_link(root / raw):
        return _Place(path)
    trees, faults = [], []
    wanted = loose_key(table.layout.contributions)
    try:
        beside = list_folder(root, nfc(raw), raw=raw)
    except OSError:
        # The survey could list it a moment ago, and says so if not.
        listing.whole = False
        return _Place(path)
    for entry in beside:
        if loose_key(entry.name) != wanted or entry.type not in (EntryType.FOLDER, EntryType.LINK):
            continue
        path = entry.path
        if entry.type is EntryType.LINK:
            faults.append((entry, entry.path))
            continue
        try:
            tree = read_folder(root / entry.raw, entry.path)
        except OSError as error:
            listing.whole = False
            faults.append((Entry(entry.path, entry.raw, entry.type, error=error.strerror or str(error)), entry.path))
            continue
        listing.add_tree(entry.raw, tree)
        trees.append(tree)
    return _Place(path, tuple(trees), tuple(faults))


def _deliver(table: Table, contribution: Contribution, unit: str, place: _Place, blocked: bool) -> Delivery:
    folder = contribution_folder(table, contribution)
    path = f"{place.path}/{folder}/{unit_folder(unit)}"
    files, faults = [], list(place.faults)
    there = False
    for tree in place.trees:
        for entry in tree.entries:
            above, _, rest = entry.path.partition("/")
            own, _, inside = rest.partition("/")
            if not _means(above, folder) or (own and loose_key(own) != loose_key(unit_folder(unit))):
                continue
            if entry.error or entry.type in (EntryType.LINK, EntryType.SPECIAL):
                faults.append((entry, tree.shown(entry.path)))
            elif not own and entry.type is EntryType.FOLDER and not there:
                path = f"{tree.shown(entry.path)}/{unit_folder(unit)}"
            elif own and not inside and entry.type is EntryType.FOLDER and not there:
                there, path = True, tree.shown(entry.path)
            elif inside and entry.type is EntryType.FILE and not _is_litter(inside):
                files.append((tree, entry))
    return Delivery(contribution, unit, path, tuple(files), tuple(faults), blocked)


def _means(name: str, folder: str) -> bool:
    """Whether a folder's name stands for this contribution, with its number, another one or none."""
    title = loose_key(folder.partition("-")[2])
    plain = loose_key(name)
    return plain == title or _NUMBER.sub("", plain, count=1) == title


def _is_litter(path: str) -> bool:
    *folders, name = path.split("/")
    return is_junk(name) or is_temporary(name) or any(is_junk(folder, folder=True) for folder in folders)

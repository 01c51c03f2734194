"""What units have put into their folders under an indicator (汇总报送): listed, not opened."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evidence_cli.looks.folder import read_folder
from evidence_cli.looks.listing import Listing
from evidence_cli.looks.tree import Entry, EntryType, Tree
from evidence_cli.table import Contribution, Table
from evidence_cli.vocabulary.names import is_junk, loose_key, nfc
from evidence_cli.workspace.naming import contribution_folder, unit_folder
from evidence_cli.workspace.store import is_temporary
from evidence_cli.workspace.survey import Survey

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


def find_deliveries(seen: Survey, contributions: Iterable[Contribution], listing: Listing) -> list[Delivery]:
    """The deliveries of every unit of these contributions, in the table's order; what is listed joins `listing`."""
    places: dict[str, _Place] = {}
    blocked = seen.blocked
    found = []
    for one in contributions:
        code = one.indicator
        if code not in places:
            places[code] = _look(seen, code, listing)
        found += [_deliver(seen.table, one, unit, places[code], code in blocked) for unit in one.units]
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """The folder of all contributions to an indicator: its path, and what is in it, by the folders of contributions and
    of units in it. The latter are told by `loose_key`; what is no unit's has an empty one."""

    path: str
    entries: Mapping[str, Mapping[str, list[tuple[Tree, Entry]]]] = field(default_factory=dict)
    faults: tuple[tuple[Entry, str], ...] = ()


def _look(seen: Survey, code: str, listing: Listing) -> _Place:
    path = nfc(f"{seen.leaf_path(seen.table.leaf(code))}/{seen.table.layout.contributions}")
    trees, faults = [], []
    for entry in seen.contributions.get(code, ()):
        path = entry.path
        if entry.type is EntryType.LINK:
            faults.append((entry, entry.path))
            continue
        try:
            tree = read_folder(seen.root / entry.raw, entry.path)
        except OSError as error:
            listing.whole = False
            faults.append((Entry(entry.path, entry.raw, entry.type, error=error.strerror or str(error)), entry.path))
            continue
        listing.add_tree(entry.raw, tree)
        trees.append(tree)
    return _Place(path, _sorted(trees), tuple(faults))


def _sorted(trees: Iterable[Tree]) -> dict[str, dict[str, list[tuple[Tree, Entry]]]]:
    entries: dict[str, dict[str, list[tuple[Tree, Entry]]]] = {}
    for tree in trees:
        for entry in tree.entries:
            above, _, rest = entry.path.partition("/")
            own = loose_key(rest.partition("/")[0]) if rest else ""
            entries.setdefault(above, {}).setdefault(own, []).append((tree, entry))
    return entries


def _deliver(table: Table, contribution: Contribution, unit: str, place: _Place, blocked: bool) -> Delivery:
    folder, own = contribution_folder(table, contribution), unit_folder(unit)
    path = f"{place.path}/{folder}/{own}"
    files, faults = [], list(place.faults)
    meant = [entries for name, entries in place.entries.items() if _means(name, folder)]
    for tree, entry in (pair for entries in meant for pair in entries.get("", ())):
        if entry.type is EntryType.FOLDER and not entry.error:
            path = f"{tree.shown(entry.path)}/{own}"
        elif entry.type is not EntryType.FILE or entry.error:
            faults.append((entry, tree.shown(entry.path)))
    for tree, entry in (pair for entries in meant for pair in entries.get(loose_key(own), ())):
        inside = entry.path.split("/", 2)[2:]
        if entry.error or entry.type in (EntryType.LINK, EntryType.SPECIAL):
            faults.append((entry, tree.shown(entry.path)))
        elif not inside and entry.type is EntryType.FOLDER:
            path = tree.shown(entry.path)
        elif inside and entry.type is EntryType.FILE and not _is_litter(inside[0]):
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

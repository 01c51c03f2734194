"""Read a folder into a Tree: one walk, no link followed, nothing opened."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from evidence_cli.looks.opening import open_regular
from evidence_cli.looks.tree import Entry, EntryType, Location, Origin, Tree
from evidence_cli.vocabulary.names import is_junk, nfc

_REPARSE_LINKS = {
    getattr(stat, "IO_REPARSE_TAG_SYMLINK", -1),
    getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1),
}


def read_folder(folder: Path, shown: str) -> Tree:
    """The tree below `folder`. `shown` is how reports name the folder (without a closing slash).

    What cannot be listed is an entry with `error`. Raises OSError only when `folder` itself cannot be listed.
    """
    entries = tuple(sorted(_walk(str(folder)), key=lambda entry: entry.path.encode("utf-8", "surrogateescape")))
    top = str(folder)
    return Tree(shown + "/", Origin.FOLDER, entries, partial(_open, top), partial(_locate, top))


def is_still(folder: Path, tree: Tree) -> bool:
    """Whether a folder holds what the tree that was read from it says: the same names, sorts, sizes and times."""
    expected: dict[str, dict[str, Entry]] = {"": {}}
    for entry in tree.entries:
        parent, _, name = entry.raw.rpartition("/")
        expected[parent][name] = entry
        if entry.type is EntryType.FOLDER:
            expected[entry.raw] = {}
    skipped = {raw for raw in expected if raw and is_junk(nfc(raw.rpartition("/")[2]), folder=True)}
    try:
        return all(_is_still(f"{folder}/{raw}", names) for raw, names in expected.items() if raw not in skipped)
    except OSError:
        return False


def _is_still(folder: str, expected: dict[str, Entry]) -> bool:
    with os.scandir(folder) as listing:
        children = list(listing)
    return len(children) == len(expected) and all(_is_same(child, expected.get(child.name)) for child in children)


def _is_same(child: os.DirEntry[str], entry: Entry | None) -> bool:
    if entry is None or entry.error:
        return False
    status = child.stat(follow_symlinks=False)
    if stat.S_ISREG(status.st_mode):
        return entry.type is EntryType.FILE and (status.st_size, status.st_mtime_ns) == (entry.size, entry.mtime_ns)
    return entry_of(child, entry.path, entry.raw).type is entry.type


def _walk(top: str) -> Iterator[Entry]:
    pending = [("", "")]
    while pending:
        raw_parent, parent = pending.pop()
        try:
            with os.scandir(os.path.join(top, raw_parent) if raw_parent else top) as listing:  # noqa: PTH118 - no objects
                children = list(listing)
        except OSError as error:
            if not raw_parent:
                raise
            yield Entry(parent, raw_parent, EntryType.FOLDER, error=error.strerror or str(error))
            continue
        if raw_parent:
            yield Entry(parent, raw_parent, EntryType.FOLDER)
        for child in children:
            raw = f"{raw_parent}/{child.name}" if raw_parent else child.name
            path = f"{parent}/{nfc(child.name)}" if parent else nfc(child.name)
            entry = entry_of(child, path, raw)
            if entry.type is EntryType.FOLDER and not entry.error and not is_junk(child.name, folder=True):
                pending.append((raw, path))
            else:
                yield entry


def entry_of(child: os.DirEntry[str] | Path, path: str, raw: str) -> Entry:
    """The entry for one item of a directory listing, or for one that is asked for alone, without following it."""
    try:
        if child.is_symlink():
            return Entry(path, raw, EntryType.LINK)
        status = child.stat(follow_symlinks=False)
    except OSError as error:
        return Entry(path, raw, EntryType.FILE, error=error.strerror or str(error))
    if getattr(status, "st_reparse_tag", 0) in _REPARSE_LINKS:
        return Entry(path, raw, EntryType.LINK)
    if stat.S_ISDIR(status.st_mode):
        return Entry(path, raw, EntryType.FOLDER)
    kind = EntryType.FILE if stat.S_ISREG(status.st_mode) else EntryType.SPECIAL
    # The time of a change of the inode shows a modification time that was put back; Windows has none there.
    stamp = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
    return Entry(path, raw, kind, status.st_size, status.st_mtime_ns, stamp=stamp)


def _open(top: str, entry: Entry) -> BinaryIO:
    return open_regular(os.path.join(top, entry.raw))  # noqa: PTH118 - no objects


def _locate(top: str, entry: Entry) -> Location:
    return Location(os.path.join(top, entry.raw), 0, entry.size)  # noqa: PTH118 - no objects

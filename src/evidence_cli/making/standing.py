"""The package that stands where a new one is to go: kept under 历史 where it is not this run's to replace."""

import contextlib
import os
import stat
from pathlib import Path

from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.workspace.store import keep_aside

HISTORY = "历史"
# Who packs or receives at the same moment may take away what was just seen there, and put his own in its place.
_LOOKS = 20


def keep_standing(root: Path, target: Path, judged: Entry | None, new: Path, *, keep: bool) -> Path | None:
    """Keep what stands before `new` takes its place at `target`; where it is now, or None.

    `judged` is the package that was found before, and `keep` says whether it is to be kept; what somebody put there
    meanwhile always is, unless it is the same to the byte. What a link points to stays where it is. Raises OSError.
    """
    for _ in range(_LOOKS):
        with contextlib.suppress(FileNotFoundError):
            return _keep(root, target, judged, new, keep=keep)
    return _keep(root, target, judged, new, keep=keep)


def _keep(root: Path, target: Path, judged: Entry | None, new: Path, *, keep: bool) -> Path | None:
    shelf = target.parent / HISTORY
    status = _file(target)
    if status is not None and not _is(judged, status):
        return keep_aside(target, shelf, unless=new)
    if judged is None or not keep or judged.type is not EntryType.FILE:
        return None
    path = root / judged.raw
    status = _file(path)
    return keep_aside(path, shelf, unless=new) if status is not None and _is(judged, status) else None


def _file(path: Path) -> os.stat_result | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _is(entry: Entry | None, status: os.stat_result) -> bool:
    return entry is not None and (status.st_size, status.st_mtime_ns) == (entry.size, entry.mtime_ns)


def remove_twin(root: Path, entry: Entry | None, target: Path) -> None:
    """Take away the old package where the file system took its spelling of the name for another name."""
    if entry is not None and entry.raw.rpartition("/")[2] != target.name:
        old = root / entry.raw
        with contextlib.suppress(FileNotFoundError):
            if old.is_symlink() or not old.samefile(target):
                old.unlink()

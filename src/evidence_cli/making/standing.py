"""The package that stands where a new one is to go: kept under 历史 where it is not evcli's own to replace."""

import contextlib
from pathlib import Path

from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.workspace.store import keep_aside

HISTORY = "历史"


def keep_standing(root: Path, entry: Entry, shelf: Path) -> Path | None:
    """Keep a package before another one takes its place, under 历史; where it is now, or None.

    What a link points to stays where it is, and so does what is no longer what was judged: another run may have been
    quicker. Raises OSError.
    """
    path = root / entry.raw
    if entry.type is EntryType.FILE:
        with contextlib.suppress(FileNotFoundError):
            status = path.lstat()
            if (status.st_size, status.st_mtime_ns) == (entry.size, entry.mtime_ns):
                return keep_aside(path, shelf / HISTORY)
    return None


def remove_twin(root: Path, entry: Entry | None, target: Path) -> None:
    """Take away the old package where the file system took its spelling of the name for another name."""
    if entry is not None and entry.raw.rpartition("/")[2] != target.name:
        old = root / entry.raw
        with contextlib.suppress(FileNotFoundError):
            if old.is_symlink() or not old.samefile(target):
                old.unlink()

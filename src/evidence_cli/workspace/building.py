"""Make a whole folder so that whoever looks sees none of it or all of it."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence_cli.workspace import store
from evidence_cli.workspace.store import is_link, sync_folder, with_patience


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """Fill a new folder beside `target`, which is not there or empty, then give it that name.

    The block gets the folder to fill; the files that it writes should be flushed to disk by then. Whatever goes wrong,
    `target` stays as it was and the temporary folder is gone; what a killed run leaves is swept by a later one. Raises
    OSError, FileExistsError where something is in `target` by then.
    """
    store.sweep(target.parent)
    temporary = store.reserve(target.parent)
    try:
        temporary.mkdir()
        yield temporary
        _settle(temporary)
        with_patience(lambda: _put(temporary, target))
    except BaseException:
        with contextlib.suppress(OSError):
            shutil.rmtree(temporary, ignore_errors=True)
        raise
    finally:
        store.release(temporary)
    sync_folder(target.parent)


def is_free(target: Path) -> bool:
    """Whether a folder may be made here: nothing is there, or a real folder that is empty. Raises OSError."""
    if not os.path.lexists(target):
        return True
    if is_link(target) or not target.is_dir():
        return False
    with os.scandir(target) as listing:
        return next(listing, None) is None


def keep_alive(folder: Path) -> None:
    """Show that a folder is still being filled: another computer takes one that is old for abandoned."""
    with contextlib.suppress(OSError):
        os.utime(folder)


def _settle(folder: Path) -> None:
    """Have the names of all files on disk, the innermost folders first."""
    for path, _, _ in os.walk(folder, topdown=False):
        sync_folder(Path(path))


def _put(temporary: Path, target: Path) -> None:
    """Rename; only an empty folder may make room. Raises OSError."""
    if not is_free(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    if os.name == "nt" and target.exists():
        # Windows renames nothing onto an empty folder; one that got something meanwhile cannot be removed.
        target.rmdir()
    temporary.rename(target)

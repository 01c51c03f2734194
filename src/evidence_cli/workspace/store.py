"""Write files so that whoever looks sees the old one or the new one, never half of one, and no litter stays."""

import contextlib
import errno
import io
import itertools
import os
import platform
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

_OURS = re.compile(r"\.evcli-(?P<host>[0-9a-f]{8})-(?P<process>\d+)-\d+\.tmp")
_STALE_SECONDS = 24 * 3600
# Longer than between the last byte and the renaming of a file.
_IDLE_SECONDS = 60
# A colleague's open file, or a virus scanner, lets go after a moment; for longer than this nobody waits.
_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
# How a share says “somebody has it open”; anything else does not pass by waiting.
_SHARED = frozenset({errno.EACCES, errno.EBUSY, errno.ETXTBSY})
# Some clients of a share replace a file by taking it away first; then two who do so at once get in each other's way.
_RACED = frozenset({errno.EEXIST})

_CHUNK = 1 << 20
# So many bytes of a file that is being written are sent on to the disk together.
_SENT_ON = 32 * 1024 * 1024
_ADVISE = getattr(os, "posix_fadvise", None)

_numbers = itertools.count(1)
_being_written: set[str] = set()


def _host() -> str:
    return blake2b(platform.node().encode("utf-8", "replace"), digest_size=4).hexdigest()


class WholeFile(io.FileIO):
    """An unbuffered file that takes all it is given: the last bytes of a disk take a part, and nobody says a word.

    What is written is soon on its way to the disk, so that the flush at the end need not wait for all of it.
    """

    _waiting = 0

    def write(self, data: Any, /) -> int:
        """Write everything. Raises OSError."""
        left = whole = memoryview(data).cast("B")
        while left:
            left = left[super().write(left) :]
        self._waiting += len(whole)
        if self._waiting >= _SENT_ON:
            self._send_on()
        return len(whole)

    def _send_on(self) -> None:
        """Let Linux begin with what waits: it does when it hears that nobody will read this soon."""
        waiting, self._waiting = self._waiting, 0
        if _ADVISE is not None:
            with contextlib.suppress(OSError):
                _ADVISE(self.fileno(), max(0, self.tell() - waiting), waiting, os.POSIX_FADV_DONTNEED)


@contextmanager
def replacing(
    target: Path, *, check: Callable[[Path], None] | None = None, new: bool = False, settle: bool = True
) -> Iterator[io.FileIO]:
    """Write a file in full beside `target`, then put it in its place.

    The stream is unbuffered. After the block the bytes are flushed to disk, `check` may read them back and raise, and
    only then the name changes hands. Whatever goes wrong, `target` is untouched and the temporary file is gone. A link
    at `target` is replaced, never followed. With `new` nothing is replaced: FileExistsError where something is there.
    Without `settle` the new name is left to a later `sync_folder`. Raises OSError.
    """
    _refuse_folder(target)
    temporary = reserve(target.parent)
    try:
        with WholeFile(temporary, "x") as stream:
            yield stream
            os.fsync(stream.fileno())
        if check is not None:
            check(temporary)
        if new:
            with_patience(lambda: _put_new(temporary, target))
        else:
            with_patience(lambda: temporary.replace(target), passing=_SHARED | _RACED)
    except BaseException:
        with contextlib.suppress(OSError):
            with_patience(lambda: temporary.unlink(missing_ok=True))
        raise
    finally:
        release(temporary)
    if settle:
        sync_folder(target.parent)


def _put_new(temporary: Path, target: Path) -> None:
    """Give a file its name unless somebody else has it. Raises OSError, FileExistsError too."""
    if os.name != "nt":
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError:
            # A share without hard links: all that is left is to look first.
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        else:
            temporary.unlink()
            return
    # Windows itself refuses a name that is taken.
    temporary.rename(target)


def _unused(folder: Path) -> Path:
    """A name for a temporary file. The target's own is not in it: long titles begin alike, and names have a limit."""
    while True:
        temporary = folder / f".evcli-{_host()}-{os.getpid()}-{next(_numbers)}.tmp"
        # A process of this number may have left one when it was killed.
        if not os.path.lexists(temporary):
            return temporary


def reserve(folder: Path) -> Path:
    """A name in this folder for something temporary that `sweep` leaves alone until it is released."""
    temporary = _unused(folder)
    _being_written.add(temporary.name)
    return temporary


def release(temporary: Path) -> None:
    """What has this name is no longer being written."""
    _being_written.discard(temporary.name)


def _refuse_folder(target: Path) -> None:
    """Say it before anything is written, and alike on every system."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(target.lstat().st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))


def create_only(target: Path, data: bytes) -> bool:
    """Write a new file; False, and nothing done, where one is there already. Raises OSError."""
    if os.path.lexists(target):
        return False
    try:
        with replacing(target, new=True, settle=False) as stream:
            stream.write(data)
    except FileExistsError:
        return False
    return True


def with_patience(action: Callable[[], object], *, passing: frozenset[int] = _SHARED) -> None:
    """Do something that a share may refuse for a moment (sharing violation). Raises the last OSError."""
    for seconds in _RETRY_SECONDS:
        try:
            action()
        except OSError as error:
            if error.errno not in passing:
                raise
            time.sleep(seconds)
        else:
            return
    action()


def keep_aside(path: Path, folder: Path, *, unless: Path | None = None) -> Path | None:
    """Keep a file that evcli did not make under another name before it is replaced, once however often it is tried.

    Nothing is kept, and the result is None, where somebody has put there meanwhile what `unless` holds. `folder` is
    made where it is missing; as a link it would lead somewhere else, and is refused. Raises OSError.
    """
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error
    refuse_link(folder)
    for number in itertools.count(1):
        kept = folder / f"{path.stem}-{number}{path.suffix}"
        if not os.path.lexists(kept):
            # Another run may take the name first; what it keeps there is looked at like any other.
            with contextlib.suppress(FileExistsError):
                return kept if _keep(path, kept, unless) else None
        if kept.is_file() and not is_link(kept) and same_content(path, kept):
            return kept
    raise AssertionError("numbers do not end")


class _Same(Exception):  # noqa: N818 - says what was found
    """It is what will stand there anyway."""


def _keep(path: Path, kept: Path, unless: Path | None) -> bool:
    """Give a file a second name, or a copy where the share has no hard links. Raises OSError, FileExistsError too."""
    try:
        os.link(path, kept)
    except FileExistsError:
        raise
    except OSError:
        return _copy(path, kept, unless)
    if unless is not None and same_content(kept, unless):
        kept.unlink()
        return False
    return True


def _copy(path: Path, kept: Path, unless: Path | None) -> bool:
    def check(copy: Path) -> None:
        if unless is not None and same_content(copy, unless):
            raise _Same

    try:
        with path.open("rb") as source, replacing(kept, new=True, check=check) as target:
            while chunk := source.read(_CHUNK):
                target.write(chunk)
    except _Same:
        return False
    return True


def same_content(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes; their sizes are not believed, for a share may tell them from memory.

    Raises OSError.
    """
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(_CHUNK):
            if second.read(len(chunk)) != chunk:
                return False
        return not second.read(1)


def refuse_link(folder: Path) -> None:
    """Nothing is written through a link: it leads somewhere else. Raises OSError."""
    if is_link(folder):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))


def is_link(path: Path) -> bool:
    """Whether the path is a symlink or a junction. Raises OSError unless it is not there."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == junction


def is_temporary(name: str) -> bool:
    """Whether evcli names its temporary files like that."""
    return _OURS.fullmatch(name) is not None


def sweep(folder: Path) -> None:
    """Remove temporary files and folders that an interrupted run left; those of a run that still goes on stay."""
    try:
        names = [path for path in folder.iterdir() if is_temporary(path.name)]
    except OSError:
        return
    for path in names:
        with contextlib.suppress(OSError):
            if _abandoned(path):
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not is_link(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def _abandoned(path: Path) -> bool:
    match = _OURS.fullmatch(path.name)
    if match is None or path.name in _being_written:
        return False
    status = path.lstat()
    age = time.time() - status.st_mtime
    if os.name == "nt" and stat.S_ISDIR(status.st_mode):
        # Of a folder the files that are closed could be taken away while it is filled.
        return age > _STALE_SECONDS
    if os.name == "nt":
        # Asking for a process would end it here, but what another program has open cannot be deleted anyway.
        return age > _IDLE_SECONDS
    if match["host"] != _host():
        return age > _STALE_SECONDS
    return not _alive(int(match["process"])) or age > min(_STALE_SECONDS, _since_boot())


def _alive(process: int) -> bool:
    """Whether a process of that number runs and is not this one, which knows its own files."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _since_boot() -> float:
    """Seconds since this machine started, after which all process numbers are new; for ever where nobody says."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return float("inf") if clock is None else time.clock_gettime(clock)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk, where the system can."""
    # Not every file system lets a folder be opened or flushed; the file itself is on disk already.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Write files so that whoever looks sees the old one or the new one, never half of one, and no litter stays."""

import contextlib
import os
import platform
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

_OURS = re.compile(r"\.evcli-(?P<host>[0-9a-f]{8})-(?P<process>\d+)-.*\.tmp")
_STALE_SECONDS = 24 * 3600
# A colleague's open file, or a virus scanner, lets go after a moment; for longer than this nobody waits.
_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


def _host() -> str:
    return blake2b(platform.node().encode("utf-8", "replace"), digest_size=4).hexdigest()


@contextmanager
def replacing(target: Path, *, check: Callable[[Path], None] | None = None) -> Iterator[BinaryIO]:
    """Write a file in full beside `target`, then put it in its place.

    The stream is unbuffered. After the block the bytes are flushed to disk, `check` may read them back and raise, and
    only then the name changes hands. Whatever goes wrong, `target` is untouched and the temporary file is gone.
    Raises OSError.
    """
    temporary = target.with_name(f".evcli-{_host()}-{os.getpid()}-{target.name[:40]}.tmp")
    try:
        with open(temporary, "wb", buffering=0) as stream:  # noqa: PTH123 - unbuffered
            yield stream
            os.fsync(stream.fileno())
        if check is not None:
            check(temporary)
        with_patience(lambda: temporary.replace(target))
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def create_only(target: Path, data: bytes) -> bool:
    """Write a new file; False, and nothing done, where one is there already. Raises OSError."""
    try:
        stream = open(target, "xb")  # noqa: PTH123, SIM115 - closed below, but only if it was ours to make
    except FileExistsError:
        return False
    try:
        with stream:
            stream.write(data)
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return True


def with_patience(action: Callable[[], object]) -> None:
    """Do something that a share may refuse for a moment (sharing violation). Raises the last PermissionError."""
    for seconds in _RETRY_SECONDS:
        try:
            action()
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    action()


def keep_aside(path: Path, folder: Path) -> Path:
    """Keep a file that evcli did not make under another name before it is replaced. Raises OSError."""
    folder.mkdir(exist_ok=True)
    number = 1
    while True:
        kept = folder / f"{path.stem}-{number}{path.suffix}"
        try:
            os.link(path, kept)
        except FileExistsError:
            number += 1
        except OSError:
            # A share without hard links: copy.
            with open(kept, "xb") as target, path.open("rb") as source:  # noqa: PTH123 - create only
                while chunk := source.read(1 << 20):
                    target.write(chunk)
            return kept
        else:
            return kept


def sweep(folder: Path) -> None:
    """Remove temporary files that an interrupted run of evcli left; those of a run that still goes on stay."""
    try:
        names = [path for path in folder.iterdir() if _OURS.fullmatch(path.name)]
    except OSError:
        return
    for path in names:
        with contextlib.suppress(OSError):
            if _abandoned(path):
                path.unlink()


def _abandoned(path: Path) -> bool:
    match = _OURS.fullmatch(path.name)
    if match is None:
        return False
    if time.time() - path.stat().st_mtime > _STALE_SECONDS:
        return True
    # Windows refuses to delete what another program writes, so trying is safe; asking for a process is not.
    return os.name == "nt" or (match["host"] == _host() and not _alive(int(match["process"])))


def _alive(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _sync_folder(folder: Path) -> None:
    # Not every file system lets a folder be opened or flushed; the file itself is on disk already.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

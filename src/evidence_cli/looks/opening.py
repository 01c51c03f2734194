"""Open a regular file for reading, without following a link in its place or waiting for a pipe; or a part of one."""

import errno
import io
import os
import stat
import time
from typing import Any, BinaryIO

# Not every platform has them: a link is not followed, and a pipe does not make the reader wait.
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | _NO_LINK | getattr(os, "O_NONBLOCK", 0)
# Who has a file for himself alone is saving it, or scanning it for viruses: that takes a moment, or long.
_RETRY_SECONDS = (0.1, 0.3, 0.6)
# What tells it from a file that may not be read: on a mounted share, beside a server that still has a client's lock,
# and on Windows (sharing and lock violations).
_HELD = {errno.EBUSY, errno.ETXTBSY, errno.EAGAIN}
_HELD_ON_WINDOWS = {32, 33}


class RegularFile(io.FileIO):
    """A regular file that is read without a buffer. `status` is what it was when it was opened."""

    status: os.stat_result


def open_regular(path: str, *, follow: bool = False) -> RegularFile:
    """The file as an unbuffered stream; a link only with `follow`. Raises OSError, also when it is no regular file."""
    descriptor = _open_patiently(path, _FLAGS & ~_NO_LINK if follow else _FLAGS)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise OSError(None, "not a regular file" if follow else "not a regular file any more")
    file = RegularFile(descriptor, "rb", closefd=True)
    file.status = status
    return file


def _open_patiently(path: str, flags: int) -> int:
    for seconds in _RETRY_SECONDS:
        try:
            return os.open(path, flags)
        except OSError as error:
            if error.errno not in _HELD and getattr(error, "winerror", None) not in _HELD_ON_WINDOWS:
                raise
            time.sleep(seconds)
    return os.open(path, flags)


class Window(io.RawIOBase):
    """A part of an open file as a stream of its own: `size` bytes from `start`. Closing it closes the file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size = file, start, size
        self._place = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Position in bytes."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; past the end is allowed and reads nothing. Raises OSError before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(None, "seek before the start")
        self._place = base + offset
        return self._place

    def readinto(self, target: Any) -> int:
        """Read some bytes; 0 at the end. Raises OSError."""
        view = memoryview(target).cast("B")[: max(0, self._size - self._place)]
        if not len(view):
            return 0
        self._file.seek(self._start + self._place)
        count = self._file.readinto(view) or 0  # type: ignore[attr-defined]
        self._place += count
        return int(count)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

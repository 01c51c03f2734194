"""Bytes of a zip's entries within what its directory says, read by position: threads share a file."""

import errno
import io
import os
import threading
from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any

from evidence_cli.looks.opening import open_regular

_STEP = 64 * 1024


class EntryError(OSError):
    """An entry's bytes are not what the directory promises. `reason`: `crc`, `size` or `data`."""

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(f"{reason}: {name}")
        self.reason = reason


class Source:
    """A regular file that many readers share. Raises OSError when it cannot be opened or read."""

    def __init__(self, path: Path) -> None:
        self._given = path
        self._file = open_regular(str(path), follow=True)
        self.size = os.fstat(self._file.fileno()).st_size
        self._lock = threading.Lock()

    def anew(self) -> "Source":
        """The file opened once more, for a reader of its own. Raises OSError."""
        return Source(self._given)

    @cached_property
    def path(self) -> str:
        """Where the file itself lies, for those who open it anew."""
        return os.path.realpath(self._given)

    def readinto_at(self, offset: int, view: memoryview) -> int:
        """Fill the view from this place of the file; fewer bytes only at its end."""
        if self._file.closed:
            raise OSError(errno.EBADF, "the package is closed")
        done = 0
        while done < len(view):
            count = self._read_once(offset + done, view[done:])
            if not count:
                break
            done += count
        return done

    def read_at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from this place."""
        data = bytearray(max(0, min(length, self.size - offset)))
        view = memoryview(data)
        return bytes(view[: self.readinto_at(offset, view)])

    def close(self) -> None:
        """Close the file; streams that are still open fail from now on."""
        self._file.close()

    def _read_once(self, offset: int, view: memoryview) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._file.fileno(), [view], offset)
        with self._lock:  # Windows has no read by position
            self._file.seek(offset)
            return self._file.readinto(view) or 0


class EntryStream(io.RawIOBase):
    """Common part: position, bounds, and the CRC of what was read from the start without a gap.

    `own` is a file that no other stream reads: it is closed with this one.
    """

    own: Source | None = None

    def __init__(self, name: str, size: int, crc: int) -> None:
        from zlib_ng import zlib_ng  # late: start-up time

        super().__init__()
        self._entry, self._size, self._expected = name, size, crc
        self._crc32 = zlib_ng.crc32
        self._pos = 0
        self._summed = 0
        self._crc = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always; backwards in a deflated entry starts it anew."""
        return True

    def tell(self) -> int:
        """Position in bytes."""
        return self._pos

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; past the end is allowed and reads nothing. Raises OSError before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._pos, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "seek before the start")
        self._pos = base + offset
        return self._pos

    def close(self) -> None:
        """Close it, and the file that is its own."""
        if self.own is not None:
            self.own.close()
        super().close()

    def readinto(self, target: Any) -> int:
        """Read some bytes; 0 at the end. Raises EntryError, OSError."""
        if self.closed:
            raise ValueError("I/O operation on closed file")
        view = memoryview(target).cast("B")
        wanted = min(len(view), max(0, self._size - self._pos))
        count = self._read_here(view[:wanted]) if wanted else 0
        self._pos += count
        if self._pos == self._size and len(view):
            self._check_end()
        return count

    @abstractmethod
    def _read_here(self, view: memoryview) -> int:
        """Read some bytes from where the stream stands. Raises EntryError, OSError."""

    def _check_end(self) -> None:
        if self._summed == self._size and self._crc != self._expected:
            raise self._error("crc")

    def _sum(self, start: int, data: memoryview | bytes) -> None:
        """Take bytes that begin at `start` into the CRC, as far as they carry it on."""
        if start <= self._summed < start + len(data):
            self._crc = self._crc32(memoryview(data)[self._summed - start :], self._crc)
            self._summed = start + len(data)

    def _error(self, reason: str) -> EntryError:
        return EntryError(reason, self._entry)


class StoredStream(EntryStream):
    """A bounded slice of the file: a container inside it opens without being copied."""

    def __init__(self, source: Source, start: int, name: str, size: int, crc: int) -> None:
        super().__init__(name, size, crc)
        self._source, self._start = source, start

    def _read_here(self, view: memoryview) -> int:
        count = self._source.readinto_at(self._start + self._pos, view)
        if count < len(view):
            raise self._error("size")
        self._sum(self._pos, view)
        return count


class DeflatedStream(EntryStream):
    """Raw deflate, forwards; one step of input and of output is held at a time."""

    def __init__(self, source: Source, start: int, compressed: int, name: str, size: int, crc: int) -> None:
        super().__init__(name, size, crc)
        self._source, self._start, self._compressed = source, start, compressed
        self._rewind()

    def _rewind(self) -> None:
        from zlib_ng import zlib_ng  # late: start-up time

        self._engine = zlib_ng.decompressobj(-15)
        self._failure: Any = zlib_ng.error
        self._taken = 0
        self._made = 0

    def _read_here(self, view: memoryview) -> int:
        if self._pos < self._made:
            self._rewind()
        while self._made < self._pos:
            self._produce(min(_STEP, self._pos - self._made))
        data = self._produce(min(len(view), 16 * _STEP))
        view[: len(data)] = data
        return len(data)

    def _produce(self, limit: int) -> bytes:
        """The next bytes, at least one. Raises EntryError where the stream ends or breaks before its size."""
        data = self._inflate(limit)
        if not data:
            raise self._error("size" if self._engine.eof else "data")
        self._sum(self._made, data)
        self._made += len(data)
        return data

    def _inflate(self, limit: int) -> bytes:
        """Up to `limit` more bytes; none at the end of the stream or of its input."""
        while not self._engine.eof:
            given = self._engine.unconsumed_tail or self._more_input()
            try:
                data: bytes = self._engine.decompress(given, limit)
            except self._failure as error:
                raise self._error("data") from error
            if data:
                return data
            if not given:
                break
        return b""

    def _more_input(self) -> bytes:
        data = self._source.read_at(self._start + self._taken, min(_STEP, self._compressed - self._taken))
        self._taken += len(data)
        return data

    def _check_end(self) -> None:
        if self._made == self._size:
            if self._inflate(1):
                self._made = self._size + 1  # a later read starts anew and fails again
                raise self._error("size")
            spare = len(self._engine.unused_data) + self._compressed - self._taken
            if not self._engine.eof or spare:
                raise self._error("data")
        super()._check_end()

"""Zips that are the same bytes on every run: order, times, attributes and creator are fixed.

The format is PKWARE APPNOTE 6.3.10.
"""

import struct
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from evidence_cli.looks.packages.deflating import END, Deflater
from evidence_cli.looks.packages.digests import CHUNK, Hasher, fill

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

ZIP64_LIMIT = 0xFFFFFFFF
ENTRIES_LIMIT = 0xFFFF

STORED, DEFLATED = 0, 8
_UTF8 = 0x800
_TIME, _DATE = 0, (1 << 5) | 1  # 1980-01-01 00:00:00, the earliest the format knows
# Host unix with plain 0644 unpacks readable everywhere; host 0 leaves the mode to each tool's guess.
_HOST, _ATTRIBUTES = 3 << 8, 0o100644 << 16
_PLAIN, _WITH_ZIP64 = 20, 45
# Chunks that a helper may be behind: hides the time a thread takes to wake up.
_AHEAD = 3
_ASIDE_SIZE = 2 * 1024 * 1024
# Small entries gather in one buffer: a file after its header, and several of them are one write. Each call to the
# system costs threads more than it takes: they wait for each other.
_LONGEST_NAME = 0xFFFF
_SMALL = 2 * CHUNK
_GATHERED = 2 * _SMALL

_LOCAL = struct.Struct("<4s5H3I2H")
_WIDE = struct.Struct("<2H2Q")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")


_Update = Callable[[memoryview], object]


def _nothing(_data: memoryview) -> None:
    """For entries that nobody wants a digest of."""


class SourceChanged(Exception):  # noqa: N818 - says what happened, not that the program erred
    """A file gave fewer or more bytes than its listing said: it changed while it was packed."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class WrittenEntry(NamedTuple):
    """One entry as written: sizes and its header's offset in bytes, `method` 0 (stored) or 8 (deflated)."""

    path: str
    size: int
    compressed: int
    crc: int
    offset: int
    method: int


class _Job(NamedTuple):
    """What `add` was asked for; `name` is the path as stored."""

    path: str
    name: bytes
    source: BinaryIO
    size: int
    deflate: bool
    hasher: Hasher | None
    progress: Callable[[int], None] | None


class ZipWriter:
    """Writes one zip to a seekable stream that is empty and opened for writing, buffered or not.

    After an exception the stream holds no zip: throw it away. `helper`, a pool of threads, hashes big files
    beside the writing: for one package at a time; leave it out where several are written at once. The limits
    are for tests.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        helper: "Executor | None" = None,
        zip64_limit: int = ZIP64_LIMIT,
        entries_limit: int = ENTRIES_LIMIT,
    ) -> None:
        from zlib_ng import zlib_ng  # late: start-up time

        self._crc32, self._deflater = zlib_ng.crc32, Deflater()
        self._stream, self._helper = stream, helper
        self._zip64_limit, self._entries_limit = zip64_limit, entries_limit
        self._gathered = memoryview(bytearray(_GATHERED))
        self._pending = 0
        # Big entries begin with nothing gathered.
        self._ring = [self._gathered[:CHUNK]]
        self._offset = 0
        self.ending = b""
        self._entries: list[WrittenEntry] = []
        self._wide: set[int] = set()

    def add(
        self,
        path: str,
        source: BinaryIO,
        *,
        size: int,
        deflate: bool,
        hasher: Hasher | None,
        progress: Callable[[int], None] | None = None,
    ) -> WrittenEntry:
        """Copy a source to its end, hashing it on the way.

        `size` is what the listing said, in bytes; `progress` gets the bytes of each chunk. Raises
        SourceChanged, OSError, and ValueError for a path that is empty, too long or not Unicode.
        """
        name = path.encode("utf-8")
        if not 0 < len(name) <= _LONGEST_NAME:
            raise ValueError("a path of no or too many bytes")
        job = _Job(path, name, source, size, deflate, hasher, progress)
        entry = self._add_small(job) if size < _SMALL else self._add_big(job)
        self._entries.append(entry)
        return entry

    def add_bytes(self, path: str, data: bytes, *, deflate: bool, hasher: Hasher | None = None) -> WrittenEntry:
        """Write an entry from memory. Raises OSError, ValueError."""
        return self.add(path, BytesIO(data), size=len(data), deflate=deflate, hasher=hasher)

    @property
    def size(self) -> int:
        """Bytes of the zip so far."""
        return self._offset

    def close(self) -> tuple[WrittenEntry, ...]:
        """Write directory and end record, which `ending` has then; the stream stays open, at its end.

        Raises OSError.
        """
        directory = b"".join(self._central(entry) for entry in self._entries)
        self.ending = directory + self._end(self._offset, len(directory))
        self._write(self.ending)
        return tuple(self._entries)

    def _add_small(self, job: _Job) -> WrittenEntry:
        size, zip64 = job.size, job.size >= self._zip64_limit
        start = self._room(_LOCAL.size + len(job.name) + (_WIDE.size if zip64 else 0), size + 1)
        data = self._gathered[start : start + size]
        self._read_small(job, start)
        if job.hasher:
            job.hasher.update(data)
        packed = self._deflater.whole(data) if job.deflate else b""
        # Stored where deflate gains nothing; an empty file always.
        method = DEFLATED if 0 < len(packed) < size else STORED
        compressed = len(packed) if method == DEFLATED else size
        entry = WrittenEntry(job.path, size, compressed, self._crc32(data), self._offset, method)
        if method == DEFLATED:
            self._gathered[start : start + compressed] = packed
        self._gathered[self._pending : start] = self._local(entry, job.name, zip64=zip64)
        self._offset += start - self._pending + compressed
        self._pending = start + compressed
        if job.progress:
            job.progress(size)
        return entry

    def _room(self, header: int, data: int) -> int:
        """Where the data may begin in the buffer, which has room for them behind a header of this size."""
        if self._pending + header + data > _GATHERED:
            self._flush()
        return self._pending + header

    def _read_small(self, job: _Job, start: int) -> None:
        """Read a whole file. Raises SourceChanged where it is not of its size."""
        # One byte more than the listing said is asked for: a file that gives all but that has ended, without a read
        # that gives nothing. A pipe or a share may give less at a time.
        target = self._gathered[start : start + job.size + 1]
        done: int = cast(Any, job.source).readinto(target) or 0
        if 0 < done < job.size:
            done += fill(job.source, target[done:])
        if done != job.size:
            raise SourceChanged(job.path)

    def _add_big(self, job: _Job) -> WrittenEntry:
        offset, method = self._offset, DEFLATED if job.deflate else STORED
        # Known before the data: what deflate cannot shrink grows by a few bytes for each block.
        bound = job.size + (job.size >> 10) + 1024 if job.deflate else job.size
        zip64 = bound >= self._zip64_limit
        self._write(self._local(WrittenEntry(job.path, 0, 0, 0, offset, method), job.name, zip64=zip64))
        start = self._offset
        crc = self._copy(job)
        entry = WrittenEntry(job.path, job.size, self._offset - start, crc, offset, method)
        if entry.compressed > bound:
            raise OverflowError("deflate went beyond its bound")
        self._stream.seek(offset)
        self._write(self._local(entry, job.name, zip64=zip64))
        self._offset = self._stream.seek(start + entry.compressed)
        return entry

    def _copy(self, job: _Job) -> int:
        """Source to stream in chunks; the CRC. Raises SourceChanged."""
        update = job.hasher.update if job.hasher else _nothing
        crc = total = 0
        with self._hashing(update, job.size) as hash_chunk:
            while total <= job.size and (count := fill(job.source, self._ring[0])):
                data = self._ring[0][:count]
                total += count
                hash_chunk(data)
                crc = self._crc32(data, crc)
                self._write(self._deflater.chunk(data) if job.deflate else data)
                if job.progress:
                    job.progress(count)
        if total != job.size:
            raise SourceChanged(job.path)
        if job.deflate:
            self._write(END)
        return crc

    @contextmanager
    def _hashing(self, update: _Update, size: int) -> Iterator[_Update]:
        """Gives what takes each chunk just read. At the end all are hashed and the buffers are free."""
        if not self._helper or size < _ASIDE_SIZE:
            yield update
            return
        helper, pending = self._helper, deque["Future[object]"]()
        while len(self._ring) <= _AHEAD:
            self._ring.append(memoryview(bytearray(CHUNK)))

        def in_turn(before: "Future[object] | None", data: memoryview) -> None:
            if before:  # a pool may have several threads: the chunks stay in order
                before.result()
            update(data)

        def submit(data: memoryview) -> None:
            pending.append(helper.submit(in_turn, pending[-1] if pending else None, data))
            # The next buffer must be hashed before it is read into again.
            if len(pending) == len(self._ring):
                pending.popleft().result()
            self._ring.append(self._ring.pop(0))

        try:
            yield submit
        finally:
            for future in pending:
                future.result()

    def _flush(self) -> None:
        """Write what is gathered; its bytes are counted already."""
        pending, self._pending = self._pending, 0
        if pending:
            self._put(self._gathered[:pending])

    def _write(self, data: bytes | memoryview) -> None:
        self._flush()
        self._put(data)
        self._offset += len(data)

    def _put(self, data: bytes | memoryview) -> None:
        done = self._stream.write(data)
        while done < len(data):  # an unbuffered file may take less than it is given
            done += self._stream.write(memoryview(data)[done:])

    def _local(self, entry: WrittenEntry, name: bytes, *, zip64: bool) -> bytes:
        extra, sizes, version = b"", (entry.compressed, entry.size), _PLAIN
        if zip64:
            self._wide.add(entry.offset)
            extra = _WIDE.pack(1, 16, entry.size, entry.compressed)
            sizes, version = (ZIP64_LIMIT, ZIP64_LIMIT), _WITH_ZIP64
        fixed = (version, _UTF8, entry.method, _TIME, _DATE, entry.crc)
        return _LOCAL.pack(b"PK\3\4", *fixed, *sizes, len(name), len(extra)) + name + extra

    def _central(self, entry: WrittenEntry) -> bytes:
        values = (entry.size, entry.compressed, entry.offset)
        large = [value for value in values if value >= self._zip64_limit]
        size, compressed, offset = (ZIP64_LIMIT if value in large else value for value in values)
        extra = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
        version = _WITH_ZIP64 if large or entry.offset in self._wide else _PLAIN
        name = entry.path.encode("utf-8")
        fixed = (_HOST | version, version, _UTF8, entry.method, _TIME, _DATE, entry.crc, compressed, size)
        lengths = (len(name), len(extra), 0)
        return _CENTRAL.pack(b"PK\1\2", *fixed, *lengths, 0, 0, _ATTRIBUTES, offset) + name + extra

    def _end(self, start: int, length: int) -> bytes:
        """The end record, after its zip64 form where a number does not fit."""
        count, limit = len(self._entries), self._zip64_limit
        many, large, far = count >= self._entries_limit, length >= limit, start >= limit
        wide = b""
        if many or large or far:
            versions = (_HOST | _WITH_ZIP64, _WITH_ZIP64)
            wide = _END64.pack(b"PK\6\6", _END64.size - 12, *versions, 0, 0, count, count, length, start)
            wide += _LOCATOR.pack(b"PK\6\7", 0, start + length, 1)
        shown = ENTRIES_LIMIT if many else count
        places = (ZIP64_LIMIT if large else length, ZIP64_LIMIT if far else start)
        return wide + _END.pack(b"PK\5\6", 0, 0, shown, shown, *places, 0)

"""A package as its zip directory tells it: its entries and its faults. Nothing is extracted."""

import re
import stat
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from evidence_cli.looks.packages.bounds import BOMB_BYTES, BOMB_RATIO
from evidence_cli.looks.packages.digests import CHUNK
from evidence_cli.looks.packages.zip_directory import (
    FULL32,
    LOCAL,
    Directory,
    DirectoryError,
    Record,
    TooManyEntries,
    read_directory,
    zip64_values,
)
from evidence_cli.looks.packages.zip_names import UNDECODED, UTF8_FLAG, ambiguous_as, decode_name, normal, other_name
from evidence_cli.looks.packages.zip_streams import DeflatedStream, EntryError, Source, StoredStream
from evidence_cli.vocabulary.catalogue import Code

__all__ = ["EntryError", "ZipEntry", "ZipFault", "ZipImage", "read_zip"]

STORED, DEFLATED, AES = 0, 8, 99
# APPNOTE §4.4.5
_METHODS = {
    1: "Shrink", 2: "Reduce", 3: "Reduce", 4: "Reduce", 5: "Reduce", 6: "Implode", 9: "Deflate64",
    10: "DCL Implode", 12: "BZIP2", 14: "LZMA", 16: "CMPSC", 18: "TERSE", 19: "LZ77", 20: "Zstandard",
    93: "Zstandard", 94: "MP3", 95: "XZ", 96: "JPEG", 97: "WavPack", 98: "PPMd",
}  # fmt: skip
_ENCRYPTED, _LATE_SIZES, _STRONG, _MASKED = 0x1, 0x8, 0x40, 0x2000
_UNIX_HOSTS = (3, 19)
_REPARSE_POINT, _DOS_FOLDER = 0x400, 0x10
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry as the directory has it.

    `name` is decoded, in NFC, `/` separated, without a slash at the end; `text` is the name as stored,
    decoded only; `raw` its bytes; `other` what tools make of those that treat the Unicode path field otherwise.
    Sizes and offsets are in bytes. `utf8` says whether the name is flagged as UTF-8, `encoding` what it was read
    as. `data_offset` is -1 where the entry's data cannot be reached.
    """

    name: str
    text: str
    other: str
    raw: bytes
    size: int
    compressed: int
    crc: int
    method: int
    is_folder: bool
    is_link: bool
    is_special: bool
    encrypted: bool
    utf8: bool
    encoding: str
    header_offset: int
    data_offset: int


@dataclass(frozen=True, slots=True)
class ZipFault:
    """What is wrong with a package (`entry` is None) or with one entry. `params` hold values, not words."""

    code: Code
    entry: str | None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ZipImage:
    """A package's entries in directory order and its faults; `size` in bytes. Close it after use.

    `outside` counts the bytes before the first entry and behind the archive's end, which no entry accounts for.
    """

    entries: tuple[ZipEntry, ...]
    faults: tuple[ZipFault, ...]
    size: int
    outside: int
    _source: Source = field(repr=False, compare=False)

    @property
    def path(self) -> str:
        """The file, without links on the way to it."""
        return self._source.path

    def open(self, entry: ZipEntry) -> BinaryIO:
        """The entry's bytes as a seekable stream; several threads may each have their own.

        Raises EntryError at once where there is nothing to read (encrypted, another method, no data), and
        while reading where size, data or, after a read from start to end, the CRC are not as the directory
        says.
        """
        return _buffered(_stream(self._source, entry), entry.size)

    def open_alone(self, entry: ZipEntry) -> BinaryIO:
        """The same from the file opened anew: the image may be closed by then."""
        source = self._source.anew()
        try:
            stream = _stream(source, entry)
        except BaseException:
            source.close()
            raise
        stream.own = source
        return _buffered(stream, entry.size)

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _stream(source: Source, entry: ZipEntry) -> StoredStream | DeflatedStream:
    if entry.data_offset < 0 or entry.encrypted or entry.method not in (STORED, DEFLATED):
        raise EntryError("data", entry.name)
    if entry.method == DEFLATED:
        return DeflatedStream(source, entry.data_offset, entry.compressed, entry.name, entry.size, entry.crc)
    if entry.size != entry.compressed:
        raise EntryError("size", entry.name)
    return StoredStream(source, entry.data_offset, entry.name, entry.size, entry.crc)


def _buffered(stream: StoredStream | DeflatedStream, size: int) -> BinaryIO:
    # A small entry needs no large buffer: there may be thousands of them.
    return (
        BufferedReader(stream, min(CHUNK, size + 1)) if isinstance(stream, DeflatedStream) else BufferedReader(stream)
    )


def read_zip(path: Path) -> ZipImage:
    """Read a package's directory. Raises OSError; a broken zip is no error but a fault of the image."""
    source = Source(path)
    try:
        directory = read_directory(source)
        entries, broken = _read_entries(source, directory)
        faults = [*_archive_faults(entries, source.size), *broken, *_entry_faults(entries)]
        outside = min((entry.header_offset for entry in entries), default=0) + directory.trailing
        return ZipImage(tuple(entries), tuple(faults), source.size, outside, source)
    except TooManyEntries as error:
        params = {"reason": "entries", "entries": error.count, "maximum": error.maximum}
        fault = ZipFault(Code.PACKAGE_BOMB, None, params)
    except DirectoryError as error:
        fault = ZipFault(Code.PACKAGE_BROKEN, None, {"reason": error.reason, "detail": error.detail})
    except BaseException:
        source.close()
        raise
    source.close()
    return ZipImage((), (fault,), source.size, 0, source)


def _read_entries(source: Source, directory: Directory) -> tuple[list[ZipEntry], list[ZipFault]]:
    """All entries, and a fault for each whose own header does not bear the directory out."""
    entries, faults = [], []
    ambiguous = ambiguous_as(record.raw for record in directory.records if not record.flags & UTF8_FLAG)
    for record in directory.records:
        data_offset, detail = _check_header(source, record, directory.start)
        entry = _entry(record, data_offset, ambiguous)
        if not entry.name and entry.is_folder and not entry.size:
            continue  # `./`, the root itself
        entries.append(entry)
        if detail:
            faults.append(ZipFault(Code.PACKAGE_BROKEN, entry.name, {"reason": "header", "detail": detail}))
    return entries, faults


def _entry(record: Record, data_offset: int, ambiguous: str) -> ZipEntry:
    text, encoding = decode_name(record.raw, record.flags, record.extra, ambiguous=ambiguous)
    name = normal(text.replace("\\", "/"))
    mode = record.attributes >> 16 if record.host in _UNIX_HOSTS else 0
    reparse = record.host not in _UNIX_HOSTS and bool(record.attributes & _REPARSE_POINT)
    is_link = stat.S_ISLNK(mode) or reparse
    folder_bits = stat.S_ISDIR(mode) or bool(record.attributes & _DOS_FOLDER)
    return ZipEntry(
        name=_tidy(name),
        text=text,
        other=other_name(record.raw, record.flags, record.extra, ambiguous=ambiguous) if record.extra else text,
        raw=record.raw,
        size=record.size,
        compressed=record.compressed,
        crc=record.crc,
        method=record.method,
        is_folder=name.endswith("/") or (folder_bits and record.size == 0 and not is_link),
        is_link=is_link,
        is_special=stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK),
        encrypted=bool(record.flags & (_ENCRYPTED | _STRONG | _MASKED)) or record.method == AES,
        utf8=bool(record.flags & UTF8_FLAG),
        encoding=encoding,
        header_offset=record.offset,
        data_offset=data_offset,
    )


def _tidy(name: str) -> str:
    """Without `.` and empty parts, which every tool passes over; an absolute name stays one."""
    parts = name.split("/")
    if "" not in parts and "." not in parts:
        return name
    kept = "/".join(part for part in parts if part not in ("", "."))
    return "/" + kept if name.startswith("/") else kept


def _check_header(source: Source, record: Record, limit: int) -> tuple[int, str]:
    """Where the entry's data begin (-1: nowhere) and what its local header says differently."""
    head = source.read_at(record.offset, LOCAL.size + len(record.raw)) if record.offset < limit else b""
    if len(head) < LOCAL.size or head[:4] != b"PK\3\4":
        return -1, "no local header"
    _, _, flags, method, _, _, crc, compressed, size, names, extras = LOCAL.unpack_from(head)
    data_at = record.offset + LOCAL.size + names + extras
    if data_at + record.compressed > limit:
        return -1, "data beyond the directory"
    if head[LOCAL.size :] != record.raw or names != len(record.raw):
        return data_at, "another name in the local header"
    if method != record.method or (flags ^ record.flags) & _ENCRYPTED:
        return data_at, "another method in the local header"
    if flags & _MASKED:
        return data_at, ""
    if flags & _LATE_SIZES:
        # Sizes that follow the data may be left out here, but not be others.
        crc, compressed, size = (
            true if said in (0, FULL32) else said
            for said, true in zip((crc, compressed, size), (record.crc, record.compressed, record.size), strict=True)
        )
    elif FULL32 in (size, compressed):
        try:
            size, compressed = zip64_values(source.read_at(data_at - extras, extras), (size, compressed))
        except DirectoryError as error:
            return data_at, error.detail
    if (size, compressed, crc) != (record.size, record.compressed, record.crc):
        return data_at, "another size or CRC in the local header"
    return data_at, ""


def _archive_faults(entries: list[ZipEntry], size: int) -> Iterator[ZipFault]:
    total = sum(entry.size for entry in entries)
    if total > BOMB_BYTES and total > BOMB_RATIO * size:
        yield ZipFault(Code.PACKAGE_BOMB, None, {"entries": len(entries), "bytes": total})
    named = (entry for entry in entries if entry.encoding != UNDECODED and not _is_ascii(entry))
    foreign = {entry.encoding for entry in named if not entry.utf8 or entry.encoding != "utf-8"}
    if foreign:
        yield ZipFault(Code.NAMES_NOT_UTF8, None, {"encoding": "gbk" if "gbk" in foreign else "utf-8"})


def _is_ascii(entry: ZipEntry) -> bool:
    return entry.raw.isascii() and entry.text == entry.other


def _entry_faults(entries: list[ZipEntry]) -> Iterator[ZipFault]:
    """At most one fault of each code for an entry."""
    overlapping = _overlapping(entries)
    names = sorted(entry.name for entry in entries)
    seen: dict[str, bool] = {}
    for index, entry in enumerate(entries):
        reason = _unsafe(entry)
        twice = entry.name in seen and not (entry.is_folder and seen[entry.name])
        if twice or (not entry.is_folder and _has_children(entry.name, names)):
            reason = reason or "duplicate"
        seen[entry.name] = entry.is_folder and seen.get(entry.name, True)
        if index in overlapping:
            reason = reason or "overlap"
        if reason:
            yield ZipFault(Code.ENTRY_UNSAFE, entry.name, {"reason": reason})
        if entry.encrypted:
            yield ZipFault(Code.ENTRY_ENCRYPTED, entry.name)
        elif entry.method not in (STORED, DEFLATED):
            method = _METHODS.get(entry.method, str(entry.method))
            yield ZipFault(Code.METHOD_FOREIGN, entry.name, {"method": method})


def _has_children(name: str, names: list[str]) -> bool:
    at = bisect_left(names, name + "/")
    return at < len(names) and names[at].startswith(name + "/")


def _unsafe(entry: ZipEntry) -> str | None:
    """Why the entry would do harm where a careless tool unpacks it: the gravest reason."""
    if reason := _unsafe_name(entry.text) or (_unsafe_name(entry.other) if entry.other != entry.text else None):
        return reason
    if entry.is_link:
        return "link"
    return "special" if entry.is_special or (entry.is_folder and entry.size) or not entry.name else None


def _unsafe_name(text: str) -> str | None:
    name = text.replace("\\", "/")
    if _CONTROL.search(text):
        return "control"
    if name.startswith("/"):
        return "absolute"
    if _DRIVE.match(name.lstrip("./")):
        return "drive"
    if ".." in name.split("/"):
        return "parent"
    return "backslash" if "\\" in text else None


def _overlapping(entries: list[ZipEntry]) -> set[int]:
    """Places of the entries whose header or data begin inside another entry."""
    found, reached = set(), 0
    reachable = (index for index, entry in enumerate(entries) if entry.data_offset >= 0)
    for index in sorted(reachable, key=lambda index: entries[index].header_offset):
        entry = entries[index]
        if entry.header_offset < reached:
            found.add(index)
        reached = max(reached, entry.data_offset + entry.compressed)
    return found

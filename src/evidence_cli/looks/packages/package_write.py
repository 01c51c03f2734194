"""Write a package: answer and evidence in one pass each, then contents list, record and manifest."""

import csv
import errno
import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, BinaryIO, NamedTuple, cast

from evidence_cli.looks.opening import RegularFile
from evidence_cli.looks.packages.digests import content_digest, manifest_text, new_hash
from evidence_cli.looks.packages.record import (
    CONTENTS_NAME,
    FORMAT,
    RECORD_NAME,
    Algorithm,
    PackageRecord,
    RecordedFile,
    RecordedLayout,
    RecordedQuestion,
    manifest_name,
)
from evidence_cli.looks.packages.zip_write import SourceChanged, WrittenEntry, ZipWriter
from evidence_cli.looks.tree import Entry, Origin, Tree
from evidence_cli.vocabulary.kinds import kind_of
from evidence_cli.vocabulary.printable import no_formula

# Formats that a second compression makes smaller; all others are compressed already, and are stored.
_DEFLATED = frozenset([
        "text", "csv", "html", "mhtml", "svg", "rtf", "doc", "xls", "ppt", "bmp", "tiff", "wav", "other",
        "image", "executable", "script",
    ]
)  # fmt: skip
# The name is gone, or stands for a link, a folder or a socket now.
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO}
_HEADER = ("序号", "类别", "名称", "类型", "大小（字节）", "摘要")


class SourceUnreadable(Exception):  # noqa: N818 - says what happened
    """A file that was listed cannot be read. Not an OSError: those are about the package."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(path)
        self.path = path
        self.detail = error.strerror or str(error)


class Content(NamedTuple):
    """One file for the package: its path there, its entry in the tree, its category's name (empty for the answer and
    for uncategorised files) and its format."""

    path: str
    entry: Entry
    category: str
    format: str


class Written(NamedTuple):
    """A package as written: the record, the entries, and the directory and end record that close it."""

    record: PackageRecord
    entries: tuple[WrittenEntry, ...]
    size: int
    ending: bytes


def write_package(
    stream: BinaryIO,
    tree: Tree,
    contents: Sequence[Content],
    *,
    evaluation: str,
    question: RecordedQuestion,
    layout: RecordedLayout,
    algorithm: Algorithm,
    advance: Callable[[int], None] | None = None,
    helper: Executor | None = None,
) -> Written:
    """Write a whole package to an empty stream, reading each file once. `contents` come in their final order.

    `advance` gets the bytes of each chunk; `helper` is a pool for hashing beside writing, for one package at a time.
    Raises SourceChanged when a file is not what the listing said, SourceUnreadable when it cannot be read (both with
    its path as reports show it), and OSError when the package cannot be written.
    """
    writer = ZipWriter(stream, helper=helper)
    files = [_add(writer, tree, content, algorithm, advance) for content in contents]
    pairs = [(file.digests[algorithm], file.path) for file in files]
    record = PackageRecord(
        format=FORMAT,
        evaluation=evaluation,
        question=question,
        layout=layout,
        algorithm=algorithm,
        digest=content_digest(pairs, algorithm),
        files=tuple(files),
    )
    for name, data in ((CONTENTS_NAME, contents_list(files)), (RECORD_NAME, record.to_bytes())):
        hasher = new_hash(algorithm)
        writer.add_bytes(name, data, deflate=True, hasher=hasher)
        pairs.append((hasher.hexdigest(), name))
    writer.add_bytes(manifest_name(algorithm), manifest_text(pairs), deflate=True)
    entries = writer.close()
    return Written(record, entries, writer.size, writer.ending)


def _add(
    writer: ZipWriter,
    tree: Tree,
    content: Content,
    algorithm: Algorithm,
    advance: Callable[[int], None] | None,
) -> RecordedFile:
    entry = content.entry
    hasher = new_hash(algorithm)
    shown = tree.shown(entry.path)
    with _opened(tree, entry, shown) as source:
        before = _unchanged(tree, entry, _status(source))
        deflate = content.format in _DEFLATED
        reader = cast(BinaryIO, _Reader(source, shown))
        try:
            writer.add(content.path, reader, size=entry.size, deflate=deflate, hasher=hasher, progress=advance)
        except SourceChanged as error:
            raise SourceChanged(shown) from error
        if _unchanged(tree, entry, _status(source, again=True)) != before:
            raise SourceChanged(shown)
    return RecordedFile(
        path=content.path,
        category=content.category,
        kind=kind_of(content.format).value,
        size=entry.size,
        digests={algorithm: hasher.hexdigest()},
    )


class _Reader:
    """Tells errors of reading from those of writing."""

    def __init__(self, stream: BinaryIO, shown: str) -> None:
        self._read: Any = stream
        self._shown = shown

    def readinto(self, view: memoryview) -> int | None:
        """Read some bytes. Raises SourceUnreadable."""
        try:
            count: int | None = self._read.readinto(view)
        except OSError as error:
            raise SourceUnreadable(self._shown, error) from error
        return count


def _opened(tree: Tree, entry: Entry, shown: str) -> BinaryIO:
    try:
        return tree.open(entry)
    except OSError as error:
        # No number: it is no regular file any more, or damaged in a package.
        if error.errno in _GONE or (error.errno is None and tree.origin is Origin.FOLDER):
            raise SourceChanged(shown) from error
        raise SourceUnreadable(shown, error) from error


def _status(source: BinaryIO, *, again: bool = False) -> os.stat_result | None:
    """What an open file is, or was when it was opened; None of what lies in a package, which has its CRC instead."""
    if not isinstance(source, RegularFile):
        return None
    return os.fstat(source.fileno()) if again else source.status


def _unchanged(tree: Tree, entry: Entry, status: os.stat_result | None) -> int:
    """Whether size and time are what the listing said. Gives the time of the last change to the file, whatever time it
    was given afterwards, where the system keeps one."""
    if status is None:
        return 0
    if (status.st_size, status.st_mtime_ns) != (entry.size, entry.mtime_ns):
        raise SourceChanged(tree.shown(entry.path))
    return status.st_ctime_ns


def contents_list(files: Sequence[RecordedFile]) -> bytes:
    """`佐证材料目录.csv`: number, category, name, kind, size, digest; UTF-8 with BOM and CRLF, for Excel and WPS."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(_HEADER)
    for number, file in enumerate(files, start=1):
        [(algorithm, digest)] = file.digests.items()
        category, name = no_formula(file.category), no_formula(file.path)
        table.writerow((number, category, name, file.kind, file.size, f"{algorithm}:{digest}"))
    return text.getvalue().encode("utf-8-sig")

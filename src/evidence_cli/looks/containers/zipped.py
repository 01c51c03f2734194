"""A zip container read with care: its end, its directory, and single members within a limit.

APPNOTE.TXT 6.3.10 is the format. `zipfile` alone finds the end record of a stored document inside a half-cut
package, so the end is checked here first.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from struct import error as struct_error
from struct import unpack_from
from typing import BinaryIO

from evidence_cli.looks.packages.bounds import BOMB_BYTES, BOMB_RATIO
from evidence_cli.looks.sample import BombError, LockedError, Sample, TornError

STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")

_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCATOR_SIZE = 20
_END64_SIZE = 56
_COMMENT_LIMIT = 0xFFFF
# Far more than any document has (some 80 000 members), and `zipfile` needs about 100 MB for it.
_DIRECTORY_LIMIT = 8 * 1024 * 1024
# expat starts a long token anew with every piece it is fed: few pieces keep that cheap.
_CHUNK = 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Any of them makes the zip a document.
_DOCUMENT_PARTS = frozenset(
    {"[content_types].xml", "word/document.xml", "xl/workbook.xml", "ppt/presentation.xml", "ofd.xml", "mimetype"}
)
_LOCAL = re.compile(rb"PK\x03\x04")

# What `zipfile` raises on hostile bytes. Not OSError: all offsets are checked before it may seek.
HOSTILE = (
    zipfile.BadZipFile,
    RuntimeError,
    ValueError,
    OverflowError,
    EOFError,
    LookupError,
    zlib.error,
    struct_error,
)


# Some two seconds of inflating; what is larger has its directory and the members that are read for a witness.
_CHECKED_BYTES = 512 * 1024 * 1024


class TooLargeError(Exception):
    """The directory is larger than any document's. The file is a zip, and is not looked into."""


@dataclass(frozen=True, slots=True)
class Container:
    """An open zip. `members` are its files by name: lower case, `/` separated, as Office compares them."""

    archive: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    size: int

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """The content of a member, at most `limit` bytes of it. Raises TornError; OSError."""
        member = self.members[name]
        if member.compress_type not in _METHODS:
            raise TornError(f"{name}: compression method {member.compress_type}")
        if member.flag_bits & 1:
            raise TornError(f"{name}: encrypted")
        if not 0 <= member.header_offset < self.size:
            raise TornError(f"{name}: lies outside the file")
        try:
            with self.archive.open(member) as content:
                while limit > 0 and (chunk := content.read(min(_CHUNK, limit))):
                    limit -= len(chunk)
                    yield chunk
        except HOSTILE as problem:
            raise TornError(f"{name}: {problem}") from problem

    def read(self, name: str, limit: int) -> bytes:
        """The content of a member as one piece, cut off at `limit` bytes. Raises as `chunks` does."""
        return b"".join(self.chunks(name, limit))


def check_members(container: Container) -> bool:
    """Reads every member and compares its CRC; false if they are too large for that.

    Raises TornError for the first that fails, LockedError for one that is encrypted, BombError when they would expand
    to far more than the file; OSError.
    """
    members = container.archive.infolist()
    total = sum(member.file_size for member in members)
    if total > BOMB_BYTES and total > BOMB_RATIO * container.size:
        raise BombError(f"{total} bytes in a file of {container.size}")
    locked = next((member for member in members if member.flag_bits & 1), None)
    if locked is not None:
        raise LockedError(f"{locked.filename}: encrypted")
    if total > _CHECKED_BYTES:
        return False
    for name, member in container.members.items():
        for _ in container.chunks(name, member.file_size + 1):
            pass
    return True


def open_container(sample: Sample) -> Container:
    """Opens the zip. Raises TornError when its directory is missing or unreadable; TooLargeError; OSError.

    What follows the end record does no harm to an archive, but Office calls such a document damaged.
    """
    follows = _check_end(sample)
    stream: BinaryIO = BytesIO(sample.head) if sample.whole else sample.stream
    try:
        archive = zipfile.ZipFile(stream)
        members = {
            member.filename.replace("\\", "/").lstrip("/").lower(): member
            for member in archive.infolist()
            if not member.is_dir()
        }
    except HOSTILE as problem:
        raise TornError(f"zip directory: {problem}") from problem
    if follows and not _DOCUMENT_PARTS.isdisjoint(members):
        raise TornError("the zip end record does not end the file")
    return Container(archive, members, sample.size)


def _check_end(sample: Sample) -> bool:
    """Sees that the directory lies right before the end record; true if something follows that."""
    record, place = _end_record(sample)
    if record[4:8] != bytes(4) and not record.startswith(b"\xff\xff\xff\xff", 4):
        raise TornError("one of several volumes")
    length, start = unpack_from("<II", record, 12)
    directory_end = place
    locator = sample.read(place - _LOCATOR_SIZE, _LOCATOR_SIZE)
    if locator.startswith(b"PK\x06\x07") and len(locator) == _LOCATOR_SIZE:
        directory_end = place - _LOCATOR_SIZE - _END64_SIZE
        record64 = sample.read(directory_end, _END64_SIZE)
        if not record64.startswith(b"PK\x06\x06") or len(record64) < _END64_SIZE:
            raise TornError("zip64 end record is missing")
        length, start = unpack_from("<QQ", record64, 40)
    # Otherwise it is the directory of a zip that is stored inside this one.
    if start + length != directory_end:
        raise TornError("the zip directory is not where the end record says")
    if length > _DIRECTORY_LIMIT:
        raise TooLargeError
    end = place + _END_SIZE + unpack_from("<H", record, 20)[0]
    # A line break at the end is a transport's, and nobody minds it.
    return end + 2 < sample.size or bool(sample.read(end, 2).strip(b"\r\n"))


def _end_record(sample: Sample) -> tuple[bytes, int]:
    """The end record and its place, found the way `zipfile` will find it."""
    place = sample.size - _END_SIZE
    record = sample.read(place, _END_SIZE)
    if record.startswith(_END) and record.endswith(b"\x00\x00"):
        return record, place
    tail_start = max(0, sample.size - _END_SIZE - _COMMENT_LIMIT)
    tail = sample.read(tail_start, sample.size - tail_start)
    found = tail.rfind(_END)
    record = tail[found : found + _END_SIZE]
    if found < 0 or len(record) < _END_SIZE:
        raise TornError("no zip end record")
    if found + _END_SIZE + unpack_from("<H", record, 20)[0] > len(tail):
        raise TornError("the comment of the zip end record is cut off")
    return record, tail_start + found


def first_names(head: bytes) -> list[str]:
    """The names in the local headers of the head, lower case, in order: all that a cut zip still tells."""
    names = []
    for found in _LOCAL.finditer(head):
        place = found.start()
        if place + 30 > len(head):
            break
        length = unpack_from("<H", head, place + 26)[0]
        raw = head[place + 30 : place + 30 + length]
        if len(raw) == length:
            names.append(raw.decode("utf-8", "replace").replace("\\", "/").lstrip("/").lower())
    return names

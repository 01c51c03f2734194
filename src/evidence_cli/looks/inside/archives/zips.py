"""A plain zip (APPNOTE.TXT 6.3.10): every member read against its CRC within a budget, the directory against itself."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from struct import unpack_from

from evidence_cli.looks.containers.zipped import TooLargeError, open_container
from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.archives.unpacking import (
    BROKEN,
    CHUNK,
    Bunzipper,
    Inflater,
    is_modest,
    raw_lzma,
    refuse_bomb,
    unpacked,
)
from evidence_cli.looks.sample import BombError, LockedError, Sample, TornError

_HEADER = b"PK\x03\x04"
_HEADER_BYTES = 30
_STORED, _DEFLATED, _BZIP2, _LZMA, _AES = 0, 8, 12, 14, 99
# Encrypted, strongly encrypted, headers masked.
_LOCKED_FLAGS = 0x0001 | 0x0040 | 0x2000
# Bytes that are unpacked in some two seconds; bzip2 and LZMA are slower by this factor.
_BUDGET = 256 * 1024 * 1024
_SLOWNESS = 12
# A member costs as much as these bytes, however small it is.
_MEMBER_COST = 8 * 1024


def look_inside_zip(sample: Sample, facts: Facts) -> Inside:
    """Whether every member is whole. Raises TornError, LockedError, BombError; OSError.

    A Gap tells of methods that nothing here can unpack, and of what is beyond the budget.
    """
    try:
        container = open_container(sample)
    except TooLargeError:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))
    members = [member for member in container.archive.infolist() if not _is_empty_folder(member)]
    locked = next((member for member in members if member.flag_bits & _LOCKED_FLAGS or _is_aes(member)), None)
    if locked is not None:
        raise LockedError(f"{_shown(locked)}: encrypted")
    refuse_bomb(sum(member.file_size for member in members), sample.size)
    _refuse_overlap(members, container.archive.start_dir)
    gaps = sorted({Gap("health", reason) for reason in _unchecked(sample, members)})
    return Inside(replace(facts, detail=f"{len(members)} files", gaps=tuple(gaps)))


def _is_empty_folder(member: zipfile.ZipInfo) -> bool:
    return member.is_dir() and member.file_size == 0


def _is_aes(member: zipfile.ZipInfo) -> bool:
    return member.compress_type == _AES


def _shown(member: zipfile.ZipInfo) -> str:
    return member.filename[:100]


def _refuse_overlap(members: list[zipfile.ZipInfo], directory: int) -> None:
    """Members that share their data: nobody packs so but to make a bomb (unzip refuses it too)."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        start = member.header_offset
        if start < end:
            raise BombError(f"{_shown(member)}: overlaps the member before it")
        end = start + _HEADER_BYTES + member.compress_size
        if start < 0 or end > directory:
            raise TornError(f"{_shown(member)}: lies outside the file")


def _unchecked(sample: Sample, members: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Reads every member that can be read, and gives the reason for each that cannot."""
    budget = _BUDGET
    for member in members:
        slow = _SLOWNESS if member.compress_type in (_BZIP2, _LZMA) else 1
        budget -= _MEMBER_COST + slow * member.file_size
        if budget < 0:
            yield "large"
            return
        start = _data_start(sample, member)
        try:
            content = _content(sample, member, start)
            if content is None:
                yield "format"
            else:
                _check(member, content)
        except BROKEN as problem:
            raise TornError(f"{_shown(member)}: {problem}") from problem


def _data_start(sample: Sample, member: zipfile.ZipInfo) -> int:
    """Where the data begins: behind the local header, whose name may differ from the directory's."""
    header = sample.read(member.header_offset, _HEADER_BYTES)
    if not header.startswith(_HEADER) or len(header) < _HEADER_BYTES:
        raise TornError(f"{_shown(member)}: no local header")
    name, extra = unpack_from("<HH", header, 26)
    return int(member.header_offset + _HEADER_BYTES + name + extra)


def _packed(sample: Sample, start: int, length: int) -> Iterator[bytes]:
    end = start + length
    while start < end and (chunk := sample.read(start, min(CHUNK, end - start))):
        yield chunk
        start += len(chunk)


def _content(sample: Sample, member: zipfile.ZipInfo, start: int) -> Iterator[bytes] | None:
    """What is in a member; None for a method that nothing here unpacks."""
    method, length = member.compress_type, member.compress_size
    if method == _STORED:
        return _packed(sample, start, length)
    if method == _DEFLATED:
        return unpacked(Inflater(), _packed(sample, start, length))
    if method == _BZIP2:
        return unpacked(Bunzipper(), _packed(sample, start, length))
    if method == _LZMA:
        # APPNOTE 5.8.8: version, length of the properties, properties.
        properties = sample.read(start + 4, 5)
        if len(properties) == 5 and is_modest(properties):
            return unpacked(raw_lzma(properties), _packed(sample, start + 9, length - 9))
    return None


def _check(member: zipfile.ZipInfo, content: Iterator[bytes]) -> None:
    """Compares length and CRC."""
    length = crc = 0
    for piece in content:
        length += len(piece)
        crc = zlib.crc32(piece, crc)
        if length > member.file_size:
            break
    if length != member.file_size or crc != member.CRC:
        raise TornError(f"{_shown(member)}: CRC or length differs")

"""7z archives (7zFormat.txt of the LZMA SDK): the chain of headers with their CRCs, encryption, the data's CRCs.

The header may itself be packed; it is unpacked in memory within a limit.
"""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from struct import unpack_from

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.archives.sevenzip_header import Folder, Streams, read_header
from evidence_cli.looks.inside.archives.unpacking import (
    BROKEN,
    CHUNK,
    DICTIONARY_LIMIT,
    Bunzipper,
    Inflater,
    is_modest,
    raw_lzma,
    raw_lzma2,
    refuse_bomb,
    unpacked,
)
from evidence_cli.looks.sample import LockedError, Sample, TornError

_START_BYTES = 32
_HEADER_LIMIT = 8 * 1024 * 1024
_NESTED = 4
_BUDGET = 64 * 1024 * 1024
_AES = bytes.fromhex("06f10701")
_COPY, _LZMA2, _LZMA, _DEFLATE, _BZIP2 = b"\x00", b"\x21", b"\x03\x01\x01", b"\x04\x01\x08", b"\x04\x02\x02"


def look_inside_7z(sample: Sample, facts: Facts) -> Inside:
    """Whether it is whole and opens. Raises TornError, LockedError, BombError; OSError.

    A Gap tells of coders that nothing here can undo, and of what is beyond the budget.
    """
    header = _next_header(sample)
    if header is None:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))
    if not header:
        return Inside(replace(facts, detail="empty"))
    for _ in range(_NESTED):
        streams, packed_header = read_header(header)
        _check_streams(sample, streams)
        if not packed_header:
            return Inside(replace(facts, gaps=_gaps(sample, streams), detail=f"{len(streams.folders)} blocks"))
        if streams.unpacked > _HEADER_LIMIT:
            return Inside(replace(facts, gaps=(Gap("health", "large"),)))
        unpacked_header = _unpacked_header(sample, streams)
        if unpacked_header is None:
            return Inside(replace(facts, gaps=(Gap("health", "format"),)))
        header = unpacked_header
    raise TornError("7z headers packed in headers")


def _next_header(sample: Sample) -> bytes | None:
    """The header at the end, empty for an empty archive; None if it is larger than any."""
    start = sample.read(0, _START_BYTES)
    if len(start) < _START_BYTES:
        raise TornError("the 7z start header is cut off")
    crc, offset, size, header_crc = unpack_from("<IQQI", start, 8)
    if zlib.crc32(start[12:]) != crc:
        raise TornError("the CRC of the 7z start header differs")
    if _START_BYTES + offset + size > sample.size:
        raise TornError("the 7z header lies beyond the end: cut off, or one of several volumes")
    if size > _HEADER_LIMIT:
        return None
    header = sample.read(_START_BYTES + offset, size)
    if zlib.crc32(header) != header_crc:
        raise TornError("the CRC of the 7z header differs")
    return header


def _check_streams(sample: Sample, streams: Streams) -> None:
    if any(method == _AES for folder in streams.folders for method, _ in folder.coders):
        raise LockedError("7z with AES")
    if _START_BYTES + streams.place + sum(streams.sizes) > sample.size:
        raise TornError("7z data lies beyond the end")
    refuse_bomb(streams.unpacked, sample.size)


def _unpacked_header(sample: Sample, streams: Streams) -> bytes | None:
    if len(streams.folders) != 1 or not streams.sizes:
        raise TornError("a packed 7z header of several blocks")
    pieces = _content(sample, streams.folders[0], _START_BYTES + streams.place, streams.sizes[0])
    if pieces is None:
        return None
    return b"".join(_checked(pieces, streams.folders[0]))


def _gaps(sample: Sample, streams: Streams) -> tuple[Gap, ...]:
    """Unpacks what can be unpacked against its CRCs; a Gap for the rest."""
    reasons = set()
    budget = _BUDGET
    place = _START_BYTES + streams.place
    first = 0
    for folder in streams.folders:
        size = streams.sizes[first] if first < len(streams.sizes) else 0
        budget -= folder.size
        if budget < 0:
            reasons.add("large")
            break
        pieces = _content(sample, folder, place, size)
        if pieces is None:
            reasons.add("format")
        else:
            for _ in _checked(pieces, folder):
                pass
        place += sum(streams.sizes[first : first + folder.packed])
        first += folder.packed
    return tuple(Gap("health", reason) for reason in sorted(reasons))


def _checked(pieces: Iterator[bytes], folder: Folder) -> Iterator[bytes]:
    """The content of a block as it is compared: file by file where the CRCs are those of files."""
    parts = iter(folder.parts or [(folder.size, folder.crc)])
    left, expected = next(parts)
    crc = total = 0
    try:
        for whole_piece in pieces:
            piece = whole_piece[: folder.size - total]
            total += len(piece)
            yield piece
            while piece:
                crc = zlib.crc32(piece[:left], crc)
                taken = min(left, len(piece))
                left, piece = left - taken, piece[taken:]
                if left == 0:
                    if expected not in (None, crc):
                        raise TornError("the CRC of 7z data differs")
                    left, expected = next(parts, (folder.size, None))
                    crc = 0
            if total >= folder.size:
                break
    except BROKEN as problem:
        raise TornError(f"7z data: {problem}") from problem
    if total < folder.size:
        raise TornError("7z data ends too early")


def _content(sample: Sample, folder: Folder, place: int, size: int) -> Iterator[bytes] | None:
    """What one block holds; None where its coders are others than the simple ones."""
    if len(folder.coders) != 1:
        return None
    method, properties = folder.coders[0]
    packed = _packed(sample, place, size)
    if method == _COPY:
        return packed
    if method == _LZMA and len(properties) == 5 and is_modest(properties):
        return unpacked(raw_lzma(properties), packed)
    if method == _LZMA2 and len(properties) == 1 and _dictionary(properties[0]) <= DICTIONARY_LIMIT:
        return unpacked(raw_lzma2(_dictionary(properties[0])), packed)
    if method == _DEFLATE:
        return unpacked(Inflater(), packed)
    return unpacked(Bunzipper(), packed) if method == _BZIP2 else None


def _dictionary(bits: int) -> int:
    return (2 | bits & 1) << (bits // 2 + 11) if bits < 40 else 1 << 32


def _packed(sample: Sample, place: int, size: int) -> Iterator[bytes]:
    end = place + size
    while place < end and (chunk := sample.read(place, min(CHUNK, end - place))):
        yield chunk
        place += len(chunk)

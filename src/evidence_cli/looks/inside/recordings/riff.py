"""Inside AVI and WAV (RIFF; AVI RIFF File Reference; OpenDML 1.02; EBU Tech 3306): is it whole, what does it show?"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from struct import unpack_from
from typing import NamedTuple

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.recordings.reader import Reader, SpentError
from evidence_cli.looks.sample import Sample, TornError

# Writers differ in whether a size counts the padding, or the header of its own chunk.
_SLACK = 8
# Recorders that cannot go back write one of these for a size they do not know yet.
_OPEN = frozenset((0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000, 0x80000000))
_TOP_CHUNKS = 4096
_HEADER_CHUNKS = 256
_INDEX_BYTES = 256 * 1024
_TAIL = 1024
_ZERO_SHARE = 0.1
# Format tags of samples that are not compressed: integers, floats, extensible; and 0 before any is known.
_PCM = (0, 1, 3, 0xFFFE)
# What stands in a movi list: pictures, sound, subtitles, palettes; and besides frames.
_FRAMES = (b"dc", b"db", b"wb", b"tx", b"sb", b"pc", b"iv", b"__")
_SERVICES = (b"rec ", b"JUNK", b"idx1", b"AVIX", b"movi")
# What holds raw pictures, which may be black: BI_RGB, BI_BITFIELDS and the codes of uncompressed YUV.
_RAW = frozenset((bytes(4), b"\x03\0\0\0", b"DIB ", b"RGB ", b"RAW ", b"YUY2", b"UYVY", b"YV12", b"I420", b"IYUV"))


class _Chunk(NamedTuple):
    """`kind` is its name or, of a list, that of the list. `end` does not count padding."""

    kind: bytes
    start: int
    end: int
    open: bool


@dataclass(slots=True)
class _Movie:
    pictures: bool = False
    streams: int = 0
    width: int = 0
    height: int = 0
    compressed: bool = False
    seconds: dict[bytes, float] = field(default_factory=dict)
    frames: int = 0
    frame_seconds: float = 0.0
    frame_rate: float = 0.0
    indexed: int = 0


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Tells whether all chunks are there, the length, and the size of the pictures. Raises TornError; OSError."""
    reader = Reader(sample)
    look = _look_at_wav if facts.format == "wav" else _look_at_avi
    try:
        return Inside(look(reader, facts))
    except SpentError:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))


def _chunk_at(reader: Reader, place: int) -> _Chunk | None:
    head = reader.read(place, 12)
    if len(head) < 8 or not all(0x20 <= byte < 0x7F for byte in head[:4]):
        return None
    kind, size = unpack_from("<4sI", head)
    if kind in (b"RIFF", b"LIST", b"RF64", b"BW64"):
        return _Chunk(head[8:12], place + 12, place + 8 + size, size in _OPEN or size < 4)
    return _Chunk(kind, place + 8, place + 8 + size, size in _OPEN and size > 0)


def _chunks(reader: Reader, place: int, limit: int, most: int) -> Iterator[_Chunk]:
    pad = 0
    for _ in range(most):
        if place + 8 > limit:
            return
        # Some writers forget the padding of an odd chunk.
        chunk = _chunk_at(reader, place) or (_chunk_at(reader, place - 1) if pad else None)
        if chunk is None:
            return
        yield chunk
        pad = chunk.end & 1
        place = chunk.end + pad


def _look_at_wav(reader: Reader, facts: Facts) -> Facts:
    tag, sampling, rate, block, wide, counted = 0, 0, 0, 1, 0, 0.0
    for chunk in _chunks(reader, 12, reader.size, _TOP_CHUNKS):
        if chunk.kind == b"ds64":
            wide = unpack_from("<Q", reader.exactly(chunk.start + 8, 8, "ds64"))[0]
        elif chunk.kind == b"fmt ":
            tag, _channels, sampling, rate, block = unpack_from("<HHIIH", reader.exactly(chunk.start, 16, "fmt"))
        elif chunk.kind == b"fact" and tag not in _PCM and sampling:
            counted = unpack_from("<I", reader.exactly(chunk.start, 4, "fact"))[0] / sampling
        elif chunk.kind == b"data":
            size = wide if wide and chunk.open else chunk.end - chunk.start
            end = chunk.start + size
            if not rate:
                raise TornError("data before its format")
            # An empty one may be open as well: its recorder never came back to it.
            unknown = (chunk.open or size == 0) and not wide
            if not unknown and end > reader.size + 1:
                raise TornError("chunk data ends beyond the end of the file")
            length = (reader.size if unknown else min(end, reader.size)) - chunk.start
            if length < max(1, block) and reader.size - chunk.start < max(1, block):
                raise TornError("chunk data is empty")
            return replace(facts, picture_track=False, seconds=counted or length / rate)
    raise TornError("no data chunk")


def _look_at_avi(reader: Reader, facts: Facts) -> Facts:
    riff = _chunk_at(reader, 0)
    if riff is None or riff.kind != b"AVI ":
        raise TornError("no AVI list at the start")
    movie, data, index, place = _Movie(), None, None, 12
    for chunk in _chunks(reader, 12, reader.size, _TOP_CHUNKS):
        _check_end(reader, chunk)
        if chunk.kind == b"hdrl":
            _read_header(reader, chunk, movie)
        elif chunk.kind == b"movi":
            data = data or chunk
        elif chunk.kind == b"idx1":
            index = chunk
        place = chunk.end + (chunk.end & 1)
        if chunk.open or (not riff.open and chunk.end >= riff.end - 1):
            break
    if not movie.streams:
        raise TornError("no stream header")
    if data is None:
        raise TornError("no movi list")
    # With its index at the end a file lacks nothing.
    if not riff.open and riff.end > reader.size + _SLACK and index is None:
        raise TornError("the RIFF list ends beyond the end of the file")
    if movie.indexed > reader.size:
        raise TornError("an index lies beyond the end of the file")
    if not riff.open:
        if index is None:
            _check_blank(reader, place, min(riff.end, reader.size))
        _check_extensions(reader, riff.end + (riff.end & 1))
    _check_media(reader, movie, data, index)
    return replace(
        facts,
        picture_track=movie.pictures,
        width=movie.width or None,
        height=movie.height or None,
        seconds=_seconds(movie),
    )


def _check_end(reader: Reader, chunk: _Chunk) -> None:
    if not chunk.open and chunk.end > reader.size + 1:
        raise TornError(f"chunk {chunk.kind.decode('latin-1')} ends beyond the end of the file")


def _check_blank(reader: Reader, place: int, end: int) -> None:
    """Zeros where a chunk should begin, and nothing else to the end of the file."""
    if end - place > _SLACK and reader.blank(place, end) and reader.zeros_at_end() >= reader.size - place:
        raise TornError("the file goes on with zeros")


def _check_extensions(reader: Reader, place: int) -> None:
    """The further RIFF lists of OpenDML; anything else behind the first is no part of the movie."""
    for chunk in _chunks(reader, place, reader.size, _TOP_CHUNKS):
        if chunk.kind != b"AVIX":
            return
        _check_end(reader, chunk)
        if chunk.open:
            return


def _read_header(reader: Reader, header: _Chunk, movie: _Movie) -> None:
    for chunk in _chunks(reader, header.start, header.end, _HEADER_CHUNKS):
        data = reader.read(chunk.start, 40)
        if chunk.kind == b"avih" and len(data) == 40:
            microseconds, _rate, _grain, _flags, movie.frames = unpack_from("<5I", data)
            movie.frame_seconds = microseconds / 1e6
        elif chunk.kind == b"strl":
            _read_stream(reader, chunk, movie)
        elif chunk.kind == b"odml" and data.startswith(b"dmlh"):
            movie.frames = max(movie.frames, unpack_from("<I", data, 8)[0])


def _read_stream(reader: Reader, stream: _Chunk, movie: _Movie) -> None:
    kind, raw = b"", b""
    for chunk in _chunks(reader, stream.start, stream.end, _HEADER_CHUNKS):
        if chunk.kind == b"strh":
            data = reader.read(chunk.start, 40)
            if len(data) < 36 or chunk.end - chunk.start < 36:
                raise TornError("stream header is cut off")
            movie.streams += 1
            kind, raw = data[:4], data[4:8]
            scale, rate, _start, length = unpack_from("<4I", data, 20)
            if scale and rate:
                movie.seconds[kind] = max(movie.seconds.get(kind, 0.0), length * scale / rate)
            if kind in (b"vids", b"iavs"):
                movie.pictures = True
                movie.frame_rate = rate / scale if scale else 0.0
        elif chunk.kind == b"strf" and kind == b"vids":
            data = reader.read(chunk.start, 20)
            if len(data) == 20:
                movie.width, height = unpack_from("<Ii", data, 4)
                movie.height = abs(height)
                movie.compressed = data[16:20] not in _RAW and raw not in _RAW - {bytes(4)}
        elif chunk.kind == b"indx":
            movie.indexed = max(movie.indexed, _super_index_end(reader, chunk))


def _super_index_end(reader: Reader, chunk: _Chunk) -> int:
    """Where the last of the indexes ends that an index of indexes names (OpenDML 1.02, 3.0)."""
    data = reader.read(chunk.start, min(chunk.end - chunk.start, _INDEX_BYTES))
    if len(data) < 24 or data[3] != 0 or unpack_from("<H", data)[0] != 4:
        return 0
    count = min(unpack_from("<I", data, 4)[0], (len(data) - 24) // 16)
    ends = (sum(unpack_from("<QI", data, 24 + 16 * number)) for number in range(count))
    return max(ends, default=0)


def _check_media(reader: Reader, movie: _Movie, data: _Chunk, index: _Chunk | None) -> None:
    """The frames are there, and are not the zeros that a broken copy leaves."""
    if data.open:
        movie.frames = _walk_open(reader, data)
        movie.seconds.clear()
        return
    if not movie.compressed:
        return
    if index is not None:
        entries = reader.read(max(index.start, index.end - 256), min(256, index.end - index.start))
        if entries and not any(entries):
            raise TornError("the index ends in zeros")
        _check_frames(reader, data, [entries[place : place + 16] for place in range(0, len(entries) - 15, 16)])
    elif reader.blank(max(data.start, data.end - _TAIL), data.end):
        raise TornError("the last frames are blank")


def _check_frames(reader: Reader, data: _Chunk, entries: list[bytes]) -> None:
    """Offsets in `idx1` count from the name of the movi list, or from the start of the file."""
    for entry in entries:
        kind, _flags, offset, size = unpack_from("<4s3I", entry)
        places = (data.start - 4 + offset, offset)
        if size and kind[2:4] in (b"dc", b"wb", b"db") and all(reader.blank(place, place + 8) for place in places):
            raise TornError("a frame that the index names is blank")


def _walk_open(reader: Reader, data: _Chunk) -> int:
    """Counts the frames in a list without a length, chunk by chunk: the last one may be cut off."""
    place, frames = data.start, 0
    while place + 8 <= reader.size:
        chunk = _chunk_at(reader, place)
        if chunk is None or (chunk.kind[2:] not in _FRAMES and chunk.kind not in _SERVICES and chunk.kind[:2] != b"ix"):
            if reader.size - place > reader.size * _ZERO_SHARE:
                _check_blank(reader, place, reader.size)
            break
        _check_end(reader, chunk)
        frames += chunk.kind[2:] in (b"dc", b"db")
        place = chunk.end + (chunk.end & 1)
    return frames


def _seconds(movie: _Movie) -> float | None:
    """A writer that splits its file may count the frames of the first part alone in the stream's header."""
    pictures = max(movie.seconds.get(b"vids", 0.0), movie.seconds.get(b"iavs", 0.0))
    rate = movie.frame_rate or (1 / movie.frame_seconds if movie.frame_seconds else 0.0)
    counted = movie.frames / rate if movie.pictures and rate else 0.0
    return max(pictures, counted) or max(movie.seconds.values(), default=0.0) or None

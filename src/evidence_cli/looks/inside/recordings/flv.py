"""Inside Flash video (Adobe Flash Video File Format 10.1, annex E): is it whole, what does it show?

A chain of tags, each with its own length: the beginning is walked for what it holds, the end for whether it is there.
"""

import re
from dataclasses import dataclass, replace
from math import isfinite
from struct import unpack_from
from typing import NamedTuple

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.recordings import mp4
from evidence_cli.looks.inside.recordings.reader import Reader, SpentError
from evidence_cli.looks.sample import LockedError, Sample, TornError

_AUDIO, _VIDEO, _SCRIPT = 8, 9, 18
_ENCRYPTED = 0x20
_WALKED = 4000
_TAIL = 2 * 1024 * 1024
_TAG = re.compile(rb"(?=[\x08\x09\x12].{7}\x00\x00\x00)", re.DOTALL)
_LOST_SHARE, _LOST_SECONDS = 1.1, 1.0
_ZERO_SHARE = 0.1


class _Tag(NamedTuple):
    kind: int
    milliseconds: int
    start: int
    end: int


@dataclass(slots=True)
class _Movie:
    pictures: bool = False
    sound: bool = False
    width: int = 0
    height: int = 0
    declared: float = 0.0
    size: int = 0
    first: int | None = None
    latest: int = 0


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Tells whether the last tag is there, the length, and the size of the pictures.

    Raises TornError, LockedError where tags are encrypted; OSError. An F4V file is an MP4, and looked at as one.
    """
    if sample.head[4:8] == b"ftyp":
        return mp4.look_inside(sample, facts)
    reader = Reader(sample)
    try:
        return Inside(_look(reader, facts))
    except SpentError:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))


def _look(reader: Reader, facts: Facts) -> Facts:
    start = reader.number(">I", 5, 4, "header")
    if start < 9 or start + 4 > reader.size:
        raise TornError("the header ends beyond the end of the file")
    movie = _Movie()
    place, whole = _walk(reader, start + 4, movie)
    if not (movie.pictures or movie.sound) or movie.first is None:
        raise TornError("no tag of sound or pictures")
    if not whole:
        place = _walk_tail(reader, place, movie)
    _check_rest(reader, place, declared=movie.size)
    length = (movie.latest - movie.first) / 1000
    _check_length(reader, movie, length)
    return replace(
        facts,
        picture_track=movie.pictures,
        width=movie.width or None,
        height=movie.height or None,
        seconds=movie.declared or length or None,
    )


def _check_length(reader: Reader, movie: _Movie, length: float) -> None:
    """A file cut between two tags. Servers cut and join streams whose header stays as it was: one number is not enough
    unless it is far off."""
    missing = movie.declared - length if movie.declared else 0.0
    if movie.size > reader.size and (missing > _LOST_SECONDS or movie.size > reader.size * _LOST_SHARE):
        raise TornError(f"{reader.size} bytes of {movie.size}, {length:.1f} s of {movie.declared:.1f} s")


def _tag_at(reader: Reader, place: int) -> _Tag | None:
    head = reader.read(place, 11)
    if len(head) < 11 or head[0] & 0x1F not in (_AUDIO, _VIDEO, _SCRIPT) or head[0] & 0xC0:
        return None
    size = int.from_bytes(head[1:4], "big")
    milliseconds = int.from_bytes(head[7:8] + head[4:7], "big")
    return _Tag(head[0], milliseconds, place + 11, place + 11 + size)


def _walk(reader: Reader, place: int, movie: _Movie) -> tuple[int, bool]:
    """Where the chain ends, and whether it was walked to its end."""
    for _ in range(_WALKED):
        tag = _tag_at(reader, place)
        if tag is None:
            return place, True
        if tag.kind & _ENCRYPTED:
            raise LockedError("encrypted tag")
        _take(reader, tag, movie)
        place = tag.end + 4
    return place, False


def _take(reader: Reader, tag: _Tag, movie: _Movie) -> None:
    if tag.end > reader.size:
        raise TornError("the last tag ends beyond the end of the file")
    if tag.kind == _SCRIPT:
        _read_script(reader.read(tag.start, min(tag.end - tag.start, 64 * 1024)), movie)
        return
    movie.pictures = movie.pictures or tag.kind == _VIDEO
    movie.sound = movie.sound or tag.kind == _AUDIO
    if not (movie.pictures and movie.sound) and movie.latest == 0:
        movie.first = tag.milliseconds if movie.first is None else movie.first
    movie.latest = max(movie.latest, tag.milliseconds)


def _read_script(data: bytes, movie: _Movie) -> None:
    """Numbers of `onMetaData` (AMF 0): the key, its type 0, and a double."""
    if b"onMetaData" not in data[:32]:
        return
    values = {}
    for name in (b"duration", b"filesize", b"width", b"height"):
        place = data.find(bytes((0, len(name))) + name + b"\0")
        place += 3 + len(name)
        if place > 3 + len(name) and place + 8 <= len(data):
            value = unpack_from(">d", data, place)[0]
            values[name] = value if isfinite(value) and 0 < value < 1e15 else 0.0
    movie.declared = values.get(b"duration", 0.0)
    movie.size = int(values.get(b"filesize", 0.0))
    movie.width, movie.height = (int(min(values.get(name, 0.0), 1e6)) for name in (b"width", b"height"))


def _walk_tail(reader: Reader, place: int, movie: _Movie) -> int:
    """Finds a tag near the end of a long file, known by its length that stands behind it, and walks on from there."""
    start = max(place, reader.size - _TAIL)
    data = reader.read(start, reader.size - start)
    for match in _TAG.finditer(data):
        at = match.start()
        end = at + 11 + int.from_bytes(data[at + 1 : at + 4], "big")
        if end + 4 <= len(data) and unpack_from(">I", data, end)[0] == end - at:
            return _walk(reader, start + at, movie)[0]
    raise TornError("no tag near the end of the file")


def _check_rest(reader: Reader, place: int, *, declared: int) -> None:
    """Behind the last tag: nothing, junk, or the zeros of a copy that was given its size before its content."""
    rest = reader.size - place
    if 0 < rest < 11 and reader.read(place, 1)[0] in (_AUDIO, _VIDEO, _SCRIPT):
        raise TornError("the header of the last tag is cut off")
    lost = declared >= reader.size and rest >= 11
    if (lost or rest > reader.size * _ZERO_SHARE) and reader.zeros_at_end() >= rest:
        raise TornError("the file goes on with zeros")

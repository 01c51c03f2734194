"""Inside Matroska and WebM (RFC 9559): is it whole, what does it show?

A recorder that streams gives no length to the segment and the clusters, and no duration: then the end of the file is
looked at, where the last cluster tells the time.
"""

import re
from dataclasses import dataclass, replace
from struct import unpack

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.recordings.ebml import Element, content, element_at, elements, number
from evidence_cli.looks.inside.recordings.reader import Reader, SpentError, is_position, named_as_sound
from evidence_cli.looks.sample import LockedError, Sample, TornError

_SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_SEEK, _CUES, _TAGS, _CHAPTERS, _ATTACHMENTS = 0x114D9B74, 0x1C53BB6B, 0x1254C367, 0x1043A770, 0x1941A469
_VOID, _CRC = 0xEC, 0xBF
_TOP = frozenset((_INFO, _TRACKS, _CLUSTER, _SEEK, _CUES, _TAGS, _CHAPTERS, _ATTACHMENTS, _VOID, _CRC))
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_ENTRY, _TYPE, _CODEC, _VIDEO, _WIDTH, _HEIGHT = 0xAE, 0x83, 0x86, 0xE0, 0xB0, 0xBA
_ENCODINGS, _ENCODING, _ENCRYPTION, _ALGORITHM = 0x6D80, 0x6240, 0x5035, 0x47E1
_TIME, _SIMPLE_BLOCK, _GROUP, _BLOCK, _PREVIOUS, _POSITION = 0xE7, 0xA3, 0xA0, 0xA1, 0xAB, 0xA7
_IN_CLUSTER = frozenset((_TIME, _SIMPLE_BLOCK, _GROUP, _PREVIOUS, _POSITION, 0x5854, 0xAF, _VOID, _CRC))
_PICTURE_TYPES = (1, 3)
_RAW = (b"V_UNCOMPRESSED", b"A_PCM")
_TAIL = 2 * 1024 * 1024
_CLUSTER_MARK = re.compile(rb"\x1f\x43\xb6\x75(?=.{1,8}?(?:\xe7|\xbf|\xec))", re.DOTALL)
# An element by element walk from the start of a stream; behind it the look goes on at the end of the file.
_WALKED = 8000
_LEAST_ZEROS = 256
_LEAST_LOST, _LOST_SHARE = 4096, 0.1


@dataclass(slots=True)
class _Movie:
    scale: int = 1_000_000
    duration: float | None = None
    info: bool = False
    tracks: int = 0
    pictures: bool = False
    width: int = 0
    height: int = 0
    raw: bool = False
    encrypted: bool = False
    position: bool = False
    clusters: int = 0
    last: Element | None = None


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Tells whether all clusters are there, the length, and the size of the pictures.

    Raises TornError, LockedError where a track is encrypted (RFC 9559 5.1.4.1.31); OSError.
    """
    reader = Reader(sample)
    try:
        return Inside(named_as_sound(_look(reader, facts), sample.extension))
    except SpentError:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))


def _look(reader: Reader, facts: Facts) -> Facts:
    segment = _segment(reader)
    movie = _Movie()
    _walk(reader, segment, movie)
    if not movie.tracks:
        raise TornError("no tracks")
    if movie.encrypted:
        raise LockedError("content encryption")
    if not movie.clusters:
        raise TornError("no cluster")
    if segment.end is not None and segment.end > reader.size:
        raise TornError("the segment ends beyond the end of the file")
    _check_last(reader, movie, min(segment.end or reader.size, reader.size))
    seconds = movie.duration * movie.scale / 1e9 if movie.duration else _counted(reader, movie)
    return replace(
        facts,
        picture_track=movie.pictures,
        width=movie.width or None,
        height=movie.height or None,
        seconds=seconds,
        position=facts.position or movie.position,
    )


def _segment(reader: Reader) -> Element:
    head = element_at(reader, 0)
    if head is None or head.end is None or head.end > reader.size:
        raise TornError("the EBML header is cut off")
    place = head.end
    for _ in range(16):
        element = element_at(reader, place)
        if element is None:
            break
        if element.kind == _SEGMENT:
            return element
        if element.end is None:
            break
        place = element.end
    raise TornError("no segment")


def _walk(reader: Reader, segment: Element, movie: _Movie) -> None:
    """The elements on the first level. Damage between clusters is skipped by players, and ends the walk."""
    limit = min(segment.end or reader.size, reader.size)
    place = segment.start
    while place < limit:
        element = element_at(reader, place)
        if element is None or not (element.kind in _TOP or _leads_on(reader, element, limit)):
            _check_gap(reader, segment, place)
            return
        if element.kind == _CLUSTER:
            movie.clusters += 1
            movie.last = element
        if element.end is None:
            if element.kind == _CLUSTER:
                _walk_stream(reader, element.start, limit, movie)
            return
        if element.end > reader.size:
            raise TornError(f"element {element.kind:X} ends beyond the end of the file")
        _read(reader, element, movie)
        place = element.end


def _leads_on(reader: Reader, element: Element, limit: int) -> bool:
    """Whether an element of an unknown kind is one: behind it there is another."""
    if element.end is None or element.end > limit:
        return False
    following = element_at(reader, element.end)
    return element.end == limit or (following is not None and following.kind in _TOP)


def _check_gap(reader: Reader, segment: Element, place: int) -> None:
    """What is no element: an unknown one, junk, or the zeros of a broken copy (in a segment of a known length)."""
    zeros = reader.zeros_at_end()
    known = segment.end is not None and segment.end <= reader.size
    if zeros and zeros >= reader.size - place and (known or _is_lost(reader, zeros)):
        raise TornError("the segment goes on with zeros")


def _is_lost(reader: Reader, zeros: int) -> bool:
    """Whether zeros at the end of a stream without a length are more than padding."""
    return zeros >= _LEAST_LOST and zeros > reader.size * _LOST_SHARE


def _read(reader: Reader, element: Element, movie: _Movie) -> None:
    end = element.end or element.start
    if element.kind == _INFO:
        for item in elements(reader, element.start, end):
            if item.kind == _SCALE:
                movie.scale = number(reader, item) or movie.scale
            elif item.kind == _DURATION:
                movie.duration = _real(content(reader, item, 8))
    elif element.kind == _TRACKS:
        for item in elements(reader, element.start, end):
            if item.kind == _ENTRY:
                _read_track(reader, item, movie)
    elif element.kind == _TAGS:
        data = content(reader, element, 64 * 1024)
        names = re.finditer(rb"LOCATION[^\x00]{0,16}", data)
        movie.position = movie.position or any(is_position(data[name.start() : name.end()]) for name in names)


def _real(data: bytes) -> float | None:
    value = unpack({4: ">f", 8: ">d"}[len(data)], data)[0] if len(data) in (4, 8) else 0.0
    return value if 0 < value < 1e15 else None


def _read_track(reader: Reader, entry: Element, movie: _Movie) -> None:
    movie.tracks += 1
    pictures = False
    size = (0, 0)
    for item in elements(reader, entry.start, entry.end or entry.start):
        if item.kind == _TYPE:
            pictures = number(reader, item) in _PICTURE_TYPES
        elif item.kind == _CODEC:
            movie.raw = movie.raw or content(reader, item).startswith(_RAW)
        elif item.kind == _VIDEO:
            parts = elements(reader, item.start, item.end or item.start)
            values = {part.kind: number(reader, part) for part in parts}
            size = (values.get(_WIDTH, 0), values.get(_HEIGHT, 0))
        elif item.kind == _ENCODINGS:
            movie.encrypted = movie.encrypted or _is_encrypted(reader, item)
    if pictures:
        movie.pictures = True
        movie.width, movie.height = max(size, (movie.width, movie.height), key=lambda pair: pair[0] * pair[1])


def _is_encrypted(reader: Reader, encodings: Element) -> bool:
    for encoding in elements(reader, encodings.start, encodings.end or encodings.start):
        for item in elements(reader, encoding.start, encoding.end or encoding.start):
            if encoding.kind == _ENCODING and item.kind == _ENCRYPTION:
                parts = elements(reader, item.start, item.end or item.start)
                # An algorithm of 0 means that it is signed only.
                return any(part.kind == _ALGORITHM and number(reader, part) for part in parts)
    return False


def _walk_stream(reader: Reader, place: int, limit: int, movie: _Movie) -> None:
    """Clusters without a length, element by element; from a long stream its beginning and its end."""
    for _ in range(_WALKED):
        if place >= limit:
            return
        following = _step(reader, place, movie)
        if following is None:
            return
        place = following
    place = _last_cluster(reader, limit) or limit
    while place < limit and (following := _step(reader, place, movie)) is not None:
        place = following


def _step(reader: Reader, place: int, movie: _Movie) -> int | None:
    """Where the element behind the one at `place` begins; clusters are entered. None where there is none."""
    element = element_at(reader, place)
    if element is None or element.kind not in _IN_CLUSTER | _TOP:
        return None
    if element.kind == _CLUSTER:
        movie.clusters += 1
        movie.last = element
        return element.start
    if element.end is None:
        return None
    if element.end > reader.size:
        raise TornError(f"element {element.kind:X} ends beyond the end of the file")
    if element.kind in _TOP:
        _read(reader, element, movie)
    return element.end


def _last_cluster(reader: Reader, limit: int) -> int | None:
    """Where a cluster begins near the end, found by its mark."""
    start = max(0, limit - _TAIL)
    data = reader.read(start, limit - start)
    marks = [match.start() for match in _CLUSTER_MARK.finditer(data)]
    return start + marks[-1] if marks else None


def _check_last(reader: Reader, movie: _Movie, limit: int) -> None:
    """The last cluster ends in a block, and a block of a codec is not zero."""
    cluster = movie.last
    if cluster is None or movie.raw:
        return
    if cluster.end is None:
        if _is_lost(reader, reader.zeros_at_end()):
            raise TornError("the stream goes on with zeros")
        return
    end = min(cluster.end, limit)
    if end - cluster.start >= _LEAST_ZEROS and reader.blank(end - _LEAST_ZEROS, end):
        raise TornError("the last cluster is blank")


def _counted(reader: Reader, movie: _Movie) -> float | None:
    """The time of the last block that a walk through the last cluster meets."""
    if movie.last is None:
        return None
    time = latest = 0
    place, limit = movie.last.start, min(movie.last.end or reader.size, reader.size)
    while place < limit:
        element = element_at(reader, place)
        if element is None or element.end is None or element.kind not in _IN_CLUSTER:
            break
        if element.kind == _TIME:
            time = latest = number(reader, element)
        elif element.kind == _SIMPLE_BLOCK:
            latest = max(latest, time + _relative(content(reader, element, 12)))
        elif element.kind == _GROUP:
            for item in elements(reader, element.start, element.end):
                if item.kind == _BLOCK:
                    latest = max(latest, time + _relative(content(reader, item, 12)))
        place = element.end
    return latest * movie.scale / 1e9 or None


def _relative(block: bytes) -> int:
    """The time of a block, counted from its cluster's: behind the number of the track, which is 1-8 bytes long."""
    width = 9 - block[0].bit_length() if block and block[0] else 1
    return int.from_bytes(block[width : width + 2], "big", signed=True)

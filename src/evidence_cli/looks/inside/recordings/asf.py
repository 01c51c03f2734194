"""Inside WMV, WMA and ASF (Advanced Systems Format, revision 01.20.06): is it whole, what does it show?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from struct import unpack_from
from typing import NamedTuple
from uuid import UUID

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.recordings.reader import Reader, SpentError, named_as_sound
from evidence_cli.looks.sample import LockedError, Sample, TornError

_HEADER = UUID("75B22630-668E-11CF-A6D9-00AA0062CE6C").bytes_le
_DATA = UUID("75B22636-668E-11CF-A6D9-00AA0062CE6C").bytes_le
_FILE = UUID("8CABDCA1-A947-11CF-8EE4-00C00C205365").bytes_le
_STREAM = UUID("B7DC0791-A9B7-11CF-8EE6-00C00C205365").bytes_le
_EXTENSION = UUID("5FBF03B5-A92E-11CF-8EE3-00C00C205365").bytes_le
_EXTENDED_STREAM = UUID("14E6A5CB-C672-4332-8399-A96952065B5A").bytes_le
_ENCRYPTION = frozenset(
    UUID(text).bytes_le
    for text in (
        "2211B3FB-BD23-11D2-B4B7-00A0C955FC6E",
        "298AE614-2622-4C17-B935-DAE07EE9289C",
        "43058533-6981-49E6-9B74-AD12CB86D58C",
    )
)
_VIDEO = UUID("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B").bytes_le
_OBJECTS = 1024
_BROADCAST = 1
_UNITS, _MILLISECONDS = 10_000_000, 1000
_LEAST_ZEROS = 64


class _Object(NamedTuple):
    kind: bytes
    begin: int
    start: int
    end: int


@dataclass(slots=True)
class _Movie:
    seconds: float | None = None
    size: int = 0
    broadcast: bool = False
    packet: int = 0
    packets: int = 0
    preroll: float = 0.0
    pictures: bool = False
    streams: int = 0
    width: int = 0
    height: int = 0
    encrypted: bool = False


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Tells whether all packets are there, the length, and the size of the pictures.

    Raises TornError, LockedError where it is protected by a licence (DRM); OSError.
    """
    reader = Reader(sample)
    try:
        return Inside(named_as_sound(_look(reader, facts), sample.extension))
    except SpentError:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))


def _look(reader: Reader, facts: Facts) -> Facts:
    header = _object_at(reader, 0)
    if header is None or header.kind != _HEADER or header.end > reader.size:
        raise TornError("the header ends beyond the end of the file")
    movie = _Movie()
    for item in _objects(reader, 30, header.end):
        _read_object(reader, item, movie)
    if movie.encrypted:
        raise LockedError("content encryption object")
    if not movie.streams:
        raise TornError("no stream properties")
    seconds = _check_data(reader, movie, header.end)
    return replace(
        facts,
        picture_track=movie.pictures,
        width=movie.width or None,
        height=movie.height or None,
        seconds=seconds,
    )


def _object_at(reader: Reader, place: int) -> _Object | None:
    head = reader.read(place, 24)
    if len(head) < 24:
        return None
    size = unpack_from("<Q", head, 16)[0]
    return _Object(head[:16], place, place + 24, place + size) if size >= 24 or head[:16] == _DATA else None


def _objects(reader: Reader, place: int, limit: int) -> Iterator[_Object]:
    for _ in range(_OBJECTS):
        if place + 24 > limit:
            return
        item = _object_at(reader, place)
        if item is None or item.end > limit:
            return
        yield item
        place = item.end


def _read_object(reader: Reader, item: _Object, movie: _Movie) -> None:
    if item.kind == _FILE:
        _read_file(reader.exactly(item.start, 80, "file properties"), movie)
    elif item.kind == _STREAM:
        _read_stream(reader, item.start, movie)
    elif item.kind == _EXTENSION:
        for inner in _objects(reader, item.start + 22, item.end):
            movie.encrypted = movie.encrypted or inner.kind in _ENCRYPTION
            if inner.kind == _EXTENDED_STREAM:
                _read_extended(reader, inner, movie)
    movie.encrypted = movie.encrypted or item.kind in _ENCRYPTION


def _read_file(data: bytes, movie: _Movie) -> None:
    movie.size, _created, movie.packets, duration, _send, preroll = unpack_from("<6Q", data, 16)
    flags, least, most = unpack_from("<3I", data, 64)
    movie.broadcast = bool(flags & _BROADCAST)
    movie.packet = most if least == most else 0
    movie.preroll = preroll / _MILLISECONDS
    seconds = duration / _UNITS - movie.preroll
    movie.seconds = seconds if seconds > 0 and not movie.broadcast else None


def _read_stream(reader: Reader, start: int, movie: _Movie) -> None:
    data = reader.exactly(start, 66, "stream properties")
    movie.streams += 1
    if data[:16] == _VIDEO:
        movie.pictures = True
        width, height = unpack_from("<Ii", data, 54)
        if width * abs(height) > movie.width * movie.height:
            movie.width, movie.height = width, abs(height)


def _read_extended(reader: Reader, item: _Object, movie: _Movie) -> None:
    """The properties of a stream may stand in its extended ones alone: behind names and payload extensions."""
    data = reader.read(item.start, min(item.end - item.start, 64 * 1024))
    place = data.find(_STREAM, 64)
    if place >= 0 and len(data) >= place + 24 + 66:
        _read_stream(reader, item.start + place + 24, movie)


def _check_data(reader: Reader, movie: _Movie, place: int) -> float | None:
    """The length, after a look whether the packets and what stands behind them are there."""
    data = next((item for item in _objects(reader, place, reader.size) if item.kind == _DATA), None)
    data = data or _object_at(reader, place)
    if data is None or data.kind != _DATA or data.start + 26 > reader.size:
        raise TornError("no data object")
    first = data.start + 26
    endless = movie.broadcast or data.end - data.begin < 50
    if not endless and data.end > reader.size:
        raise TornError("the data object ends beyond the end of the file")
    if not endless and movie.size > reader.size:
        raise TornError("the file is shorter than its header says")
    if not endless and movie.size >= data.end + 24 and reader.blank(data.end, data.end + 24):
        raise TornError("there are zeros behind the data object")
    end = min(reader.size if endless else data.end, reader.size)
    if end <= first:
        raise TornError("no packets")
    return _check_packets(reader, movie, first, end)


def _check_packets(reader: Reader, movie: _Movie, first: int, end: int) -> float | None:
    if not movie.packet:
        return movie.seconds
    count = (end - first) // movie.packet
    if not count:
        raise TornError("not one whole packet")
    last = first + (count - 1) * movie.packet
    if movie.packet >= _LEAST_ZEROS and reader.blank(last, last + movie.packet):
        raise TornError("the last packet is blank")
    if movie.seconds is not None:
        return movie.seconds
    begun, ended = (_send_time(reader.read(place, 64)) for place in (first, last))
    return ended - begun if begun is not None and ended is not None and ended > begun else None


def _send_time(packet: bytes) -> float | None:
    """When a packet is sent, in seconds (5.2.2, payload parsing information)."""
    if len(packet) < 32:
        return None
    place = 1 + (packet[0] & 15) if packet[0] & 0x80 else 0
    flags = packet[place]
    # Widths of the fields before the time, two bits each: packet length, sequence, padding length.
    widths = [(0, 1, 2, 4)[flags >> shift & 3] for shift in (5, 1, 3)]
    return float(unpack_from("<I", packet, place + 2 + sum(widths))[0]) / _MILLISECONDS

"""Movie fragments (ISO/IEC 14496-12 8.8): how long a movie is that its header does not tell."""

from collections.abc import Iterable, Iterator
from struct import unpack_from

from evidence_cli.looks.inside.recordings.mp4_boxes import Box, children
from evidence_cli.looks.inside.recordings.mp4_movie import Movie
from evidence_cli.looks.inside.recordings.mp4_tables import numbers
from evidence_cli.looks.inside.recordings.reader import Reader

# The fragments of the tracks may take turns: the last one of each is among so many.
LAST_FRAGMENTS = 12
_SUMMED = 2000
_RUNS = 64
_RUN_BYTES = 64 * 1024


def seconds_of(reader: Reader, movie: Movie, fragments: list[Box]) -> float | None:
    """From the first to the last time of any track; None where the fragments give none. Raises SpentError; OSError."""
    scales = {track.number: track.timescale for track in movie.tracks if track.timescale}
    # Where the header has samples of its own, the fragments go on from them.
    first = {track.number: 0.0 for track in movie.tracks if track.spans.count}
    last: dict[int, float] = {}
    for moof in [*fragments[:LAST_FRAGMENTS], *fragments[-LAST_FRAGMENTS:]]:
        for number, begin, length in _runs_of(reader, movie, moof):
            if begin is None:
                return _summed(reader, movie, fragments, scales)
            if number in scales:
                first[number] = min(first.get(number, begin / scales[number]), begin / scales[number])
                last[number] = max(last.get(number, 0.0), (begin + length) / scales[number])
    return max((end - first[number] for number, end in last.items()), default=None)


def _summed(reader: Reader, movie: Movie, fragments: Iterable[Box], scales: dict[int, int]) -> float | None:
    """Fragments without a time follow each other without a gap, and go on from the samples of the header."""
    total = {track.number: track.seconds or 0.0 for track in movie.tracks if track.spans.count}
    for count, moof in enumerate(fragments):
        if count > _SUMMED:
            return None
        for number, _begin, length in _runs_of(reader, movie, moof):
            if number in scales:
                total[number] = total.get(number, 0.0) + length / scales[number]
    return max(total.values(), default=None)


def _runs_of(reader: Reader, movie: Movie, moof: Box) -> Iterator[tuple[int, int | None, int]]:
    """Of each track in a fragment its number, when it begins, and how long it is, in its units."""
    for traf in children(reader, moof.start, moof.end):
        if traf.kind != b"traf":
            continue
        number, default, begin, length, runs = 0, 0, None, 0, 0
        for box in children(reader, traf.start, traf.end):
            match box.kind:
                case b"tfhd":
                    number, default = _header(reader, box, movie)
                case b"tfdt":
                    data = reader.read(box.start, 12)
                    long = data[:1] == b"\x01"
                    begin = int.from_bytes(data[4:12] if long else data[4:8], "big")
                case b"trun" if runs < _RUNS:
                    runs += 1
                    length += _run_length(reader, box, default)
        yield number, begin, length


def _header(reader: Reader, tfhd: Box, movie: Movie) -> tuple[int, int]:
    """The track's number and the duration of its samples."""
    data = reader.read(tfhd.start, 28).ljust(28, b"\0")
    flags, number = unpack_from(">II", data)
    place = 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    return number, unpack_from(">I", data, place)[0] if flags & 8 else movie.defaults.get(number, 0)


def _run_length(reader: Reader, trun: Box, default: int) -> int:
    data = reader.read(trun.start, min(trun.end - trun.start, _RUN_BYTES))
    if len(data) < 8:
        return 0
    flags: int
    count: int
    flags, count = unpack_from(">II", data)
    count = min(count, 1_000_000)
    if not flags & 0x100:
        return default * count
    start = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    step = 4 * ((flags >> 8 & 15).bit_count())
    return sum(numbers("I", data[start : start + count * step])[:: step // 4])

"""Inside MP4, QuickTime, 3GP and M4A (ISO/IEC 14496-12, QuickTime File Format): is it whole, what does it show?

Whole is what a player can play to its end: the header is there, and every sample that it names lies in the file. What
stands behind the last sample is nobody's loss.
"""

from dataclasses import dataclass, field, replace
from struct import unpack_from

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.recordings.mp4_boxes import Box, box_at
from evidence_cli.looks.inside.recordings.mp4_fragments import seconds_of
from evidence_cli.looks.inside.recordings.mp4_movie import Movie, Track, has_position, movie
from evidence_cli.looks.inside.recordings.reader import Reader, SpentError, named_as_sound
from evidence_cli.looks.sample import LockedError, Sample, TornError

# What may be cut off without anything being missing.
_PADDING = frozenset((b"free", b"skip", b"wide", b"mdat"))
_KNOWN = frozenset((b"ftyp", b"styp", b"pdin", b"moov", b"moof", b"mfra", b"sidx", b"udta", b"meta", b"uuid", b"pnot"))
# Codecs whose frames are never all zero, unlike raw pictures and sound.
_CODED = frozenset(
    (
        *(b"avc1", b"avc3", b"hvc1", b"hev1", b"mp4v", b"vp08", b"vp09", b"av01", b"s263", b"h263", b"mp4a"),
        *(b"jpeg", b"mjpa", b"mjpb", b"apcn", b"apch", b"SVQ1", b"SVQ3", b"cvid"),
    )
)
_PROBES = 16
_PROBE_BYTES = 1024
_LEAST_ZEROS, _LEAST_BLANK = 16, 64


@dataclass(slots=True)
class _Layout:
    """What stands on the top level. `short` is the first box that the file is too short for."""

    moov: Box | None = None
    fragments: list[Box] = field(default_factory=list)
    media: Box | None = None
    short: Box | None = None
    indexed: int = 0
    end: int = 0
    position: bool = False


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Tells whether the movie is whole, its length, and the size of its pictures.

    Raises TornError, LockedError where it is encrypted (ISO/IEC 14496-12 8.12), BombError; OSError.
    """
    reader = Reader(sample)
    try:
        return Inside(named_as_sound(_look(reader, facts), sample.extension))
    except SpentError:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))


def _look(reader: Reader, facts: Facts) -> Facts:
    layout = _walk(reader)
    if layout.moov is None:
        if layout.short is not None:
            raise TornError(f"box {_name(layout.short)} ends beyond the end of the file")
        raise TornError("no moov box")
    if layout.moov.end > reader.size:
        raise TornError("box moov ends beyond the end of the file")
    found = movie(reader, layout.moov)
    if found.encrypted:
        raise LockedError("sample entry is encrypted")
    _check_samples(reader, found)
    seconds = _check_fragments(reader, found, layout)
    if layout.short is not None and (layout.fragments or layout.short.kind not in _PADDING):
        raise TornError(f"box {_name(layout.short)} ends beyond the end of the file")
    picture = found.picture()
    return replace(
        facts,
        picture_track=picture is not None,
        width=(picture.width or None) if picture else None,
        height=(picture.height or None) if picture else None,
        seconds=seconds,
        position=facts.position or found.position or layout.position,
    )


def _name(box: Box) -> str:
    return box.kind.decode("latin-1")


def _walk(reader: Reader) -> _Layout:
    layout, place = _Layout(), 0
    while place + 8 <= reader.size:
        box = box_at(reader, place, reader.size)
        if box is None:
            break
        if box.end > reader.size:
            # Junk behind a whole movie may look like a box of any name.
            if layout.moov is None or box.kind in _PADDING | _KNOWN:
                layout.short = box
            if box.kind != b"moov":
                break
        match box.kind:
            case b"moov" if layout.moov is None:
                layout.moov = box
            case b"mdat":
                layout.media = box
            case b"moof":
                layout.fragments.append(box)
                layout.media = None
            case b"sidx":
                layout.indexed = max(layout.indexed, _indexed_end(reader, box))
        layout.position = layout.position or has_position(reader, box)
        place = layout.end = box.end
    return layout


def _indexed_end(reader: Reader, sidx: Box) -> int:
    """Where the last segment ends that an index names (ISO/IEC 14496-12 8.16.3)."""
    data = reader.read(sidx.start, min(sidx.end - sidx.start, 256 * 1024))
    head = 28 if data[:1] == b"\x01" else 20
    if len(data) < head + 4:
        return 0
    offset = unpack_from(">Q" if head == 28 else ">I", data, head - (8 if head == 28 else 4))[0]
    count = min(unpack_from(">H", data, head + 2)[0], (len(data) - head - 4) // 12)
    sizes = (unpack_from(">I", data, head + 4 + 12 * number)[0] & 0x7FFFFFFF for number in range(count))
    return int(sidx.end + offset + sum(sizes))


def _check_samples(reader: Reader, found: Movie) -> None:
    """Every sample lies in the file, and has something in it."""
    for track in found.tracks:
        if track.external:
            continue
        if track.spans.end is not None and track.spans.end > reader.size:
            raise TornError(f"samples of a track end at {track.spans.end}, beyond the end of the file")
        if track.codec in _CODED:
            _check_zeros(reader, track)


def _check_zeros(reader: Reader, track: Track) -> None:
    """What was lost in copying is often zero: looked for in the last sample and here and there in the track."""
    starts = track.spans.starts
    last, end = track.spans.last, track.spans.end or 0
    if last is not None and end - last >= _LEAST_ZEROS and reader.blank(max(last, end - 256), end):
        raise TornError("the last samples of a track are blank")
    step = max(1, len(starts) // _PROBES)
    for start in (*starts[::step][: _PROBES + 1], *starts[-_PROBES:]):
        end = min(start + _PROBE_BYTES, reader.size)
        if end - start >= _LEAST_BLANK and reader.blank(start, end):
            raise TornError("samples of a track are blank")


def _check_fragments(reader: Reader, found: Movie, layout: _Layout) -> float | None:
    """The length of the movie, after a look whether all fragments are there."""
    declared = found.seconds or max((track.seconds or 0.0 for track in found.tracks), default=0.0)
    rest = reader.size - layout.end
    if found.fragmented and 0 < rest < 8 and not reader.blank(layout.end, reader.size):
        raise TornError("the header of the last box is cut off")
    if not layout.fragments:
        if not any(track.spans.count for track in found.tracks):
            raise TornError("movie without a single sample")
        if all(track.external for track in found.tracks if track.spans.count):
            raise TornError("the media data lies in another file")
        return declared or None
    if layout.media is None and layout.short is None:
        raise TornError("fragment without its media data")
    if layout.media is not None and any(track.codec in _CODED for track in found.tracks):
        begin, end = layout.media.start, layout.media.end
        if end - begin >= _LEAST_ZEROS and reader.blank(max(begin, end - 256), end):
            raise TornError("the media data of the last fragment is blank")
    if layout.indexed > reader.size:
        raise TornError("segment index reaches beyond the end of the file")
    counted = seconds_of(reader, found, layout.fragments)
    if counted is not None and found.seconds and counted < found.seconds * 0.8 - 5:
        raise TornError(f"fragments of {counted:.1f} s in a movie of {found.seconds:.1f} s")
    return max(declared, counted or 0.0) or None

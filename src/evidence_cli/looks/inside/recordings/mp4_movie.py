"""The header of an MP4 or QuickTime movie: its tracks, its length, where it was taken."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from struct import unpack_from

from evidence_cli.looks.inside.recordings.mp4_boxes import Box, children, descendants
from evidence_cli.looks.inside.recordings.mp4_tables import Spans, spans
from evidence_cli.looks.inside.recordings.reader import Reader, is_position
from evidence_cli.looks.sample import BombError, TornError, sample_of

_CONTAINERS = frozenset((b"mdia", b"minf", b"stbl", b"dinf"))
_HEADER_LIMIT = 16 * 1024 * 1024
_TRACKS = 256
# 0xFFFFFFFF and its 64-bit form mean that nobody knows the duration.
_UNKNOWN = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_ENCRYPTED = (b"encv", b"enca", b"drmi", b"drms")
_STILLS = (b"jpeg", b"png ", b"gif ", b"tiff", b"WRLE")
_META_TEXTS = 128


@dataclass(frozen=True, slots=True)
class Track:
    """One `trak`. `seconds` is None where it is not declared; `external` where its samples lie in another file."""

    number: int
    handler: bytes
    codec: bytes
    enabled: bool
    width: int
    height: int
    timescale: int
    seconds: float | None
    spans: Spans
    external: bool
    chapters: tuple[int, ...]


@dataclass(slots=True)
class Movie:
    """One `moov`. `seconds` is None where none are declared. `fragmented` where `moof` boxes may follow, `defaults`
    are the sample durations of their tracks."""

    seconds: float | None = None
    timescale: int = 0
    tracks: list[Track] = field(default_factory=list)
    fragmented: bool = False
    defaults: dict[int, int] = field(default_factory=dict)
    position: bool = False

    @property
    def encrypted(self) -> bool:
        """Whether a track can be played with a key alone."""
        return any(track.codec in _ENCRYPTED for track in self.tracks)

    def picture(self) -> Track | None:
        """The picture track; neither the picture of an audio book's chapter nor a cover is one."""
        chapters = {number for track in self.tracks for number in track.chapters}
        moving = [
            track
            for track in self.tracks
            if track.handler == b"vide" and track.number not in chapters and not self._is_cover(track)
        ]
        return max(moving, key=lambda track: (track.enabled, track.width * track.height), default=None)

    def _is_cover(self, track: Track) -> bool:
        sound = any(other.handler == b"soun" for other in self.tracks)
        return track.codec in _STILLS and (not track.enabled or (sound and track.spans.count <= 1))


def movie(reader: Reader, moov: Box) -> Movie:
    """Reads the header. Raises TornError where it is malformed; SpentError; OSError."""
    found = Movie()
    for box in children(reader, moov.start, moov.end):
        match box.kind:
            case b"cmov":
                return _compressed(reader, box)
            case b"mvhd":
                found.timescale, found.seconds = _duration(reader, box)
            case b"trak" if len(found.tracks) < _TRACKS:
                found.tracks.append(_track(reader, box))
            case b"mvex":
                found.fragmented = True
                _extends(reader, box, found)
        found.position = found.position or has_position(reader, box)
    return found


def _compressed(reader: Reader, cmov: Box) -> Movie:
    """A header that QuickTime has deflated (QuickTime File Format, "Compressed movie resources")."""
    box = descendants(reader, cmov, frozenset()).get(b"cmvd")
    if box is None or box.end - box.start > _HEADER_LIMIT:
        raise TornError("compressed header without content")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(reader.read(box.start + 4, box.end - box.start - 4), _HEADER_LIMIT)
    except zlib.error as problem:
        raise TornError(f"compressed header: {problem}") from problem
    if unpacker.unconsumed_tail:
        raise BombError("compressed header expands to more than 16 MiB")
    inner = next(children(Reader(sample_of(BytesIO(data), size=len(data), extension="")), 0, len(data)), None)
    if inner is None or inner.kind != b"moov":
        raise TornError("compressed header holds no movie")
    reader = Reader(sample_of(BytesIO(data), size=len(data), extension=""))
    if any(box.kind == b"cmov" for box in children(reader, inner.start, inner.end)):
        raise TornError("compressed header in a compressed header")
    return movie(reader, inner)


def _duration(reader: Reader, box: Box) -> tuple[int, float | None]:
    """The units in a second, and the seconds, of an `mvhd` or `mdhd`."""
    data = reader.read(box.start, min(box.end - box.start, 32))
    if len(data) >= 32 and data[0] == 1:
        timescale, duration = unpack_from(">IQ", data, 20)
    elif len(data) >= 20:
        timescale, duration = unpack_from(">II", data, 12)
    else:
        raise TornError("header of a movie or a track is cut off")
    known = timescale and duration and duration not in _UNKNOWN
    return timescale, duration / timescale if known else None


def _extends(reader: Reader, mvex: Box, found: Movie) -> None:
    for box in children(reader, mvex.start, mvex.end):
        data = reader.read(box.start, 20)
        if box.kind == b"trex" and len(data) == 20:
            number, _description, duration = unpack_from(">3I", data, 4)
            found.defaults[number] = duration
        elif box.kind == b"mehd" and len(data) >= 12 and found.timescale:
            total = unpack_from(">Q" if data[0] == 1 else ">I", data, 4)[0]
            if total not in _UNKNOWN:
                found.seconds = max(found.seconds or 0.0, total / found.timescale) or None


def _track(reader: Reader, trak: Box) -> Track:
    boxes = descendants(reader, trak, _CONTAINERS)
    number, enabled, width, height = _track_header(reader, boxes)
    timescale, seconds = _duration(reader, boxes[b"mdhd"]) if b"mdhd" in boxes else (0, None)
    handler = reader.read(boxes[b"hdlr"].start, 12)[8:12] if b"hdlr" in boxes else b""
    codec, reference, coded = _description(reader, boxes)
    if handler == b"vide" and all(coded):
        width, height = coded
    return Track(
        number=number,
        handler=handler,
        codec=codec,
        enabled=enabled,
        width=width,
        height=height,
        timescale=timescale,
        seconds=seconds,
        spans=spans(reader, boxes, bytewise=handler == b"soun"),
        external=_is_external(reader, boxes, reference),
        chapters=_chapters(reader, boxes),
    )


def _track_header(reader: Reader, boxes: Mapping[bytes, Box]) -> tuple[int, bool, int, int]:
    box = boxes.get(b"tkhd")
    data = reader.read(box.start, 96) if box else b""
    long = data[:1] == b"\x01"
    if len(data) < (96 if long else 84):
        return 0, True, 0, 0
    number = unpack_from(">I", data, 20 if long else 12)[0]
    width, height = unpack_from(">II", data, 88 if long else 76)
    return number, bool(data[3] & 1), width >> 16, height >> 16


def _description(reader: Reader, boxes: Mapping[bytes, Box]) -> tuple[bytes, int, tuple[int, int]]:
    """The codec, the number of its data reference, and the size of its pictures, of the first sample description."""
    box = boxes.get(b"stsd")
    data = reader.read(box.start, 44) if box else b""
    if len(data) < 24:
        return b"", 1, (0, 0)
    reference = unpack_from(">H", data, 22)[0]
    size = unpack_from(">HH", data, 40) if len(data) == 44 else (0, 0)
    return data[12:16], reference, (size[0], size[1])


def _is_external(reader: Reader, boxes: Mapping[bytes, Box], reference: int) -> bool:
    box = boxes.get(b"dref")
    if box is None:
        return False
    for number, entry in enumerate(children(reader, box.start + 8, box.end), start=1):
        if number == reference:
            return entry.kind != b"imdt" and reader.read(entry.start, 4)[3:4] != b"\x01"
        if number > _TRACKS:
            break
    return False


def _chapters(reader: Reader, boxes: Mapping[bytes, Box]) -> tuple[int, ...]:
    """The numbers of the tracks that this one names as its chapters."""
    box = boxes.get(b"tref")
    if box is None:
        return ()
    for entry in children(reader, box.start, box.end):
        if entry.kind == b"chap":
            data = reader.read(entry.start, min(entry.end - entry.start, 64))
            return unpack_from(f">{len(data) // 4}I", data)
    return ()


def has_position(reader: Reader, box: Box) -> bool:
    """Whether a `udta`, `meta` or `uuid` box tells where the movie was taken: QuickTime's `©xyz` and
    `com.apple.quicktime.location.ISO6709`, 3GPP TS 26.244 `loci`, XMP."""
    if box.kind == b"uuid":
        return b"exif:GPSLatitude" in reader.read(box.start, min(box.end - box.start, 64 * 1024))
    if box.kind == b"udta":
        return any(_tells_position(reader, entry) for entry in children(reader, box.start, box.end))
    return box.kind == b"meta" and _meta_position(reader, box)


def _tells_position(reader: Reader, entry: Box) -> bool:
    data = reader.read(entry.start, min(entry.end - entry.start, 512))
    match entry.kind:
        case b"\xa9xyz":
            return is_position(data)
        case b"loci":
            place = data.find(b"\0", 6) + 2
            return place > 6 and len(data) >= place + 8 and any(data[place : place + 8])
        case b"meta":
            return _meta_position(reader, entry)
        case _:
            return False


def _meta_position(reader: Reader, meta: Box) -> bool:
    """In ISO's `meta` 4 bytes stand before the boxes, in QuickTime's none."""
    skip = 0 if reader.read(meta.start + 4, 4) in (b"hdlr", b"keys", b"ilst") else 4
    boxes = {box.kind: box for box in children(reader, meta.start + skip, meta.end)}
    keys, items = boxes.get(b"keys"), boxes.get(b"ilst")
    if items is None:
        return False
    named = []
    if keys is not None:
        for number, entry in enumerate(children(reader, keys.start + 8, keys.end), start=1):
            if number > _META_TEXTS:
                break
            if b"location.ISO6709" in reader.read(entry.start, min(entry.end - entry.start, 64)):
                named.append(number.to_bytes(4, "big"))
    data = reader.read(items.start, min(items.end - items.start, 64 * 1024))
    return _item_position(data, (b"\xa9xyz", *named))


def _item_position(data: bytes, names: tuple[bytes, ...]) -> bool:
    place = 0
    while place + 8 <= len(data):
        size, kind = unpack_from(">I4s", data, place)
        if kind in names and is_position(data[place + 8 : place + min(size, 512)]):
            return True
        place += max(size, 8)
    return False

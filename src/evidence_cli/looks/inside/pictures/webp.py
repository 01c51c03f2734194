"""WEBP (RFC 9649): the RIFF container to its stated end, then its frames through Pillow within a budget."""

from dataclasses import dataclass
from struct import unpack_from

from evidence_cli.looks.facts import Gap
from evidence_cli.looks.inside.pictures.ifd import exif_position, xmp_position
from evidence_cli.looks.inside.pictures.picture import (
    LARGE,
    UNKNOWN,
    FormatError,
    Picture,
    pillow,
    refuse_bomb,
    refuse_zeros,
)
from evidence_cli.looks.sample import Sample, TornError

_CHUNK_LIMIT = 20_000
_BLOCK_LIMIT = 16
_KEPT = 4 * 1024 * 1024
# libwebp holds the whole file, its planes and two canvases.
_FILE_LIMIT = 32 * 1024 * 1024
_PIXELS = 12_000_000
_ALL_PIXELS = 60_000_000
_PICTURES = (b"VP8 ", b"VP8L", b"ANMF")


@dataclass(slots=True)
class _Seen:
    width: int = 0
    height: int = 0
    frames: int = 0
    position: bool = False
    blocks: int = 0


def look_at_webp(sample: Sample) -> Picture:
    """Raises TornError where a chunk is cut or a frame does not decode; BombError; OSError."""
    end = 8 + unpack_from("<I", sample.read(4, 4).ljust(4, b"\x00"))[0]
    if end > sample.size:
        raise TornError("the RIFF chunk goes beyond the end of the file")
    seen = _chunks(sample, end)
    if not seen.frames:
        raise TornError("no picture")
    refuse_bomb(seen.width, seen.height, 24, sample.size)
    return Picture(seen.width or None, seen.height or None, position=seen.position, gaps=_decoded(sample, seen))


def _decoded(sample: Sample, seen: _Seen) -> tuple[Gap, ...]:
    pixels = seen.width * seen.height
    if pixels > _PIXELS or sample.size > _FILE_LIMIT:
        return (LARGE,)
    frames = min(seen.frames, _ALL_PIXELS // max(pixels, 1))
    try:
        with pillow():
            from PIL.WebPImagePlugin import WebPImageFile  # late: start-up time

            with WebPImageFile(sample.file()) as image:
                image.load()
                for number in range(1, min(frames, getattr(image, "n_frames", 1))):
                    image.seek(number)
                    image.load()
    except FormatError as problem:
        # The plugin says so where its libwebp is missing or the first frame is nonsense.
        return _refused(problem)
    return () if frames == seen.frames else (LARGE,)


def _refused(problem: FormatError) -> tuple[Gap, ...]:
    from PIL import features  # late: start-up time

    if features.check("webp"):
        raise TornError(f"a frame does not decode: {problem}") from problem
    return (UNKNOWN,)


def _chunks(sample: Sample, end: int) -> _Seen:
    seen = _Seen()
    place = 12
    for _ in range(_CHUNK_LIMIT):
        head = sample.read(place, 8)
        if place + 8 > end or len(head) < 8:
            break
        kind, length = unpack_from("<4sI", head)
        # libwebp takes the last picture only if all of it is there; the padding byte may be missing.
        if place + 8 + length > end:
            raise TornError("a chunk goes beyond the end of the file")
        if kind in _PICTURES:
            refuse_zeros(sample, place + 8 + length)
        _chunk(sample, seen, kind, place + 8, length)
        place += 8 + length + (length & 1)
    return seen


def _chunk(sample: Sample, seen: _Seen, kind: bytes, place: int, length: int) -> None:
    if kind in _PICTURES:
        seen.frames += 1
    if kind == b"VP8X" and length >= 10:
        data = sample.read(place, 10)
        seen.width = 1 + int.from_bytes(data[4:7], "little")
        seen.height = 1 + int.from_bytes(data[7:10], "little")
    elif kind == b"VP8 " and not seen.width and length >= 10:
        width, height = unpack_from("<HH", sample.read(place, 10), 6)
        seen.width, seen.height = width & 0x3FFF, height & 0x3FFF
    elif kind == b"VP8L" and not seen.width and length >= 5:
        (packed,) = unpack_from("<I", sample.read(place, 5), 1)
        seen.width, seen.height = 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    elif kind in (b"EXIF", b"XMP ") and seen.blocks < _BLOCK_LIMIT:
        seen.blocks += 1
        data = sample.read(place, min(length, _KEPT))
        seen.position |= exif_position(data) if kind == b"EXIF" else xmp_position(data)

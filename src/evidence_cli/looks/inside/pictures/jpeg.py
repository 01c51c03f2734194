"""JPEG (ITU-T T.81): its segments up to the end of the image, then all of it through Pillow, made small."""

import re
from dataclasses import dataclass, field
from struct import unpack_from
from typing import TYPE_CHECKING

from evidence_cli.looks.facts import Gap
from evidence_cli.looks.inside.pictures.ifd import exif_position, xmp_position
from evidence_cli.looks.inside.pictures.jpeg_tail import grey_rows, ran_out
from evidence_cli.looks.inside.pictures.picture import LARGE, UNKNOWN, FormatError, Picture, pillow, refuse_bomb
from evidence_cli.looks.sample import Sample, TornError

if TYPE_CHECKING:
    from PIL.Image import Image

_PIECE = 1024 * 1024
# Metadata split over many segments has some hundreds of them.
_SEGMENT_LIMIT = 20_000
_KEPT = 16
_EOI, _SOS, _DNL, _DRI = 0xD9, 0xDA, 0xDC, 0xDD
_FRAMES = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
_LENGTHLESS = frozenset({0x01, *range(0xD0, 0xD9)})
# What may follow the data of a scan; any other marker there is broken data.
_AFTER_SCAN = re.compile(rb"\xff[\xc4\xcc\xd9-\xdd\xe0-\xef\xfe]")
# Lossless, hierarchical and JPEG-LS frames.
_FOREIGN = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF, 0xF7})
# Huffman-coded, pixel after pixel.
_SEQUENTIAL = frozenset({0xC0, 0xC1})
_PROGRESSIVE = frozenset({0xC2, 0xCA})
# libjpeg keeps the coefficients of a progressive picture: up to six bytes a pixel.
_PROGRESSIVE_PIXELS = 30_000_000
_PIXELS = 250_000_000
_SCANNED_PIXELS = 500_000_000
_EXIF = b"Exif\x00\x00"
_XMP = b"http://ns.adobe.com/xap/1.0/\x00"


@dataclass(slots=True)
class Segments:
    """What the segments of a JPEG tell. `scan` is where the data of the last scan begin, `end` where EOI is."""

    width: int = 0
    height: int = 0
    bits: int = 8
    frame: int = 0
    components: tuple[tuple[int, int], ...] = ()
    scans: int = 0
    scan: int = 0
    end: int = 0
    restarts: bool = False
    metadata: list[bytes] = field(default_factory=list)


def look_at_jpeg(sample: Sample) -> Picture:
    """Raises TornError where the image has no end or does not decode; BombError; OSError."""
    seen = segments(sample)
    position = any(
        exif_position(data) if data.startswith(_EXIF) else xmp_position(data[len(_XMP) :]) for data in seen.metadata
    )
    refuse_bomb(seen.width, seen.height, 8 * max(len(seen.components), 1), sample.size)
    return Picture(seen.width, seen.height or None, position=position, gaps=_decoded(sample, seen))


def _decoded(sample: Sample, seen: Segments) -> tuple[Gap, ...]:
    if seen.frame in _FOREIGN or seen.bits != 8 or not seen.height:
        return (UNKNOWN,)
    pixels = seen.width * seen.height
    if pixels > (_PROGRESSIVE_PIXELS if seen.frame in _PROGRESSIVE or seen.scans > 1 else _PIXELS):
        return (LARGE,)
    # Each scan of a progressive picture passes over all of it.
    if seen.scans > 1 and pixels * seen.scans > _SCANNED_PIXELS:
        return (LARGE,)
    try:
        with pillow():
            from PIL.JpegImagePlugin import JpegImageFile  # late: start-up time

            with JpegImageFile(sample.file()) as image:
                # Every coefficient is still read; only fewer pixels are made of them.
                image.draft(None, (max(seen.width // 8, 1), max(seen.height // 8, 1)))
                image.load()
                if seen.frame in _SEQUENTIAL and seen.scans == 1 and not seen.restarts:
                    _refuse_filled(sample, seen, image)
    except FormatError:
        return (UNKNOWN,)
    return ()


def _refuse_filled(sample: Sample, seen: Segments, image: "Image") -> None:
    """One pixel of the small image stands for one block. Raises TornError."""
    width, height = image.size
    if (width, height) != (-(-seen.width // 8), -(-seen.height // 8)) or image.mode not in ("L", "RGB"):
        return
    rows = grey_rows(image.tobytes(), width * len(image.mode))
    if rows and ran_out(sample, seen.scan, seen.end, rows * width):
        raise TornError("the data end before the pixels do")


def segments(sample: Sample) -> Segments:
    """Walks from SOI to the EOI behind the last scan. Raises TornError; OSError."""
    seen = Segments()
    place = 2
    for _ in range(_SEGMENT_LIMIT):
        marker, place = _marker(sample, place)
        if marker == _EOI:
            if not seen.scans or not seen.frame:
                raise TornError("no image before its end")
            seen.end = place - 2
            return seen
        if marker in _LENGTHLESS:
            continue
        head = sample.read(place, 2)
        length = unpack_from(">H", head)[0] if len(head) == 2 else 0
        if length < 2 or place + length > sample.size:
            raise TornError(f"segment {marker:02X} goes beyond the end of the file")
        _segment(sample, seen, marker, place + 2, length - 2)
        place += length
        if marker == _SOS:
            seen.scans += 1
            seen.scan = place
            place = _end_of_scan(sample, place)
    raise TornError(f"more than {_SEGMENT_LIMIT} segments")


def _marker(sample: Sample, place: int) -> tuple[int, int]:
    """The next marker and where it ends; libjpeg too skips what is no marker."""
    while True:
        data = sample.read(place, 2)
        if len(data) == 2 and data[0] == 0xFF and data[1] not in (0, 0xFF):
            return data[1], place + 2
        window = sample.read(place, _PIECE)
        found = re.search(rb"\xff[^\x00\xff]", window)
        if found:
            return window[found.start() + 1], place + found.end()
        if len(window) < _PIECE:
            raise TornError("no end of the image")
        place += len(window) - 1


def _end_of_scan(sample: Sample, place: int) -> int:
    """Where the next marker behind a scan's data stands (B.1.1.5)."""
    step = 4096
    while True:
        window = sample.read(place, step)
        found = _AFTER_SCAN.search(window)
        if found:
            return place + found.start()
        if len(window) < step:
            raise TornError("no end of the image")
        place += len(window) - 1
        step = _PIECE


def _segment(sample: Sample, seen: Segments, marker: int, place: int, length: int) -> None:
    if marker in _FRAMES and not seen.frame:
        data = sample.read(place, min(length, 6 + 3 * 8))
        if len(data) < 6:
            raise TornError("the frame header is too short")
        seen.frame = marker
        seen.bits, seen.height, seen.width, count = unpack_from(">BHHB", data)
        factors = [data[7 + 3 * index] for index in range(count) if 7 + 3 * index < len(data)]
        seen.components = tuple((factor >> 4, factor & 15) for factor in factors)
        if not seen.width:
            raise TornError("no width")
    elif marker == _DNL and length >= 2 and not seen.height:
        seen.height = unpack_from(">H", sample.read(place, 2))[0]
    elif marker == _DRI and length >= 2:
        seen.restarts = sample.read(place, 2) != b"\x00\x00"
    elif marker == 0xE1 and len(seen.metadata) < _KEPT:
        data = sample.read(place, length)
        if data.startswith((_EXIF, _XMP)):
            seen.metadata.append(data)

"""Rare pictures that libmagic names: what Pillow reads by itself, without another program."""

from struct import iter_unpack

from evidence_cli.looks.inside.pictures.picture import LARGE, UNKNOWN, FormatError, Picture, pillow, refuse_bomb
from evidence_cli.looks.sample import BombError, Sample, TornError

# Not EPS (it starts Ghostscript), not WMF and EMF (Windows draws them), nor stubs for other libraries.
_FORMATS = ("ICO", "CUR", "ICNS", "JPEG2000", "PCX", "DCX", "PPM", "TGA", "PSD", "SGI", "XBM", "XPM", "DDS", "QOI",
            "SUN", "MSP", "DIB", "FLI", "PIXAR", "JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")  # fmt: skip
# OpenJPEG keeps four bytes a sample and takes some two tenths of a second for a megapixel.
_PIXELS = 10_000_000
_MOST_PIXELS = 100_000_000
_FILE_LIMIT = 64 * 1024 * 1024
# What Pillow decodes in Python.
_SLOW_BYTES = 4 * 1024 * 1024


def look_at_rare(sample: Sample) -> Picture:
    """Raises TornError where the pixels end too early, BombError; OSError."""
    if sample.size > _FILE_LIMIT:
        return Picture(gaps=(LARGE,))
    _check_icons(sample)
    width = height = None
    try:
        with pillow(_MOST_PIXELS):
            from PIL import Image  # late: start-up time

            with Image.open(sample.file(), formats=_FORMATS) as image:
                width, height = image.size
                refuse_bomb(width, height, 24, sample.size)
                if width * height > _PIXELS or sample.size > _SLOW_BYTES:
                    return Picture(width, height, gaps=(LARGE,))
                image.load()
    except FormatError:
        return Picture(width, height, gaps=(UNKNOWN,))
    except BombError:
        if sample.size > _SLOW_BYTES:
            return Picture(width, height, gaps=(LARGE,))
        raise
    return Picture(width, height)


def _check_icons(sample: Sample) -> None:
    """Sees that the pictures of an icon or cursor lie within the file, as its directory says."""
    head = sample.read(0, 6)
    if head[:4] not in (b"\x00\x00\x01\x00", b"\x00\x00\x02\x00"):
        return
    count = int.from_bytes(head[4:6], "little")
    entries = sample.read(6, 16 * count)
    # A TGA may begin with the same bytes; it has no pictures behind a directory.
    if not count or int.from_bytes(entries[12:16], "little") < 6 + 16 * count:
        return
    if len(entries) < 16 * count:
        raise TornError("the icon's directory is cut")
    for length, start in iter_unpack("<8xII", entries):
        if start + length > sample.size:
            raise TornError("a picture of the icon goes beyond the end of the file")

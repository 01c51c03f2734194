"""BMP: Windows and OS/2 bitmaps. Their pixels are counted, not decoded, but for the run-length ones."""

from struct import unpack_from

from evidence_cli.looks.identify.signatures import BITMAP_HEADERS
from evidence_cli.looks.inside.pictures.picture import LARGE, UNKNOWN, FormatError, Picture, pillow, refuse_bomb
from evidence_cli.looks.sample import Sample, TornError

_CORE = 12
_RGB, _RLE8, _RLE4, _FIELDS, _JPEG, _PNG, _ALPHA_FIELDS = range(7)
_CMYK = (11, 12, 13)
# OS/2 2.x gives these numbers to other methods: Huffman and 24-bit runs.
_OS2 = 64
_PLAIN_BITS = frozenset({1, 2, 4, 8, 16, 24, 32})
# Pillow reads runs in Python.
_RUNS_LIMIT = 1024 * 1024
_RUNS_PIXELS = 16_000_000


def look_at_bmp(sample: Sample) -> Picture:
    """Raises TornError where pixels are missing or the header makes no sense; BombError; OSError."""
    head = sample.read(0, 14 + 40)
    if len(head) < 26:
        raise TornError("the file ends inside its header")
    offset, header = unpack_from("<II", head, 10)
    method, stated = 0, 0
    if header == _CORE:
        width, height, _, bits = unpack_from("<HHHH", head, 18)
    elif header == 16 or len(head) < 54:
        width, height, _, bits = unpack_from("<iiHH", head, 18) if len(head) >= 30 else (0, 0, 0, 0)
    else:
        width, height, _, bits, method, stated = unpack_from("<iiHHII", head, 18)
    if header not in BITMAP_HEADERS:
        raise TornError(f"a header of {header} bytes")
    height = abs(height)
    if width <= 0 or height == 0:
        raise TornError(f"{width} x {height} pixels")
    if offset < 14 + header or offset >= sample.size:
        raise TornError("the pixels lie outside the file")
    if method in (_RGB, _FIELDS, _ALPHA_FIELDS) and not (header == _OS2 and method == _FIELDS):
        return _plain(sample, width, height, bits, offset)
    if method in (_RLE8, _RLE4):
        return _runs(sample, width, height, offset, stated)
    if method in (_FIELDS, _JPEG, _PNG, *_CMYK):
        return Picture(width, height, gaps=(UNKNOWN,))
    raise TornError(f"compression method {method}")


def _plain(sample: Sample, width: int, height: int, bits: int, offset: int) -> Picture:
    if bits == 64:
        return Picture(width, height, gaps=(UNKNOWN,))
    if bits not in _PLAIN_BITS:
        raise TornError(f"{bits} bits a pixel")
    row = (width * bits + 31) // 32 * 4
    # Some writers leave the padding of the last row out.
    if offset + row * (height - 1) + (width * bits + 7) // 8 > sample.size:
        raise TornError("fewer pixels than the header says")
    return Picture(width, height)


def _runs(sample: Sample, width: int, height: int, offset: int, stated: int) -> Picture:
    refuse_bomb(width, height, 8, sample.size)
    if offset + stated > sample.size:
        raise TornError("fewer pixels than the header says")
    if sample.size - offset > _RUNS_LIMIT or width * height > _RUNS_PIXELS:
        return Picture(width, height, gaps=(LARGE,))
    try:
        with pillow():
            from PIL.BmpImagePlugin import BmpImageFile  # late: start-up time

            with BmpImageFile(sample.file()) as image:
                image.load()
    except FormatError:
        return Picture(width, height, gaps=(UNKNOWN,))
    return Picture(width, height)

"""PNG and APNG (ISO/IEC 15948): every chunk with its CRC, and the pixels inflated to their last byte.

Nothing is kept of the pixels, so the check costs no memory whatever the dimensions.
"""

import zlib
from binascii import unhexlify
from dataclasses import dataclass, field
from struct import unpack
from typing import Any

from evidence_cli.looks.facts import Gap
from evidence_cli.looks.inside.pictures.ifd import exif_position, xmp_position
from evidence_cli.looks.inside.pictures.picture import LARGE, UNKNOWN, Picture, refuse_bomb
from evidence_cli.looks.sample import BombError, Sample, TornError

_PIECE = 1024 * 1024
# colour type → samples of a pixel, allowed bits of a sample (table 11.1).
_COLOURS = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
# Adam7: first column, first row, column step, row step.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
# Some two seconds of inflating.
_INFLATED_LIMIT = 700 * 1024 * 1024
# A file of nothing but empty chunks could hold millions.
_CHUNK_LIMIT = 200_000
_TEXT_LIMIT = 64 * 1024 * 1024
_TEXT_RATIO = 200
_BLOCK_LIMIT = 16
_KEPT = 4 * 1024 * 1024
_RAW_PROFILE = (b"Raw profile type exif", b"Raw profile type APP1")


@dataclass(slots=True)
class _Walk:
    sample: Sample
    width: int = 0
    height: int = 0
    bits: int = 0
    interlaced: bool = False
    palette: bool = False
    needs_palette: bool = False
    pixels: "_Pixels | None" = None
    over: bool = False
    position: bool = False
    texts: int = 0
    blocks: int = 0
    gaps: list[Gap] = field(default_factory=list)


class _Pixels:
    """Counts what IDAT inflates to, and looks at the filter that each row names."""

    def __init__(self, expected: int, row: int) -> None:
        from zlib_ng import zlib_ng  # late: start-up time

        self._engine: Any = zlib_ng.decompressobj()
        self._failure: Any = (zlib_ng.error, zlib.error)
        self._expected = expected
        self._row = row
        self._count = 0

    @property
    def complete(self) -> bool:
        return self._count >= self._expected

    def finish(self) -> bool:
        """Whether all pixels came, with what the engine may still hold back."""
        if not self.complete:
            self._check(self._engine.flush())
        return self.complete

    def feed(self, data: bytes) -> None:
        """Raises TornError."""
        try:
            while data and not self.complete:
                piece = self._engine.decompress(data, _PIECE)
                data = self._engine.unconsumed_tail
                self._check(piece)
                if self._engine.eof:
                    break
        except self._failure as problem:
            raise TornError(f"pixels: {problem}") from problem

    def _check(self, piece: bytes) -> None:
        if self._row:
            filters = piece[-self._count % self._row : self._expected - self._count : self._row]
            if filters and max(filters) > 4:
                raise TornError("pixels: unknown filter")
        self._count += len(piece)


def look_at_png(sample: Sample) -> Picture:
    """Raises TornError where a chunk is cut or its CRC wrong, where IEND or pixels are missing; BombError; OSError."""
    walk = _Walk(sample)
    if sample.read(12, 4) == b"CgBI":
        # Apple's own variant, which only its devices read.
        return Picture(gaps=(UNKNOWN,))
    place = 8
    for _ in range(_CHUNK_LIMIT):
        place, kind = _chunk(walk, place)
        if kind == b"IEND":
            return _seen(walk)
    return Picture(walk.width, walk.height, position=walk.position, gaps=(LARGE,))


def _seen(walk: _Walk) -> Picture:
    if walk.pixels is None and LARGE not in walk.gaps:
        raise TornError("no pixels before IEND")
    if walk.pixels is not None and not walk.pixels.finish():
        raise TornError("fewer pixels than the header says")
    return Picture(walk.width, walk.height, position=walk.position, gaps=tuple(walk.gaps))


def _chunk(walk: _Walk, place: int) -> tuple[int, bytes]:
    """Reads one chunk; the place of the next one and its type."""
    head = walk.sample.read(place, 8)
    if len(head) < 8:
        raise TornError("the file ends before IEND")
    length, kind = unpack(">I4s", head)
    if not kind.isalpha() or not kind.isascii():
        raise TornError(f"no chunk at {place}")
    if walk.width == 0 and kind != b"IHDR":
        raise TornError("the header is not the first chunk")
    if place + 12 + length > walk.sample.size:
        raise TornError(f"chunk {kind.decode()} goes beyond the end of the file")
    _content(walk, kind, place + 8, length)
    return place + 12 + length, kind


def _content(walk: _Walk, kind: bytes, place: int, length: int) -> None:
    """Compares the CRC of a chunk and takes what it tells."""
    crc, kept, left = zlib.crc32(kind), bytearray(), length
    keep = kind not in (b"IDAT", b"fdAT")
    while left > 0:
        data = walk.sample.read(place + length - left, min(left, _PIECE))
        if not data:
            raise TornError("the file ends before IEND")
        left -= len(data)
        crc = zlib.crc32(data, crc)
        if kind == b"IDAT":
            _pixels(walk, data)
        elif keep and len(kept) < _KEPT:
            kept += data
    if walk.sample.read(place + length, 4) != crc.to_bytes(4, "big"):
        raise TornError(f"CRC of chunk {kind.decode()}")
    if kind == b"IHDR":
        _header(walk, bytes(kept))
    elif kind == b"PLTE":
        walk.palette = True
    elif keep:
        _metadata(walk, kind, bytes(kept))


def _header(walk: _Walk, data: bytes) -> None:
    if walk.width:
        raise TornError("a second header")
    if len(data) < 13:
        raise TornError("the header is too short")
    width, height, bits, colour, method, filtering, interlace = unpack(">IIBBBBB", data[:13])
    samples, allowed = _COLOURS.get(colour, (0, ()))
    if not 0 < width < 1 << 31 or not 0 < height < 1 << 31:
        raise TornError(f"{width} x {height} pixels")
    if bits not in allowed or method or filtering or interlace > 1:
        raise TornError("the header makes no sense")
    walk.width, walk.height, walk.bits = width, height, samples * bits
    walk.interlaced, walk.needs_palette = bool(interlace), colour == 3


def _pixels(walk: _Walk, data: bytes) -> None:
    if walk.pixels is None:
        if LARGE in walk.gaps:
            return
        if walk.needs_palette and not walk.palette:
            raise TornError("pixels without their palette")
        refuse_bomb(walk.width, walk.height, walk.bits, walk.sample.size)
        expected = _expected(walk)
        if expected > _INFLATED_LIMIT:
            walk.gaps.append(LARGE)
            return
        walk.pixels = _Pixels(expected, 0 if walk.interlaced else _row(walk.width, walk.bits))
    if walk.over:
        return
    walk.pixels.feed(data)


def _row(width: int, bits: int) -> int:
    return 1 + (width * bits + 7) // 8


def _expected(walk: _Walk) -> int:
    """The bytes of the pixels with a filter byte before each row (ISO/IEC 15948, 7.2)."""
    if not walk.interlaced:
        return walk.height * _row(walk.width, walk.bits)
    total = 0
    for column, row, across, down in _PASSES:
        columns, rows = -(-(walk.width - column) // across), -(-(walk.height - row) // down)
        if columns > 0 and rows > 0:
            total += rows * _row(columns, walk.bits)
    return total


def _metadata(walk: _Walk, kind: bytes, data: bytes) -> None:
    """Texts, profiles and EXIF; and the end of the pixels, which must lie in chunks without a gap (11.2.4)."""
    if walk.pixels is not None:
        walk.over = True
    if kind == b"eXIf":
        _exif(walk, data)
    elif kind in (b"zTXt", b"iCCP"):
        name, _, rest = data.partition(b"\x00")
        text = _inflated(walk, rest[1:])
        if kind == b"zTXt" and name in _RAW_PROFILE:
            _exif(walk, _raw_profile(text))
    elif kind == b"iTXt":
        name, _, rest = data.partition(b"\x00")
        text = rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
        if rest[:1] == b"\x01":
            text = _inflated(walk, text)
        if name == b"XML:com.adobe.xmp":
            walk.position |= xmp_position(text)
    elif kind == b"tEXt":
        name, _, text = data.partition(b"\x00")
        if name in _RAW_PROFILE:
            _exif(walk, _raw_profile(text))


def _exif(walk: _Walk, data: bytes) -> None:
    """A hostile file could hold thousands of blocks."""
    walk.blocks += 1
    if walk.blocks <= _BLOCK_LIMIT:
        walk.position |= exif_position(data)


def _inflated(walk: _Walk, data: bytes) -> bytes:
    """The beginning of a compressed text. Raises BombError where it is one; what does not inflate is no text."""
    engine, kept, count = zlib.decompressobj(), bytearray(), 0
    rest = data
    try:
        while rest and not engine.eof:
            piece = engine.decompress(rest, _PIECE)
            rest = engine.unconsumed_tail
            count += len(piece)
            walk.texts += len(piece)
            if walk.texts > _TEXT_LIMIT and count > _TEXT_RATIO * len(data):
                raise BombError(f"a text of more than {count} bytes")
            if walk.texts > 4 * _TEXT_LIMIT:
                break
            if len(kept) < _KEPT:
                kept += piece
    except zlib.error:
        pass
    return bytes(kept)


def _raw_profile(text: bytes) -> bytes:
    """EXIF as ImageMagick writes it: a name, a length and hexadecimal digits on lines."""
    parts = text.split(None, 2)
    try:
        return unhexlify(b"".join(parts[2].split())) if len(parts) == 3 else b""
    except ValueError:
        return b""

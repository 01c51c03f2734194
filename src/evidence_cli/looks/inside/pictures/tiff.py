"""TIFF 6.0 and BigTIFF: each page's strips or tiles within the file, then pages through Pillow within a budget."""

import re
from dataclasses import dataclass

from evidence_cli.looks.facts import Gap
from evidence_cli.looks.inside.pictures.ifd import Directories, Entry, directories, xmp_position
from evidence_cli.looks.inside.pictures.picture import LARGE, UNKNOWN, FormatError, Picture, pillow, refuse_bomb
from evidence_cli.looks.sample import BombError, Sample, TornError

_PAGE_LIMIT = 10_000
# Places and lengths of strips or tiles, over all pages.
_STRIP_LIMIT = 1_000_000
_TAG_LIMIT = 200_000
_TAG_BYTES = 32 * 1024 * 1024
_XMP_BYTES = 4 * 1024 * 1024
_SUBFILE, _WIDTH, _LENGTH, _BITS, _COMPRESSION = 254, 256, 257, 258, 259
_OFFSETS, _SAMPLES, _ROWS, _COUNTS, _PLANAR = 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
_OLD_JPEG, _OLD_JPEG_LENGTH, _XMP = 513, 514, 700
_MAKER_MARKS = frozenset({0xC612, 0x014A, 0x828D, 0x9216})
# Reduced picture, or a mask of another one: no page of its own.
_NO_PAGE = 1 | 4
# none, CCITT, LZW, Deflate, PackBits: what every Pillow reads, so a failure is the file's.
_SURE = frozenset({1, 2, 3, 4, 5, 8, 32773, 32946})
# Old JPEG has as many readings as writers; the others need a libtiff that was built for them.
_FOREIGN = frozenset({6, 9, 10, 32766, 32809, 32895, 32896, 32897, 32898, 32908, 32909, 33003, 33005, 34661, 34676,
                      34677, 34712, 34713, 34887, 34892, 50002, 52546, 65000})  # fmt: skip
_PAGE_BYTES = 160_000_000
_ALL_PIXELS = 120_000_000
_TILE_BYTES = 64 * 1024 * 1024
# libtiff's general failures; the other numbers say that Pillow has no decoder.
_BROKEN = re.compile(r"broken data|truncated|decoder error -[12]\b|not enough data|buffer overrun")


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    height: int
    bits: int
    compression: int
    decodable: bool
    counted: bool

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def cost(self) -> int:
        """What decoding takes of the budget: black and white costs a fraction."""
        return self.pixels // 4 if self.bits == 1 else self.pixels


@dataclass(slots=True)
class _Budget:
    strips: int = _STRIP_LIMIT
    tags: int = _TAG_LIMIT
    tag_bytes: int = 2 * _TAG_BYTES

    @property
    def left(self) -> bool:
        return self.strips > 0 and self.tags > 0


def look_at_tiff(sample: Sample) -> Picture:
    """Raises TornError where a page or its data lie beyond the end, or do not decode; BombError; OSError."""
    found = directories(sample.read)
    if found is None:
        raise TornError("no TIFF header")
    pages, position, complete = _pages(found, sample.size)
    if not pages:
        raise TornError("no page")
    first = pages[0]
    count = max(sum(page.counted for page in pages), 1)
    # What camera makers and GIS programs write holds its picture in their own ways.
    gaps: tuple[Gap, ...] = (UNKNOWN,) if sample.read(8, 2) == b"CR" else (LARGE,)
    if complete and UNKNOWN not in gaps:
        gaps = _decoded(sample, pages)
    return Picture(first.width or None, first.height or None, count, position, gaps=gaps)


def _pages(found: Directories, size: int) -> tuple[list[_Page], bool, bool]:
    """The pages, whether one has a position, and whether all could be looked at. A chain that loops ends there."""
    pages: list[_Page] = []
    seen: set[int] = set()
    budget, position, place = _Budget(), False, found.first
    while place and place not in seen and len(seen) < _PAGE_LIMIT and budget.left:
        seen.add(place)
        entries, following = found.directory(place)
        pages.append(_page(found, entries, size, budget))
        if len(pages) == 1:
            xmp = entries.get(_XMP)
            packet = found.read(xmp.place, min(xmp.length, _XMP_BYTES)) if xmp is not None else b""
            position = found.has_position(entries) or xmp_position(packet)
        place = following
    return pages, position, budget.left and len(seen) < _PAGE_LIMIT


def _page(found: Directories, entries: dict[int, Entry], size: int, budget: _Budget) -> _Page:
    def number(tag: int, default: int) -> int:
        return found.number(entries.get(tag), default)

    width, height, samples = number(_WIDTH, 0), number(_LENGTH, 0), number(_SAMPLES, 1)
    bits = number(_BITS, 1)
    compression = number(_COMPRESSION, 1)
    if width <= 0 or height <= 0:
        raise TornError(f"{width} x {height} pixels")
    budget.tags -= len(entries)
    budget.tag_bytes -= sum(entry.length for entry in entries.values())
    refuse_bomb(width, height, bits * samples, size)
    # Values that begin in the file and go on behind it were cut; others were wrong from the start.
    if any(entry.place < size < entry.place + entry.length for entry in entries.values()):
        raise TornError("the values of a tag go beyond the end of the file")
    tile = number(_TILE_WIDTH, 0) * number(_TILE_LENGTH, 0) * samples * max(bits, 8) // 8
    stored = _stored(found, entries, size, budget)
    if stored is None:
        # A strip without its length: uncompressed, it is as long as its pixels.
        needed = (width * bits * samples + 7) // 8 * height
        start = number(_OFFSETS, 0)
        if compression == 1 and start and start + needed > size:
            raise TornError("a page's data go beyond the end of the file")
    sane = width < 1 << 31 and height < 1 << 31 and 0 <= tile <= _TILE_BYTES and 0 < samples < 64
    decodable = (
        sane
        and stored is not False
        and budget.tag_bytes > 0
        and compression not in _FOREIGN
        and not (_MAKER_MARKS & entries.keys())
    )
    return _Page(width, height, bits * samples, compression, decodable, not number(_SUBFILE, 0) & _NO_PAGE)


def _stored(found: Directories, entries: dict[int, Entry], size: int, budget: _Budget) -> bool | None:
    """Sees that strips or tiles lie within the file; false where there are none, None without their lengths.

    Raises TornError.
    """
    for places, lengths in ((_OFFSETS, _COUNTS), (_TILE_OFFSETS, _TILE_COUNTS), (_OLD_JPEG, _OLD_JPEG_LENGTH)):
        if places not in entries:
            continue
        starts = found.values(entries[places], max(budget.strips, 1))
        counts = found.values(entries.get(lengths), max(budget.strips, 1))
        budget.strips -= max(len(starts), 1)
        if not starts:
            raise TornError("a page does not say where its data lie")
        if any(start > size for start in starts):
            raise TornError("a page's data go beyond the end of the file")
        if not counts:
            return None
        if places == _OFFSETS and found.number(entries.get(_COMPRESSION), 1) == 1:
            return _plain_strips(found, entries, starts, counts, size)
        if any(start + count > size for start, count in zip(starts, counts, strict=False)):
            raise TornError("a page's data go beyond the end of the file")
        return True
    return False


def _plain_strips(
    found: Directories, entries: dict[int, Entry], starts: tuple[float, ...], counts: tuple[float, ...], size: int
) -> bool:
    """Some writers state more bytes than uncompressed pixels take: only those must be there."""

    def number(tag: int, default: int) -> int:
        return found.number(entries.get(tag), default)

    samples = 1 if number(_PLANAR, 1) == 2 else number(_SAMPLES, 1)
    height = number(_LENGTH, 0)
    row = (number(_WIDTH, 0) * number(_BITS, 1) * samples + 7) // 8
    rows = min(number(_ROWS, height) or height, height)
    strips = max(-(-height // rows), 1) if rows > 0 else 1
    for index, (start, count) in enumerate(zip(starts, counts, strict=False)):
        left = height - index % strips * rows
        if start + min(count, row * max(min(rows, left), 0)) > size:
            raise TornError("a page's data go beyond the end of the file")
    return True


def _decoded(sample: Sample, pages: list[_Page]) -> tuple[Gap, ...]:
    gaps: set[Gap] = set()
    left = _ALL_PIXELS
    try:
        with pillow():
            from PIL.TiffImagePlugin import TiffImageFile  # late: start-up time

            # It reads the first directory at once.
            image = TiffImageFile(sample.file()) if pages[0].decodable else None
    except (FormatError, TornError):
        return (UNKNOWN,)
    for number, page in enumerate(pages):
        if image is None or not page.decodable:
            gaps.add(UNKNOWN)
            continue
        left -= page.cost
        if left < 0 or page.pixels * (1 if page.bits == 1 else max(page.bits // 8, 4)) > _PAGE_BYTES:
            gaps.add(LARGE)
            continue
        try:
            with pillow():
                image.seek(number)
                image.load()
        except (FormatError, BombError):
            gaps.add(UNKNOWN)
        except TornError as torn:
            if page.compression in _SURE and _BROKEN.search(str(torn)):
                raise TornError(f"page {number + 1}: {torn}") from torn
            gaps.add(UNKNOWN)
    return tuple(sorted(gaps))

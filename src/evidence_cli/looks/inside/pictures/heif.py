"""HEIF and AVIF (ISO/IEC 23008-12): boxes and items within the file; pixels where a decoder is installed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import unpack_from
from typing import NoReturn

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

_LIBRARY = Gap("health", "library")
_REFUSALS = frozenset({"ValueError", "RuntimeError", "EOFError", "SyntaxError"})
_NOT_KNOWN = re.compile(r"unsupported|not supported|not implemented|limit|memory|codec|brand", re.IGNORECASE)
_BOX_LIMIT = 10_000
_ITEM_LIMIT = 20_000
_META_LIMIT = 16 * 1024 * 1024
_BLOCK_LIMIT = 16
_KEPT = 1 * 1024 * 1024
_CODED = (b"hvc1", b"av01")
# The decoders hold the file, its planes and the picture.
_FILE_LIMIT = 32 * 1024 * 1024
_PIXELS = 26_000_000


@dataclass(slots=True)
class _Items:
    """`types` and `extents` by item number; `sizes` are all spatial extents that are named."""

    types: dict[int, bytes] = field(default_factory=dict)
    extents: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    sizes: list[tuple[int, int]] = field(default_factory=list)


def look_at_heif(sample: Sample) -> Picture:
    """Raises TornError where a box or an item goes beyond the end, or does not decode; BombError; OSError."""
    items = _Items()
    moving = False
    for kind, start, end in _boxes(sample):
        moving |= kind == b"moov"
        if kind == b"meta":
            if end - start > _META_LIMIT:
                raise TornError("the description of the items is too large")
            _meta(sample.read(start, end - start), items)
    if not items.types and not moving:
        raise TornError("no picture in it")
    position, blocks = False, 0
    for number, extents in items.extents.items():
        if any(start + length > sample.size for start, length in extents):
            raise TornError("an item goes beyond the end of the file")
        if items.types.get(number) in _CODED:
            for start, length in extents[:16]:
                refuse_zeros(sample, start + (length or sample.size - start))
        if items.types.get(number) in (b"Exif", b"mime") and blocks < _BLOCK_LIMIT:
            blocks += 1
            position |= _position(b"".join(sample.read(start, min(length, _KEPT)) for start, length in extents[:4]))
    width, height = max(items.sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    refuse_bomb(width, height, 12, sample.size)
    gaps = _decoded(sample, items, width * height)
    return Picture(width or None, height or None, position=position, gaps=gaps)


def _position(data: bytes) -> bool:
    """An EXIF item begins with the distance to its TIFF header (A.2.1); a mime item may be XMP."""
    if len(data) < 8:
        return False
    skipped = 4 + unpack_from(">I", data)[0]
    return exif_position(data[skipped:]) or xmp_position(data)


def _decoded(sample: Sample, items: _Items, pixels: int) -> tuple[Gap, ...]:
    kinds = set(items.types.values())
    if pixels > _PIXELS or sample.size > _FILE_LIMIT:
        return (LARGE,)
    try:
        if b"av01" in kinds and b"hvc1" not in kinds:
            return _decoded_avif(sample)
        if b"hvc1" in kinds:
            return _decoded_heic(sample)
    except FormatError:
        return (UNKNOWN,)
    return (UNKNOWN,)


def _decoded_avif(sample: Sample) -> tuple[Gap, ...]:
    try:
        from PIL import AvifImagePlugin, features  # late: start-up time
    except ImportError:
        return (_LIBRARY,)
    if not features.check("avif"):
        return (_LIBRARY,)
    try:
        with pillow(), AvifImagePlugin.AvifImageFile(sample.file()) as image:
            image.load()
    except FormatError as problem:
        _judge(problem)
    return ()


def _decoded_heic(sample: Sample) -> tuple[Gap, ...]:
    try:
        import pillow_heif  # late: start-up time
    except ImportError:
        return (_LIBRARY,)
    try:
        with pillow():
            pillow_heif.open_heif(sample.file())[0].load()
    except FormatError as problem:
        _judge(problem)
    return ()


def _judge(problem: FormatError) -> NoReturn:
    """Only the words of a decoder tell what it does not know from what is broken. Raises TornError, FormatError."""
    words = str(problem.__cause__)
    if str(problem) not in _REFUSALS or _NOT_KNOWN.search(words):
        raise problem
    raise TornError(f"the picture does not decode: {words}") from problem


def _boxes(sample: Sample) -> Iterator[tuple[bytes, int, int]]:
    """The boxes at the top: type, where the content begins, where it ends (ISO/IEC 14496-12, 4.2)."""
    place = 0
    for _ in range(_BOX_LIMIT):
        head = sample.read(place, 16)
        if len(head) < 8:
            # Padding behind the last box is nobody's.
            return
        length, kind = unpack_from(">I4s", head)
        start = place + 8
        if length == 1 and len(head) == 16:
            (length,) = unpack_from(">Q", head, 8)
            start = place + 16
        end = sample.size if length == 0 else place + length
        if place and not any(head[:8]):
            return
        if end < start or end > sample.size:
            raise TornError(f"box {kind.decode('latin-1')!r} goes beyond the end of the file")
        yield kind, start, end
        place = end


def _inner(data: bytes, place: int) -> Iterator[tuple[bytes, bytes]]:
    for _ in range(_ITEM_LIMIT):
        if place + 8 > len(data):
            return
        length, kind = unpack_from(">I4s", data, place)
        if length < 8 or place + length > len(data):
            if length:
                raise TornError(f"box {kind.decode('latin-1')!r} goes beyond its parent")
            length = len(data) - place
        yield kind, data[place + 8 : place + length]
        place += length


def _meta(data: bytes, items: _Items) -> None:
    for kind, content in _inner(data, 4):
        try:
            if kind == b"iinf":
                _infos(content, items)
            elif kind == b"iloc":
                _locations(content, items)
            elif kind == b"iprp":
                _properties(content, items)
        except (IndexError, ValueError) as problem:
            raise TornError(f"box {kind.decode()}: {problem}") from problem


def _properties(data: bytes, items: _Items) -> None:
    for kind, content in _inner(data, 0):
        if kind != b"ipco":
            continue
        for name, value in _inner(content, 0):
            if name == b"ispe" and len(value) >= 12:
                width, height = unpack_from(">II", value, 4)
                items.sizes.append((width, height))


def _infos(data: bytes, items: _Items) -> None:
    for kind, content in _inner(data, 6 if data[0] == 0 else 8):
        if kind != b"infe" or content[0] < 2:
            continue
        wide = content[0] >= 3
        number = int.from_bytes(content[4 : 8 if wide else 6], "big")
        start = 10 if wide else 8
        items.types[number] = content[start : start + 4]


def _locations(data: bytes, items: _Items) -> None:
    """ISO/IEC 14496-12, 8.11.3. Only items that lie in the file itself: method 0."""
    version = data[0]
    sizes = (data[4] >> 4, data[4] & 15, data[5] >> 4, data[5] & 15 if version else 0)
    wide = 4 if version == 2 else 2
    place = 6

    def take(count: int) -> int:
        nonlocal place
        if place + count > len(data):
            raise ValueError("cut")
        place += count
        return int.from_bytes(data[place - count : place], "big")

    steps = 0
    for _ in range(take(wide)):
        number = take(wide)
        method = take(2) & 15 if version else 0
        take(2)
        base = take(sizes[2])
        extents = []
        for _ in range(take(2)):
            steps += 1
            if steps > _ITEM_LIMIT:
                return
            take(sizes[3])
            extents.append((base + take(sizes[0]), take(sizes[1])))
        if method == 0:
            items.extents[number] = extents

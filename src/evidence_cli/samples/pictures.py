"""Pictures: something like the screenshot of a web page, different for every seed."""

import hashlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_Colour = tuple[int, int, int]

# What the caller may ask for → Pillow's name and how to save it small.
_FORMATS: dict[str, tuple[str, dict[str, int | str]]] = {
    "png": ("PNG", {}),
    "jpeg": ("JPEG", {"quality": 80}),
    "jpg": ("JPEG", {"quality": 80}),
    "gif": ("GIF", {}),
    "bmp": ("BMP", {}),
    "tiff": ("TIFF", {"compression": "tiff_lzw"}),
    "tif": ("TIFF", {"compression": "tiff_lzw"}),
    "webp": ("WEBP", {"quality": 80}),
}


def picture(format: str, *, seed: int, size: tuple[int, int] = (640, 400)) -> bytes:
    """A picture file: png, jpeg (jpg), gif, bmp, tiff (tif) or webp. `size` is width and height in pixels.

    The pixels are the same everywhere; the bytes are as long as Pillow brings the same codecs. Raises
    ValueError for another format or a side below one pixel.
    """
    if format not in _FORMATS:
        raise ValueError(f"no such picture format: {format!r}")
    name, options = _FORMATS[format]
    buffer = io.BytesIO()
    drawn(seed, size).save(buffer, name, **options)
    return buffer.getvalue()


def drawn(seed: int, size: tuple[int, int]) -> "Image":
    """The picture itself, RGB. Raises ValueError for a side below one pixel."""
    from PIL import Image, ImageDraw  # late: start-up time

    width, height = size
    if width < 1 or height < 1:
        raise ValueError(f"no such picture size: {width} x {height}")
    numbers = _numbers(seed)
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    above, below = _colour(numbers, 200), _colour(numbers, 120)
    for y in range(height):
        draw.line((0, y, width, y), fill=_between(above, below, y, height))
    draw.rectangle((0, 0, width, height // 10), fill=_colour(numbers, 40))
    for _ in range(8):
        left, top = next(numbers) * width // 320, height // 8 + next(numbers) * height // 384
        right, bottom = left + width // 16 + next(numbers) * width // 1280, top + height // 16
        draw.rectangle((left, top, right, bottom), fill=_colour(numbers, 100), outline=(255, 255, 255))
    x, y = next(numbers) * width // 320, height // 2
    draw.ellipse((x, y, x + width // 6, y + height // 4), fill=_colour(numbers, 140), outline=(255, 255, 255))
    return image


def _numbers(seed: int) -> Iterator[int]:
    """Numbers from 0 to 255 that depend on the seed alone, in every version of Python."""
    return iter(hashlib.shake_256(str(seed).encode("ascii")).digest(256))


def _colour(numbers: Iterator[int], base: int) -> _Colour:
    """A colour not much lighter than `base`, up to 55 more in each of its parts."""
    return (base + next(numbers) % 56, base + next(numbers) % 56, base + next(numbers) % 56)


def _between(first: _Colour, last: _Colour, step: int, steps: int) -> _Colour:
    red, green, blue = (a + (b - a) * step // steps for a, b in zip(first, last, strict=True))
    return (red, green, blue)

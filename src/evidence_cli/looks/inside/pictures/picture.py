"""What the looks into single picture formats have in common: the answer, what is a bomb, and Pillow at arm's length."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EINVAL

from evidence_cli.looks.facts import Active, Gap, Passage
from evidence_cli.looks.sample import BombError, Sample, TornError

LARGE = Gap("health", "large")
UNKNOWN = Gap("health", "format")

# A telephone's 200 megapixels and an A0 sheet in black and white are no bombs: they take the bytes they need.
_BOMB_PIXELS = 100_000_000
_BOMB_RATIO = 200
_BOMB_BYTES = 100_000_000
# Pillow refuses by itself what is larger than twice its limit; nothing here decodes more.
_MOST_PIXELS = 300_000_000

# No coder writes so many in a row.
_ZEROS = 1024

# Pillow reports odd metadata through logging, which prints where nobody listens.
logging.getLogger("PIL").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Picture:
    """What a look into a picture saw; the names are those of `Facts`. Sizes are in pixels."""

    width: int | None = None
    height: int | None = None
    pages: int | None = None
    position: bool = False
    active: tuple[Active, ...] = ()
    gaps: tuple[Gap, ...] = ()
    passages: tuple[Passage | Gap, ...] | None = None


class FormatError(Exception):
    """Pillow does not read this variant of a format. The argument is the name of what it raised."""


def refuse_bomb(width: int, height: int, bits: int, size: int) -> None:
    """Raises BombError where pixels of so many `bits` are out of all proportion to a file of `size` bytes."""
    if width * height > _BOMB_PIXELS and width * height * bits // 8 > max(_BOMB_RATIO * size, _BOMB_BYTES):
        raise BombError(f"{width} x {height} pixels in a file of {size} bytes")


def refuse_zeros(sample: Sample, end: int) -> None:
    """Raises TornError where compressed data end, at `end`, in zeros: a file that was laid out and never filled."""
    tail = sample.read(max(end - _ZEROS, 0), _ZEROS)
    if len(tail) == _ZEROS and not any(tail):
        raise TornError("its data end in zeros")


@contextmanager
def pillow(most_pixels: int = _MOST_PIXELS) -> Iterator[None]:
    """Lets Pillow decode, silently, and names what it raises.

    Raises TornError where the data ends or makes no sense, BombError above `most_pixels`, FormatError where Pillow
    does not know the variant; OSError of the stream, MemoryError.
    """
    from PIL import Image, ImageFile, UnidentifiedImageError  # late: start-up time

    limit, lenient = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = most_pixels // 2, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (TornError, BombError, FormatError, MemoryError):
        raise
    except Image.DecompressionBombError as problem:
        raise BombError(str(problem)) from problem
    except UnidentifiedImageError as problem:
        raise FormatError("UnidentifiedImageError") from problem
    except OSError as problem:
        # Only the system's errors have a number. Where a file names a place before its start, a real one has it, too.
        if problem.errno == EINVAL:
            raise FormatError("OSError") from problem
        if problem.errno is not None:
            raise
        raise TornError(str(problem)) from problem
    except Exception as problem:
        raise FormatError(type(problem).__name__) from problem
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = limit, lenient

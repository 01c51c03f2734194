"""GIF (GIF89a specification): its blocks to the trailer, then the frames through Pillow as far as the budget goes."""

from dataclasses import dataclass
from struct import unpack_from

from evidence_cli.looks.facts import Gap
from evidence_cli.looks.inside.pictures.picture import LARGE, FormatError, Picture, pillow, refuse_bomb
from evidence_cli.looks.sample import Sample, TornError

_WINDOW = 256 * 1024
# A block of 255 bytes costs about a microsecond: some two seconds.
_STEP_LIMIT = 2_000_000
# The first frame takes one byte a pixel; the others are drawn over it in four, some of them kept twice.
_FIRST_PIXELS = 60_000_000
_CANVAS_PIXELS = 12_000_000
_ALL_PIXELS = 250_000_000


@dataclass(slots=True)
class _Blocks:
    """`width` and `height` are those of the canvas or of a frame beyond it, `shown` what the first picture takes.

    `ended` tells that the trailer was seen.
    """

    width: int = 0
    height: int = 0
    shown: tuple[int, int] = (0, 0)
    frames: int = 0
    ended: bool = False


class _Reader:
    """Bytes one after another through a window; `steps` bounds what a hostile file can ask for."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._window = b""
        self._start = 0
        self.place = 0
        self.steps = 0

    def take(self, count: int) -> bytes:
        """Fewer bytes at the end of the file."""
        at = self.place - self._start
        if not 0 <= at <= len(self._window) - count:
            self._window, self._start, at = self._sample.read(self.place, _WINDOW), self.place, 0
        data = self._window[at : at + count]
        self.place += len(data)
        self.steps += 1
        return data

    def skip_blocks(self) -> bool:
        """Passes sub-blocks up to their terminator; false where the file ends before it."""
        while self.steps < _STEP_LIMIT:
            size = self.take(1)
            if not size:
                return False
            if size == b"\x00":
                return True
            # Not read, only passed: the window moves when it has to.
            self.place += size[0]
        return True


def look_at_gif(sample: Sample) -> Picture:
    """Raises TornError where a frame is cut; BombError; OSError."""
    reader = _Reader(sample)
    blocks = _blocks(reader, sample.size)
    if reader.steps >= _STEP_LIMIT:
        return Picture(*blocks.shown, gaps=(LARGE,))
    if not blocks.frames:
        raise TornError("no picture before the end")
    return Picture(*blocks.shown, gaps=_decoded(sample, blocks))


def _decoded(sample: Sample, blocks: _Blocks) -> tuple[Gap, ...]:
    pixels = blocks.width * blocks.height
    if pixels > _FIRST_PIXELS:
        return (LARGE,)
    frames = min(blocks.frames, _ALL_PIXELS // max(pixels, 1)) if pixels <= _CANVAS_PIXELS else 1
    try:
        with pillow():
            from PIL.GifImagePlugin import GifImageFile  # late: start-up time

            with GifImageFile(sample.file()) as image:
                image.load()
                for number in range(1, frames):
                    image.seek(number)
                    image.load()
    except FormatError as problem:
        if str(problem) == "EOFError":
            return ()
        raise TornError(f"a frame does not decode: {problem}") from problem
    return () if frames == blocks.frames else (LARGE,)


def _blocks(reader: _Reader, size: int) -> _Blocks:
    """Walks over all blocks. Raises TornError where the file ends inside a frame; BombError."""
    head = reader.take(13)
    if len(head) < 13:
        raise TornError("the file ends inside its header")
    width, height, flags = unpack_from("<HHB", head, 6)
    seen = _Blocks(width, height, (width, height))
    refuse_bomb(width, height, 8, size)
    if flags & 0x80:
        reader.place += 3 << ((flags & 7) + 1)
    while reader.steps < _STEP_LIMIT:
        kind = reader.take(1)
        if not kind or kind == b";":
            seen.ended = bool(kind)
            break
        if kind == b"!":
            reader.take(1)
            if not reader.skip_blocks():
                break
        elif kind == b",":
            _frame(reader, seen, size)
        elif kind != b"\x00":
            # Programs stop here and show what came before; a stray terminator is nothing.
            break
    return seen


def _frame(reader: _Reader, seen: _Blocks, size: int) -> None:
    data = reader.take(9)
    if len(data) < 9:
        raise TornError("the file ends inside a frame")
    left, top, width, height, flags = unpack_from("<HHHHB", data)
    seen.width, seen.height = max(seen.width, left + width), max(seen.height, top + height)
    refuse_bomb(seen.width, seen.height, 8, size)
    if not seen.frames:
        seen.shown = seen.width, seen.height
    if flags & 0x80:
        reader.place += 3 << ((flags & 7) + 1)
    if not reader.take(1):
        raise TornError("the file ends inside a frame")
    # Without its terminator a frame may still be whole: decoding tells.
    reader.skip_blocks()
    seen.frames += 1

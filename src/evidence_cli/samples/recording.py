"""Screen recordings: JPEG frames in an MP4 (ISO/IEC 14496-12, -14) or in an AVI (RIFF)."""

import io
import struct
from collections.abc import Sequence
from typing import Literal

from evidence_cli.samples.pictures import drawn

_WIDTH, _HEIGHT = 320, 200
# However long the recording is, so few frames keep the file below 60 KB.
_FRAMES_PER_SECOND, _MAX_FRAMES = 4, 12
_LIMIT_SECONDS = 4 * 3600
_UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_MILLISECONDS = 1000
_JPEG_OBJECT_TYPE = 0x6C
_VISUAL_STREAM = 0x04 << 2 | 1


def recording(*, seed: int, seconds: int = 3, container: Literal["mp4", "avi"] = "mp4") -> bytes:
    """A recording of a picture with a pointer that moves over it, 320 x 200 pixels, without sound.

    Four frames a second, at most twelve in all: in a longer recording each one stays longer. Raises
    ValueError when `seconds` is not between 1 and 14400, or for another container.
    """
    if not 1 <= seconds <= _LIMIT_SECONDS:
        raise ValueError(f"no such length: {seconds} s")
    if container not in ("mp4", "avi"):
        raise ValueError(f"no such container: {container!r}")
    frames = _frames(seed, min(seconds * _FRAMES_PER_SECOND, _MAX_FRAMES))
    return _mp4(frames, seconds) if container == "mp4" else _avi(frames, seconds)


def _frames(seed: int, count: int) -> list[bytes]:
    from PIL import ImageDraw  # late: start-up time

    background = drawn(seed, (_WIDTH, _HEIGHT))
    frames = []
    for number in range(count):
        image = background.copy()
        x, y = 20 + 17 * number, 30 + 9 * number
        ImageDraw.Draw(image).polygon([(x, y), (x, y + 18), (x + 12, y + 12)], fill=(0, 0, 0), outline=(255, 255, 255))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=30)
        frames.append(buffer.getvalue())
    return frames


def _mp4(frames: Sequence[bytes], seconds: int) -> bytes:
    """With the index before the media data, so that a cut-off copy can be told from a whole one."""
    kind = _box("ftyp", b"isom", struct.pack(">I", 512), b"isommp42")
    # The index is as long whatever the offset in it is.
    length = len(_movie(frames, seconds, offset=0))
    return kind + _movie(frames, seconds, offset=len(kind) + length + 8) + _box("mdat", *frames)


def _movie(frames: Sequence[bytes], seconds: int, *, offset: int) -> bytes:
    """The index. `offset` is where the first frame begins in the file."""
    duration = seconds * _MILLISECONDS
    header = _box(
        "mvhd",
        struct.pack(">5IIH10x", 0, 0, 0, _MILLISECONDS, duration, 0x10000, 0x100),
        _UNITY_MATRIX,
        struct.pack(">24xI", 2),
    )
    # Flags 7: enabled, in the movie, in the preview.
    track = _box(
        "tkhd",
        struct.pack(">6I8x4H", 7, 0, 0, 1, 0, duration, 0, 0, 0, 0),
        _UNITY_MATRIX,
        struct.pack(">2I", _WIDTH << 16, _HEIGHT << 16),
    )
    # A time unit that divides the length evenly by the number of frames.
    scale, step = 100 * len(frames), 100 * seconds
    media = _box(
        "mdia",
        _box("mdhd", struct.pack(">5I2H", 0, 0, 0, scale, step * len(frames), 0x55C4, 0)),
        _box("hdlr", struct.pack(">2I4s12x", 0, 0, b"vide"), b"Video\0"),
        _box(
            "minf",
            _box("vmhd", struct.pack(">I8x", 1)),
            _box("dinf", _box("dref", struct.pack(">2I", 0, 1), _box("url ", struct.pack(">I", 1)))),
            _samples(frames, step=step, offset=offset),
        ),
    )
    return _box("moov", header, _box("trak", track, media))


def _samples(frames: Sequence[bytes], *, step: int, offset: int) -> bytes:
    """The sample table: all frames in one chunk, each a key frame."""
    count, sizes = len(frames), [len(frame) for frame in frames]
    return _box(
        "stbl",
        _box("stsd", struct.pack(">2I", 0, 1), _sample_entry(max(sizes))),
        _box("stts", struct.pack(">4I", 0, 1, count, step)),
        _box("stsc", struct.pack(">5I", 0, 1, 1, count, 1)),
        _box("stsz", struct.pack(f">3I{count}I", 0, 0, count, *sizes)),
        _box("stco", struct.pack(">3I", 0, 1, offset)),
    )


def _sample_entry(largest: int) -> bytes:
    """The entry of an MPEG-4 visual track whose elementary stream is JPEG (ISO/IEC 14496-1, table 5)."""
    decoder = struct.pack(">2B", _JPEG_OBJECT_TYPE, _VISUAL_STREAM) + largest.to_bytes(3, "big") + bytes(8)
    stream = bytes(3) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    resolution = 72 << 16
    return _box(
        "mp4v",
        struct.pack(">6xH16x2H2I4xH32xHh", 1, _WIDTH, _HEIGHT, resolution, resolution, 1, 24, -1),
        _box("esds", bytes(4), _descriptor(3, stream)),
    )


def _descriptor(tag: int, content: bytes) -> bytes:
    return struct.pack(">2B", tag, len(content)) + content


def _box(name: str, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I", 8 + len(content)) + name.encode("ascii") + content


def _avi(frames: Sequence[bytes], seconds: int) -> bytes:
    count, largest = len(frames), max(len(frame) for frame in frames)
    microseconds = seconds * 1_000_000 // count
    # Flag 0x10: there is an index.
    main = struct.pack(
        "<14I",
        microseconds,
        largest * count // seconds,
        0,
        0x10,
        count,
        0,
        1,
        largest,
        _WIDTH,
        _HEIGHT,
        0,
        0,
        0,
        0,
    )
    # Rate over scale is frames a second, exactly, be it a fraction.
    rate, scale, quality = count, seconds, -1
    stream = struct.pack(
        "<4s4sI2H6IiI4H",
        b"vids", b"MJPG", 0, 0, 0, 0, scale, rate, 0, count, largest, quality, 0, 0, 0, _WIDTH, _HEIGHT,
    )  # fmt: skip
    bitmap = struct.pack("<I2i2H4s5I", 40, _WIDTH, _HEIGHT, 1, 24, b"MJPG", _WIDTH * _HEIGHT * 3, 0, 0, 0, 0)
    header = _list("hdrl", _chunk("avih", main), _list("strl", _chunk("strh", stream), _chunk("strf", bitmap)))
    chunks = [_chunk("00dc", frame) for frame in frames]
    index, position = b"", 4
    for chunk, frame in zip(chunks, frames, strict=True):
        index += struct.pack("<4s3I", b"00dc", 0x10, position, len(frame))
        position += len(chunk)
    return _chunk("RIFF", b"AVI " + header + _list("movi", *chunks) + _chunk("idx1", index))


def _list(name: str, *contents: bytes) -> bytes:
    return _chunk("LIST", name.encode("ascii") + b"".join(contents))


def _chunk(name: str, content: bytes) -> bytes:
    """Chunks begin at even places: an odd one is followed by a byte that its size does not count."""
    return name.encode("ascii") + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)

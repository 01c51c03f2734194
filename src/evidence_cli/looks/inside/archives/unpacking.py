"""Unpacking within a budget, only to compare a check sum: nothing that comes out is kept."""

import bz2
import lzma
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from evidence_cli.looks.packages.bounds import BOMB_BYTES, BOMB_RATIO
from evidence_cli.looks.sample import BombError

CHUNK = 256 * 1024
# A dictionary of this size is taken at once, whatever comes out.
DICTIONARY_LIMIT = 96 * 1024 * 1024
# What the libraries raise over hostile bytes.
BROKEN = (zlib.error, lzma.LZMAError, EOFError, ValueError)


class Inflater:
    """A raw deflate stream behind the interface that the decompressors of `bz2` and `lzma` share."""

    def __init__(self, window: int = -15) -> None:
        self._engine = zlib.decompressobj(window)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes. What is left of `data` is kept for the next call."""
        return self._engine.decompress(self._engine.unconsumed_tail + data, max_length)

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self._engine.eof

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more data."""
        return not self._engine.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What follows the stream."""
        return self._engine.unused_data


def unpacked(engine: Any, packed: Iterable[bytes]) -> Iterator[bytes]:
    """What comes out of one stream, in pieces of at most `CHUNK`. Raises what is in `BROKEN`, MemoryError.

    It ends early, `engine.eof` being false, when the data does.
    """
    for data in packed:
        while not engine.eof:
            piece = engine.decompress(data, CHUNK)
            data = b""
            if piece:
                yield piece
            elif engine.needs_input:
                break
        if engine.eof:
            return
    while not engine.eof and (piece := engine.decompress(b"", CHUNK)):
        yield piece


def is_modest(properties: bytes) -> bool:
    """Whether a raw LZMA stream with these five bytes of properties can be decoded in little memory."""
    flags = properties[0]
    small = int.from_bytes(properties[1:5], "little") <= DICTIONARY_LIMIT
    # liblzma knows lc + lp up to 4 only.
    return small and flags < 9 * 5 * 5 and flags % 9 + flags // 9 % 5 <= 4


def raw_lzma(properties: bytes) -> Any:
    """The decompressor of a raw LZMA stream whose properties are modest."""
    flags, size = properties[0], int.from_bytes(properties[1:5], "little")
    chain = {"id": lzma.FILTER_LZMA1, "dict_size": max(size, 4096)}
    chain |= {"lc": flags % 9, "lp": flags // 9 % 5, "pb": flags // 45}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain])


def raw_lzma2(size: int) -> Any:
    """The decompressor of a raw LZMA2 stream with a dictionary of `size` bytes, at most `DICTIONARY_LIMIT`."""
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": max(size, 4096)}])


class Bunzipper:
    """A bzip2 stream. The library raises OSError over bad data, which here means that the file cannot be read."""

    def __init__(self) -> None:
        self._engine = bz2.BZ2Decompressor()

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes. What is left of `data` is kept for the next call. Raises ValueError."""
        try:
            return self._engine.decompress(data, max_length)
        except OSError as problem:
            raise ValueError(str(problem)) from problem

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self._engine.eof

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more data."""
        return self._engine.needs_input

    @property
    def unused_data(self) -> bytes:
        """What follows the stream."""
        return self._engine.unused_data


def refuse_bomb(total: int, size: int) -> None:
    """Raises BombError when `size` bytes of file become that many."""
    if total > BOMB_BYTES and total > BOMB_RATIO * size:
        raise BombError(f"{total} bytes in a file of {size}")

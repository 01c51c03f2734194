"""Deflate (RFC 1951) at the speed of a copy, the same bytes on every run and every processor.

Levels 2 and 3 of zlib-ng are so, and so is coding by frequency alone; levels 1 and 6 depend on how data are cut.
"""

from typing import Any

_LEVEL = 2
# What ends a stream of blocks none of which said that it is the last.
END = b"\x03\x00"
# Chunks shorter than this are not worth a trial.
_SHORTEST = 256 * 1024
_SAMPLE = 8 * 1024


class Deflater:
    """Packs chunk by chunk, each on its own and in the way that suits it, told from three samples of it.

    Where little repeats, looking for repetitions takes most of the time for a sixth of the bytes; and what is packed
    already is passed through.
    """

    def __init__(self) -> None:
        from zlib_ng import zlib_ng  # late: start-up time

        self._zlib = zlib_ng

    def whole(self, data: memoryview) -> bytes:
        """Data that come at once, as a finished stream."""
        return self._packed(self._engine(), data, self._zlib.Z_FINISH)

    def chunk(self, data: memoryview) -> bytes:
        """A part of a stream that `END` ends. At most a thousandth and 64 bytes longer than it was."""
        return self._packed(self._suited(data), data, self._zlib.Z_SYNC_FLUSH)

    def _suited(self, data: memoryview) -> Any:
        if len(data) < _SHORTEST:
            return self._engine()
        last = len(data) - _SAMPLE
        sample = b"".join(data[start : start + _SAMPLE] for start in (0, last // 2, last))
        matched = len(self._packed(self._engine(), sample, self._zlib.Z_FINISH))
        counted = len(self._packed(self._by_frequency(), sample, self._zlib.Z_FINISH))
        if counted * 4 > matched * 5:
            return self._engine()
        return self._by_frequency() if counted * 20 < len(sample) * 19 else self._engine(0)

    def _engine(self, level: int = _LEVEL) -> Any:
        return self._zlib.compressobj(level, self._zlib.DEFLATED, -15)

    def _by_frequency(self) -> Any:
        zlib = self._zlib
        return zlib.compressobj(_LEVEL, zlib.DEFLATED, -15, zlib.DEF_MEM_LEVEL, zlib.Z_HUFFMAN_ONLY)

    def _packed(self, engine: Any, data: memoryview | bytes, end: int) -> bytes:
        packed: bytes = engine.compress(data) + engine.flush(end)
        return packed

"""Single compressed files: gzip (RFC 1952), bzip2, xz (.xz file format 1.1.0), and the tar that most of them hold.

They are decoded to their check sums within a budget of time; nothing is kept.
"""

import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.archives.tar import BLOCK, Tarball
from evidence_cli.looks.inside.archives.unpacking import (
    BROKEN,
    CHUNK,
    DICTIONARY_LIMIT,
    Bunzipper,
    Inflater,
    refuse_bomb,
)
from evidence_cli.looks.sample import Sample, TornError

_MIB = 1024 * 1024
_STREAMS = 10_000
_TAR_MEMBERS = 100_000
_XZ_FOOTER = b"YZ"


@dataclass(frozen=True, slots=True)
class _Format:
    """`output` and `input` are the bytes that are decoded in some two seconds."""

    engine: Callable[[], Any]
    start: bytes
    output: int
    input: int


_FORMATS = {
    "gzip": _Format(lambda: Inflater(31), b"\x1f\x8b", 320 * _MIB, 96 * _MIB),
    "bzip2": _Format(Bunzipper, b"BZh", 320 * _MIB, 10 * _MIB),
    "xz": _Format(
        lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=DICTIONARY_LIMIT + 16 * _MIB),
        b"\xfd7zXZ\x00",
        320 * _MIB,
        24 * _MIB,
    ),
}


def look_inside_packed(sample: Sample, facts: Facts) -> Inside:
    """Whether it decodes to its end. Raises TornError, BombError; OSError.

    A Gap tells that it was too large to be decoded, or that its settings are beyond what is decoded here.
    """
    reader = _Reader(sample, _FORMATS[facts.format])
    content = _Content()
    reason = ""
    try:
        for piece in reader.pieces():
            content.take(piece)
        content.finish()
    except _EnoughError as enough:
        reason = str(enough)
    except BROKEN as problem:
        reason = _reason(problem)
    if reason and facts.format == "xz":
        _check_xz_footer(sample)
    gaps = (Gap("health", reason),) if reason else ()
    return Inside(replace(facts, detail=content.told(), gaps=gaps))


def _check_xz_footer(sample: Sample) -> None:
    """All that is left to see of a file that is not decoded to its end."""
    if not sample.read(max(0, sample.size - 64), 64).rstrip(b"\x00").endswith(_XZ_FOOTER):
        raise TornError("xz: the footer is missing")


class _EnoughError(Exception):
    """The budget is used up. The argument is the reason of the Gap."""


def _reason(problem: Exception) -> str:
    """What keeps the library from decoding, or TornError where it is the data."""
    told = str(problem).lower()
    if "memory" in told:
        return "memory"
    if "unsupported" in told:
        return "format"
    raise TornError(f"compressed data: {problem}") from problem


class _Reader:
    """Decodes one stream after the other, as all programs do with files that were joined."""

    def __init__(self, sample: Sample, format_: _Format) -> None:
        self._sample = sample
        self._format = format_
        self._place = 0
        self._output = 0

    def pieces(self) -> Iterator[bytes]:
        """What comes out. Raises TornError when the file ends too early, BombError, _EnoughError; OSError."""
        data = self._next()
        for _ in range(_STREAMS):
            engine = self._format.engine()
            while not engine.eof:
                if not data and engine.needs_input:
                    data = self._next()
                    if not data:
                        raise TornError("ends inside the compressed data")
                piece = engine.decompress(data, CHUNK)
                data = b""
                self._count(len(piece))
                yield piece
            data = self._next_stream(engine.unused_data)
            if not data:
                return
        raise _EnoughError("large")

    def _next(self) -> bytes:
        data = self._sample.read(self._place, CHUNK)
        self._place += len(data)
        return data

    def _next_stream(self, data: bytes) -> bytes:
        """What follows behind the padding, if it is another stream. Anything else is left alone, with a warning."""
        data = data.lstrip(b"\x00")
        while len(data) < len(self._format.start) and (more := self._next()):
            data = (data + more).lstrip(b"\x00")
        return data if data.startswith(self._format.start) else b""

    def _count(self, length: int) -> None:
        self._output += length
        size = self._sample.size
        refuse_bomb(self._output, size)
        if self._output > self._format.output:
            # What is still to come is taken to be like what came.
            refuse_bomb(self._output * size // max(1, self._place), size)
            raise _EnoughError("large")
        if self._place > self._format.input:
            raise _EnoughError("large")


class _Content:
    """What a compressed file holds: a tar is looked through as it comes out."""

    def __init__(self) -> None:
        self._buffer = b""
        self._start = 0  # where in the content the buffer begins
        self._total = 0
        self._tarball: Tarball | None = None
        self._decided = False

    def take(self, piece: bytes) -> None:
        """Takes the next piece. Raises TornError when a tar's header is wrong."""
        self._total += len(piece)
        if self._decided and self._tarball is None:
            return
        self._buffer += piece
        if not self._decided and len(self._buffer) >= BLOCK:
            self._decided = True
            self._tarball = Tarball() if self._buffer.startswith(b"ustar", 257) else None
        if self._tarball is not None:
            self._walk(self._tarball)

    def _walk(self, tarball: Tarball) -> None:
        while not tarball.ended and tarball.members < _TAR_MEMBERS:
            at = tarball.place - self._start
            if at + BLOCK > len(self._buffer):
                break
            tarball.header(self._buffer[at : at + BLOCK])
        done = tarball.ended or tarball.members >= _TAR_MEMBERS
        drop = len(self._buffer) if done else min(len(self._buffer), tarball.place - self._start)
        self._buffer = self._buffer[drop:]
        self._start += drop

    def finish(self) -> None:
        """Everything came out. Raises TornError when a tar is not at its end."""
        if self._tarball is not None and self._tarball.members < _TAR_MEMBERS:
            self._tarball.finish(self._total)

    def told(self) -> str:
        """What it holds, in English."""
        return "" if self._tarball is None else f"tar with {self._tarball.members} members"

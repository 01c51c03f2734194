"""Bounded reading for walks over the boxes, chunks and elements of a recording.

A look at a recording costs the same whatever its size: it may read so often and so much, and no more.
"""

import re
from dataclasses import replace
from struct import unpack_from
from typing import Any

from evidence_cli.looks.facts import Facts
from evidence_cli.looks.sample import Sample, TornError
from evidence_cli.vocabulary.kinds import FORMATS

_READS = 60_000
_BYTES = 48 * 1024 * 1024
_PIECE = 16 * 1024
# ISO 6709 as cameras write it: latitude and longitude with their signs, in degrees or degrees, minutes, seconds.
_POSITION = re.compile(rb"([+-]\d{2,6}(?:\.\d*)?)([+-]\d{3,7}(?:\.\d*)?)")
# Extensions of sound alone, and the format of a container of films under such a name.
_SOUND_NAMES = {"m4a": "m4a", "m4b": "m4a", "wma": "wma", "mka": "mka", "weba": "mka"}


class SpentError(Exception):
    """More would have to be read than a look may."""


class Reader:
    """Reads of one file, counted. `size` is the length of the file in bytes."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._reads = _READS
        self._bytes = _BYTES
        self.size = sample.size

    def read(self, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`, fewer at the end. Raises SpentError; OSError."""
        count = min(count, self.size)
        self._reads -= 1
        self._bytes -= max(0, count)
        if self._reads < 0 or self._bytes < 0:
            raise SpentError
        return self._sample.read(offset, count)

    def exactly(self, offset: int, count: int, what: str) -> bytes:
        """`count` bytes. Raises TornError, which names `what`, where the file ends before; SpentError; OSError."""
        data = self.read(offset, count)
        if len(data) < count:
            raise TornError(f"{what}: beyond the end of the file")
        return data

    def number(self, form: str, offset: int, count: int, what: str) -> Any:
        """One number in the form of `struct`, `count` bytes long. Raises as `exactly` does."""
        return unpack_from(form, self.exactly(offset, count, what))[0]

    def blank(self, start: int, end: int) -> bool:
        """Whether there are bytes between these places and all are zero. At most 4 KiB are read."""
        data = self.read(start, min(end - start, 4096)) if end > start else b""
        return bool(data) and not any(data)

    def zeros_at_end(self) -> int:
        """How many bytes at the end of the file are zero. It is found by halving, so that anything else between zeros
        may go unseen. Raises SpentError; OSError."""
        low, high = 0, self.size // _PIECE + 1
        while low < high:
            middle = (low + high) // 2
            if any(self._piece(middle)):
                high = middle
            else:
                low = middle + 1
        rest = self._piece(low)
        return min(self.size, low * _PIECE + len(rest) - len(rest.rstrip(b"\0")))

    def _piece(self, number: int) -> bytes:
        """One of the pieces of the file, counted from its end."""
        end = self.size - number * _PIECE
        start = max(0, end - _PIECE)
        return self.read(start, end - start) if end > 0 else b"\1"


def named_as_sound(facts: Facts, extension: str) -> Facts:
    """Sound alone, in a container of films, whose name promises no more: its format is that of the name.

    Under the name of a film it stays one that has lost its pictures.
    """
    name = _SOUND_NAMES.get(extension)
    alone = facts.picture_track is False and name is not None and extension in FORMATS[facts.format][1]
    return replace(facts, format=name) if alone and name else facts


def is_position(text: bytes) -> bool:
    """Whether this holds a position by ISO 6709 that is not the zero of a camera without one."""
    match = _POSITION.search(text[:256])
    return match is not None and any(float(part) != 0 for part in match.groups())

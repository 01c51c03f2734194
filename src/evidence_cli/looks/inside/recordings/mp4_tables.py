"""Where the samples of a track lie: the tables of ISO/IEC 14496-12 8.6-8.7."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from struct import unpack_from
from sys import byteorder

from evidence_cli.looks.inside.recordings.mp4_boxes import Box
from evidence_cli.looks.inside.recordings.reader import Reader
from evidence_cli.looks.sample import TornError

# Of a longer table only the last entries are read: chunks stand in the order of the file.
_ENTRIES = 200_000
# Enough for the longest chunk of any camera; a longer one is only followed to its start.
_CHUNK_SAMPLES = 100_000


@dataclass(frozen=True, slots=True)
class Spans:
    """`starts` are the offsets of chunks in the order of the file, `end` is behind the last sample (None: not known),
    `last` the place of the last chunk, where it ends at `end`."""

    count: int
    starts: Sequence[int] = ()
    end: int | None = None
    last: int | None = None


def spans(reader: Reader, boxes: Mapping[bytes, Box], *, bytewise: bool) -> Spans:
    """The places of a track's samples. `bytewise` tells that sizes may count something else than bytes (QuickTime's
    sound). Raises TornError where a table is shorter than it says."""
    sizes = _Sizes(reader, boxes)
    offsets, skipped = _offsets(reader, boxes)
    if sizes.count and not {b"stco", b"co64"} & boxes.keys():
        raise TornError("sample table without chunk offsets")
    if not sizes.count or not offsets:
        return Spans(sizes.count)
    runs = _runs(reader, boxes)
    used = _chunks_used(runs, sizes.count, skipped + len(offsets)) - skipped
    offsets = offsets[: max(1, used)]
    if len(offsets) > 1 and not offsets[-1]:
        raise TornError("chunk offsets end in zeros")
    number = max(range(len(offsets)), key=offsets.__getitem__)
    if (bytewise and sizes.every == 1) or not runs:
        return Spans(sizes.count, offsets, offsets[number] + 1)
    first, samples = _samples_of(runs, skipped + number)
    samples = min(samples, sizes.count - first)
    if samples <= 0:
        return Spans(sizes.count, offsets, offsets[number])
    lengths = sizes.read(first, samples)
    if not lengths:
        return Spans(sizes.count, offsets, offsets[number] + 1)
    end = offsets[number] + sum(lengths)
    return Spans(sizes.count, offsets, end, offsets[number])


class _Sizes:
    """The lengths of the samples: `stsz` or `stz2`. `every` is the length of all of them, 0 if they differ."""

    def __init__(self, reader: Reader, boxes: Mapping[bytes, Box]) -> None:
        self._reader = reader
        self.every, self.count, self._bits, self._start = 0, 0, 32, 0
        box = boxes.get(b"stsz") or boxes.get(b"stz2")
        if box is None:
            if b"stbl" in boxes:
                raise TornError("sample table without sizes")
            return
        head = reader.read(box.start, 12)
        if len(head) < 12 or box.end - box.start < 12:
            raise TornError("sample sizes are cut off")
        _flags, every, self.count = unpack_from(">3I", head)
        if box.kind == b"stsz":
            self.every = every
        else:
            self._bits = every & 0xFF
            if self._bits not in (4, 8, 16):
                raise TornError("sample sizes of an unknown width")
        self._start = box.start + 12
        if not self.every and self._start + (self.count * self._bits + 7) // 8 > box.end:
            raise TornError("fewer sample sizes than there are samples")

    def read(self, first: int, count: int) -> Sequence[int] | None:
        """The lengths of these samples; None if they are too many."""
        if self.every:
            return (self.every * (count - 1), self.every)
        if count > _CHUNK_SAMPLES:
            return None
        if self._bits == 4:
            data = self._reader.read(self._start + first // 2, count // 2 + 2)
            halves = [half for byte in data for half in (byte >> 4, byte & 15)]
            return halves[first % 2 : first % 2 + count]
        width = self._bits // 8
        return numbers({1: "B", 2: "H", 4: "I"}[width], self._reader.read(self._start + first * width, count * width))


def numbers(form: str, data: bytes) -> "array[int]":
    """Big-endian numbers of a code of `array`; a part of one at the end is left out."""
    found = array(form)
    found.frombytes(data[: len(data) // found.itemsize * found.itemsize])
    if byteorder == "little":
        found.byteswap()
    return found


def _offsets(reader: Reader, boxes: Mapping[bytes, Box]) -> tuple[Sequence[int], int]:
    """The last offsets of chunks, and how many stand before them."""
    box = boxes.get(b"stco") or boxes.get(b"co64")
    if box is None:
        return (), 0
    width, form = (8, "Q") if box.kind == b"co64" else (4, "I")
    head = reader.read(box.start, 8)
    if len(head) < 8:
        raise TornError("chunk offsets are cut off")
    count = unpack_from(">I", head, 4)[0]
    if box.start + 8 + count * width > box.end:
        raise TornError("fewer chunk offsets than there are chunks")
    skipped = max(0, count - _ENTRIES)
    return numbers(form, reader.read(box.start + 8 + skipped * width, (count - skipped) * width)), skipped


def _runs(reader: Reader, boxes: Mapping[bytes, Box]) -> list[tuple[int, int]]:
    """From which chunk on (counted from 0) there are how many samples in each. Empty where it cannot be told."""
    box = boxes.get(b"stsc")
    if box is None:
        return []
    head = reader.read(box.start, 8)
    count = unpack_from(">I", head, 4)[0] if len(head) == 8 else 0
    if not 0 < count <= _ENTRIES or box.start + 8 + count * 12 > box.end:
        return []
    table = numbers("I", reader.read(box.start + 8, count * 12))
    runs = [(first - 1, samples) for first, samples in zip(table[::3], table[1::3], strict=False)]
    ordered = all(before[0] < after[0] for before, after in pairwise(runs))
    return runs if ordered and runs[0][0] == 0 else []


def _chunks_used(runs: Sequence[tuple[int, int]], samples: int, chunks: int) -> int:
    """How many chunks it takes to hold so many samples: some writers list more."""
    for number, (first, each) in enumerate(runs):
        behind = runs[number + 1][0] if number + 1 < len(runs) else chunks
        if each and samples <= each * (behind - first):
            return min(chunks, first + -(-samples // each))
        samples -= each * (behind - first)
    return chunks


def _samples_of(runs: Sequence[tuple[int, int]], chunk: int) -> tuple[int, int]:
    """The number of the first sample in a chunk, and how many it holds."""
    before = 0
    for number, (first, each) in enumerate(runs):
        behind = runs[number + 1][0] if number + 1 < len(runs) else chunk + 1
        if chunk < behind:
            return before + (chunk - first) * each, each
        before += (behind - first) * each
    return before, 0

"""Tar archives of every sort (POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU): headers, check sums, lengths."""

from dataclasses import replace

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.sample import Sample, TornError

BLOCK = 512
# A second of reading headers.
_MEMBERS = 100_000
_ZEROS = bytes(BLOCK)
# Links, devices, folders and pipes have no data, whatever their size says (pax allows it to hard links).
_WITHOUT_DATA = frozenset(b"123456")
# GNU 1.12: the header of a sparse file goes on in blocks of its own.
_SPARSE, _SPARSE_MORE_AT, _EXTENSION_MORE_AT = ord("S"), 482, 504


class Tarball:
    """The headers of a tar, given one after the other by whoever reads it.

    `place` is where the next header begins. `ended` tells that the zero block was met: what follows does not count.
    """

    def __init__(self) -> None:
        self.place = 0
        self.ended = False
        self.members = 0
        self._instead = 0  # where the next header may also begin
        self._sparse = False
        self._data_end = 0
        self._after = 0  # the length of a sparse file's data, which follows its last header block

    def header(self, block: bytes) -> None:
        """Takes the 512 bytes at `place`. Raises TornError when they are no header."""
        if self._sparse:
            self._more_sparse(block)
        elif block == _ZEROS:
            self.ended = True
        elif not _sum_fits(block):
            if self._instead <= self.place:
                raise TornError(f"no tar header at byte {self.place}")
            self.place = self._instead
        else:
            self._member(block)

    def _member(self, block: bytes) -> None:
        self.members += 1
        size = _number(block[124:136])
        start = self.place + BLOCK
        after = start + (size + BLOCK - 1) // BLOCK * BLOCK
        without_data = block[156] in _WITHOUT_DATA
        self.place = start if without_data else after
        self._data_end = start if without_data else start + size
        self._instead = after if without_data else 0
        if block[156] == _SPARSE and block[_SPARSE_MORE_AT]:
            self._sparse = True
            self.place, self._after = start, after - start

    def _more_sparse(self, block: bytes) -> None:
        self.place += BLOCK
        self._data_end += BLOCK
        if not block[_EXTENSION_MORE_AT]:
            self._sparse = False
            self.place += self._after

    def finish(self, size: int) -> None:
        """The file ends after `size` bytes. The zero blocks, and the padding of the last member, may be missing."""
        if self.ended or (self.members == 0 and size == 0):
            return
        if self._sparse or size < self._data_end or 0 < size - self.place < BLOCK:
            raise TornError("the tar ends inside a member")


def _sum_fits(block: bytes) -> bool:
    """Old programs summed signed bytes."""
    try:
        stored = _number(block[148:156])
    except TornError:
        return False
    blank = block[:148] + b" " * 8 + block[156:]
    total = sum(blank)
    return stored in (total, total - 256 * sum(byte > 127 for byte in blank))


def _number(digits: bytes) -> int:
    """An octal number, or GNU's in base 256. Raises TornError."""
    if digits[:1] in (b"\x80", b"\xff"):
        return int.from_bytes(digits[1:], "big") if digits[0] == 0x80 else 0
    text = digits.partition(b"\x00")[0].strip()
    try:
        return int(text or b"0", 8)
    except ValueError as problem:
        raise TornError("a tar header holds no number") from problem


def look_inside_tar(sample: Sample, facts: Facts) -> Inside:
    """Whether every header is right and every member is there. Raises TornError; OSError."""
    tarball = Tarball()
    while not tarball.ended and tarball.members < _MEMBERS:
        block = sample.read(tarball.place, BLOCK)
        if len(block) < BLOCK:
            break
        tarball.header(block)
    complete = tarball.members < _MEMBERS
    if complete:
        tarball.finish(sample.size)
    gaps = () if complete else (Gap("health", "large"),)
    return Inside(replace(facts, detail=f"{tarball.members} members", gaps=gaps))

"""One file as the lookers see it: its head, and a bounded way to the rest."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

# Enough for every signature, for the mark of a disc image at 32769, and for libmagic to name a text.
HEAD_BYTES = 64 * 1024


class TornError(Exception):
    """A container or a document is cut off or malformed. The argument says in English what was seen."""


class LockedError(Exception):
    """Nobody can open it without a password. The argument says in English what was seen."""


class BombError(Exception):
    """It would expand to far more than its size. The argument says in English what was seen."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A file under the glass.

    `head` holds its first 64 KiB, `size` is its length in bytes, `extension` is in lower case, no dot.
    """

    head: bytes = field(repr=False)
    stream: BinaryIO = field(repr=False)
    size: int
    extension: str

    @property
    def whole(self) -> bool:
        """Whether the head is the whole file."""
        return len(self.head) >= self.size

    def read(self, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`; fewer at the end of the file. Raises OSError."""
        if offset < 0 or count <= 0:
            return b""
        if offset + count <= len(self.head) or self.whole:
            return self.head[offset : offset + count]
        if offset >= self.size:
            return b""
        self.stream.seek(offset)
        return read_up_to(self.stream, count)

    def file(self) -> BinaryIO:
        """The whole file as a seekable stream that stands at its start; for libraries. Raises OSError."""
        if self.whole:
            return BytesIO(self.head)
        self.stream.seek(0)
        return self.stream


def read_up_to(stream: BinaryIO, count: int) -> bytes:
    """`count` bytes, or what is left: one `read` may give less than it was asked for. Raises OSError."""
    first = stream.read(count)
    if len(first) == count or not first:
        return first
    parts = [first]
    missing = count - len(first)
    while missing > 0 and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def sample_of(stream: BinaryIO, *, size: int, extension: str) -> Sample:
    """Reads the head. A file shorter than its listing said is taken as it is. Raises OSError."""
    head = read_up_to(stream, HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        size = len(head)
    return Sample(head, stream, max(size, len(head)), extension)

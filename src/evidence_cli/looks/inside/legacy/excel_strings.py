"""Records of the Excel binary formats ([MS-XLS] 2.1.4) and the strings in them."""

from collections.abc import Iterator
from struct import unpack_from

from evidence_cli.looks.containers.ole_file import Stream
from evidence_cli.looks.sample import TornError

CONTINUE = 0x3C
_BLOCK = 256 * 1024
_RECORD_LIMIT = 2_000_000
# Shared strings that are kept, in characters and in number.
_KEPT = 12_000_000
_KEPT_COUNT = 500_000
_WIDE, _PHONETIC, _RICH = 1, 4, 8


def records(stream: Stream, place: int) -> Iterator[tuple[int, bytes, int]]:
    """Type, content and place of each record from here on.

    Ends with the stream, or where nothing but zeros follows. Raises TornError when the last is cut off; OSError.
    """
    base, block, at = place, b"", 0
    for _ in range(_RECORD_LIMIT):
        if len(block) - at < 4:
            base += at
            block, at = stream.read(base, _BLOCK), 0
            if len(block) < 4:
                return
        kind, length = unpack_from("<HH", block, at)
        if not kind and not length:
            return
        if at + 4 + length > len(block):
            base += at
            block, at = stream.read(base, _BLOCK), 0
            if 4 + length > len(block):
                raise TornError("a record is cut off")
        yield kind, block[at + 4 : at + 4 + length], base + at
        at += 4 + length


def wide_string(data: bytes, place: int, count: int) -> str:
    """A string of Excel 97 and later: its flags, then `count` characters; what is missing is left out."""
    if place >= len(data):
        return ""
    if data[place] & _WIDE:
        return data[place + 1 : place + 1 + 2 * count].decode("utf-16-le", "replace")
    return data[place + 1 : place + 1 + count].decode("latin-1")


class SharedStrings:
    """The table of shared strings ([MS-XLS] 2.4.265), which runs on over several records.

    `complete` is false where there are more than are kept.
    """

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self._part = 0
        self._at = 8
        self.complete = True
        self.strings: list[str] = []

    def read(self) -> list[str]:
        """All strings that are there; a broken end is left out."""
        if not self._parts or len(self._parts[0]) < 8:
            return []
        total = unpack_from("<I", self._parts[0], 4)[0]
        kept = 0
        while len(self.strings) < total:
            if kept > _KEPT or len(self.strings) >= _KEPT_COUNT:
                self.complete = False
                break
            text = self._string()
            if text is None:
                break
            kept += len(text)
            self.strings.append(text)
        return self.strings

    def _string(self) -> str | None:
        head = self._bytes(3)
        if len(head) < 3:
            return None
        count, flags = unpack_from("<HB", head)
        runs = self._number(2) if flags & _RICH else 0
        extra = self._number(4) if flags & _PHONETIC else 0
        text = self._characters(count, wide=bool(flags & _WIDE))
        self._skip(4 * runs + extra)
        return text

    def _characters(self, count: int, *, wide: bool) -> str:
        """The characters; where the next record begins among them, it says anew how wide they are."""
        found = []
        while True:
            part = self._parts[self._part]
            width = 2 if wide else 1
            data = part[self._at : self._at + count * width]
            found.append(data.decode("utf-16-le" if wide else "latin-1", "replace"))
            self._at += len(data)
            count -= -(-len(data) // width)
            if count <= 0 or not self._next():
                return "".join(found)
            wide = bool(self._bytes(1)[:1] > b"\0")

    def _number(self, width: int) -> int:
        return int.from_bytes(self._bytes(width), "little")

    def _bytes(self, count: int) -> bytes:
        """The next bytes; fields of a string never lie across records, but the next may begin here."""
        if self._at >= len(self._parts[self._part]) and not self._next():
            return b""
        data = self._parts[self._part][self._at : self._at + count]
        self._at += count
        return data

    def _skip(self, count: int) -> None:
        while count > 0:
            left = len(self._parts[self._part]) - self._at
            if count <= left:
                self._at += count
                return
            count -= max(0, left)
            if not self._next():
                return

    def _next(self) -> bool:
        if self._part + 1 >= len(self._parts):
            self._at = len(self._parts[self._part])
            return False
        self._part += 1
        self._at = 0
        return True

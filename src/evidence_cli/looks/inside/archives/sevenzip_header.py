"""The part of a 7z header that tells of packed data (7zFormat.txt of the LZMA SDK): streams, coders, CRCs."""

from dataclasses import dataclass, field
from struct import unpack_from

from evidence_cli.looks.sample import TornError

_END, _HEADER, _ARCHIVE, _ADDITIONAL, _MAIN = 0x00, 0x01, 0x02, 0x03, 0x04
_PACK, _UNPACK, _SUBSTREAMS, _SIZE, _CRC, _FOLDER = 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B
_UNPACK_SIZE, _NUM_UNPACK, _PACKED_HEADER = 0x0C, 0x0D, 0x17
_COUNT = 200_000
_CODERS = 32  # the SDK's own limit


@dataclass(slots=True)
class Folder:
    """A block of data that is packed as one. `packed` is the number of its packed streams.

    `coders` are methods with their properties, `size` is what comes out, `parts` are the files in it: size and CRC.
    """

    coders: list[tuple[bytes, bytes]]
    packed: int
    outputs: int
    main: int
    size: int = 0
    crc: int | None = None
    parts: list[tuple[int, int | None]] = field(default_factory=list)


@dataclass(slots=True)
class Streams:
    """Packed streams from `place` behind the start header on, with their `sizes`, and the blocks made of them."""

    place: int = 0
    sizes: list[int] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)

    @property
    def unpacked(self) -> int:
        """The bytes that come out of all of them."""
        return sum(folder.size for folder in self.folders)


def read_header(header: bytes) -> tuple[Streams, bool]:
    """The streams that a header tells of, and whether they are another header, packed. Raises TornError."""
    cursor = _Cursor(header)
    try:
        kind = cursor.byte()
        if kind == _PACKED_HEADER:
            return cursor.streams(), True
        if kind != _HEADER:
            raise TornError("not a 7z header")
        kind = cursor.byte()
        if kind == _ARCHIVE:
            cursor.skip_properties()
            kind = cursor.byte()
        if kind == _ADDITIONAL:
            cursor.streams()
            kind = cursor.byte()
        return (cursor.streams() if kind == _MAIN else Streams()), False
    except (IndexError, OverflowError) as problem:
        raise TornError("the 7z header ends too early") from problem


class _Cursor:
    """Reads a header from its start on. Raises TornError, and IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def byte(self) -> int:
        value = self._data[self._place]
        self._place += 1
        return value

    def take(self, count: int) -> bytes:
        if count > len(self._data) - self._place:
            raise IndexError
        self._place += count
        return self._data[self._place - count : self._place]

    def number(self) -> int:
        """The high bits of the first byte tell how many bytes follow."""
        first = self.byte()
        mask, value = 0x80, 0
        for index in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << (8 * index)
            value |= self.byte() << (8 * index)
            mask >>= 1
        return value

    def count(self) -> int:
        value = self.number()
        if value > _COUNT:
            raise TornError(f"{value} streams in a 7z header")
        return value

    def expect(self, wanted: int) -> None:
        """Goes on to a property, over those that nobody knows."""
        while (kind := self.byte()) != wanted:
            if kind == _END:
                raise TornError("a property is missing in the 7z header")
            self.take(self.number())

    def skip_properties(self) -> None:
        while self.byte() != _END:
            self.take(self.number())

    def bits(self, count: int) -> list[bool]:
        data = self.take((count + 7) // 8)
        return [bool(data[index >> 3] >> (7 - (index & 7)) & 1) for index in range(count)]

    def crcs(self, count: int) -> list[int | None]:
        defined = [True] * count if self.byte() else self.bits(count)
        return [unpack_from("<I", self.take(4))[0] if known else None for known in defined]

    def streams(self) -> Streams:
        streams = Streams()
        kind = self.byte()
        if kind == _PACK:
            self._pack_info(streams)
            kind = self.byte()
        if kind == _UNPACK:
            self._unpack_info(streams)
            kind = self.byte()
        if kind == _SUBSTREAMS:
            self._substreams(streams)
            kind = self.byte()
        if kind != _END:
            raise TornError("an unknown property in the 7z header")
        return streams

    def _pack_info(self, streams: Streams) -> None:
        streams.place = self.number()
        count = self.count()
        self.expect(_SIZE)
        streams.sizes = [self.number() for _ in range(count)]
        while (kind := self.byte()) != _END:
            if kind == _CRC:
                self.crcs(count)
            else:
                self.take(self.number())

    def _unpack_info(self, streams: Streams) -> None:
        self.expect(_FOLDER)
        count = self.count()
        if self.byte():
            raise TornError("an external 7z header")
        streams.folders = [self._folder() for _ in range(count)]
        self.expect(_UNPACK_SIZE)
        for folder in streams.folders:
            sizes = [self.number() for _ in range(folder.outputs)]
            folder.size = sizes[folder.main]
        while (kind := self.byte()) != _END:
            if kind == _CRC:
                for folder, crc in zip(streams.folders, self.crcs(count), strict=True):
                    folder.crc = crc
            else:
                self.take(self.number())

    def _folder(self) -> Folder:
        count = self.number()
        if not 0 < count <= _CODERS:
            raise TornError(f"{count} coders in a 7z block")
        coders, inputs, outputs = [], 0, 0
        for _ in range(count):
            flags = self.byte()
            method = self.take(flags & 0x0F)
            ins, outs = (self.number(), self.number()) if flags & 0x10 else (1, 1)
            inputs, outputs = inputs + ins, outputs + outs
            coders.append((method, self.take(self.number()) if flags & 0x20 else b""))
        if inputs > _CODERS or not 0 < outputs <= _CODERS or outputs - 1 > inputs:
            raise TornError("streams of a 7z block do not fit together")
        bound = {(self.number(), self.number())[1] for _ in range(outputs - 1)}
        packed = inputs - (outputs - 1)
        if packed > 1:
            for _ in range(packed):
                self.number()
        main = next((index for index in range(outputs) if index not in bound), 0)
        return Folder(coders, packed, outputs, main)

    def _substreams(self, streams: Streams) -> None:
        counts = [1] * len(streams.folders)
        kind = self.byte()
        if kind == _NUM_UNPACK:
            counts = [self.count() for _ in streams.folders]
            if sum(counts) > _COUNT:
                raise TornError("too many files in the 7z header")
            kind = self.byte()
        sizes = self._sizes(streams, counts, given=kind == _SIZE)
        if kind == _SIZE:
            kind = self.byte()
        known = [count == 1 and folder.crc is not None for folder, count in zip(streams.folders, counts, strict=True)]
        missing = sum(count for count, has in zip(counts, known, strict=True) if not has)
        crcs: list[int | None] = [None] * missing
        while kind != _END:
            if kind == _CRC:
                crcs = self.crcs(missing)
            else:
                self.take(self.number())
            kind = self.byte()
        rest = iter(crcs)
        for folder, has, parts in zip(streams.folders, known, sizes, strict=True):
            folder.parts = [(size, folder.crc if has else next(rest)) for size in parts]

    def _sizes(self, streams: Streams, counts: list[int], *, given: bool) -> list[list[int]]:
        """The sizes of the files in each block; that of the last is what is left."""
        sizes = []
        for folder, count in zip(streams.folders, counts, strict=True):
            parts = [self.number() for _ in range(count - 1)] if given else []
            if sum(parts) > folder.size or (count > 1 and not given):
                raise TornError("sizes in the 7z header do not fit together")
            sizes.append([*parts, folder.size - sum(parts)] if count else [])
        return sizes

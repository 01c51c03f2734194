"""OLE2 compound files (MS-CFB): the directory, and streams read piece by piece.

A general reader loads the whole allocation table, follows every loop a hostile file draws, and gives up on a long
sibling list that is valid. This one reads what it is asked for, and every chain is bounded by the file's size.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from struct import unpack, unpack_from

from evidence_cli.looks.sample import Sample, TornError

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STORAGE = 1
ROOT = 5

_HEADER_BYTES = 512
_HEADER_ENTRIES = 109  # sectors of the allocation table that the header itself lists
_LAST_SECTOR = 0xFFFFFFFA  # greater numbers are marks
_FREE = 0xFFFFFFFF
_NODE_BYTES = 128
_DIRECTORY_LIMIT = 4 * 1024 * 1024
_DEPTH_LIMIT = 24  # storages within storages; nobody nests them so deep
_MINI_SECTOR = 64
_MINI_LIMIT = 4096  # shorter streams lie in the mini stream


@dataclass(frozen=True, slots=True)
class Node:
    """One entry of the directory. `start` is the first sector of its stream, `size` its length in bytes."""

    name: str
    type: int
    left: int
    right: int
    child: int
    class_id: bytes
    start: int
    size: int


class Stream:
    """A stream as runs of the file. `size` counts the bytes that are really there."""

    def __init__(self, sample: Sample, runs: list[tuple[int, int]], limit: int) -> None:
        self._sample = sample
        self._offsets: list[int] = []
        self._runs: list[tuple[int, int]] = []
        self.size = 0
        for start, length in runs:
            usable = min(length, limit - self.size, sample.size - start)
            if usable <= 0:
                break
            self._offsets.append(self.size)
            self._runs.append((start, usable))
            self.size += usable
            if usable < length:
                break

    def read(self, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`; fewer at the end of the stream. Raises OSError."""
        count = min(count, self.size - offset)
        if offset < 0 or count <= 0:
            return b""
        index = bisect_right(self._offsets, offset) - 1
        parts = []
        while count > 0 and index < len(self._runs):
            start, length = self._runs[index]
            inside = offset - self._offsets[index]
            part = self._sample.read(start + inside, min(count, length - inside))
            parts.append(part)
            offset += len(part)
            count -= len(part)
            index += 1
        return b"".join(parts)


class Compound:
    """The directory of a compound file. Raises TornError when it cannot be read; OSError."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        header = sample.read(0, _HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            raise TornError("OLE2 header is cut off")
        shift = unpack_from("<H", header, 30)[0]
        if shift not in (9, 12):
            raise TornError(f"OLE2 sector shift {shift}")
        self._sector_bytes = 1 << shift
        self._entries = self._sector_bytes // 4
        self._sectors = max(0, -(-sample.size // self._sector_bytes) - 1)
        self._table: list[int] = list(unpack_from(f"<{_HEADER_ENTRIES}I", header, 76))
        self._table_sectors = unpack_from("<I", header, 44)[0]
        self._next_table_sector = unpack_from("<I", header, 68)[0]
        self._mini_start = unpack_from("<I", header, 60)[0]
        self._pages: dict[int, tuple[int, ...]] = {}
        self._steps = 4 * self._sectors + 10_000
        self.nodes = self._read_nodes(unpack_from("<I", header, 48)[0])
        if not self.nodes or self.nodes[0].type != ROOT:
            raise TornError("OLE2 directory has no root")

    @property
    def root(self) -> Node:
        """The first entry: it stands for the file itself."""
        return self.nodes[0]

    @cached_property
    def paths(self) -> dict[str, Node]:
        """All entries in use by path: names in lower case, joined by `/`."""
        found: dict[str, Node] = {}
        seen = {0}
        waiting = [(self.root.child, "", 0)]
        while waiting:
            number, place, depth = waiting.pop()
            if number in seen or number >= len(self.nodes):
                continue
            seen.add(number)
            node = self.nodes[number]
            path = place + node.name.lower().replace("/", "\\")
            if node.type:
                found.setdefault(path, node)
            if node.type == STORAGE and depth < _DEPTH_LIMIT:
                waiting.append((node.child, path + "/", depth + 1))
            waiting += ((node.left, place, depth), (node.right, place, depth))
        return found

    def inside(self, storage: str) -> dict[str, Node]:
        """The entries right under a storage, by name in lower case; the root's for an empty path."""
        return self._children.get(storage, {})

    @cached_property
    def _children(self) -> dict[str, dict[str, Node]]:
        found: dict[str, dict[str, Node]] = {}
        for path, node in self.paths.items():
            storage, _, name = path.rpartition("/")
            found.setdefault(storage, {})[name] = node
        return found

    def open(self, path: str) -> Stream:
        """The stream at this path (lower case).

        A chain that ends early gives a short stream: writers get sizes wrong. Raises TornError when there is none, or
        its chain leaves the file or runs in a circle; OSError.
        """
        node = self.paths.get(path)
        if node is None or node.type == STORAGE:
            raise TornError(f"OLE2 stream {path!r} is missing")
        stream, fault = self._stream(node)
        if fault:
            raise TornError(f"OLE2 stream {path!r} {fault}")
        return stream

    def try_open(self, path: str) -> tuple[Stream, str]:
        """What can be had of a stream that is there, and what is wrong with it, in English. Raises OSError."""
        try:
            return self._stream(self.paths[path])
        except TornError as torn:
            return Stream(self._sample, [], 0), str(torn)

    def find_cut(self) -> str:
        """What of the streams lies beyond the file's end, in English; empty if nothing. Raises TornError; OSError."""
        if not self._sample.size % self._sector_bytes and not self._allocates_beyond_end():
            return ""
        for path, node in self.paths.items():
            if node.type != STORAGE and self._steps > 0:
                _, fault = self._stream(node)
                if fault == _OUTSIDE:
                    return f"OLE2 stream {path!r} {fault}"
        return ""

    def _allocates_beyond_end(self) -> bool:
        """Whether the allocation table has a use for sectors that the file is too short for."""
        first, place = divmod(self._sectors, self._entries)
        for page in range(first, min(self._table_sectors, first + 4096)):
            if page >= _HEADER_ENTRIES and self._next_table_sector > _LAST_SECTOR and page >= len(self._table):
                return False
            if self._table_sector(page) >= self._sectors:
                return True
            if any(entry != _FREE for entry in self._page(page)[place:]):
                return True
            place = 0
        return False

    def _stream(self, node: Node) -> tuple[Stream, str]:
        if node.size < _MINI_LIMIT and node is not self.root:
            return self._mini_stream(node)
        runs, fault = self._runs(node.start, node.size)
        stream = Stream(self._sample, runs, node.size)
        if not fault and stream.size < min(node.size, sum(length for _, length in runs)):
            fault = _OUTSIDE
        return stream, fault

    def _mini_stream(self, node: Node) -> tuple[Stream, str]:
        """A short stream. It is read at once."""
        parts = []
        missing = node.size
        number = node.start
        fault = ""
        while missing > 0 and number <= _LAST_SECTOR:
            part = self._mini.read(number * _MINI_SECTOR, min(missing, _MINI_SECTOR))
            parts.append(part)
            if len(part) < min(missing, _MINI_SECTOR):
                fault = _OUTSIDE
                break
            missing -= len(part)
            entry = self._mini_table.read(number * 4, 4)
            if len(entry) < 4:
                fault = _OUTSIDE if missing else ""
                break
            number = unpack("<I", entry)[0]
        data = b"".join(parts)
        return Stream(Sample(data, BytesIO(data), len(data), ""), [(0, len(data))], node.size), fault

    @cached_property
    def _mini(self) -> Stream:
        """The stream that holds the short ones: its whole chain, because its size is often wrong."""
        return self._whole(self.root.start)

    @cached_property
    def _mini_table(self) -> Stream:
        return self._whole(self._mini_start)

    def _whole(self, start: int) -> Stream:
        size = self._sectors * self._sector_bytes
        runs, fault = self._runs(start, size)
        if fault == _CIRCLE:
            raise TornError("OLE2 mini stream runs in a circle")
        return Stream(self._sample, runs, size)

    def _runs(self, number: int, size: int) -> tuple[list[tuple[int, int]], str]:
        """The chain from this sector, as far as `size` bytes need it: offset and length of its runs, and its fault."""
        runs: list[tuple[int, int]] = []
        needed = min(-(-size // self._sector_bytes), self._sectors + 1)
        seen = bytearray(self._sectors)
        current = -1
        page: tuple[int, ...] = ()
        while needed > 0 and number <= _LAST_SECTOR:
            if number >= self._sectors:
                return runs, _OUTSIDE
            if seen[number]:
                return runs, _CIRCLE
            seen[number] = 1
            needed -= 1
            self._steps -= 1
            offset = (number + 1) * self._sector_bytes
            if runs and sum(runs[-1]) == offset:
                runs[-1] = (runs[-1][0], runs[-1][1] + self._sector_bytes)
            else:
                runs.append((offset, self._sector_bytes))
            index, place = divmod(number, self._entries)
            if index != current and needed > 0:
                current, page = index, self._page(index)
            number = page[place] if needed > 0 else _FREE
        return runs, ""

    def _sector(self, number: int, fill: bytes) -> bytes:
        """A sector of the tables. The file's last may lack its padding. Raises TornError; OSError."""
        if number >= self._sectors:
            raise TornError("OLE2 sector lies outside the file")
        return self._sample.read((number + 1) * self._sector_bytes, self._sector_bytes).ljust(self._sector_bytes, fill)

    def _page(self, page: int) -> tuple[int, ...]:
        """The entries of one sector of the allocation table."""
        if page not in self._pages:
            data = self._sector(self._table_sector(page), b"\xff")
            self._pages[page] = unpack(f"<{self._entries}I", data)
        return self._pages[page]

    def _table_sector(self, page: int) -> int:
        """The sector that holds this page of the allocation table; `page` is bounded by the file's size."""
        while page >= len(self._table):
            *more, self._next_table_sector = unpack(
                f"<{self._entries}I", self._sector(self._next_table_sector, b"\xff")
            )
            self._table += more
        return self._table[page]

    def _read_nodes(self, first: int) -> tuple[Node, ...]:
        nodes: list[Node] = []
        seen: set[int] = set()
        number = first
        while number <= _LAST_SECTOR and len(seen) * self._sector_bytes < _DIRECTORY_LIMIT:
            if number in seen:
                raise TornError("OLE2 directory runs in a circle")
            seen.add(number)
            data = self._sector(number, b"\0")
            nodes += (_node(data, place) for place in range(0, len(data), _NODE_BYTES))
            page, place = divmod(number, self._entries)
            number = self._page(page)[place]
        return tuple(nodes)


_OUTSIDE = "reaches beyond the end of the file"
_CIRCLE = "runs in a circle"


def _node(data: bytes, place: int) -> Node:
    raw, length, kind, _, left, right, child, class_id, start, size = unpack_from("<64sHBBIII16s20xII", data, place)
    name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return Node(name, kind, left, right, child, class_id, start, size)

"""Builds small, valid OLE2 compound files (MS-CFB, version 3) for tests."""

from dataclasses import dataclass
from struct import pack

_SECTOR = 512
_NONE = 0xFFFFFFFF
_END = 0xFFFFFFFE
_TABLE = 0xFFFFFFFD
_MINIMUM = 4096  # shorter streams would need a second table, so every stream is padded to this length


@dataclass(frozen=True)
class _Node:
    name: str
    type: int
    child: int = _NONE
    right: int = _NONE
    class_id: bytes = bytes(16)
    start: int = _END
    size: int = 0

    def packed(self) -> bytes:
        raw = self.name.encode("utf-16-le") + b"\0\0"
        # Red-black trees may be a plain list: every node black, each the right neighbour of the one before.
        links = pack("<HBBIII", len(raw), self.type, 1, _NONE, self.right, self.child)
        return raw.ljust(64, b"\0") + links + self.class_id + pack("<20xIQ", self.start, self.size)


def compound(streams: dict[str, bytes], *, class_id: bytes = b"", storages: tuple[str, ...] = ()) -> bytes:
    """A compound file with these streams and empty storages right under its root."""
    padded = {name: data.ljust(_MINIMUM, b"\0") for name, data in streams.items()}
    names = [*padded, *storages]
    nodes = [_Node("Root Entry", 5, child=1 if names else _NONE, class_id=class_id.ljust(16, b"\0"))]
    sectors: list[bytes] = []
    table: list[int] = []
    for number, name in enumerate(names, 1):
        right = number + 1 if number < len(names) else _NONE
        if name in padded:
            start = _append(padded[name], sectors, table)
            nodes.append(_Node(name, 2, right=right, start=start, size=len(padded[name])))
        else:
            nodes.append(_Node(name, 1, right=right, start=0))
    directory = _append(b"".join(node.packed() for node in nodes), sectors, table, unused=_free())
    pages = 1
    while pages * (_SECTOR // 4) < len(table) + pages:
        pages += 1
    first_page = len(table)
    table += [_TABLE] * pages
    table += [_NONE] * (pages * (_SECTOR // 4) - len(table))
    listed = [first_page + page for page in range(pages)] + [_NONE] * (109 - pages)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += pack("<HHHHH6x", 62, 3, 0xFFFE, 9, 6)
    header += pack("<IIIIIIIII", 0, pages, directory, 0, _MINIMUM, _END, 0, _END, 0)
    header += pack("<109I", *listed)
    return header + b"".join(sectors) + pack(f"<{len(table)}I", *table)


def _free() -> bytes:
    return pack("<68x3I48x", _NONE, _NONE, _NONE)


def _append(data: bytes, sectors: list[bytes], table: list[int], unused: bytes = b"\0") -> int:
    """Adds a stream as one chain and gives its first sector."""
    missing = -len(data) % _SECTOR
    data += unused * (missing // len(unused))
    start = len(table)
    count = len(data) // _SECTOR
    sectors.append(data)
    table += [start + number + 1 for number in range(count - 1)] + [_END]
    return start

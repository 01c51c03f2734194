"""Builds small, valid OLE2 compound files (MS-CFB, version 3) for tests."""

from dataclasses import dataclass
from struct import pack

_SECTOR = 512
_MINI_SECTOR = 64
_NONE = 0xFFFFFFFF
_END = 0xFFFFFFFE
_TABLE = 0xFFFFFFFD
_MINIMUM = 4096  # shorter streams lie in the mini stream


@dataclass
class _Node:
    name: str
    type: int
    child: int = _NONE
    right: int = _NONE
    class_id: bytes = bytes(16)
    start: int = 0
    size: int = 0

    def packed(self) -> bytes:
        raw = self.name.encode("utf-16-le") + b"\0\0"
        # Red-black trees may be a plain list: every node black, each the right neighbour of the one before.
        links = pack("<HBBIII", len(raw), self.type, 1, _NONE, self.right, self.child)
        return raw.ljust(64, b"\0") + links + self.class_id + pack("<20xIQ", self.start, self.size)


def compound(
    streams: dict[str, bytes],
    *,
    class_id: bytes = b"",
    storages: tuple[str, ...] = (),
    classes: dict[str, bytes] | None = None,
    short: bool = False,
) -> bytes:
    """A compound file with these streams and empty storages; `a/b` lies in the storage `a`.

    `classes` gives the class of storages by their path. Unless `short`, streams are padded to the length that keeps
    them out of the mini stream.
    """
    if not short:
        streams = {name: data.ljust(_MINIMUM, b"\0") for name, data in streams.items()}
    nodes = _nodes([*streams, *storages], streams, class_id)
    for path, value in (classes or {}).items():
        nodes[path].class_id = value
    sectors: list[bytes] = []
    table: list[int] = []
    mini, mini_table = _place_streams(nodes, streams, sectors, table)
    mini_start = _END
    if mini:
        nodes[""].start, nodes[""].size = _append(mini, sectors, table), len(mini)
        mini_start = _append(pack(f"<{len(mini_table)}I", *mini_table), sectors, table, unused=b"\xff")
    else:
        nodes[""].start = _END
    directory = _append(b"".join(node.packed() for node in nodes.values()), sectors, table, unused=_free())
    pages = 1
    while pages * (_SECTOR // 4) < len(table) + pages:
        pages += 1
    first_page = len(table)
    table += [_TABLE] * pages
    table += [_NONE] * (pages * (_SECTOR // 4) - len(table))
    listed = [first_page + page for page in range(pages)] + [_NONE] * (109 - pages)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += pack("<HHHHH6x", 62, 3, 0xFFFE, 9, 6)
    mini_sectors = -(-len(mini_table) * 4 // _SECTOR)
    header += pack("<IIIIIIIII", 0, pages, directory, 0, _MINIMUM, mini_start, mini_sectors, _END, 0)
    header += pack("<109I", *listed)
    return header + b"".join(sectors) + pack(f"<{len(table)}I", *table)


def _nodes(paths: list[str], streams: dict[str, bytes], class_id: bytes) -> dict[str, _Node]:
    """The nodes by path, the root's is empty; parents come before what is in them."""
    nodes = {"": _Node("Root Entry", 5, class_id=class_id.ljust(16, b"\0"))}
    last: dict[str, _Node] = {}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            place = "/".join(parts[:depth])
            if place in nodes:
                continue
            parent = "/".join(parts[: depth - 1])
            node = _Node(parts[depth - 1], 2 if place in streams else 1)
            if parent in last:
                last[parent].right = len(nodes)
            else:
                nodes[parent].child = len(nodes)
            last[parent] = node
            nodes[place] = node
    return nodes


def _place_streams(
    nodes: dict[str, _Node], streams: dict[str, bytes], sectors: list[bytes], table: list[int]
) -> tuple[bytes, list[int]]:
    """Puts every stream into sectors, or into the mini stream, which is given with its table."""
    mini = b""
    mini_table: list[int] = []
    for path, data in streams.items():
        node = nodes[path]
        node.size = len(data)
        if len(data) >= _MINIMUM:
            node.start = _append(data, sectors, table)
        elif data:
            node.start = len(mini_table)
            count = -(-len(data) // _MINI_SECTOR)
            mini += data.ljust(count * _MINI_SECTOR, b"\0")
            mini_table += [node.start + number + 1 for number in range(count - 1)] + [_END]
        else:
            node.start = _END
    return mini, mini_table


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

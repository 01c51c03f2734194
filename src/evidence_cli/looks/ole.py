"""OLE2 compound files (MS-CFB): Office 97-2003 and WPS documents, encrypted Office files, installers, mails.

Only the directory is read, by a walk of its own: a general reader loads the whole allocation table, follows
every loop a hostile file draws, and gives up on a long sibling list that is valid.
"""

from dataclasses import dataclass
from struct import unpack_from

from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.sample import Sample, TornError
from evidence_cli.vocabulary.kinds import FORMATS, Kind, kinds_of_extension

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER_BYTES = 512
_HEADER_ENTRIES = 109  # sectors of the allocation table that the header itself lists
_LAST_SECTOR = 0xFFFFFFFA  # greater numbers are marks
_END_OF_CHAIN = 0xFFFFFFFE
_NODE_BYTES = 128
_DIRECTORY_LIMIT = 2 * 1024 * 1024
_ROOT = 5

# The root's class of a Windows Installer package {000C1084-…-C000-…46} and of its patches {000C1086-…}.
_INSTALLER_CLASSES = (
    bytes.fromhex("84100c0000000000c000000000000046"),
    bytes.fromhex("86100c0000000000c000000000000046"),
)
_MAIN_STREAMS = {"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"}
_OFFICE = {Kind.WORD: "docx", Kind.EXCEL: "xlsx", Kind.SLIDES: "pptx"}


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
        self._sectors = max(0, -(-sample.size // self._sector_bytes) - 1)
        self._table: list[int] = list(unpack_from(f"<{_HEADER_ENTRIES}I", header, 76))
        self._next_table_sector = unpack_from("<I", header, 68)[0]
        self._pages: dict[int, bytes] = {}
        self.nodes = self._read_nodes(unpack_from("<I", header, 48)[0])
        if not self.nodes or self.nodes[0].type != _ROOT:
            raise TornError("OLE2 directory has no root")

    @property
    def root(self) -> Node:
        """The first entry: it stands for the file itself."""
        return self.nodes[0]

    def top(self) -> dict[str, Node]:
        """The entries that lie directly under the root, by name in lower case."""
        found: dict[str, Node] = {}
        seen: set[int] = set()
        waiting = [self.root.child]
        while waiting:
            number = waiting.pop()
            if number in seen or not 0 < number < len(self.nodes):
                continue
            seen.add(number)
            node = self.nodes[number]
            found.setdefault(node.name.lower(), node)
            waiting += (node.left, node.right)
        return found

    def misses(self, node: Node) -> bool:
        """Whether the file is too short to hold the node's stream."""
        return node.size > self._sample.size or (self._sectors <= node.start <= _LAST_SECTOR and node.size >= 4096)

    def _sector(self, number: int) -> bytes:
        if number >= self._sectors:
            raise TornError("OLE2 sector lies outside the file")
        data = self._sample.read((number + 1) * self._sector_bytes, self._sector_bytes)
        if len(data) < self._sector_bytes:
            raise TornError("OLE2 sector is cut off")
        return data

    def _after(self, number: int) -> int:
        """The sector that follows this one in its chain."""
        entries = self._sector_bytes // 4
        page, place = divmod(number, entries)
        if page not in self._pages:
            self._pages[page] = self._sector(self._table_sector(page))
        return int(unpack_from("<I", self._pages[page], place * 4)[0])

    def _table_sector(self, page: int) -> int:
        """The sector that holds this page of the allocation table; `page` is bounded by the file's size."""
        while page >= len(self._table):
            data = self._sector(self._next_table_sector)
            *more, self._next_table_sector = unpack_from(f"<{self._sector_bytes // 4}I", data)
            self._table += more
        return self._table[page]

    def _read_nodes(self, first: int) -> tuple[Node, ...]:
        nodes: list[Node] = []
        seen: set[int] = set()
        number = first
        while number != _END_OF_CHAIN and len(seen) * self._sector_bytes < _DIRECTORY_LIMIT:
            if number in seen:
                raise TornError("OLE2 directory runs in a circle")
            seen.add(number)
            data = self._sector(number)
            nodes += (_node(data, place) for place in range(0, len(data), _NODE_BYTES))
            number = self._after(number)
        return tuple(nodes)


def _node(data: bytes, place: int) -> Node:
    raw, length, kind, _, left, right, child, class_id, start, size = unpack_from("<64sHBBIII16s20xII", data, place)
    name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return Node(name, kind, left, right, child, class_id, start, size)


def look_at_ole(sample: Sample) -> Facts | None:
    """The facts of an OLE2 compound file, or None if the file is none. Raises OSError."""
    if not sample.head.startswith(_SIGNATURE):
        return None
    try:
        compound = Compound(sample)
    except TornError as torn:
        return Facts(_legacy_format(sample.extension), Health.DAMAGED, str(torn))
    top = compound.top()
    main = next((name for name in _MAIN_STREAMS if name in top), None)
    name = _MAIN_STREAMS[main] if main else "other"
    if "encryptedpackage" in top:
        return Facts(_encrypted_format(sample.extension), Health.ENCRYPTED, "encrypted Office package")
    if "\tdrmcontent" in top or any(node.name == "DRMEncryptedDataSpace" for node in compound.nodes):
        return Facts(name if main else _encrypted_format(sample.extension), Health.ENCRYPTED, "rights management")
    if compound.root.class_id in _INSTALLER_CLASSES:
        return Facts("executable", detail="Windows Installer package")
    if main and compound.misses(top[main]):
        return Facts(name, Health.DAMAGED, "OLE2 stream reaches beyond the end of the file")
    if "__properties_version1.0" in top:
        return Facts("other", detail="Outlook message")
    return Facts(name, detail="" if main else "OLE2 compound file")


def _legacy_format(extension: str) -> str:
    return next((name for name in ("doc", "xls", "ppt") if extension in FORMATS[name][1]), "other")


def _encrypted_format(extension: str) -> str:
    """The package inside is out of sight: only the name tells what it is."""
    kinds = kinds_of_extension(extension)
    return next((name for kind, name in _OFFICE.items() if kind in kinds), "docx")

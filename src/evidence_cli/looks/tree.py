"""One immutable picture of a question, whether it was read from a folder or from a package."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO, NamedTuple


class EntryType(Enum):
    """What an entry is. LINK: symlink or junction. SPECIAL: device, pipe, socket."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special"


class Origin(Enum):
    """Where a tree was read from."""

    FOLDER = "folder"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a tree.

    `path` is relative to the tree's root, `/` separated, in NFC: what people and packages see. `raw` is the name as it
    is stored, for opening it. `size` is in bytes. `mtime_ns` is the modification time where the listing has it (0 in a
    package). `error` says why it could not be listed, in the operating system's words. `stamp` changes with the file as
    far as the listing can tell; it is empty where nothing tells.
    """

    path: str
    raw: str
    type: EntryType
    size: int = 0
    mtime_ns: int = 0
    error: str = ""
    stamp: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> str:
        """The path without its last part; empty at the root."""
        return self.path.rpartition("/")[0]


class Location(NamedTuple):
    """Where a file's bytes lie as they are: in a file of the operating system, from `offset` on, `size` of them."""

    path: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Tree:
    """All names below a root, folders before what is in them, ordered by path.

    `root` is what a report shows before an entry's path: `指标/1.1-x/1.1-01-y/` or `报送/x.zip!/`. `opener` gives the
    bytes of a file entry as a seekable binary stream, and raises OSError when that fails. `locator` says where they lie
    for a reader in another process, or None where they are compressed.
    """

    root: str
    origin: Origin
    entries: tuple[Entry, ...]
    opener: Callable[[Entry], BinaryIO] = field(repr=False, compare=False)
    locator: Callable[[Entry], Location | None] = field(repr=False, compare=False, default=lambda _: None)

    def open(self, entry: Entry) -> BinaryIO:
        """The bytes of a file entry. Raises OSError."""
        return self.opener(entry)

    def locate(self, entry: Entry) -> Location | None:
        """Where the bytes of a file entry lie, if they lie anywhere as they are."""
        return self.locator(entry)

    def files(self) -> Iterator[Entry]:
        """The regular files."""
        return (entry for entry in self.entries if entry.type is EntryType.FILE)

    def shown(self, path: str) -> str:
        """A path of the tree as reports show it; the empty one is the question folder or the package itself."""
        return self.root + path if path else self.root.rstrip("/").rstrip("!")

"""Read a package: its tree, what its manifest and record say, and what its bytes really are. Nothing is extracted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

from evidence_cli.looks.packages.digests import CHUNK, content_digest, hash_stream, parse_manifest
from evidence_cli.looks.packages.record import ALGORITHMS, RECORD_NAME, PackageRecord, manifest_name, parse_record
from evidence_cli.looks.packages.zip_read import STORED, EntryError, ZipEntry, ZipFault, ZipImage, read_zip
from evidence_cli.looks.tree import Entry, EntryType, Location, Origin, Tree
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.names import is_junk

# Room for the most files with names of 180 汉字.
_LARGEST_TEXT = 20 * 1024 * 1024
# Folders that only other names imply, in characters: a few entries can imply thousands. Each costs `_FOLDER` besides.
_LARGEST_FOLDERS = 8 * 1024 * 1024
_FOLDER = 256
Map = Callable[[Callable[[Entry], None], Sequence[Entry]], object]


@dataclass(slots=True)
class PackageFacts:
    """What one package holds.

    `shown` is its path in reports, `size` its bytes. `digests` are those of the bytes that came out, by path; `failed`
    says of an entry why they did not (`crc` or `data`, and a detail for experts). `outside` counts the bytes before the
    first entry and behind the archive's end, which no digest covers. `manifest` and `record` are None where they are
    missing or unreadable; the `…_error` then says why, empty when simply missing. `image` is None where all this was
    known before.
    """

    shown: str
    size: int
    image: ZipImage | None
    tree: Tree
    faults: tuple[ZipFault, ...]
    wrapped: str = ""
    outside: int = 0
    algorithm: str = "sha256"
    digests: dict[str, str] = field(default_factory=dict)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)
    manifest: Mapping[str, str] | None = None
    manifest_error: str = ""
    record: PackageRecord | None = None
    record_error: str = ""

    @property
    def opens(self) -> bool:
        """Whether the archive itself could be read; a bomb is not."""
        fatal = (Code.PACKAGE_BROKEN, Code.PACKAGE_BOMB)
        return not any(fault.code in fatal and fault.entry is None for fault in self.faults)

    def close(self) -> None:
        """Let go of the file."""
        if self.image is not None:
            self.image.close()

    def content(self, paths: Sequence[str]) -> str:
        """The content digest over these paths (answer and evidence)."""
        return content_digest(((self.digests.get(path, ""), path) for path in paths), self.algorithm)


def read_package(
    path: Path, shown: str, *, evidence_name: str, each: Map, digests: Mapping[str, str] | None = None
) -> PackageFacts:
    """Read a package whole: every entry once, as a stream. Where the `digests` of all entries are known, none is.

    `evidence_name` is the evidence set's name in the layout, so that an evidence set without an answer is not mistaken
    for a wrapping folder. `each` runs a function over entries, perhaps in parallel. Raises OSError when the file cannot
    be read at all.
    """
    image = read_zip(path)
    usable = _usable(image)
    wrapped = _wrapping(usable, evidence_name)
    root = package_root(shown, wrapped)
    faults = image.faults
    try:
        tree = _tree(image, usable, root, wrapped)
    except _TooDeep:
        faults = (*faults, ZipFault(Code.PACKAGE_BOMB, None, {"reason": "folders", "entries": len(image.entries)}))
        tree = _tree(image, [], root, wrapped)
    facts = PackageFacts(shown, image.size, image, tree, faults, wrapped, image.outside)
    if facts.opens:
        _read_texts(facts)
    # What would expand to far more than it is is not read to its end to prove it.
    if facts.opens and not any(fault.code is Code.PACKAGE_BOMB for fault in faults):
        if digests is not None and digests.keys() == {entry.path for entry in tree.files() if not entry.error}:
            facts.digests.update(digests)
            return facts
        each(lambda entry: _read_entry(facts, entry), [entry for entry in tree.files() if not entry.error])
    return facts


def package_root(shown: str, wrapped: str) -> str:
    """What reports show before the names in a package."""
    return f"{shown}!/{wrapped}/" if wrapped else f"{shown}!/"


class _TooDeep(Exception):  # noqa: N818 - says what is wrong
    """The entries' names imply more folders than fits in memory."""


def _usable(image: ZipImage) -> list[tuple[int, ZipEntry]]:
    """Entries with a name and a nature that a folder could have; the rest only give findings."""
    unsafe = {fault.entry for fault in image.faults if fault.code is Code.ENTRY_UNSAFE}
    return [(n, e) for n, e in enumerate(image.entries) if e.name not in unsafe and not e.is_link]


def _wrapping(entries: list[tuple[int, ZipEntry]], evidence_name: str) -> str:
    """The one folder in which everything lies, or nothing."""
    top, is_folder = "", False
    in_junk = cache(_in_junk)
    for _, entry in entries:
        parent, _, last = entry.name.rstrip("/").rpartition("/")
        if is_junk(last, folder=entry.is_folder) or in_junk(parent):
            continue
        first = entry.name.partition("/")[0]
        if top and first != top:
            return ""
        top, is_folder = first, bool(parent)
    return top if is_folder and top != evidence_name else ""


def _in_junk(folder: str) -> bool:
    return any(is_junk(part, folder=True) for part in folder.split("/"))


def _tree(image: ZipImage, usable: list[tuple[int, ZipEntry]], root: str, wrapped: str) -> Tree:
    prefix = f"{wrapped}/" if wrapped else ""
    by_raw = {}
    entries: dict[str, Entry] = {}
    room = _LARGEST_FOLDERS
    for number, zipped in usable:
        if not zipped.name.startswith(prefix):
            continue
        path = zipped.name[len(prefix) :].rstrip("/")
        if not path:
            continue
        room = _add_parents(entries, path, room)
        if zipped.is_folder:
            entries.setdefault(f"{path}/", Entry(path, f"{path}/", EntryType.FOLDER))
            continue
        by_raw[str(number)] = zipped
        error = "encrypted" if zipped.encrypted else "" if zipped.method in (0, 8) else "method"
        entries[str(number)] = Entry(path, str(number), EntryType.FILE, zipped.size, error=error)

    def opener(entry: Entry) -> BinaryIO:
        return image.open(by_raw[entry.raw])

    def locator(entry: Entry) -> Location | None:
        return location_of(image, by_raw[entry.raw])

    ordered = sorted(entries.values(), key=lambda entry: entry.path.encode("utf-8", "surrogateescape"))
    return Tree(root, Origin.PACKAGE, tuple(ordered), opener, locator)


def location_of(image: ZipImage, zipped: ZipEntry) -> Location | None:
    """Where an entry's bytes lie in the package's file, if they lie there as they are."""
    if zipped.method != STORED or zipped.encrypted or zipped.data_offset < 0 or zipped.size != zipped.compressed:
        return None
    return Location(image.path, zipped.data_offset, zipped.size)


def _add_parents(entries: dict[str, Entry], path: str, room: int) -> int:
    """Add the folders that a path implies, the innermost first, and say how many characters may still follow."""
    parent = path.rpartition("/")[0]
    while parent and f"{parent}/" not in entries:
        entries[f"{parent}/"] = Entry(parent, f"{parent}/", EntryType.FOLDER)
        room -= len(parent) + _FOLDER
        if room < 0:
            raise _TooDeep
        parent = parent.rpartition("/")[0]
    return room


def _read_texts(facts: PackageFacts) -> None:
    by_path = {entry.path: entry for entry in facts.tree.files()}
    if RECORD_NAME in by_path:
        try:
            facts.record = parse_record(_text(facts.tree, by_path[RECORD_NAME]))
        except (OSError, ValueError) as error:
            facts.record_error = str(error) or type(error).__name__
    known = [a for a in ALGORITHMS if manifest_name(a) in by_path]
    wanted = facts.record.algorithm if facts.record else "sha256"
    facts.algorithm = wanted if wanted in known or not known else known[0]
    if known:
        try:
            facts.manifest = parse_manifest(_text(facts.tree, by_path[manifest_name(facts.algorithm)]))
        except (OSError, ValueError) as error:
            facts.manifest_error = str(error) or type(error).__name__


def _text(tree: Tree, entry: Entry) -> bytes:
    if entry.size > _LARGEST_TEXT:
        raise ValueError(f"{entry.size} bytes")
    with tree.open(entry) as stream:
        return stream.read()


def _read_entry(facts: PackageFacts, entry: Entry) -> None:
    try:
        with facts.tree.open(entry) as stream:
            buffer = bytearray(min(CHUNK, entry.size + 1))
            facts.digests[entry.path] = hash_stream(stream, facts.algorithm, buffer)[0]
    except EntryError as error:
        facts.failed[entry.path] = (error.reason, str(error))

"""Before the bagit library may read a bag: is everything in it bounded, of a form that it reads, and inside the bag?

The library believes what a manifest or a folder says: it asks for any encoding, follows links, and only logs lines that
it cannot read.
"""

import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from evidence_cli.looks.folder import entry_of
from evidence_cli.looks.opening import open_regular
from evidence_cli.looks.tree import EntryType
from evidence_cli.vocabulary.names import nfc

# Twenty times what an evaluation archives; each costs a few kilobytes.
MAX_FILES = 200_000
# The library descends by recursion; what evcli archives is a dozen deep.
MAX_DEPTH = 100
# The most files with three digits and names of 180 汉字 would take more; nobody has those.
MAX_MANIFEST = 128 * 1024 * 1024
MAX_INFO = 1024 * 1024
MAX_DECLARATION = 4096
# More than this says nothing new.
MAX_FAULTS = 1000

MANIFEST = re.compile(r"(?P<tag>tag)?manifest-(?P<algorithm>[a-z0-9_]+)\.txt")
_TAG_FILES = {"bagit.txt", "bag-info.txt", "package-info.txt", "fetch.txt"}
# Those of the algorithms that the library computes.
_USABLE = {f"manifest-{algorithm}.txt" for algorithm in ("md5", "sha1", "sha256", "sha384", "sha512")}
# RFC 8493 §2.1.1; what encoding a bag names is for a library to look up, and so it is this one.
_DECLARATION = re.compile(
    rb"BagIt-Version: *(?:0\.9[3-7]|1\.[0-9])\s*\r?\nTag-File-Character-Encoding: *UTF-8\s*", re.IGNORECASE
)
_LINE = re.compile(r"[0-9A-Fa-f]{32,128}[ \t]+\*?(?P<path>\S.*)")
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\\]|^[/~]|^[A-Za-z]:")


class Trouble(Enum):
    """What sort of fault: it cannot be read, lists other files than there are, is altered, or leads out of the bag."""

    UNREADABLE = "unreadable"
    INCOMPLETE = "incomplete"
    ALTERED = "altered"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class BagFault:
    """A fault of a bag, at a path in it; `reason` names the words, `detail` is for experts."""

    trouble: Trouble
    path: str
    reason: str
    detail: str = ""


@dataclass(slots=True)
class Surveyed:
    """What lies in a bag: the size in bytes of each file by its path, and why it may not be read further."""

    sizes: dict[str, int] = field(default_factory=dict)
    faults: list[BagFault] = field(default_factory=list)


def is_bag(folder: Path) -> bool:
    """Whether a folder is meant as a bag, perhaps a damaged one: it is never taken for a folder of packages."""
    if not folder.is_dir():
        return False
    if os.path.lexists(folder / "bagit.txt"):
        return True
    return (folder / "data").is_dir() and any(MANIFEST.fullmatch(path.name) for path in folder.iterdir())


def survey_bag(folder: Path) -> Surveyed:
    """Walk a bag without following a link, and read its tag files within bounds. Raises OSError for the bag itself."""
    found = Surveyed()
    try:
        _walk(folder, found)
    except _TooMany:
        found.faults.append(BagFault(Trouble.UNREADABLE, "", "entries", str(MAX_FILES)))
    if found.faults:
        return found
    found.faults += _misspelled(found)
    found.faults += _declaration(folder, found)
    manifests = sorted(name for name in found.sizes if MANIFEST.fullmatch(name))
    if not any(name in _USABLE for name in manifests):
        found.faults.append(BagFault(Trouble.UNREADABLE, "", "no_manifest"))
    if not (folder / "data").is_dir():
        found.faults.append(BagFault(Trouble.UNREADABLE, "", "no_payload"))
    if "fetch.txt" in found.sizes:
        found.faults.append(BagFault(Trouble.UNSAFE, "fetch.txt", "fetch"))
    for name in manifests:
        for fault in _manifest(folder, name, found.sizes[name]):
            found.faults.append(fault)
            if len(found.faults) >= MAX_FAULTS:
                return found
    return found


class _TooMany(Exception):  # noqa: N818 - says what is wrong
    """More files and folders than an archive has."""


def _walk(folder: Path, found: Surveyed) -> None:
    pending, seen = [""], 0
    while pending:
        parent = pending.pop()
        with os.scandir(folder / parent) as listing:
            for child in listing:
                seen += 1
                if seen > MAX_FILES:
                    raise _TooMany
                path = f"{parent}{child.name}"
                entry = entry_of(child, path, path)
                if entry.error:
                    found.faults.append(BagFault(Trouble.UNREADABLE, path, "file", entry.error))
                elif entry.type is EntryType.FOLDER and path.count("/") >= MAX_DEPTH:
                    found.faults.append(BagFault(Trouble.UNREADABLE, path, "deep", str(MAX_DEPTH)))
                elif entry.type is EntryType.FOLDER:
                    pending.append(f"{path}/")
                elif entry.type is EntryType.FILE:
                    found.sizes[path] = entry.size
                else:
                    reason = "link" if entry.type is EntryType.LINK else "special"
                    found.faults.append(BagFault(Trouble.UNSAFE, path, reason))
                if len(found.faults) >= MAX_FAULTS:
                    return


def _misspelled(found: Surveyed) -> Iterator[BagFault]:
    """Names of tag files in capitals: Windows and macOS open them as what they are not called."""
    for name in sorted(found.sizes):
        plain = name.lower()
        if name != plain and (plain in _TAG_FILES or MANIFEST.fullmatch(plain)):
            yield BagFault(Trouble.UNREADABLE, name, "spelling", plain)


def _declaration(folder: Path, found: Surveyed) -> Iterator[BagFault]:
    if "bagit.txt" not in found.sizes:
        yield BagFault(Trouble.UNREADABLE, "bagit.txt", "no_declaration")
    else:
        data = _read(folder, "bagit.txt", MAX_DECLARATION)
        if isinstance(data, BagFault):
            yield data
        elif _DECLARATION.fullmatch(data) is None:
            yield BagFault(Trouble.UNREADABLE, "bagit.txt", "declaration")
    for name in ("bag-info.txt", "package-info.txt"):
        if name in found.sizes:
            data = _read(folder, name, MAX_INFO)
            if isinstance(data, BagFault):
                yield data
            elif not _is_text(data):
                yield BagFault(Trouble.UNREADABLE, name, "encoding")


def _manifest(folder: Path, name: str, size: int) -> Iterator[BagFault]:
    data = _read(folder, name, MAX_MANIFEST)
    if isinstance(data, BagFault):
        yield data
        return
    if data.startswith(BOM_UTF8) or not _is_text(data):
        yield BagFault(Trouble.UNREADABLE, name, "encoding")
        return
    if data.count(b"\n") > MAX_FILES:
        yield BagFault(Trouble.UNREADABLE, name, "large")
        return
    payload = name.startswith("manifest-")
    seen: set[str] = set()
    # As the library divides it: other signs than a line feed end a line, too.
    for number, line in enumerate(data.decode().splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            yield BagFault(Trouble.UNREADABLE, name, "line", str(number))
            continue
        path = match["path"].removeprefix("./")
        if _UNSAFE.search(path) or ".." in path.split("/") or path.startswith("data/") is not payload:
            yield BagFault(Trouble.UNSAFE, name, "path", path)
        elif nfc(os.path.normpath(path)) in seen:
            yield BagFault(Trouble.UNREADABLE, name, "twice", path)
        seen.add(nfc(os.path.normpath(path)))


def _read(folder: Path, name: str, most: int) -> bytes | BagFault:
    try:
        with open_regular(str(folder / name)) as stream:
            data = bytearray()
            while piece := stream.read(min(1 << 20, most + 1 - len(data))):
                data += piece
    except OSError as error:
        return BagFault(Trouble.UNREADABLE, name, "file", error.strerror or str(error))
    return BagFault(Trouble.UNREADABLE, name, "large") if len(data) > most else bytes(data)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data

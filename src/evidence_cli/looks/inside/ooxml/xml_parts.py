"""The XML parts of a container, read piece by piece into passages within limits; for OOXML and OpenDocument."""

import re
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from evidence_cli.looks.containers.xml_events import read_xml
from evidence_cli.looks.containers.zipped import Container
from evidence_cli.looks.facts import Gap, Passage, Place
from evidence_cli.looks.sample import TornError

# What a part may hold after decompression; a consumer has enough long before.
PART_LIMIT = 64 * 1024 * 1024
# expat reads an unfinished token anew with every piece: larger pieces keep a hostile one cheap.
_PIECE = 4 * 1024 * 1024
# Tags of one document: some two or three seconds of reading. A passage costs as much as two.
_TAG_LIMIT = 1_000_000
# Characters of one passage; what is longer comes in several with the same place.
_PASSAGE_LIMIT = 500_000
_SIZE_LIMIT = 96 * 1024 * 1024
_ROOT_BYTES = 64 * 1024

LONG = Gap("text", "long")


class Budget:
    """How much of one document is still read, in tags and in bytes after decompression; shared by its parts."""

    def __init__(self) -> None:
        self.tags = _TAG_LIMIT
        self.size = _SIZE_LIMIT


class _SpentError(Exception):
    """The rest of the part is not read."""


class Collector:
    """A handler that turns events into passages. `out` is emptied by who reads it."""

    def __init__(self) -> None:
        self.out: list[Passage | Gap] = []

    def sift(self, chunk: bytes) -> bytes:
        """What of a chunk of the part the parser must see; the rest is dealt with here."""
        return chunk

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def characters(self, text: str) -> None:
        """Text between tags."""

    def emit(self, place: Place, parts: list[str]) -> None:
        """Give these parts as one passage, or as several where they are too long; nothing if they are blank."""
        if not parts:
            return
        text = "".join(parts)
        if not text or text.isspace():
            return
        for begin in range(0, len(text), _PASSAGE_LIMIT):
            self.out.append(Passage(place, text[begin : begin + _PASSAGE_LIMIT]))


def read_passages(container: Container, part: str, collector: Collector, budget: Budget) -> Iterator[Passage | Gap]:
    """What the collector makes of a part, and a Gap where that is too long to be read to its end.

    Raises TornError when the part is not well-formed; OSError.
    """
    return read_chunks(container.chunks(part, PART_LIMIT), collector, part, budget)


def read_chunks(chunks: Iterable[bytes], collector: Collector, part: str, budget: Budget) -> Iterator[Passage | Gap]:
    """As `read_passages` does, from chunks that come from anywhere. Raises what drawing a chunk raises, too."""
    try:
        for _ in read_xml(_within(chunks, collector, budget), collector, part):
            yield from collector.out
            collector.out.clear()
    except _SpentError:
        yield from collector.out
        yield LONG


def read_part(container: Container, part: str, collector: Collector) -> None:
    """Feed a small part whole, such as relationships or a workbook's list of sheets.

    Raises TornError when it is not well-formed or too large; OSError.
    """
    if LONG in read_passages(container, part, collector, Budget()):
        raise TornError(f"{part}: too long")


def check_root(chunks: Iterable[bytes], part: str, *roots: str) -> None:
    """See that the root element has one of these local names; the first chunk decides. Raises TornError; OSError."""
    seen: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, _attributes: seen.append(tag.rpartition(" ")[2])
    try:
        for chunk in chunks:
            parser.Parse(chunk[:_ROOT_BYTES], False)
            break
    except (expat.ExpatError, LookupError, ValueError) as problem:
        if not seen:
            raise TornError(f"{part}: {problem}") from problem
    if not seen or seen[0] not in roots:
        raise TornError(f"{part}: its root is {seen[0] if seen else 'missing'}")


def _within(chunks: Iterable[bytes], collector: Collector, budget: Budget) -> Iterator[bytes]:
    """What the parser must see of the chunks, in larger pieces, as far as the budget and the limit of a part allow."""
    held: list[bytes] = []
    size = total = 0
    for chunk in chunks:
        total += len(chunk)
        budget.size -= len(chunk)
        seen = collector.sift(chunk)
        budget.tags -= seen.count(b"<") + 2 * len(collector.out)
        held.append(seen)
        size += len(seen)
        spent = budget.tags < 0 or budget.size < 0 or total >= PART_LIMIT
        if spent or size >= _PIECE or collector.out:
            yield b"".join(held)
            held, size = [], 0
        if spent:
            raise _SpentError
    yield b"".join(held)


_WRAPPERS = re.compile(r"(?:mhtml|script|x-usc|url):", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?|ftps?|sftp|smb|webdavs?|davs?)://", re.IGNORECASE)
_UNC = re.compile(r"[\\/]{2}[^\\/?.]")
_DRIVE = re.compile(r"[A-Za-z][:|]")


def is_remote(target: str) -> bool:
    """Whether opening this link leaves the computer: over http(s), ftp or to a UNC path (`\\\\server\\share`)."""
    rest = target.strip()
    while wrapper := _WRAPPERS.match(rest):
        rest = rest[wrapper.end() :].lstrip()
    if _REMOTE.match(rest):
        return True
    if rest[:5].lower() != "file:":
        return bool(_UNC.match(rest))
    path = rest[5:]
    bare = path.lstrip("/\\")
    slashes = len(path) - len(bare)
    if _DRIVE.match(bare) or bare.lower().startswith("localhost/") or not bare:
        return False
    # file://server/share, file:////server/share and file:///\\server\share; file:///path is a local one.
    return slashes == 2 or slashes >= 4

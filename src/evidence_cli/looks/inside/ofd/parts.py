"""The parts of an OFD container (GB/T 33190-2016, 7.2): found by the locations that other parts give, and parsed."""

from collections.abc import Iterator
from urllib.parse import unquote

from evidence_cli.looks.containers.xml_encoding import utf8_chunks
from evidence_cli.looks.containers.xml_events import Handler, read_xml
from evidence_cli.looks.containers.zipped import Container
from evidence_cli.looks.sample import TornError

# Over all parts, some two seconds of parsing: what costs is tags.
_XML_LIMIT = 64 * 1024 * 1024
_TAG_LIMIT = 2_000_000
_UTF8_FLAG = 0x800


class _EnoughError(Exception):
    """The budget ended inside a part."""


class Parts:
    """The members of a container by name, and what is left of the budget for parsing them."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._left = _XML_LIMIT
        self._tags = _TAG_LIMIT
        # Windows programs of China write names in GBK, others in UTF-8, and neither sets the flag.
        self._names: dict[str, str] = {}
        for name, member in container.members.items():
            if not member.flag_bits & _UTF8_FLAG and not name.isascii():
                for reading in _readings(member.filename):
                    self._names.setdefault(reading, name)
            self._names.setdefault(name, name)

    @property
    def exhausted(self) -> bool:
        """Whether the budget for parsing is used up."""
        return self._left <= 0 or self._tags <= 0

    def find(self, location: str, base: str) -> str | None:
        """The part that `location` names inside the part `base`, or None. It never leads out of the container."""
        location = location.strip().replace("\\", "/").lower()
        if not location:
            return None
        folder = "" if location.startswith("/") else base.rpartition("/")[0]
        # Some writers leave out the slash that makes a location absolute; some escape what is not ASCII.
        for candidate in (location, unquote(location)):
            for start in (folder, ""):
                name = _joined(start, candidate)
                if name in self._names:
                    return name
        return None

    def parse(self, name: str, handler: Handler) -> None:
        """Feeds a part to the handler; nothing once the budget is used up. Raises TornError; OSError."""
        if self.exhausted:
            return
        try:
            for _ in read_xml(utf8_chunks(self._chunks(name)), handler, name):
                pass
        except _EnoughError:
            return
        except UnicodeError as problem:
            raise TornError(f"{name}: {problem}") from problem

    def _chunks(self, name: str) -> Iterator[bytes]:
        name = self._names[name]
        for chunk in self._container.chunks(name, self._container.members[name].file_size):
            self._left -= len(chunk)
            self._tags -= chunk.count(b"<")
            yield chunk
            if self.exhausted:
                raise _EnoughError

    def head(self, name: str, count: int) -> bytes:
        """The first bytes of a part. Raises TornError; OSError."""
        return self._container.read(self._names[name], count)


def _readings(stored: str) -> Iterator[str]:
    """What the bytes of a name say that was read as code page 437."""
    try:
        raw = stored.encode("cp437")
    except UnicodeEncodeError:
        return
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        yield name.replace("\\", "/").lstrip("/").lower()


def _joined(folder: str, location: str) -> str:
    """The steps of a location from a folder; one that leads above the root stays there."""
    steps = [step for step in folder.split("/") if step]
    for step in location.split("/"):
        step = step.strip()
        if step == "..":
            del steps[-1:]
        elif step and step != ".":
            steps.append(step)
    return "/".join(steps)

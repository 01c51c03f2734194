"""OpenDocument (ISO/IEC 26300): text, spreadsheets and presentations, as packages and as flat XML."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from evidence_cli.looks.containers.xml_events import local
from evidence_cli.looks.containers.zipped import STARTS, Container, TooLargeError, check_members, open_container
from evidence_cli.looks.facts import Active, Facts, Gap, Passage
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.ooxml.properties import open_properties
from evidence_cli.looks.inside.ooxml.xml_parts import (
    PART_LIMIT,
    Budget,
    Collector,
    check_root,
    is_remote,
    read_chunks,
)
from evidence_cli.looks.inside.opendocument.events import Texts
from evidence_cli.looks.sample import LockedError, Sample, TornError

_MANIFEST = "meta-inf/manifest.xml"
_CONTENT = "content.xml"
_STYLES = "styles.xml"
_META = "meta.xml"
_OLE = b"application/vnd.sun.star.oleobject"
_SMALL_PART = 4 * 1024 * 1024
_CHUNK = 1024 * 1024
_MODULES = 1000

# Only a document with one of these is read a second time, for what is active in it.
_SUSPECTS = (b"event-listener", b"object-ole", b"dde-", b"table-source", b"source-code")
_SUSPECT = re.compile(rb"href\s?=\s?[\"'](?:[A-Za-z]{3,10}:)?(?:[A-Za-z]{3,8}:)?[/\\]{2}")
# Elements whose `xlink:href` is loaded with the document; `a` is a hyperlink.
_LOADED = frozenset(
    {
        "image", "object", "plugin", "applet", "floating-frame", "section-source", "fill-image", "background-image",
        "cell-range-source", "sound", "audio", "video", "object-ole", "list-level-style-image", "stroke-image",
    }
)  # fmt: skip
_PICTURES = "pictures/"
_ROOTS = ("document-content", "document")
_FLAT_ROOT = re.compile(rb"(<office:document)\b[^<>]{0,16000}>")
_ROOT_WITHIN = 32 * 1024
_DECLARED = re.compile(rb"xmlns:([A-Za-z0-9_-]{1,40})\s*=")
# Prefixes of the standard, of what it builds on, and of LibreOffice.
_PREFIXES = tuple(
    b"text table style draw fo svg xlink dc meta number presentation chart dr3d math form script config anim smil "
    b"office xforms xsd xsi ooo ooow oooc dom rpt of xhtml grddl officeooo tableooo drawooo calcext loext field "
    b"formx css3t db db2".split()
)
_DDE = frozenset({"dde-source", "dde-link", "dde-connection-decl", "dde-connection"})
# What LibreOffice writes into a new module, and remarks.
_IDLE_BASIC = re.compile(r"^\s*(?:(?:rem\b|').*|sub\s+main\b.*|end\s+sub|option\s.*)?$", re.IGNORECASE)


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Macros, links and objects, and the text: paragraphs, cells, slides, notes, comments, headers and footers.

    Raises TornError, LockedError, BombError; OSError.
    """
    if not sample.head.startswith(STARTS):
        return _look_inside_flat(sample, facts)
    try:
        container = open_container(sample)
    except TooLargeError:
        raise TornError("zip directory too large to look into") from None
    whole = check_members(container)
    for part in (_MANIFEST, _CONTENT):
        if part not in container.members:
            raise TornError(f"{part} is missing")
    manifest = container.read(_MANIFEST, _SMALL_PART)
    if b"encryption-data" in manifest:
        raise LockedError("encrypted OpenDocument package")
    parts = [name for name in (_CONTENT, _STYLES) if name in container.members]
    check_root(container.chunks(_CONTENT, PART_LIMIT), _CONTENT, *_ROOTS)
    active = {Active.MACROS} if _has_modules(container) else set()
    if _OLE in manifest:
        active.add(Active.OBJECT)
    for part in parts:
        active |= _active_in(lambda part=part: container.chunks(part, PART_LIMIT), part)  # type: ignore[misc]
    gaps = facts.gaps if whole else (*facts.gaps, Gap("health", "large"))
    streams = [(container.chunks(part, PART_LIMIT), part) for part in parts]
    meta = container.chunks(_META, PART_LIMIT) if _META in container.members else None
    facts = replace(facts, active=_in_order(active), gaps=gaps)
    pictures = any(name.startswith(_PICTURES) for name in container.members)
    return Inside(facts, _passages(streams, facts.format, meta), pictures=pictures)


def _look_inside_flat(sample: Sample, facts: Facts) -> Inside:
    """A document in one XML file (ISO/IEC 26300-1, 3.1.2)."""

    def chunks() -> Iterator[bytes]:
        place = 0
        while place < PART_LIMIT and (chunk := sample.read(place, _CHUNK)):
            yield chunk if place else _with_prefixes(chunk)
            place += len(chunk)

    check_root(chunks(), "document", "document")
    active = _active_in(chunks, "document")
    facts = replace(facts, active=_in_order(active))
    return Inside(facts, _passages([(chunks(), "document")], facts.format))


def _with_prefixes(chunk: bytes) -> bytes:
    """The beginning of a flat document, with the usual prefixes declared that it lacks: LibreOffice minds none."""
    root = _FLAT_ROOT.search(chunk, 0, _ROOT_WITHIN)
    declared = set(_DECLARED.findall(root[0])) if root else set()
    if root is None or b"office" not in declared:
        return chunk
    more = b"".join(b' xmlns:%b="urn:%b"' % (prefix, prefix) for prefix in _PREFIXES if prefix not in declared)
    return chunk[: root.end(1)] + more + chunk[root.end(1) :]


def _passages(
    streams: list[tuple[Iterator[bytes], str]], format_name: str, meta: Iterator[bytes] | None = None
) -> Iterator[Passage | Gap]:
    budget = Budget()
    for chunks, part in streams:
        yield from read_chunks(chunks, Texts(format_name), part, budget)
    if meta is not None:
        yield from open_properties(meta, _META, budget)


def _in_order(active: set[Active]) -> tuple[Active, ...]:
    return tuple(word for word in Active if word in active)


def _has_modules(container: Container) -> bool:
    """Whether there is a program in the package: a Basic module that does something, or a script file."""
    modules = 0
    for name in container.members:
        if name.startswith("scripts/") and name.endswith(_SCRIPTS):
            return True
        if not name.startswith("basic/") or name.endswith(("script-lb.xml", "script-lc.xml")):
            continue
        modules += 1
        if modules > _MODULES or not name.endswith(".xml") or _does_something(container, name):
            return True
    return False


_SCRIPTS = (".py", ".js", ".bsh", ".class", ".jar", ".java")


class _Source(Collector):
    """The text of a module."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def characters(self, text: str) -> None:
        self.parts.append(text)


def _does_something(container: Container, name: str) -> bool:
    source = _Source()
    for _ in read_chunks(container.chunks(name, PART_LIMIT), source, name, Budget()):
        pass
    return _is_program("".join(source.parts))


def _is_program(source: str) -> bool:
    return not all(_IDLE_BASIC.match(line[:200]) for line in source.splitlines())


def _active_in(chunks: Callable[[], Iterable[bytes]], part: str) -> set[Active]:
    """What is active in a part. Raises TornError when it is not well-formed as far as it is read."""
    if not _suspect(chunks()):
        return set()
    links = _Links()
    for _ in read_chunks(chunks(), links, part, Budget()):
        pass
    return links.found


def _suspect(chunks: Iterable[bytes]) -> bool:
    tail = b""
    for chunk in chunks:
        seen = tail + chunk
        if any(suspect in seen for suspect in _SUSPECTS) or _SUSPECT.search(seen):
            return True
        tail = chunk[-64:]
    return False


class _Links(Collector):
    """What a content.xml, a styles.xml or a flat document loads or runs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[Active] = set()
        self._source: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "event-listener":
            if local(attributes, "macro-name") or local(attributes, "href").startswith("vnd.sun.star.script"):
                self.found.add(Active.MACROS)
        elif name in _DDE or name == "table-source" or (name in _LOADED and is_remote(local(attributes, "href"))):
            self.found.add(Active.EXTERNAL)
        if name == "object-ole":
            self.found.add(Active.OBJECT)
        elif name == "source-code":
            self._source = []

    def end(self, name: str) -> None:
        if name == "source-code" and self._source is not None:
            if _is_program("".join(self._source)):
                self.found.add(Active.MACROS)
            self._source = None

    def characters(self, text: str) -> None:
        if self._source is not None:
            self._source.append(text)

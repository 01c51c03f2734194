"""The package of an OOXML document (ECMA-376 part 2): its parts, their relationships, and what in it is active."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from evidence_cli.looks.containers.ole_file import SIGNATURE
from evidence_cli.looks.containers.xml_events import local
from evidence_cli.looks.containers.zipped import Container, TooLargeError, check_members, open_container
from evidence_cli.looks.facts import Active, Facts, Gap
from evidence_cli.looks.identify.ooxml import TYPES, main_part
from evidence_cli.looks.inside.legacy.objects import ordinary_object
from evidence_cli.looks.inside.ooxml.xml_parts import PART_LIMIT, Collector, check_root, is_remote, read_part
from evidence_cli.looks.sample import Sample, TornError

_ROOT_RELATIONSHIPS = "_rels/.rels"
# A presentation of a thousand slides has some three thousand parts with relationships.
_RELATED_LIMIT = 20_000
_OBJECT_LIMIT = 8 * 1024 * 1024  # bytes of an embedded object; what it is stands at its beginning
# Of the whole package: Excel allows 65 530 hyperlinks a sheet.
_RELATIONSHIP_LIMIT = 300_000
_PACKAGES = (".docx", ".xlsx", ".pptx", ".dotx", ".xltx", ".potx", ".sldx", ".ppsx", ".vsdx", ".odt", ".ods", ".odp")
_MACRO_SHEETS = "xl/macrosheets/"


class Relationship(NamedTuple):
    """A link from one part. `type` is the last word of its type, in lower case; `target` is a part's name as the
    container has it, or what stands there where the link is `external`."""

    id: str
    type: str
    target: str
    external: bool


@dataclass(slots=True)
class Package:
    """An open OOXML package. `main` is the name of its main part, `whole` tells that all was read and is sound."""

    container: Container
    main: str
    whole: bool
    content_types: dict[str, str]
    _related: dict[str, list[Relationship]] = field(default_factory=dict)
    _left: int = _RELATIONSHIP_LIMIT

    @property
    def has_pictures(self) -> bool:
        """Whether there are pictures, wherever they are shown."""
        return any("/media/" in name for name in self.container.members)

    def related(self, part: str) -> list[Relationship]:
        """The relationships of a part, in their order. Raises TornError when they are not well-formed; OSError."""
        if part not in self._related:
            folder, _, name = part.rpartition("/")
            rels = f"{folder}/_rels/{name}.rels".lstrip("/")
            self._related[part] = self._read_relationships(rels, folder)
        return self._related[part]

    def targets(self, part: str, type_: str) -> list[str]:
        """The parts that this one is related to by a type and that are there, in natural order of their names."""
        found = {link.target for link in self.related(part) if link.type == type_ and not link.external}
        return sorted((name for name in found if name in self.container.members), key=lambda name: (len(name), name))

    def check_root(self, root: str) -> None:
        """See that the main part's root element has this local name. Raises TornError; OSError."""
        check_root(self.container.chunks(self.main, PART_LIMIT), self.main, root)

    def _read_relationships(self, rels: str, folder: str) -> list[Relationship]:
        if rels not in self.container.members:
            return []
        reader = _Relationships(folder, self._left)
        read_part(self.container, rels, reader)
        self._left -= len(reader.found)
        return reader.found


class _Relationships(Collector):
    def __init__(self, folder: str, limit: int) -> None:
        super().__init__()
        self.found: list[Relationship] = []
        self._limit = limit
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship":
            return
        if len(self.found) >= self._limit:
            raise TornError("too many relationships")
        target = attributes.get("Target", "")
        external = attributes.get("TargetMode", "").lower() == "external"
        if not external:
            target = _part_name(self._folder, target)
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        self.found.append(Relationship(attributes.get("Id", ""), kind, target, external))


class _ContentTypes(Collector):
    def __init__(self) -> None:
        super().__init__()
        self.types: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Override":
            part = unquote(attributes.get("PartName", "")).lstrip("/").lower()
            self.types[part] = attributes.get("ContentType", "").lower()
        elif name == "Default":
            self.types["." + attributes.get("Extension", "").lower()] = attributes.get("ContentType", "").lower()


def _part_name(folder: str, target: str) -> str:
    """The name of a part (9.1.1.1) from a target that is relative to its source's folder."""
    path = unquote(target.partition("#")[0].replace("\\", "/"))
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/").lower()


def open_package(sample: Sample) -> Package:
    """Open a package and read all its members once.

    Raises TornError when a member or what holds the package together is broken or missing, LockedError, BombError;
    OSError.
    """
    try:
        container = open_container(sample)
    except TooLargeError:
        raise TornError("zip directory too large to look into") from None
    if sum(not member.is_dir() for member in container.archive.infolist()) > len(container.members):
        # Names that differ in case only are equal (part 2, 7.2.3.5), and Office refuses the file.
        raise TornError("two parts have the same name")
    whole = check_members(container)
    main = main_part(container)
    if main is None or main[1] not in container.members:
        raise TornError("main part is missing")
    for name in (TYPES, _ROOT_RELATIONSHIPS):
        if name not in container.members:
            raise TornError(f"{name} is missing")
    types = _ContentTypes()
    read_part(container, TYPES, types)
    package = Package(container, main[1], whole, types.types)
    package.related("")
    return package


def health_gaps(package: Package, facts: Facts) -> tuple[Gap, ...]:
    """The gaps of the facts, with one for members that were too large to be read."""
    return facts.gaps if package.whole else (*facts.gaps, Gap("health", "large"))


def active_content(package: Package) -> set[Active]:
    """What in a package may run, load or leave. Hyperlinks, and documents embedded for a chart, are ordinary.

    Raises TornError when relationships are not well-formed; OSError.
    """
    found: set[Active] = set()
    for name in package.container.members:
        content_type = package.content_types.get(name, "")
        if "vbaproject" in content_type or name.endswith("vbaproject.bin") or name.startswith(_MACRO_SHEETS):
            found.add(Active.MACROS)
        if "activex+xml" in content_type:
            found.add(Active.OBJECT)
    for source in _sources(package):
        for link in package.related(source):
            found |= _active_link(package, link)
    return found


def _sources(package: Package) -> list[str]:
    """The parts that have relationships."""
    found = []
    for name in package.container.members:
        folder, _, last = name.rpartition("/")
        if last.endswith(".rels") and (folder == "_rels" or folder.endswith("/_rels")):
            found.append(f"{folder[:-6]}/{last[:-5]}".lstrip("/"))
    if len(found) > _RELATED_LIMIT:
        raise TornError(f"{len(found)} parts with relationships")
    return found


def _active_link(package: Package, link: Relationship) -> set[Active]:
    if link.external:
        return {Active.EXTERNAL} if link.type != "hyperlink" and is_remote(link.target) else set()
    if link.target not in package.container.members:
        return set()
    if link.type == "vbaproject":
        return {Active.MACROS}
    if link.type == "externallink":
        return {Active.EXTERNAL}
    if link.type in ("oleobject", "package") and not link.target.endswith(_PACKAGES):
        return set() if _is_ordinary(package, link.target) else {Active.OBJECT}
    return {Active.OBJECT} if link.type in ("control", "activexcontrolbinary") else set()


def embedded_documents(package: Package) -> Iterator[Gap]:
    """A gap if documents are embedded: their text is not read. A chart's workbook is no such document.

    Raises TornError when relationships are not well-formed; OSError.
    """
    links = [(source, link) for source in _sources(package) for link in package.related(source)]
    charts = {link.target for _, link in links if link.type in ("chart", "chartex")}
    for source, link in links:
        if link.type in ("package", "oleobject") and not link.external and source not in charts:
            there = link.target in package.container.members
            if there and (link.target.endswith(_PACKAGES) or _is_document(package, link.target)):
                yield Gap("text", "format")
                return


def _is_ordinary(package: Package, part: str) -> bool:
    """Whether it is an object that documents are made of, or is declared as a document without macros."""
    data = package.container.read(part, _OBJECT_LIMIT)
    if data.startswith(SIGNATURE):
        return ordinary_object(data)
    return _is_document(package, part)


def _is_document(package: Package, part: str) -> bool:
    declared = package.content_types.get(part) or package.content_types.get("." + part.rpartition(".")[2], "")
    return "openxmlformats-officedocument" in declared and "oleobject" not in declared


def in_order(active: set[Active]) -> tuple[Active, ...]:
    """The finds in the order of their declaration."""
    return tuple(word for word in Active if word in active)


def attribute(attributes: dict[str, str], name: str) -> str:
    """A relationship's id: `r:id` and its like, never an `id` of the element's own."""
    return next((value for key, value in attributes.items() if key.endswith(f"relationships {name}")), "") or local(
        attributes, name
    )

"""OFD (GB/T 33190-2016): the container, its documents and pages, and their text. Encryption is GM/T 0099-2020."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from evidence_cli.looks.containers.xml_events import local
from evidence_cli.looks.containers.zipped import TooLargeError, check_members, open_container
from evidence_cli.looks.facts import Active, Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.identify.signatures import signature_of
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.ofd.parts import Parts
from evidence_cli.looks.inside.ofd.text import PageText, Steps
from evidence_cli.looks.sample import LockedError, Sample, TornError
from evidence_cli.vocabulary.kinds import EXECUTABLE_EXTENSIONS, SCRIPT_EXTENSIONS, extension_of

_ROOT = "ofd.xml"
_ENCRYPTIONS = "encryptions.xml"
_KEY = "decryptseed.dat"
_PAGE_LIMIT = 20_000
_ATTACHMENT_LIMIT = 200
_NAME_LIMIT = 4096


@dataclass(slots=True)
class _Element:
    """An element that was asked for; `text` is what it holds beside other elements."""

    parent: str
    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass(slots=True)
class _Collector:
    """A handler that keeps the elements that are asked for."""

    wanted: frozenset[str]
    found: list[_Element] = field(default_factory=list)
    _open: list[tuple[str, _Element | None]] = field(default_factory=list)
    _text: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins: its text comes later."""
        element = None
        if name in self.wanted and len(self.found) < 4 * _PAGE_LIMIT:
            element = _Element(self._open[-1][0] if self._open else "", name, attributes)
            self.found.append(element)
        self._open.append((name, element))
        self._text = ""

    def end(self, name: str) -> None:
        """An element ends."""
        element = self._open.pop()[1]
        if element is not None:
            element.text = element.text or self._text.strip()
        self._text = ""

    def characters(self, text: str) -> None:
        """Locations are short."""
        if len(self._text) < _NAME_LIMIT:
            self._text += text


@dataclass(slots=True)
class _Document:
    """`pages` are the pages' numbers and parts in order, `templates` parts by number, `steps` a budget for all."""

    pages: list[tuple[str, str]]
    templates: dict[str, str]
    annotations: str | None
    attachments: str | None
    steps: Steps


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """The facts and the text of an OFD.

    Raises TornError where the container, a document or a page is missing or broken, LockedError where parts are
    encrypted, BombError; OSError.
    """
    try:
        container = open_container(sample)
    except TooLargeError:
        return Inside(replace(facts, gaps=(*facts.gaps, Gap("health", "large"))))
    parts = Parts(container)
    gaps = facts.gaps if check_members(container) else (*facts.gaps, Gap("health", "large"))
    _refuse_locked(parts)
    if parts.find(_ROOT, "") is None:
        raise TornError("no OFD.xml")
    steps = Steps()
    documents = [_document(parts, root, steps) for root in _document_roots(parts)]
    pages = sum(len(document.pages) for document in documents)
    if not pages:
        raise TornError("no page")
    active = _embedded(parts, documents, list(container.members))
    facts = replace(facts, pages=pages, active=(*facts.active, *active), gaps=gaps)
    return Inside(facts, _passages(parts, documents))


def _refuse_locked(parts: Parts) -> None:
    """GM/T 0099-2020, 7: Encryptions.xml lists what was encrypted; the parts themselves are gone."""
    name = parts.find(_ENCRYPTIONS, "")
    if name is not None:
        if _collected(parts, name, "EncryptInfo"):
            raise LockedError("parts are encrypted (Encryptions.xml)")
    elif parts.find(_KEY, "") is not None:
        raise LockedError(f"parts are encrypted ({_KEY})")


def _collected(parts: Parts, name: str, *wanted: str) -> list[_Element]:
    """The wanted elements of a part, in order."""
    collector = _Collector(frozenset(wanted))
    parts.parse(name, collector)
    return collector.found


def _document_roots(parts: Parts) -> list[str]:
    roots = []
    for element in _collected(parts, _ROOT, "DocRoot"):
        name = parts.find(element.text, _ROOT)
        if name is None:
            raise TornError(f"document root {element.text!r} is missing")
        roots.append(name)
    if not roots:
        raise TornError("OFD.xml names no document root")
    return roots


def _document(parts: Parts, root: str, steps: Steps) -> _Document:
    document = _Document([], {}, None, None, steps)
    for element in _collected(parts, root, "Page", "TemplatePage", "Annotations", "Attachments"):
        identity, location = local(element.attributes, "ID"), local(element.attributes, "BaseLoc")
        if element.name == "Page" and element.parent == "Pages":
            found = parts.find(location, root)
            if found is None:
                raise TornError(f"page {location!r} is missing")
            document.pages.append((identity, found))
        elif element.name == "TemplatePage":
            template = parts.find(location, root)
            if template is not None:
                document.templates[identity] = template
        elif element.name == "Annotations":
            document.annotations = parts.find(element.text, root)
        elif element.name == "Attachments":
            document.attachments = parts.find(element.text, root)
    return document


def _embedded(parts: Parts, documents: list[_Document], members: list[str]) -> tuple[Active, ...]:
    """Whether a program is attached; other attachments (the data of an invoice) are ordinary."""
    names = list(members)
    for document in documents:
        if document.attachments is None:
            continue
        found = _collected(parts, document.attachments, "Attachment", "FileLoc")
        for element in found[:_ATTACHMENT_LIMIT]:
            names += [local(element.attributes, "Name"), element.text]
            member = parts.find(element.text, document.attachments)
            if member is not None and signature_of(parts.head(member, 1024)) in ("executable", "script"):
                return (Active.EMBEDDED,)
    programs = EXECUTABLE_EXTENSIONS | SCRIPT_EXTENSIONS
    return (Active.EMBEDDED,) if any(extension_of(name) in programs for name in names) else ()


def _passages(parts: Parts, documents: list[_Document]) -> Iterator[Passage | Gap]:
    number, scan, drawn, written = 0, False, False, False
    for document in documents:
        annotations = _annotations(parts, document)
        told: set[str] = set()
        for identity, name in document.pages:
            number += 1
            if parts.exhausted or number > _PAGE_LIMIT:
                break
            layers = _layers(parts, document, name, annotations.get(identity), told)
            text = "\n".join(layer.text for layer in layers if layer.text)
            scan |= any(layer.scan for layer in layers) and not text
            drawn |= any(layer.drawn for layer in layers)
            written |= bool(text)
            if text:
                yield Passage(Place(Unit.PAGE, number), text)
    if parts.exhausted or number > _PAGE_LIMIT:
        yield Gap("text", "long")
    # Letters drawn as outlines cannot be read either.
    if scan or (drawn and not written):
        yield Gap("text", "scan")


def _layers(parts: Parts, document: _Document, name: str, annotation: str | None, told: set[str]) -> list[PageText]:
    """A page, the templates that no page before it used, and its annotations."""
    page = PageText(document.steps)
    parts.parse(name, page)
    layers = [page]
    for template in page.templates:
        member = document.templates.get(template)
        if member is not None and member not in told:
            told.add(member)
            layers.append(PageText(document.steps))
            parts.parse(member, layers[-1])
    if annotation is not None:
        layers.append(PageText(document.steps))
        parts.parse(annotation, layers[-1])
    return layers


def _annotations(parts: Parts, document: _Document) -> dict[str, str]:
    """The part that holds the annotations of a page, by the page's number."""
    found: dict[str, str] = {}
    if document.annotations is None:
        return found
    page = ""
    for element in _collected(parts, document.annotations, "Page", "FileLoc"):
        if element.name == "Page":
            page = local(element.attributes, "PageID")
        elif member := parts.find(element.text, document.annotations):
            found[page] = member
    return found

"""PowerPoint 97-2003 presentations, as WPS saves them too ([MS-PPT])."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from struct import unpack_from
from typing import NamedTuple

from evidence_cli.looks.containers.ole_file import Compound, Stream
from evidence_cli.looks.facts import Active, Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.legacy.default_password import POWERPOINT, opens_crypto_api
from evidence_cli.looks.inside.legacy.objects import ordinary_program
from evidence_cli.looks.inside.ooxml.parts import in_order
from evidence_cli.looks.sample import LockedError, TornError

_DOCUMENT, _SLIDE, _NOTES = 0x3E8, 0x3EE, 0x3F0
_SLIDE_PLACE, _LIST, _HEADERS, _COMMENT = 0x3F3, 0xFF0, 0xFD9, 0x2EE0
_CHARACTERS, _BYTES, _STRING = 0xFA0, 0xFA8, 0xFBA
_USER, _EDIT, _DIRECTORY, _SESSION = 0xFF6, 0xFF5, 0x1772, 0x2F14
_SHAPE, _PLACEHOLDER = 0xF004, 0xBC3
_MACROS = 0x400
_EMBEDDED, _LINK, _CONTROL = 0xFCC, 0xFCE, 0xFEE
_PLAIN, _ENCRYPTED = 0xE391C05F, 0xF3D1C4DF

_EDITS_LIMIT = 10_000
_OBJECTS_LIMIT = 200_000
_RECORDS_LIMIT = 1_000_000
_OBJECT_LIMIT = 64 * 1024 * 1024  # bytes of a document or slide
_DEPTH_LIMIT = 64
_SEEN_LIMIT = 1000  # texts of masters
_BYTES_LIMIT = 512 * 1024 * 1024  # bytes of all that is read


class _Record(NamedTuple):
    """A record: its kind, where its content lies, and the kinds of the containers around it."""

    instance: int
    kind: int
    start: int
    end: int
    path: tuple[int, ...]


@dataclass(slots=True)
class _Show:
    stream: Stream
    objects: dict[int, int]  # persistent objects: number → place
    left: int = _RECORDS_LIMIT
    bytes_left: int = _BYTES_LIMIT
    slides: list[tuple[int, list[str]]] = field(default_factory=list)  # number, text kept outside of the slide
    masters: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    active: set[Active] = field(default_factory=set)


def look_inside(compound: Compound, facts: Facts) -> Inside:
    """Raises TornError, LockedError; OSError."""
    paths = compound.paths
    place = "pp97_dualstorage/" if "pp97_dualstorage/powerpoint document" in paths else ""
    main = f"{place}powerpoint document"
    user = compound.open(f"{place}current user").read(0, 20) if main in paths else b""
    if len(user) < 20 and not {"pp40", "persistentstorage directory"}.isdisjoint(paths):
        missing = (Gap("text", "format"), Gap("active", "format"))
        return Inside(replace(facts, detail="PowerPoint 95", gaps=(*facts.gaps, *missing)))
    stream = compound.open(main)
    if len(user) < 20 or unpack_from("<H", user, 2)[0] != _USER:
        raise TornError("the current user atom is missing")
    token, edit = unpack_from("<II", user, 12)
    if token not in (_PLAIN, _ENCRYPTED):
        raise TornError(f"the current user atom has the token {token:#010x}")
    objects, document, session = _persistent(stream, edit)
    if token == _ENCRYPTED or session:
        _check_password(stream, objects.get(session))
        return Inside(replace(facts, gaps=(*facts.gaps, Gap("text", "format"))))
    if document not in objects:
        raise TornError("the document container is missing")
    show = _Show(stream, objects)
    _read_document(show, objects[document])
    for number, _ in show.slides:
        if number not in objects or _kind_at(stream, objects[number]) is None:
            raise TornError("a slide is missing")
    active = in_order({*facts.active, *show.active})
    facts = replace(facts, active=active, pages=len(show.slides))
    return Inside(facts, _passages(show), pictures="pictures" in paths)


def _persistent(stream: Stream, edit: int) -> tuple[dict[int, int], int, int]:
    """Where the objects lie by the chain of edits, newest first, the document's number, and that of an encryption."""
    objects: dict[int, int] = {}
    document = session = 0
    seen: set[int] = set()
    if _kind_at(stream, edit) != _EDIT:
        edit = _last_edit(stream)
    while len(seen) < _EDITS_LIMIT and edit not in seen and _kind_at(stream, edit) == _EDIT:
        seen.add(edit)
        data = stream.read(edit, 40)
        if len(data) < 36:
            break
        before, directory, number = unpack_from("<III", data, 16)
        document = document or number
        if unpack_from("<I", data, 4)[0] >= 0x20 and len(data) >= 40 and len(seen) == 1:
            session = unpack_from("<I", data, 36)[0]
        if _kind_at(stream, directory) != _DIRECTORY:
            # What an older edit left behind is not always sound, and the newest is what counts.
            if len(seen) > 1:
                break
            raise TornError("the directory of persistent objects is missing")
        _read_directory(stream, directory, objects)
        if not before:
            break
        edit = before
    if not seen:
        raise TornError("there is no user edit atom")
    return objects, document, session


def _last_edit(stream: Stream) -> int:
    """The last user edit among the outermost records: what PowerPoint falls back to."""
    found = place = 0
    for _ in range(_OBJECTS_LIMIT):
        head = stream.read(place, 8)
        if len(head) < 8:
            break
        _, kind, length = unpack_from("<HHI", head)
        if kind == _EDIT:
            found = place
        place += 8 + length
    return found


def _read_directory(stream: Stream, place: int, objects: dict[int, int]) -> None:
    length = unpack_from("<I", stream.read(place + 4, 4))[0]
    data = stream.read(place + 8, min(length, 4 * _OBJECTS_LIMIT))
    at = 0
    while at + 4 <= len(data) and len(objects) < _OBJECTS_LIMIT:
        head = unpack_from("<I", data, at)[0]
        at += 4
        for index in range(head >> 20):
            if at + 4 > len(data):
                break
            objects.setdefault((head & 0xFFFFF) + index, unpack_from("<I", data, at)[0])
            at += 4


def _kind_at(stream: Stream, place: int) -> int | None:
    """The kind of the record that begins here; None unless it is wholly there."""
    head = stream.read(place, 8)
    if len(head) < 8:
        return None
    _, kind, length = unpack_from("<HHI", head)
    return int(kind) if place + 8 + length <= stream.size else None


def _check_password(stream: Stream, place: int | None) -> None:
    """Raises LockedError unless PowerPoint's own password opens it."""
    if place is not None and _kind_at(stream, place) == _SESSION:
        length = unpack_from("<I", stream.read(place + 4, 4))[0]
        if opens_crypto_api(stream.read(place + 8, min(length, 1024)), POWERPOINT):
            return
    raise LockedError("RC4 CryptoAPI encryption")


def _records(show: _Show, place: int) -> Iterator[tuple[_Record, bytes]]:
    """The records of an object and all within it, in order, and the bytes they lie in."""
    head = show.stream.read(place, 8)
    length = unpack_from("<I", head, 4)[0] if len(head) == 8 else 0
    if show.bytes_left < 0:
        return
    data = show.stream.read(place, min(8 + length, _OBJECT_LIMIT))
    show.bytes_left -= len(data)
    around: list[tuple[int, int]] = []  # end and kind of the containers we are in
    path: tuple[int, ...] = ()
    at = 0
    while at + 8 <= len(data):
        show.left -= 1
        if show.left < 0:
            return
        while around and at >= around[-1][0]:
            around.pop()
            path = path[:-1]
        head_word, kind, length = unpack_from("<HHI", data, at)
        end = at + 8 + length
        yield _Record(head_word >> 4, kind, at + 8, min(end, len(data)), path), data
        if head_word & 0xF == 0xF and len(around) < _DEPTH_LIMIT:
            around.append((min(end, around[-1][0]) if around else end, kind))
            path = (*path, kind)
            at += 8
        else:
            at = end


def _text(record: _Record, data: bytes) -> str:
    """The text of an atom: lines end with a vertical tab or a return."""
    raw = data[record.start : record.end]
    text = raw.decode("latin-1" if record.kind == _BYTES else "utf-16-le", "replace")
    return text.replace("\r", "\n").replace("\x0b", "\n")


def _read_document(show: _Show, place: int) -> None:
    """The order of the slides, and what of the show is active. Raises TornError; OSError."""
    if _kind_at(show.stream, place) != _DOCUMENT:
        raise TornError("the document container is missing or cut off")
    current = 0  # which list we are in: 0 slides, 1 masters, 2 notes
    program_of = 0
    for record, data in _records(show, place):
        if record.kind == _LIST:
            current = record.instance
        elif record.kind == _SLIDE_PLACE and record.path[-1:] == (_LIST,) and record.end - record.start >= 4:
            number = unpack_from("<I", data, record.start)[0]
            if current == 0:
                show.slides.append((number, []))
            elif current == 1:
                show.masters.append(number)
            elif current == 2:
                show.notes.append(number)
        elif record.kind in (_CHARACTERS, _BYTES) and _LIST in record.path and current == 0 and show.slides:
            show.slides[-1][1].append(_text(record, data))
        elif record.kind == _STRING and _HEADERS in record.path:
            show.headers.append(_text(record, data))
        elif record.kind == _MACROS and record.end - record.start >= 8:
            if unpack_from("<I", data, record.start + 4)[0]:
                show.active.add(Active.MACROS)
        elif record.kind == _LINK:
            show.active.add(Active.EXTERNAL)
        elif record.kind in (_EMBEDDED, _CONTROL):
            program_of = record.kind
        elif record.kind == _STRING and record.instance == 2 and record.path[-1:] == (program_of,):
            show.active |= set() if ordinary_program(_text(record, data)) else {Active.OBJECT}


def _passages(show: _Show) -> Iterator[Passage | Gap]:
    for number, (reference, texts) in enumerate(show.slides, 1):
        for text in texts:
            yield Passage(Place(Unit.SLIDE, number), text)
        yield from _object_passages(show, reference, Place(Unit.SLIDE, number))
    for number, reference in enumerate(show.notes, 1):
        yield from _object_passages(show, reference, Place(Unit.NOTE, number))
    seen = {"*"}  # stands for the number of a slide
    for number, reference in enumerate(show.masters, 1):
        for passage in _object_passages(show, reference, Place(Unit.HEADER, number), prompts=False):
            if passage.text not in seen and len(seen) < _SEEN_LIMIT:
                seen.add(passage.text)
                yield passage
    for text in dict.fromkeys(show.headers):
        yield Passage(Place(Unit.FOOTER, 1), text)
    if show.left < 0 or show.bytes_left < 0:
        yield Gap("text", "long")


def _object_passages(show: _Show, reference: int, place: Place, *, prompts: bool = True) -> Iterator[Passage]:
    """The texts in the shapes of a slide, a master or notes, and comments; a master's placeholders only prompt."""
    if reference not in show.objects:
        return
    silent = False
    for record, data in _records(show, show.objects[reference]):
        if record.kind == _SHAPE:
            silent = False
        elif record.kind == _PLACEHOLDER:
            silent = not prompts
        elif record.kind in (_CHARACTERS, _BYTES) and not silent:
            yield Passage(place, _text(record, data))
        elif record.kind == _STRING and record.path[-1:] == (_COMMENT,):
            yield Passage(Place(Unit.COMMENT, int(place.value)), _text(record, data))
        elif record.kind == _STRING and _HEADERS in record.path:
            yield Passage(Place(Unit.FOOTER, int(place.value)), _text(record, data))

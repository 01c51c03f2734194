"""Excel 97-2003 workbooks, as WPS saves them too ([MS-XLS]), those of Excel 5 and 95, and sheets of Excel 2 to 4."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from struct import unpack_from

from evidence_cli.looks.containers.ole_file import Compound, Stream
from evidence_cli.looks.facts import Active, Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.legacy.code_pages import codec_of
from evidence_cli.looks.inside.legacy.default_password import EXCEL, opens_crypto_api, opens_rc4, opens_xor
from evidence_cli.looks.inside.legacy.excel_cells import BOFS, EOF, Workbook, read_sheet
from evidence_cli.looks.inside.legacy.excel_strings import CONTINUE, SharedStrings, records
from evidence_cli.looks.inside.ooxml.parts import in_order
from evidence_cli.looks.sample import LockedError, Sample, TornError

_BOF = 0x809
_EXCEL_97 = 0x600
_GLOBALS, _WORKSPACE = 0x05, 0x100
_FILE_PASS, _CODE_PAGE, _SHEET, _SHARED, _SUPPLIER, _NAME = 0x2F, 0x42, 0x85, 0xFC, 0x1AE, 0x18
_SHEET_TYPES = (0, 1, 2)  # of cells, of Excel 4 macros, a chart
_MACROS, _MODULE = 1, 6
_OWN_SUPPLIERS = (0x401, 0x3A01)  # this workbook, an add-in
_SHARED_LIMIT = 48 * 1024 * 1024
_SHEETS_LIMIT = 5000
_OLD_BOFS = frozenset({0x09, 0x209, 0x409, _BOF})
_OLD_CODEC = "gb18030"  # exports of web pages do not say: Excel takes that of the computer
_OLD_TYPES = (0x10, 0x20, 0x40, 0x100)


@dataclass(slots=True)
class _Sheet:
    name: str
    place: int
    type: int


@dataclass(slots=True)
class _Globals:
    """What the first substream tells of the whole workbook."""

    book: Workbook
    sheets: list[_Sheet] = field(default_factory=list)
    shared: list[bytes] = field(default_factory=list)
    active: set[Active] = field(default_factory=set)
    locked: bool = False
    whole: bool = True
    ended: bool = False


def look_inside(compound: Compound, facts: Facts) -> Inside:
    """Raises TornError, LockedError; OSError."""
    # A workbook may carry a copy of itself for Excel 95; the newer one counts.
    stream = compound.open("workbook" if "workbook" in compound.paths else "book")
    first = stream.read(0, 8)
    if len(first) < 8 or unpack_from("<H", first)[0] not in BOFS:
        raise TornError("the workbook does not begin with a BOF record")
    kind, _, version, content = unpack_from("<4H", first)
    wide = kind == _BOF and version >= _EXCEL_97
    if content not in (_GLOBALS, _WORKSPACE):
        book = Workbook(stream, wide, "cp1252")
        return Inside(facts, _passages(_Globals(book, [_Sheet("1", 0, 0)])))
    found = _read_globals(stream, wide=wide)
    active = in_order({*facts.active, *found.active})
    if found.locked:
        # Names and kinds of the sheets are encrypted too: whether one holds old macros is out of sight.
        gaps = (*facts.gaps, Gap("text", "format"), Gap("active", "format"))
        return Inside(replace(facts, active=active, gaps=gaps))
    if content == _WORKSPACE and not found.sheets:
        return Inside(replace(facts, gaps=(*facts.gaps, Gap("text", "format"))))
    _check(found)
    return Inside(replace(facts, active=active), _passages(found))


def _check(found: _Globals) -> None:
    """Sees that every sheet is there. Raises TornError; OSError."""
    if not found.ended:
        raise TornError("the workbook ends within its globals")
    if not found.sheets:
        raise TornError("the workbook has no sheet")
    for sheet in found.sheets:
        start = found.book.stream.read(sheet.place, 4)
        if sheet.type in _SHEET_TYPES and (len(start) < 4 or unpack_from("<H", start)[0] not in BOFS):
            raise TornError("a sheet of the workbook is missing")


def _read_globals(stream: Stream, *, wide: bool) -> _Globals:
    found = _Globals(Workbook(stream, wide, "cp1252"))
    size = 0
    before = 0
    for kind, data, _ in records(stream, 0):
        if kind == _FILE_PASS:
            _check_password(data, wide=wide)
            found.locked = True
            break
        if kind == EOF:
            found.ended = True
            break
        if kind == _CODE_PAGE and len(data) >= 2 and not wide:
            found.book.codec = codec_of(unpack_from("<H", data)[0])
        elif kind == _SHEET and len(data) >= 8 and len(found.sheets) < _SHEETS_LIMIT:
            place, _, sort = unpack_from("<IBB", data)
            found.sheets.append(_Sheet(found.book.string(data, 6, short=True), place, sort))
            if sort in (_MACROS, _MODULE):
                found.active.add(Active.MACROS)
        elif kind == _SUPPLIER and len(data) >= 4 and unpack_from("<H", data, 2)[0] not in _OWN_SUPPLIERS:
            found.active.add(Active.EXTERNAL)
        elif kind == _SHARED or (kind == CONTINUE and before == _SHARED):
            size += len(data)
            found.whole = found.whole and size <= _SHARED_LIMIT
            if found.whole:
                found.shared.append(data)
            kind = _SHARED
        before = kind
    return found


def _check_password(data: bytes, *, wide: bool) -> None:
    """[MS-XLS] 2.4.117. Raises LockedError unless Excel's own password opens it."""
    if not wide or len(data) < 6:
        verifier = data[-2:]
        if len(verifier) == 2 and opens_xor(unpack_from("<H", verifier)[0], EXCEL):
            return
        raise LockedError("XOR obfuscation")
    sort, major, minor = unpack_from("<HHH", data)
    if sort == 0:
        if not opens_xor(minor, EXCEL):
            raise LockedError("XOR obfuscation")
    elif (major, minor) == (1, 1):
        if not opens_rc4(data[6:54], EXCEL):
            raise LockedError("RC4 encryption")
    elif not opens_crypto_api(data[2:], EXCEL):
        raise LockedError("RC4 CryptoAPI encryption")


def _passages(found: _Globals) -> Iterator[Passage | Gap]:
    book = found.book
    shared = SharedStrings(found.shared)
    book.shared = shared.read()
    if not (shared.complete and found.whole):
        yield Gap("text", "long")
    seen: set[int] = set()
    for number, sheet in enumerate(found.sheets, 1):
        yield Passage(Place(Unit.CELL, sheet.name), sheet.name)
        if sheet.place in seen or sheet.type not in _SHEET_TYPES:
            continue
        seen.add(sheet.place)
        yield from read_sheet(book, sheet.name, number, sheet.place)
        if book.records_left < 0 or book.bytes_left < 0:
            return


def begins_old_sheet(head: bytes) -> bool:
    """Whether a file begins as those of Excel 2, 3 and 4 do, or is a later sheet alone; they are no containers."""
    if len(head) < 8:
        return False
    kind, length, _, content = unpack_from("<4H", head)
    return kind in _OLD_BOFS and length in range(4, 17) and content in _OLD_TYPES


def look_inside_old(sample: Sample, facts: Facts) -> Inside:
    """A file of Excel 2, 3 or 4, or a later sheet alone. Raises TornError, LockedError; OSError."""
    stream = Stream(sample, [(0, sample.size)], sample.size)
    begin, _, version, content = unpack_from("<4H", sample.head)
    wide = begin == _BOF and version >= _EXCEL_97
    codec = _OLD_CODEC
    ended = False
    active = set(facts.active)
    if content == 0x40:
        active.add(Active.MACROS)
    for kind, data, _ in records(stream, 0):
        if kind == _FILE_PASS:
            _check_password(data, wide=wide)
            return Inside(replace(facts, gaps=(*facts.gaps, Gap("text", "format"))))
        if kind == _CODE_PAGE and len(data) >= 2:
            codec = codec_of(unpack_from("<H", data)[0])
        if kind == EOF:
            ended = True
    if not ended:
        raise TornError("the sheet has no end")
    facts = replace(facts, active=in_order(active), detail="a sheet alone" if begin == _BOF else "Excel 2 to 4")
    if content == 0x100:
        return Inside(replace(facts, gaps=(*facts.gaps, Gap("text", "format"))))
    return Inside(facts, read_sheet(Workbook(stream, wide, codec), "1", 1, 0))

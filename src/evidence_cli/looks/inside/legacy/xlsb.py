"""Binary Excel workbooks ([MS-XLSB]): a package whose parts are records instead of XML.

A general reader builds every sheet as a dense table, which a hostile cell in the last corner makes gigabytes large.
"""

from collections.abc import Iterator
from dataclasses import replace
from struct import error as struct_error
from struct import unpack_from

from evidence_cli.looks.facts import Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.legacy.excel_cells import column_name, number_text, rk_number
from evidence_cli.looks.inside.ooxml.parts import Package, active_content, health_gaps, in_order, open_package
from evidence_cli.looks.sample import Sample, TornError

_PART_LIMIT = 48 * 1024 * 1024
_RECORDS_LIMIT = 1_500_000
_KEPT = 8_000_000  # characters of shared strings
_KEPT_COUNT = 500_000
_SHEETS_LIMIT = 5000
_ROW, _SHARED_ITEM, _SHEET = 0, 19, 156
_RK, _REAL, _STRING, _SHARED, _FORMULA_STRING, _FORMULA_REAL = 2, 5, 6, 7, 8, 9
# The short forms of cells leave out their column: it is the next one.
_SHORT = {13: _RK, 16: _REAL, 17: _STRING, 18: _SHARED}
_LONG = Gap("text", "long")


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """See `inside.Inspector`."""
    package = open_package(sample)
    sheets = _sheets(package)
    active = in_order({*facts.active, *active_content(package)})
    return Inside(replace(facts, active=active, gaps=health_gaps(package, facts)), _passages(package, sheets))


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Type, start and end of each record; what is cut off at the end is left out."""
    place, size = 0, len(data)
    while place + 1 < size:
        kind = data[place]
        place += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[place] & 0x7F) << 7
            place += 1
        length = 0
        for shift in (0, 7, 14, 21):
            if place >= size:
                return
            byte = data[place]
            place += 1
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        if place + length > size:
            return
        yield kind, place, place + length
        place += length


def _string(data: bytes, place: int, end: int) -> tuple[str, int]:
    """A string with its length in front, and where it ends."""
    count = unpack_from("<I", data, place)[0]
    if count == 0xFFFFFFFF:
        return "", place + 4
    last = min(end, place + 4 + 2 * count)
    return data[place + 4 : last].decode("utf-16-le", "replace"), last


def _sheets(package: Package) -> list[tuple[str, str]]:
    """Name and part of each sheet. Raises TornError when one is missing."""
    data = package.container.read(package.main, _PART_LIMIT)
    links = {link.id: link for link in package.related(package.main)}
    found: list[tuple[str, str]] = []
    try:
        for kind, start, end in _records(data):
            if kind == _SHEET and len(found) < _SHEETS_LIMIT:
                identifier, name = _bundle(data, start, end)
                link = links.get(identifier)
                if not identifier:
                    # What is left of a sheet of Visual Basic: a name without a part.
                    continue
                if link is None or link.external or link.target not in package.container.members:
                    raise TornError(f"sheet {name} is missing")
                found.append((name, link.target))
    except struct_error as problem:
        raise TornError(f"{package.main}: {problem}") from problem
    if not found:
        raise TornError("the workbook has no sheets")
    return found


def _bundle(data: bytes, start: int, end: int) -> tuple[str, str]:
    """The relationship and the name of a sheet (2.4.313); the first Excel 2007 had a number more in front of them."""
    for before in (12, 8):
        identifier, place = _string(data, start + before, end)
        if place + 4 <= end and place + 4 + 2 * unpack_from("<I", data, place)[0] == end:
            break
    return identifier, _string(data, place, end)[0]


def _passages(package: Package, sheets: list[tuple[str, str]]) -> Iterator[Passage | Gap]:
    shared: list[str] = []
    for part in package.targets(package.main, "sharedstrings")[:1]:
        if not _read_shared(package.container.read(part, _PART_LIMIT), shared):
            yield _LONG
    left = _RECORDS_LIMIT
    for name, part in sheets:
        yield Passage(Place(Unit.CELL, name), name)
        data = package.container.read(part, _PART_LIMIT)
        row = column = 0
        for kind, start, end in _records(data):
            left -= 1
            if left < 0:
                yield _LONG
                return
            if kind == _ROW and end - start >= 4:
                row, column = unpack_from("<I", data, start)[0] + 1, -1
                continue
            if kind in _SHORT:
                kind, column, value = _SHORT[kind], column + 1, start + 4
            elif kind in (_RK, _REAL, _STRING, _SHARED, _FORMULA_STRING, _FORMULA_REAL) and end - start >= 8:
                column, value = unpack_from("<I", data, start)[0], start + 8
            else:
                continue
            text = _value(data, kind, value, end, shared)
            if text:
                yield Passage(Place(Unit.CELL, f"{name}!{column_name(column)}{row}"), text)


def _read_shared(data: bytes, shared: list[str]) -> bool:
    """Reads the shared strings; false if there are more than are kept."""
    kept = 0
    for kind, start, end in _records(data):
        if kind == _SHARED_ITEM and end - start >= 5:
            if kept > _KEPT or len(shared) >= _KEPT_COUNT:
                return False
            shared.append(_string(data, start + 1, end)[0])
            kept += len(shared[-1])
    return True


def _value(data: bytes, kind: int, place: int, end: int, shared: list[str]) -> str:
    """The text of a cell's value; empty where the record is too short for it."""
    if place + 4 > end:
        return ""
    if kind in (_STRING, _FORMULA_STRING):
        return _string(data, place, end)[0]
    if kind == _SHARED:
        index = unpack_from("<I", data, place)[0]
        return shared[index] if index < len(shared) else ""
    if kind == _RK:
        return number_text(rk_number(unpack_from("<I", data, place)[0]))
    return number_text(unpack_from("<d", data, place)[0]) if place + 8 <= end else ""

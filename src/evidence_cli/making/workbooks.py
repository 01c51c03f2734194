"""Workbooks that evcli makes: the same bytes for the same content, and a mark that shows whether somebody changed them.

Office Open XML (ECMA-376). The mark stands in the core properties (part 2, 11) as `dc:identifier`: a digest over all
parts, so that a workbook that any program has saved since is no longer evcli's.
"""

import re
import zipfile
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from evidence_cli.vocabulary.printable import FORMULA_SIGNS, printable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell

# The earliest time that a zip can tell.
_TIME = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^<>]*>)[^<>]*(</dcterms:\2>)")
_MARK = re.compile(rb"<dc:identifier[^<>]*>evcli:([0-9a-f]{64})</dc:identifier>")
_NO_DIGEST = b"0" * 64
# What evcli makes is far smaller, and has a dozen parts.
_LARGEST, _MOST_PARTS = 64 * 1024 * 1024, 100
# What a cell may hold, in code units of UTF-16: Excel repairs a workbook that holds more.
_LONGEST = 32_767


def new_workbook(title: str) -> "Workbook":
    """An empty workbook with one sheet of this title."""
    from openpyxl import Workbook  # late: start-up time

    book = Workbook()
    sheet = book.active
    sheet.title = title
    book.properties.creator = "evcli"
    book.properties.identifier = f"evcli:{_NO_DIGEST.decode()}"
    return book


def write_text(cell: "Cell", text: str) -> None:
    """A text as a text, whatever it begins with, and with nothing in it that a cell may not hold; its lines stay."""
    lines = "\n".join(map(printable, text.split("\n")))
    shown = lines.encode("utf-16-le")[: 2 * _LONGEST].decode("utf-16-le", "ignore")
    cell.value = shown
    cell.data_type = "s"
    if shown.startswith(FORMULA_SIGNS):
        # Stays a text also when somebody edits the cell.
        cell.quotePrefix = True


def to_bytes(book: "Workbook") -> bytes:
    """The workbook as a file. Stored, not compressed: those bytes are the same whatever zlib a PC has."""
    saved = BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts[_CORE] = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", parts[_CORE])
    parts[_CORE] = parts[_CORE].replace(_NO_DIGEST, _digest(parts).encode(), 1)
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = 0
            archive.writestr(info, data)
    return target.getvalue()


def is_ours(data: bytes) -> bool:
    """Whether evcli made this workbook and nobody has changed it since. The bytes may be anything."""
    if len(data) > _LARGEST:
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
            # Nothing that evcli makes is compressed, so that nothing can expand.
            plain = all(info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1 for info in infos)
            if not plain or len(infos) > _MOST_PARTS or sum(info.file_size for info in infos) > len(data):
                return False
            parts = {info.filename: archive.read(info) for info in infos}
    except Exception:  # noqa: BLE001 - whatever a library raises over hostile bytes
        return False
    found = _MARK.search(parts.get(_CORE, b""))
    if found is None:
        return False
    parts[_CORE] = parts[_CORE].replace(found[1], _NO_DIGEST, 1)
    return _digest(parts).encode() == found[1]


def _digest(parts: dict[str, bytes]) -> str:
    lines = sorted(f"{sha256(data).hexdigest()}  {name}\n" for name, data in parts.items())
    return sha256("".join(lines).encode()).hexdigest()

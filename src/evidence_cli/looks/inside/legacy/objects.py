"""What a compound file carries beside its document: VBA projects ([MS-OVBA]) and embedded objects ([MS-OLEDS])."""

import re
from io import BytesIO
from struct import unpack_from

from evidence_cli.looks.containers.ole_file import STORAGE, Compound, Node
from evidence_cli.looks.facts import Active
from evidence_cli.looks.sample import TornError, sample_of

# A module holds its text compressed, and that always begins with an attribute, whose first letters stay as they are.
_MODULE_START = re.compile(rb"\x01..\x00Attribut", re.DOTALL)
_MODULE_LIMIT = 4 * 1024 * 1024  # bytes of a module that are searched
_TEXT_LIMIT = 64 * 1024  # bytes of a module's text that are unpacked
_MODULES_LIMIT = 500
_NO_CODE = re.compile(r"\s*(?:Attribute\s|Option\s|'|$)", re.IGNORECASE)
_NOT_MODULES = ("dir", "_vba_project")

# Classes as they are stored. Excel, Word, Graph, Visio and Equation have numbers in a row, with this tail.
_TAIL = bytes.fromhex("0000 0000 c000 000000000046")
_ORDINARY_ROWS = {b"\x08\x02\x00", b"\x09\x02\x00", b"\x1a\x02\x00", b"\xce\x02\x00"}
# Pictures without a program: metafile, bitmap, Paintbrush; the first drawing, equation and clip art editors.
_ORDINARY_OLD = {0x0315, 0x0316, 0x0319, 0x30007, 0x3000A, 0x3000B, 0x30026}


def _stored(text: str) -> bytes:
    """A class identifier as it is stored ([MS-DTYP] 2.3.4.2)."""
    first, second, third, *rest = text.split("-")
    little = b"".join(bytes.fromhex(part)[::-1] for part in (first, second, third))
    return little + bytes.fromhex("".join(rest))


_ORDINARY = {
    _stored(text)
    for text in (
        "64818D10-4F9B-11CF-86EA-00AA00B929E8",  # PowerPoint.Show.8
        "64818D11-4F9B-11CF-86EA-00AA00B929E8",  # PowerPoint.Slide.8
        "EA7BAE70-FB3B-11CD-A903-00AA00510EA3",  # PowerPoint.Show.7
        "CF4F55F4-8F87-4D47-80BB-5808164BB3F8",  # PowerPoint.Show.12
        "048EB43E-2059-422F-95E0-557DA96038AF",  # PowerPoint.Slide.12
        "F4754C9B-64F5-4B40-8AF4-679732AC0607",  # Word.Document.12
        "D3E34B21-9D75-101A-8C3D-00AA001A1652",  # Paint.Picture
        "73FDDC80-AEA9-101A-98A7-00AA00374959",  # WordPad
        "11943940-36DE-11CF-953E-00C0A84029E9",  # Photo Editor
        "D2D59CD1-0A6A-4D36-AE20-47817077D57C",  # OpenDocument formula
        "8BC6B165-B1B2-4EDD-AA47-DAE2EE689DD6",  # LibreOffice: text
        "47BBB4CB-CE4C-4E80-A591-42D9AE74950F",  # spreadsheet
        "9176E48A-637A-4D1F-803B-99D9BFAC1047",  # presentation
        "4BAB8970-8A3B-45B3-991C-CBEEAC6BD5E3",  # drawing
        "12DCAE26-281F-416F-A234-C3086127382E",  # chart
        "078B7ABA-54FC-457F-8551-6147E776A997",  # formula
    )
}
# Fields of a form: the library of Office's own controls.
_FORM_TAILS = {
    bytes.fromhex("42ecce119e0d00aa006002f3"),
    bytes.fromhex("69cecd11a77700dd01143c57"),
    bytes.fromhex("b0d4ce11bf2d00aa003f40d0"),
    bytes.fromhex("26691b10999200000b65c6f9"),
    bytes.fromhex("2f5ece11a44900aa004a803d"),
    bytes.fromhex("f2b7ce1197ef00aa006d2776"),
    bytes.fromhex("624ace11bed600aa00611080"),
    bytes.fromhex("0e46ce119bcd00aa00608e01"),
}
_ORDINARY_STREAMS = (
    "workbook",
    "book",
    "worddocument",
    "powerpoint document",
    "equation native",
    "visiodocument",
    "package",
    "\x03eprint",
    "\x02olepres000",
)
_ORDINARY_PROGRAMS = re.compile(
    r"(?:excel|word|powerpoint|msgraph|equation|visio|forms|wps|et|wpp|ket|kwps|kwpp|mathtype|msorgchart|orgpluswopx"
    r"|paint|pbrush|wordpad|msphotoed|static(?:metafile|dib|enhmetafile)|soffice|opendocument|opendoc)\b"
    r"|ms_?clipart|msdraw|wordart|(?:sheet|chart|document)(?:\.|$)",
    re.IGNORECASE,
)


def ordinary_program(name: str) -> bool:
    """Whether an object of this program (`Excel.Sheet.8`) is what office documents are made of."""
    return _ORDINARY_PROGRAMS.match(name.strip("\0 ")) is not None


def ordinary_class(class_id: bytes) -> bool:
    """Whether an object of this class (as stored, 16 bytes) is what office documents are made of."""
    if class_id[4:] == _TAIL:
        number = unpack_from("<I", class_id)[0]
        return class_id[1:4] in _ORDINARY_ROWS or number in _ORDINARY_OLD
    return class_id in _ORDINARY or class_id[4:] in _FORM_TAILS


def macros_in(compound: Compound) -> bool:
    """Whether a VBA project in the file has code; an empty one is left behind by merely opening the editor."""
    storages = [path for path in compound.paths if path == "vba" or path.endswith("/vba")]
    projects = [path for path in storages if f"{path}/dir" in compound.paths]
    modules = [
        f"{project}/{name}"
        for project in projects[:_MODULES_LIMIT]
        for name, node in compound.inside(project).items()
        if node.type != STORAGE and name not in _NOT_MODULES and not name.startswith("__srp_")
    ]
    return len(modules) > _MODULES_LIMIT or any(_has_code(compound, path) for path in modules)


def objects_in(compound: Compound) -> set[Active]:
    """What embedded objects of a doc (`ObjectPool`) or an xls (`MBD…`, `LNK…`) are worth telling."""
    top = compound.inside("")
    found: set[Active] = set()
    objects = [(f"objectpool/{name}", node) for name, node in compound.inside("objectpool").items()]
    objects += [(name, node) for name, node in top.items() if name.startswith("mbd")]
    for path, node in objects[:_MODULES_LIMIT]:
        if node.type == STORAGE and not _is_ordinary(compound, path, node):
            found.add(Active.OBJECT)
    if any(name.startswith("lnk") and node.type == STORAGE for name, node in top.items()):
        found.add(Active.EXTERNAL)
    return found


def ordinary_object(data: bytes) -> bool:
    """Whether an object that is stored as a compound file of its own is what office documents are made of."""
    sample = sample_of(BytesIO(data), size=len(data), extension="")
    try:
        compound = Compound(sample)
    except TornError:
        return False
    return _is_ordinary(compound, "", compound.root)


def _is_ordinary(compound: Compound, path: str, node: Node) -> bool:
    if any(node.class_id):
        return ordinary_class(node.class_id)
    streams = compound.inside(path)
    return "\x01ole10native" not in streams and any(name in streams for name in _ORDINARY_STREAMS)


def _has_code(compound: Compound, path: str) -> bool:
    """Whether a module has a line that does something. One that cannot be read counts as one that has."""
    stream, fault = compound.try_open(path)
    if fault:
        return True
    data = stream.read(0, _MODULE_LIMIT)
    starts = [found.start() for found in _MODULE_START.finditer(data)]
    if not starts:
        return len(data) > 0
    text = _unpacked(data, starts[-1])
    if len(text) >= _TEXT_LIMIT:
        return True
    return any(not _NO_CODE.match(line) for line in text.decode("latin-1").splitlines())


def _unpacked(data: bytes, start: int) -> bytes:
    """A compressed container ([MS-OVBA] 2.4.1), or the beginning of it."""
    out = bytearray()
    place = start + 1
    while place + 2 <= len(data) and len(out) < _TEXT_LIMIT:
        header = unpack_from("<H", data, place)[0]
        if header & 0x7000 != 0x3000:
            break
        chunk = data[place + 2 : place + (header & 0xFFF) + 3]
        place += (header & 0xFFF) + 3
        if header & 0x8000:
            _unpack_chunk(chunk, out)
        else:
            out += chunk
    return bytes(out)


def _unpack_chunk(chunk: bytes, out: bytearray) -> None:
    begin = len(out)
    place = 0
    while place < len(chunk):
        flags = chunk[place]
        place += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += chunk[place : place + 1]
                place += 1
                continue
            if place + 2 > len(chunk):
                return
            token = unpack_from("<H", chunk, place)[0]
            place += 2
            bits = max(4, (len(out) - begin - 1).bit_length())
            offset = (token >> (16 - bits)) + 1
            if offset > len(out) - begin:
                return
            for _ in range((token & (0xFFFF >> bits)) + 3):
                out.append(out[-offset])

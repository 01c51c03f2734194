"""Files whose inside is what matters: locked, active, scanned, carrying a position, growing without end."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import pikepdf
from msoffcrypto.format.ooxml import OOXMLFile
from pikepdf import Dictionary, Encryption, Name, Permissions, String

from evidence_cli.samples import office, pictures, plain, portable, recording
from support import legacy_writer, rar_writer
from support.inside_cases import changed, replaced
from support.ole_writer import compound

PASSWORD = "secret"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DOCUMENT_RELATIONS = "word/_rels/document.xml.rels"
_MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
_DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# [MS-DOC] 2.5.2: bit A of the flags that begin at byte 10.
_ENCRYPTED_DOC = 0x100
_WATERMARK_HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:hdr>"
)


# PDF (ISO 32000-1)


def locked_pdf(lines: Sequence[str]) -> bytes:
    """Nobody opens it without the user password."""
    return _saved(lines, encryption=Encryption(user=PASSWORD, owner="owner", R=6))


def restricted_pdf(lines: Sequence[str]) -> bytes:
    """Everybody reads it; an owner password keeps from printing and copying."""
    no = Permissions(extract=False, print_lowres=False, print_highres=False)
    return _saved(lines, encryption=Encryption(user="", owner="owner", R=4, allow=no))


def scripted_pdf(lines: Sequence[str]) -> bytes:
    """It runs JavaScript when it is opened."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))

    return _saved(lines, change)


def pdf_with_attachment(lines: Sequence[str]) -> bytes:
    """Another file is attached to it."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["a.txt"] = b"attached"

    return _saved(lines, change)


def scanned_pdf(seed: int, pages: int = 1) -> bytes:
    """Pages that are pictures, without a letter."""
    first, *others = (pictures.drawn(seed + page, (300, 400)) for page in range(pages))
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=others)
    return out.getvalue()


def _saved(lines: Sequence[str], change: Callable[[pikepdf.Pdf], None] | None = None, **how: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(portable.pdf(lines))) as pdf:
        if change is not None:
            change(pdf)
        pdf.save(out, **how)
    return out.getvalue()


# Office


def locked(document: bytes) -> bytes:
    """An OOXML document as Office saves it with a password ([MS-OFFCRYPTO] 2.3.4.10, agile)."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(document)).encrypt(PASSWORD, out)
    return out.getvalue()


def locked_doc(seed: int) -> bytes:
    """A Word 97 document whose header says that it is encrypted."""
    return legacy_writer.doc(f"{seed}\r", flags=_ENCRYPTED_DOC)


def docm(lines: Sequence[str]) -> bytes:
    """A Word document with macros, as Word saves it."""
    return _with_macros(replaced(office.docx(lines), "[Content_Types].xml", _DOCUMENT_TYPE, _MACRO_TYPE))


def xls_with_macros(lines: Sequence[str]) -> bytes:
    """An Excel 97 workbook with a macro."""
    cells = b"".join(_label(row, line) for row, line in enumerate(lines))
    code = {"_VBA_PROJECT_CUR/VBA/dir": b"x", "_VBA_PROJECT_CUR/VBA/M": legacy_writer.module("Sub a()\nEnd Sub\n")}
    return legacy_writer.xls(legacy_writer.workbook(cells), code)


def docx_with_remote_picture(lines: Sequence[str]) -> bytes:
    """One picture is read from a server whenever the document is opened."""
    return _related(office.docx(lines), "image", "https://example.org/a.png", outside=True)


def docx_with_object(lines: Sequence[str]) -> bytes:
    """An object of another program is embedded."""
    part = "word/embeddings/oleObject1.bin"
    data = changed(office.docx(lines), {part: compound({"\x01Ole10Native": bytes(20)})})
    return _related(data, "oleObject", f"/{part}")


def docx_with_header(lines: Sequence[str]) -> bytes:
    """The first line stands in the header of every page."""
    data = changed(office.docx(lines[1:]), {"word/header1.xml": _WATERMARK_HEADER.format(text=lines[0])})
    return _related(data, "header", "header1.xml")


def _with_macros(document: bytes) -> bytes:
    project = compound({"VBA/dir": b"x", "VBA/M": legacy_writer.module("Sub a()\nEnd Sub\n")})
    return _related(changed(document, {"word/vbaProject.bin": project}), "vbaProject", "vbaProject.bin")


def _related(document: bytes, sort: str, target: str, *, outside: bool = False) -> bytes:
    mode = ' TargetMode="External"' if outside else ""
    link = f'<Relationship Id="rId99" Type="{_RELATIONS}/{sort}" Target="{target}"{mode}/>'
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        there = _DOCUMENT_RELATIONS in archive.namelist()
    if there:
        return replaced(document, _DOCUMENT_RELATIONS, "</Relationships>", f"{link}</Relationships>")
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    relations = f'{head}<Relationships xmlns="{package}">{link}</Relationships>'
    return changed(document, {_DOCUMENT_RELATIONS: relations})


def _label(row: int, text: str) -> bytes:
    """A cell with a text of its own ([MS-XLS] 2.4.148)."""
    raw = text.encode("utf-16-le")
    return legacy_writer.record(0x204, struct.pack("<HHHHB", row, 0, 0, len(text), 1) + raw)


# Web pages, pictures, recordings


def scripted_html(lines: Sequence[str]) -> bytes:
    """A page that runs a script of its own."""
    return plain.html("a", lines).replace(b"</body>", b"<script>location='https://example.org/'</script></body>")


def placed_jpeg(seed: int) -> bytes:
    """A photograph that tells where it was taken (Exif 2.3, 4.6.6)."""
    from PIL import Image  # late: only some tests need it

    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (32.0, 41.0, 5.5), 3: "E", 4: (109.0, 1.0, 29.25)})
    out = io.BytesIO()
    pictures.drawn(seed, (240, 210)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def png_bomb() -> bytes:
    """A few bytes that claim to be 60,000 pixels wide and high."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + zlib.crc32(kind + data).to_bytes(4, "big") for kind, data in chunks
    )


def grey_jpeg(seed: int) -> bytes:
    """Of the picture only the first part arrived; a program closed the file, and shows the rest grey."""
    whole = pictures.picture("jpeg", seed=seed, size=(640, 480))
    return whole[: len(whole) // 2] + b"\xff\xd9"


def silent_film(seed: int) -> bytes:
    """A recording that has sound alone: the only track is not one of pictures."""
    return recording.recording(seed=seed, container="avi").replace(b"vids", b"auds", 1)


def placed_film(seed: int) -> bytes:
    """A recording that tells where it was taken, as telephones write it (QuickTime's `xyz`)."""
    place = b"+32.6900+109.0200/"
    said = struct.pack(">HH", len(place), 0x15C7) + place
    item = struct.pack(">I", 8 + len(said)) + b"\xa9xyz" + said
    box = struct.pack(">I", 8 + len(item)) + b"udta" + item
    data = bytearray(recording.recording(seed=seed))
    # The frames move by the length of the box: the place of their chunk stands in `stco`, behind its count.
    movie, chunk = data.index(b"moov") - 4, data.index(b"stco") + 12
    for at in (movie, chunk):
        struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + len(box))
    end = movie + struct.unpack_from(">I", data, movie)[0] - len(box)
    data[end:end] = box
    return bytes(data)


# Archives


def locked_zip(seed: int) -> bytes:
    """A zip whose only member is encrypted (APPNOTE.TXT 6.3.10, 4.4.4)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", f"{seed}\n" * 20)
    data = bytearray(out.getvalue())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def locked_rar(seed: int) -> bytes:
    """A RAR 4 archive with an encrypted member (technote.txt of WinRAR)."""
    return rar_writer.rar4({"a.txt": f"{seed}\n".encode()}, file=4)


def locked_7z(seed: int) -> bytes:
    """A 7z archive whose header says that its content is encrypted with AES."""
    data = seed.to_bytes(16, "big")
    coder = b"\x24\x06\xf1\x07\x01\x12" + b"\x53\x07" + bytes(16)
    streams = b"\x06\x00\x01\x09\x10\x00" + b"\x07\x0b\x01\x00\x01" + coder + b"\x0c\x10\x00\x08\x00\x00"
    name = "a.txt\0".encode("utf-16-le")
    header = b"\x01\x04" + streams + b"\x05\x01\x11" + bytes([len(name) + 1, 0]) + name + b"\x00\x00"
    start = len(data).to_bytes(8, "little") + len(header).to_bytes(8, "little") + _crc(header)
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + _crc(start) + start + data + header


def claiming(zipped: bytes) -> bytes:
    """The same zip whose first member says that it is 4 GB long."""
    data = bytearray(zipped)
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = b"\xf0\xff\xff\xff"
    return bytes(data)


def _crc(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "little")

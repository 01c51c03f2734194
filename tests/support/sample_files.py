"""One small file of any sort by name; its content follows from a word, so that no two are the same by accident."""

import zlib
from collections.abc import Callable, Sequence

from evidence_cli.samples import office, pictures, plain, portable, recording
from support import inner_files as inner
from support import legacy_writer, rar_writer
from support.numbers import filled
from support.office_files import zipped
from support.ole_writer import compound


def make(
    word: str, as_: str = "text", *, lines: Sequence[str] = (), like: str = "", count: int = 0, size: int = 0
) -> bytes:
    """A file of the sort `as_`. `lines` are its text (`{id}` and the like are synthetic numbers), `like` gives the
    content of another word's file, `count` is a number of bytes, seconds or pixels where the sort has one, `size`
    fills it up to a length. Raises KeyError for an unknown sort."""
    seed = zlib.crc32((like or word).encode("utf-8", "surrogateescape"))
    text = [filled(line) for line in lines] or [f"第 {seed} 号材料", "说明办理的依据、条件和时限。"]
    data = _SORTS[as_](seed, text, count)
    return data.ljust(size, b"\n")


def encrypted_office() -> bytes:
    """What Office writes when a document gets a password (MS-OFFCRYPTO): OLE2 with two streams."""
    return compound({"EncryptedPackage": bytes(64), "EncryptionInfo": b"\x04\x00\x04\x00@\x00\x00\x00"})


def _rar(seed: int, lines: Sequence[str], count: int) -> bytes:
    return rar_writer.rar5({"a.txt": f"{seed}\n".encode()})


def _exe(seed: int, lines: Sequence[str], count: int) -> bytes:
    header = b"MZ" + bytes(58) + (64).to_bytes(4, "little")
    return header + b"PE\0\0\x64\x86" + seed.to_bytes(4, "big") + bytes(400)


def _zip(seed: int, lines: Sequence[str], count: int) -> bytes:
    return zipped({"材料.txt": f"{seed}\n" + "\n".join(lines)})


def _seven(seed: int, lines: Sequence[str], count: int) -> bytes:
    """One stored file: 7zFormat.txt of the LZMA SDK."""
    data = seed.to_bytes(4, "big")
    name = "a.txt\0".encode("utf-16-le")
    streams = b"\x06\x00\x01\x09\x04\x00" + b"\x07\x0b\x01\x00\x01\x01\x00\x0c\x04\x0a\x01" + crc(data) + b"\x00\x00"
    header = b"\x01\x04" + streams + b"\x05\x01\x11" + bytes([len(name) + 1, 0]) + name + b"\x00\x00"
    start = len(data).to_bytes(8, "little") + len(header).to_bytes(8, "little") + crc(header)
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + crc(start) + start + data + header


def crc(data: bytes) -> bytes:
    """CRC-32 as archives store it."""
    return zlib.crc32(data).to_bytes(4, "little")


def _rtf(seed: int, lines: Sequence[str], count: int) -> bytes:
    return b"{\\rtf1\\ansi " + str(seed).encode() + b" evidence and more of it\\par}"


def _doc(seed: int, lines: Sequence[str], count: int) -> bytes:
    return legacy_writer.doc("\r".join([str(seed), *lines]) + "\r")


def _picture(format: str) -> Callable[[int, Sequence[str], int], bytes]:
    return lambda seed, lines, side: pictures.picture(format, seed=seed, size=(side or 240, side or 210))


def _noise(seed: int, lines: Sequence[str], count: int) -> bytes:
    return seed.to_bytes(4, "little") + bytes(range(256)) * (count // 256)


_SORTS: dict[str, Callable[[int, Sequence[str], int], bytes]] = {
    "text": lambda seed, lines, count: plain.text(lines),
    "gbk": lambda seed, lines, count: "\r\n".join(lines).encode("gb18030"),
    "csv": lambda seed, lines, count: plain.csv_table([[line, seed] for line in lines]),
    "html": lambda seed, lines, count: plain.html(str(seed), lines),
    "pdf": lambda seed, lines, count: portable.pdf(lines),
    "ofd": lambda seed, lines, count: portable.ofd(lines),
    "docx": lambda seed, lines, count: office.docx(lines),
    "blank-docx": lambda seed, lines, count: office.docx([]),
    "encrypted-office": lambda seed, lines, count: encrypted_office(),
    "doc": _doc,
    "rtf": _rtf,
    "xlsx": lambda seed, lines, count: office.xlsx([[line, seed] for line in lines]),
    "pptx": lambda seed, lines, count: office.pptx(lines),
    "png": _picture("png"),
    "jpeg": _picture("jpeg"),
    "mp4": lambda seed, lines, count: recording.recording(seed=seed, seconds=count or 3),
    "avi": lambda seed, lines, count: recording.recording(seed=seed, seconds=count or 3, container="avi"),
    "zip": _zip,
    "rar": _rar,
    "7z": _seven,
    "exe": _exe,
    "empty": lambda seed, lines, count: b"",
    "bytes": _noise,
    "locked-pdf": lambda seed, lines, count: inner.locked_pdf(lines),
    "restricted-pdf": lambda seed, lines, count: inner.restricted_pdf(lines),
    "scripted-pdf": lambda seed, lines, count: inner.scripted_pdf(lines),
    "pdf-with-attachment": lambda seed, lines, count: inner.pdf_with_attachment(lines),
    "scanned-pdf": lambda seed, lines, count: inner.scanned_pdf(seed),
    "locked-docx": lambda seed, lines, count: inner.locked(office.docx(lines)),
    "locked-xlsx": lambda seed, lines, count: inner.locked(office.xlsx([[line, seed] for line in lines])),
    "locked-doc": lambda seed, lines, count: inner.locked_doc(seed),
    "docm": lambda seed, lines, count: inner.docm(lines),
    "xls-with-macros": lambda seed, lines, count: inner.xls_with_macros([*lines, str(seed)]),
    "docx-with-remote-picture": lambda seed, lines, count: inner.docx_with_remote_picture(lines),
    "docx-with-object": lambda seed, lines, count: inner.docx_with_object(lines),
    "docx-with-header": lambda seed, lines, count: inner.docx_with_header(lines),
    "scripted-html": lambda seed, lines, count: inner.scripted_html(lines),
    "placed-jpeg": lambda seed, lines, count: inner.placed_jpeg(seed),
    "placed-mp4": lambda seed, lines, count: inner.placed_film(seed),
    "grey-jpeg": lambda seed, lines, count: inner.grey_jpeg(seed),
    "silent-avi": lambda seed, lines, count: inner.silent_film(seed),
    "locked-zip": lambda seed, lines, count: inner.locked_zip(seed),
    "locked-rar": lambda seed, lines, count: inner.locked_rar(seed),
    "locked-7z": lambda seed, lines, count: inner.locked_7z(seed),
    "bomb-docx": lambda seed, lines, count: inner.claiming(office.docx(lines)),
    "bomb-zip": lambda seed, lines, count: inner.claiming(_zip(seed, lines, count)),
    "bomb-png": lambda seed, lines, count: inner.png_bomb(),
}

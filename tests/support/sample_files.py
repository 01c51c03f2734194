"""One small file of any sort by name; its content follows from a word, so that no two are the same by accident."""

import zlib
from collections.abc import Callable, Sequence

from evidence_cli.samples import office, pictures, plain, portable, recording
from support.office_files import zipped
from support.ole_writer import compound


def make(
    word: str, as_: str = "text", *, lines: Sequence[str] = (), like: str = "", count: int = 0, size: int = 0
) -> bytes:
    """A file of the sort `as_`. `lines` are its text, `like` gives the content of another word's file, `count`
    a length in bytes where the sort has one, `size` fills it up to a length. Raises KeyError for an unknown sort."""
    seed = zlib.crc32((like or word).encode("utf-8", "surrogateescape"))
    data = _SORTS[as_](seed, list(lines) or [f"第 {seed} 号材料", "说明办理的依据、条件和时限。"], count)
    return data.ljust(size, b"\n")


def encrypted_office() -> bytes:
    """What Office writes when a document gets a password (MS-OFFCRYPTO): OLE2 with two streams."""
    return compound({"EncryptedPackage": bytes(64), "EncryptionInfo": b"\x04\x00\x04\x00@\x00\x00\x00"})


def _rar(seed: int, lines: Sequence[str], count: int) -> bytes:
    return b"Rar!\x1a\x07\x01\x00" + seed.to_bytes(4, "big") + bytes(64)


def _exe(seed: int, lines: Sequence[str], count: int) -> bytes:
    header = b"MZ" + bytes(58) + (64).to_bytes(4, "little")
    return header + b"PE\0\0\x64\x86" + seed.to_bytes(4, "big") + bytes(400)


def _zip(seed: int, lines: Sequence[str], count: int) -> bytes:
    return zipped({"材料.txt": f"{seed}\n" + "\n".join(lines)})


def _seven(seed: int, lines: Sequence[str], count: int) -> bytes:
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + seed.to_bytes(4, "big") + bytes(64)


def _rtf(seed: int, lines: Sequence[str], count: int) -> bytes:
    return b"{\\rtf1\\ansi " + str(seed).encode() + b" evidence and more of it\\par}"


def _doc(seed: int, lines: Sequence[str], count: int) -> bytes:
    return compound({"WordDocument": seed.to_bytes(4, "big") + bytes(5000), "1Table": bytes(4096)})


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
    "png": lambda seed, lines, count: pictures.picture("png", seed=seed, size=(240, 210)),
    "jpeg": lambda seed, lines, count: pictures.picture("jpeg", seed=seed, size=(240, 210)),
    "mp4": lambda seed, lines, count: recording.recording(seed=seed, seconds=3),
    "zip": _zip,
    "rar": _rar,
    "7z": _seven,
    "exe": _exe,
    "empty": lambda seed, lines, count: b"",
    "bytes": _noise,
}

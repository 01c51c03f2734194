"""Names in zips made by other tools: UTF-8 with or without the flag, or GBK from a Chinese Windows.

PKWARE APPNOTE 6.3.10 §4.4.4 (bit 11) and §4.6.9 (Info-ZIP Unicode path, 0x7075).
"""

import codecs
import unicodedata
import zlib
from collections.abc import Iterable, Iterator

UTF8_FLAG = 0x800
UNDECODED = "unknown"
MAX_PART = 255

_UNICODE_PATH = 0x7075
_LONE_EURO = "evcli.lone-euro"


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, data) of each whole extra field; padding and torn fields at the end are passed over."""
    at = 0
    while at + 4 <= len(extra):
        tag = int.from_bytes(extra[at : at + 2], "little")
        end = at + 4 + int.from_bytes(extra[at + 2 : at + 4], "little")
        if end > len(extra):
            return
        yield tag, extra[at + 4 : end]
        at = end


def decode_name(raw: bytes, flags: int, extra: bytes, *, ambiguous: str = "gbk") -> tuple[str, str]:
    """The text of a stored name and the encoding it was read in: `utf-8`, `gbk` or `unknown`.

    `ambiguous` is what a name without the flag is read as when it would be good in both (`目录` in GBK is
    `Ŀ¼` in UTF-8); see `ambiguous_as`. Without the flag a single byte 0x80 is €, as in Windows' GBK. What no encoding
    fits keeps its bytes as lone surrogates, as file names do.
    """
    named = None if flags & UTF8_FLAG else _unicode_path(raw, extra)
    if named is not None:
        return named, "utf-8"
    if raw.isascii():
        return raw.decode("ascii"), "utf-8"
    if not flags & UTF8_FLAG and ambiguous == "gbk" and _fits_both(raw):
        return raw.decode("gb18030"), "gbk"
    lone = "strict" if flags & UTF8_FLAG else _LONE_EURO
    for codec, errors, encoding in (("utf-8", "strict", "utf-8"), ("gb18030", lone, "gbk")):
        try:
            return raw.decode(codec, errors), encoding
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "surrogateescape"), UNDECODED


def other_name(raw: bytes, flags: int, extra: bytes, *, ambiguous: str = "gbk") -> str:
    """What the tools read that treat the Unicode path field otherwise: it counts before the flag, or never."""
    if flags & UTF8_FLAG:
        return _unicode_path(raw, extra) or decode_name(raw, flags, b"")[0]
    return decode_name(raw, flags, b"", ambiguous=ambiguous)[0]


def normal(path: str) -> str:
    """The path in NFC, but for parts no file system would take: long runs of marks take for ever."""
    if path.isascii():
        return path
    parts = path.split("/")
    if max(map(len, parts)) <= MAX_PART:
        return unicodedata.normalize("NFC", path)
    return "/".join(unicodedata.normalize("NFC", part) if len(part) <= MAX_PART else part for part in parts)


def ambiguous_as(raws: Iterable[bytes]) -> str:
    """What an archive's unflagged names say together: `utf-8` where one can only be that and none cannot."""
    sure_utf8 = False
    for raw in raws:
        if raw.isascii():
            continue
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            return "gbk"
        sure_utf8 = sure_utf8 or not _fits_both(raw)
    return "utf-8" if sure_utf8 else "gbk"


def _fits_both(raw: bytes) -> bool:
    """Whether both readings are plausible: UTF-8 without any 汉字, and every pair within GB 2312."""
    try:
        text = raw.decode("utf-8")
        raw.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return max(text) < "\u0800"


def _lone_euro(error: UnicodeError) -> tuple[str, int]:
    """Microsoft's code page 936 has the euro sign where GBK and GB 18030 have nothing."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:
        return "€", error.start + 1
    raise error


codecs.register_error(_LONE_EURO, _lone_euro)


def _unicode_path(raw: bytes, extra: bytes) -> str | None:
    for tag, data in extra_fields(extra):
        # The field holds for the name it was made for only: another tool may have renamed the entry since.
        if tag == _UNICODE_PATH and data[:5] == b"\x01" + zlib.crc32(raw).to_bytes(4, "little"):
            try:
                return data[5:].decode("utf-8") or None
            except UnicodeDecodeError:
                return None
    return None

"""Which encoding a text is in: UTF-8, GB18030, UTF-16 with and without a byte order mark, UTF-32 with one.

GB18030 (GB 18030-2022) holds GBK and GB2312.
"""

import codecs
import re

# The mark of UTF-32 begins with that of UTF-16: it comes first.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8 = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})++")
# One bad byte among so many characters beyond ASCII is an accident, not another encoding.
_CHARACTERS_PER_FLAW = 20
_WITH_NUL_BYTES = ("utf-16-le", "utf-16-be")
ENCODINGS = frozenset({name for _, name in _BOMS} | {"utf-8", "gb18030", *_WITH_NUL_BYTES})
_WIDE = frozenset({"utf-16", "utf-32", *_WITH_NUL_BYTES})

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"
# One control character in so many bytes still is a text: an old log, a stray backspace.
BYTES_PER_CONTROL = 64
# Letters and signs that a text in UTF-16 without a mark is made of: Latin, punctuation, Chinese, full-width forms.
_COMMON = re.compile(r"[\t\n\r\x20-\x7e\u00a0-\u024f\u2010-\u203b\u2460-\u24ff\u3000-\u303f\u4e00-\u9fff\uff01-\uffe5]")
_LEAST_WIDE = 8  # characters; fewer may be the numbers of any small structure
_WIDE_TRIAL = 4096  # bytes
_COMMON_OF = 50  # one character in so many may be another

# The plain Chinese of GB 2312 rows 1-87, and whatever is not ASCII.
_GB2312 = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])++")
_ASCII = bytes(range(128))


def encoding_of(data: bytes) -> str | None:
    """The encoding of a text as a name of `ENCODINGS`, or None if the bytes are no text.

    The last character may be cut.
    """
    marked = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    if marked:
        return marked if is_text(data, marked) else None
    if b"\x00" in data[:_WIDE_TRIAL]:
        return next((name for name in _WITH_NUL_BYTES if _is_wide(data, name)), None)
    if is_text(data, "utf-8") or _is_nearly(data, _UTF8):
        return "utf-8"
    return "gb18030" if is_text(data, "gb18030") or _is_nearly(data, _GB2312) else None


def _is_nearly(data: bytes, characters: re.Pattern[bytes]) -> bool:
    """Text with a bad byte here and there. Most of a text in GB18030 does not look like UTF-8, nor the other way."""
    right = _length(characters, data)
    flaws = len(data.translate(None, _ASCII)) - right
    return right >= _LEAST_WIDE and flaws * _CHARACTERS_PER_FLAW <= right // 2 and not has_controls(data)


def _length(characters: re.Pattern[bytes], data: bytes) -> int:
    return sum(map(len, characters.findall(data)))


def is_text(data: bytes, encoding: str) -> bool:
    """Whether the bytes are text of that encoding, with no more than a few control characters."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return False
    return not has_controls(text.encode("utf-8", "surrogatepass") if encoding in _WIDE else data)


def has_controls(data: bytes) -> bool:
    """Whether there is a NUL, or more control characters than any text has. `data` is in UTF-8 or GB18030."""
    plain = data.removesuffix(b"\x1a")  # the end mark of DOS editors
    controls = len(plain) - len(plain.translate(None, _CONTROLS))
    return controls * BYTES_PER_CONTROL > len(plain) or b"\x00" in plain


def _is_wide(data: bytes, encoding: str) -> bool:
    """UTF-16 without a mark: nothing but the characters of everyday texts, so that no structure of numbers passes."""
    text = data[:_WIDE_TRIAL].decode(encoding, "replace")
    return (
        len(text) >= _LEAST_WIDE
        and len(_COMMON.findall(text)) * _COMMON_OF >= len(text) * (_COMMON_OF - 1)
        and is_text(data, encoding)
    )


def is_plain_chinese(data: bytes) -> bool:
    """Whether four in five bytes beyond ASCII are everyday Chinese in GB18030, and not some other 8-bit encoding."""
    return _length(_GB2312, data) * 5 >= len(data.translate(None, _ASCII)) * 4


def decoded(data: bytes, encoding: str) -> str:
    """The text of these bytes; what does not fit the encoding, or is cut, becomes a replacement character."""
    return data.decode(encoding, "replace").removeprefix("\ufeff")

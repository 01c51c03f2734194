"""Code pages of Windows, and the character sets of its fonts, as Python knows them."""

import codecs
from functools import lru_cache

# What Python has no `cp…` of, or knows better under another name.
_CODECS = {
    0: "cp1252",
    367: "ascii",
    936: "gb18030",
    949: "cp949",
    1200: "utf-16-le",
    1201: "utf-16-be",
    10000: "mac-roman",
    10001: "shift-jis",
    10002: "big5",
    10003: "euc-kr",
    10008: "gb18030",
    20936: "gb18030",
    28591: "latin-1",
    32768: "mac-roman",
    32769: "cp1252",
    54936: "gb18030",
    65001: "utf-8",
}
# \fcharset of RTF and the LOGFONT of Windows → code page; the others take that of the document.
_CHARSETS = {
    77: 10000,
    128: 932,
    129: 949,
    130: 1361,
    134: 936,
    136: 950,
    161: 1253,
    162: 1254,
    163: 1258,
    177: 1255,
    178: 1256,
    186: 1257,
    204: 1251,
    222: 874,
    238: 1250,
}
# Primary languages of Windows whose 8-bit text is not Western: language identifier → code page.
_LANGUAGES = {0x804: 936, 0x1004: 936, 0x404: 950, 0xC04: 950, 0x411: 932, 0x412: 949, 0x419: 1251}


@lru_cache(maxsize=64)
def codec_of(code_page: int) -> str:
    """The codec of a code page; that of Western Windows where the number means nothing."""
    name = _CODECS.get(code_page, f"cp{code_page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name


def code_page_of_charset(charset: int) -> int | None:
    """The code page of a font's character set; None where it is the document's own."""
    return _CHARSETS.get(charset)


def code_page_of_language(language: int) -> int:
    """The code page of 8-bit text in this language."""
    return _LANGUAGES.get(language, 1252)

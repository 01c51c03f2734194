"""Text from files and file names made fit to show: it neither steers a terminal nor hides from a reader."""

import re

# Control characters, soft hyphen, what has no width, marks and overrides of the writing direction, line and
# paragraph separators, fillers that look like nothing, lone surrogates, code points that are no characters.
_UNFIT = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)


# Spreadsheet programs take a cell that begins so for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@")


def printable(text: str) -> str:
    r"""The text with every character that is not fit to show as an escape: `\x1b`, `\u202e`, `\U000e0001`.

    A byte that could not be decoded (a surrogate of PEP 383) is shown as that byte: `\xff`. The result is
    one line and encodes in UTF-8. What is fit already comes back as it is.
    """
    return _UNFIT.sub(_escape, text)


def no_formula(text: str) -> str:
    """The text of a cell in a CSV: what spreadsheet programs would take for a formula begins with an apostrophe."""
    return f"'{text}" if text.startswith((*FORMULA_SIGNS, "\t", "\r")) else text


def _escape(match: re.Match[str]) -> str:
    point = ord(match[0])
    if 0xDC80 <= point <= 0xDCFF:
        point -= 0xDC00
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"

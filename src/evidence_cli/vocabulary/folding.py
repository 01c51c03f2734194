"""Text as it is searched: one form for what looks the same, without what nobody sees."""

import re
import unicodedata

# Invisible: soft hyphens, joiners, direction marks, byte order marks, and controls.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb]+"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# The zeros of other scripts, each with its nine digits behind it; those of presentation forms are in form KC.
_ZEROS = (
    "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0\u0f20\u1040\u1090"
    "\u17e0\u1810\u1946\u19d0\u1a80\u1a90\u1b50\u1bb0\u1c40\u1c50\ua620\ua8d0\ua900\ua9d0\ua9f0\uaa50\uabf0"
)
_FAR_ZEROS = (
    "\U000104a0\U00010d30\U00011066\U000110f0\U00011136\U000111d0\U000112f0\U00011450\U000114d0\U00011650"
    "\U000116c0\U00011730\U000118e0\U00011950\U00011c50\U00011d50\U00011da0\U00016a60\U00016ac0\U00016b50"
    "\U0001e140\U0001e2f0\U0001e950"
)
# Invisible, too, though Python calls them printable: default ignorable code points (Unicode Standard Annex 44), among
# them variation selectors and the fillers of Hangul.
_BLANKS = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x3164, *range(0xFE00, 0xFE10), 0xFFA0)
_FAR_BLANKS = (*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000))
_PLAIN: dict[int, str | None] = {
    **{ord(zero) + digit: str(digit) for zero in _ZEROS + _FAR_ZEROS for digit in range(10)},
    **dict.fromkeys((*_BLANKS, *_FAR_BLANKS)),
}
# Beyond the first 65 536 characters a table tells better than a pattern.
_ODD = re.compile(
    "["
    + "".join(map(chr, _BLANKS))
    + "".join(f"{zero}-{chr(ord(zero) + 9)}" for zero in _ZEROS)
    + "\U00010000-\U0001ffff\U000e0000-\U000e0fff]+"
)
# Ordering combining characters takes the square of how many follow one another.
_STEP = 256
# One character may become eighteen; no honest stretch of text grows like that.
_GROWTH = 2
_GROWTH_SHORT = 64


def fold(text: str) -> str:
    """The text in normal form KC (Unicode Standard Annex 15), with ASCII digits, LF line ends and nothing invisible.

    Time and the length of the result are linear in the length of the text, whatever it is: a stretch that would grow
    to more than about twice its length stays as it is.
    """
    if not text.isascii():
        text = "".join(_step(text[at : at + _STEP]) for at in range(0, len(text), _STEP))
        text = _ODD.sub(_plain, text)
    if not text.isprintable():
        text = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    return text


def _step(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return folded if len(folded) <= _GROWTH * len(text) + _GROWTH_SHORT else text


def _plain(found: re.Match[str]) -> str:
    return found[0].translate(_PLAIN)


def fold_pattern(pattern: str) -> str:
    """A regular expression for folded text: a full-width bracket in it stays a bracket to be found."""
    return "".join(c if c.isascii() else _folded(c) for c in pattern)


def _folded(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return character if folded == character else re.escape(folded)

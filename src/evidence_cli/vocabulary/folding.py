"""Text as it is searched: one form for what looks the same, without what nobody sees."""

import re
import unicodedata

# Invisible: soft hyphens, joiners, direction marks, variation selectors, byte order marks, and controls.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb]+"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Ordering combining characters takes the square of how many follow one another.
_STEP = 256
# One character may become eighteen; no honest stretch of text grows like that.
_GROWTH = 2
_GROWTH_SHORT = 64


def fold(text: str) -> str:
    """The text in normal form KC (Unicode Standard Annex 15), without invisible characters, lines ended by LF.

    Time and the length of the result are linear in the length of the text, whatever it is: a stretch that would grow
    to more than about twice its length stays as it is.
    """
    if not text.isascii():
        text = "".join(_step(text[at : at + _STEP]) for at in range(0, len(text), _STEP))
    if not text.isprintable():
        text = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    return text


def _step(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return folded if len(folded) <= _GROWTH * len(text) + _GROWTH_SHORT else text


def fold_pattern(pattern: str) -> str:
    """A regular expression for folded text: a full-width bracket in it stays a bracket to be found."""
    return "".join(c if c.isascii() else _folded(c) for c in pattern)


def _folded(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return character if folded == character else re.escape(folded)

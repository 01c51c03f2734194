"""Characters of a Chinese keyboard, or of a pasted page, that look like YAML's but are not."""

from evidence_cli.table.causes import Cause
from evidence_cli.vocabulary.errors import Problem

# Blanks that are no blank to YAML: the full-width, the non-breaking ones and those of typesetting.
ODD_BLANKS = frozenset("\u3000\u00a0\u202f\u2002\u2003\u2009")

# Character → what YAML wants instead.
FULL_WIDTH = {
    "：": ":",
    "，": ",",
    "、": ",",
    "．": ".",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "【": "[",
    "】": "]",
    "“": '"',
    "”": '"',
    "＂": '"',
    "‘": "'",
    "’": "'",
    "＃": "#",
    "－": "-",
    **dict.fromkeys(ODD_BLANKS, " "),
}


def full_width_in(text: str) -> tuple[int, str] | None:
    """Where the first character stands that looks like YAML punctuation but is not, and which it is."""
    return next(((index, c) for index, c in enumerate(text) if c in FULL_WIDTH), None)


def full_width(line: int, column: int, key: str, character: str) -> Problem:
    """The problem of a full-width character used as punctuation, or of a blank that is none."""
    if character in ODD_BLANKS:
        return Problem(line, column, key, Cause.ODD_BLANK, {"character": f"U+{ord(character):04X}"})
    params = {"character": character, "instead": FULL_WIDTH[character]}
    return Problem(line, column, key, Cause.FULL_WIDTH, params)


def without_comment(line: str) -> str:
    """The line up to its comment or its end, without the blanks that YAML knows."""
    end = 0
    while (end := line.find("#", end)) >= 0:
        if not line[:end].strip(" \t") or line[end - 1] in " \t":
            return line[:end].rstrip(" \t\r\n")
        end += 1
    return line.rstrip(" \t\r\n")

"""Names of files and folders: what Windows allows, what people can read, what is junk, what means the same.

Windows' own limits come from Microsoft's “Naming Files, Paths, and Namespaces”.
"""

import re
import unicodedata
from functools import cache

_WINDOWS_CHARACTERS = frozenset('<>:"/\\|?*')
_REFUSED = _WINDOWS_CHARACTERS | frozenset(map(chr, range(32)))
_DASHES = str.maketrans(dict.fromkeys([*_WINDOWS_CHARACTERS, "\t", "\n", "\r"], "-"))
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in "123456789¹²³"]
)
# Nearly every name: nothing in it is composed, hidden or unusual.
_PLAIN = re.compile(r"[\u4e00-\u9fff0-9A-Za-z_.（）()-]*")
_ORDINARY_MARKS = frozenset("-_.（）()《》〔〕【】、· ")
# Hangul and other fillers are letters to Unicode but leave nothing to see.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")

_JUNK_NAMES = frozenset(
    [
        "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".ds_store", ".localized", "icon\r",
        ".directory", ".gitkeep",
    ]
)  # fmt: skip
_JUNK_FOLDERS = frozenset(
    [
        "__macosx", ".spotlight-v100", ".trashes", ".fseventsd", ".appledouble", ".temporaryitems",
        "$recycle.bin", "system volume information", "@eadir", "#recycle", ".recycle", ".git", ".svn",
        ".idea", ".vscode", "__pycache__",
    ]
)  # fmt: skip
_JUNK_PREFIXES = ("~$", ".~", "._")
_JUNK_SUFFIXES = (".tmp", ".temp", ".swp")


def nfc(text: str) -> str:
    """The text in Unicode normal form C."""
    return unicodedata.normalize("NFC", text)


def twin_key(name: str) -> str:
    """Equal for names that Windows or macOS would take for one another (case and Unicode form)."""
    return nfc(nfc(name).casefold())


def loose_key(name: str) -> str:
    """Equal for names that a person would take for one another: also trailing dots, blanks and invisible characters."""
    return twin_key(visible_part(name)).strip(" .\u3000")


def visible_part(name: str) -> str:
    """The name without its control, bidi-override and zero-width characters."""
    if _hides_nothing(name):
        return name
    return "".join(c for c in name if not _hidden(c))


def _hides_nothing(name: str) -> bool:
    """True for nearly all names; False when every character must be asked."""
    return name.isprintable() and _BLANK_LETTERS.isdisjoint(name)


def is_junk(name: str, *, folder: bool = False) -> bool:
    """Whether an operating system or office program left this behind: it never belongs to a package."""
    lower = name.lower()
    if folder:
        return lower in _JUNK_FOLDERS
    return lower in _JUNK_NAMES or lower.startswith(_JUNK_PREFIXES) or lower.endswith(_JUNK_SUFFIXES)


def without_invisible(text: str) -> str:
    """The text without what nobody sees (Unicode categories Cc and Cf); blanks and line ends stay."""
    return "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf"))


def is_unicode(name: str) -> bool:
    """Whether the name is valid Unicode (a file system may hand over bytes that are not)."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def hidden_characters(name: str) -> list[str]:
    """Control, bidi-override and zero-width characters in the name, each once, as `U+202E`."""
    if _hides_nothing(name):
        return []
    return [f"U+{ord(c):04X}" for c in dict.fromkeys(name) if _hidden(c)]


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") or character in _BLANK_LETTERS


def windows_fault(name: str) -> tuple[str, str] | None:
    """Why Windows refuses the name: (`characters`, which), (`ending`, the last one), (`device`, its word), or None."""
    if not _REFUSED.isdisjoint(name):
        return "characters", "".join(c for c in dict.fromkeys(name) if c in _REFUSED)
    if name[-1:] in (".", " "):
        return "ending", name[-1]
    base = name.partition(".")[0].rstrip(" ").upper()
    return ("device", base) if base in _DEVICES else None


def unusual_characters(name: str) -> str:
    """Characters other than 汉字, letters, digits and the usual marks, each once."""
    if _PLAIN.fullmatch(name):
        return ""
    return "".join(c for c in dict.fromkeys(nfc(name)) if not _ordinary(c))


@cache
def _ordinary(character: str) -> bool:
    return character in _ORDINARY_MARKS or unicodedata.category(character) in (
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "Nd",
        "Nl",
    )


def safe_name(text: str, limit: int = 255) -> str:
    """A title as a folder or package may carry it: forbidden characters become `-`, invisible ones go, NFC.

    `limit` is the most characters it may have. The same title always gives the same name.
    """
    plain = nfc(text)
    visible = (plain if _hides_nothing(plain) else "".join(filter(_keep, plain))).translate(_DASHES)
    joined = re.sub(r"-{2,}", "-", re.sub(r" {2,}", " ", visible)).strip(" .-")
    return joined[: max(limit, 1)].rstrip(" .-")


def _keep(character: str) -> bool:
    return character in "\t\n\r" or not (_hidden(character) or "\ud800" <= character <= "\udfff")


_QUESTION_CODE = r"\d+(?:\.\d+)*-\d{2,3}"
_LEADING_CODE = re.compile(rf"({_QUESTION_CODE})(?:-|$)")
_CODE_INSIDE = re.compile(rf"(?<![\d.-]){_QUESTION_CODE}(?![\d.])")


def question_code(name: str) -> str | None:
    """The question's code that a name begins with: `1.1-01` or `1.1-01-anything`."""
    match = _LEADING_CODE.match(loose_key(name))
    return match[1] if match else None


def codes_inside(name: str) -> list[str]:
    """What looks like a question's code anywhere in a name; more digits or dots around it would make it another."""
    return _CODE_INSIDE.findall(name)


def resembles(name: str, category_folder: str) -> bool:
    """Whether a folder's name looks like a category's (`04-网站截图`): the same number, or much the same words."""
    number, _, words = loose_key(category_folder).partition("-")
    leading, own = re.match(r"(\d*)[-_.、．\s]*(.*)", loose_key(name), re.DOTALL).groups()  # type: ignore[union-attr]
    return bool(leading and int(leading) == int(number)) or alike(own, words)


def alike(name: str, meant: str) -> bool:
    """Whether one name could be the other, mistyped, cut short or with something added."""
    from difflib import SequenceMatcher  # late: start-up time

    if not name or name in meant or meant in name:
        return bool(name)
    # Far quicker, and enough for nearly all: what they cannot have in common.
    if 4 * sum(map(meant.__contains__, name)) < len(name) + len(meant):
        return False
    return SequenceMatcher(None, name, meant).ratio() >= 0.5


def carries_code(name: str, code: str) -> bool:
    """Whether a folder's name stands for this code: `1.1-01` or `1.1-01-anything`."""
    plain = loose_key(name)
    return plain == code or plain.startswith(code + "-")

"""What people and machines write: names and titles of any Unicode, and small trees of files."""

from hypothesis import strategies as st

# Any code point that a file system may hand over; every plane, controls and marks included.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=90)
# Letters that file systems and people confuse: twins, marks of direction, blanks, devices, forbidden ones.
_CHARACTERS = tuple('éÅ\u212bßﬁİı각\u200b\u202e\ufeff\u3000 .-/\\:：?*|"<>\t\n\x00\x7f_（）𠮷')
_WORDS = ("e\u0301", "\u1100\u1161", "SS", "..", "CON", "nul", "COM1", "LPT¹", "~$", ".tmp", "清单", "1.1-01", "01-")
AWKWARD = st.lists(st.sampled_from(_CHARACTERS + _WORDS), max_size=12).map("".join)
TITLES = ANY_TEXT | AWKWARD


def _possible(name: str) -> bool:
    return name not in (".", "..") and 0 < len(name.encode()) <= 200


# What Linux takes as a file name: anything but a slash and a null character.
FILE_NAMES = TITLES.map(lambda text: text.replace("/", "").replace("\x00", "")).filter(_possible)

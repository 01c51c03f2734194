"""What the writers share: text that XML allows, and zips without a trace of time or machine."""

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# The complement of Char in XML 1.0, section 2.2; half a surrogate pair is in it too.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FAT, _ARCHIVE_BIT = 0, 0x20


def allowed(text: str) -> str:
    """The text without the characters that XML 1.0 does not allow, its line ends all `\\n`."""
    return _FORBIDDEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def escaped(text: str) -> str:
    """The text as XML content, or as the value of an attribute in double quotes."""
    return escape(allowed(text), {'"': "&quot;"})


def zipped(parts: Mapping[str, str]) -> bytes:
    """A zip of these texts in UTF-8, by name, in the order given.

    Stored, because the bytes of deflate differ between builds of zlib.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = _FAT, _ARCHIVE_BIT
            archive.writestr(info, text.encode("utf-8"))
    return buffer.getvalue()

"""The readable text of an answer, within limits: WordprocessingML (ECMA-376 part 1, 17) and HTML."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from evidence_cli.looks.sample import TornError

TEXT_LIMIT = 2_000_000  # characters that are kept
PART_LIMIT = 32 * 1024 * 1024  # bytes of the main part after decompression
_DEPTH_LIMIT = 500  # no document nests deeper; expat keeps memory for every open element

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_TEXT = frozenset(
    {f"{space} t" for space in _WORD}
    | {
        "http://schemas.openxmlformats.org/officeDocument/2006/math t",
        "http://purl.oclc.org/ooxml/officeDocument/math t",
    }
)
_SIGNS = {f"{space} {tag}": sign for space in _WORD for tag, sign in (
    ("tab", "\t"), ("br", "\n"), ("cr", "\n"), ("noBreakHyphen", "-"),
)}  # fmt: skip
# Inside a paragraph's or style's properties `w:tab` is a tab stop, not a character.
_PROPERTIES = frozenset(f"{space} {tag}" for space in _WORD for tag in ("pPr", "rPr", "sectPr", "tblPr"))
_PARAGRAPHS = frozenset(f"{space} p" for space in _WORD)
# Deleted and moved-away text is not there any more; a fallback repeats the text box before it.
_HIDDEN = frozenset(
    {f"{space} {tag}" for space in _WORD for tag in ("del", "moveFrom")}
    | {"http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"}
)


class _EnoughError(Exception):
    """The text has reached its limit."""


class _WordReader:
    """Collects the text of a main part from expat's events."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._length = 0
        self._depth = 0
        self._silent = 0  # open elements whose text does not count
        self._in_text = 0

    def parser(self) -> Any:
        """An expat parser that reports here and refuses every declaration of a document type or an entity."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        return parser

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self._length += len(text)
        if self._length >= TEXT_LIMIT:
            raise _EnoughError

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise TornError("nested too deeply")
        if tag in _HIDDEN or tag in _PROPERTIES:
            self._silent += 1
        elif self._silent == 0:
            if tag in _TEXT:
                self._in_text += 1
            elif tag in _SIGNS:
                self._add(_SIGNS[tag])

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag in _HIDDEN or tag in _PROPERTIES:
            self._silent -= 1
        elif self._silent == 0:
            if tag in _TEXT:
                self._in_text -= 1
            elif tag in _PARAGRAPHS:
                self._add("\n")

    def _characters(self, text: str) -> None:
        if self._in_text:
            self._add(text)


def _refuse(*_declaration: object) -> None:
    raise TornError("declares a document type or an entity")


def docx_text(chunks: Callable[[str, int], Iterator[bytes]], part: str) -> str:
    """The text of a Word document: paragraphs, tables and text boxes, one line for each paragraph.

    `chunks(part, limit)` gives the bytes of its main part. Raises TornError when that is no well-formed part.
    """
    reader = _WordReader()
    parser = reader.parser()
    taken = 0
    try:
        for chunk in chunks(part, PART_LIMIT):
            taken += len(chunk)
            parser.Parse(chunk, False)
        if taken < PART_LIMIT:
            parser.Parse(b"", True)
    except _EnoughError:
        pass
    except (expat.ExpatError, LookupError, ValueError) as problem:
        raise TornError(f"{part}: {problem}") from problem
    return "".join(reader.parts)[:TEXT_LIMIT]


_MARKUP = re.compile(r"<(?:(!--)|(script|style)\b|(/?)([a-z][a-z0-9:-]*)|[!?])", re.IGNORECASE)
_CLOSING = {
    "script": re.compile(r"</script\b", re.IGNORECASE),
    "style": re.compile(r"</style\b", re.IGNORECASE),
}
_LINES = re.compile(
    r"address|article|aside|blockquote|body|br|d[dlt]|div|fieldset|footer|form|h[1-6r]|head|header|html|li|main|nav"
    r"|[ou]l|p|pre|section|table|t[dhr]|tbody|tfoot|thead|title",
    re.IGNORECASE,
)


def html_text(markup: str) -> str:
    """The text of an HTML page, roughly: without tags, comments, scripts and styles, with entities resolved.

    One pass from left to right: an opening without its end takes the rest, so the time is linear.
    """
    parts: list[str] = []
    place = 0
    while found := _MARKUP.search(markup, place):
        parts.append(markup[place : found.start()])
        end = found.end()
        if found[1]:
            close = markup.find("-->", end)
            place = close + 3 if close >= 0 else len(markup)
            continue
        if found[2]:
            closing = _CLOSING[found[2].lower()].search(markup, end)
            end = closing.end() if closing else len(markup)
        elif found[4] and _LINES.fullmatch(found[4]):
            parts.append("\n")
        close = markup.find(">", end)
        place = close + 1 if close >= 0 else len(markup)
    parts.append(markup[place:])
    return html.unescape("".join(parts))[:TEXT_LIMIT]

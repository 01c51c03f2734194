"""An HTML page read roughly, once from left to right: its text, what in it runs, whether its end is missing.

It reads as browsers do (WHATWG HTML 13.2.5), with whatever markup: an opening without its end takes the rest, so
the time is linear.
"""

import html
import re
from dataclasses import dataclass, field

from evidence_cli.looks.facts import Active

_MARKUP = re.compile(r"<(?:(!--)|(/?)([a-z][^\s<>/\"'=]{0,60})|[!?])", re.IGNORECASE)
# Possessive, so that no run of blanks or quotes is gone through twice.
_ATTRIBUTE = re.compile(
    r"[\s/]*+([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+)|(?=>)))?+"
)
_TAG_END = re.compile(r"[\s/]*+>")
_RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_CLOSING = {name: re.compile(rf"</{name}\b[^>]*+>?", re.IGNORECASE) for name in _RAW}
_SHOWN_RAW = frozenset({"textarea", "title", "xmp"})
_PAGE_END = re.compile(r"</(?:body|html)\b", re.IGNORECASE)
_LINES = re.compile(
    r"address|article|aside|blockquote|body|br|caption|center|d[dlt]|details|div|fieldset|figure|figcaption|footer"
    r"|form|h[1-6r]|head|header|html|legend|li|main|nav|[ou]l|option|p|pre|section|select|summary|table|tr|tbody|tfoot"
    r"|thead|title|textarea"
)
_CELLS = frozenset({"td", "th"})
_BLANKS = re.compile(r"[ \t\n\r\f]+")

# HTML 4.12.1.1: what is in a script element runs only as one of these; the rest is data.
_RUNS = re.compile(
    r"|module|(?:text|application)/(?:x-)?(?:javascript|ecmascript|jscript|livescript|vbscript)(?:[\d.]+)?(?:\s*;.*)?"
)
_CODE_URL = re.compile(r"(?:javascript|vbscript):(?!\s*(?:void\s*\(?\s*0?\s*\)?|false|true|0)?\s*;?\s*$)(?=\s*\S)")
_PAGE_URL = re.compile(r"data:(?:text/html|image/svg|application/xhtml)")
_ELSEWHERE = re.compile(r"(?:https?:|ftp:|file:)?//|\\\\")
# To a server of the network, whom it tells who is asking. In a style sheet, a backslash may be written twice.
_SERVER = re.compile(r"\\\\[^\\/?.]|file:(?:[\\/]{2}|[\\/]{4,})(?!localhost/|[a-z][:|])[^\\/?.]")
_STYLE_SERVER = re.compile(
    r"(?:\burl\(\s{0,9}[\"']?|@import\s{1,9}[\"'])\s{0,9}"
    r"(?:\\{2,4}[^\\/?.\s]|file:(?:[\\/]{2}|[\\/]{4,9})(?!localhost/|[a-z][:|])[^\\/?.])",
    re.IGNORECASE,
)
_STYLE_LINK = re.compile(r"stylesheet|icon|preload|import")
_REFRESH = re.compile(r"[\d.\s]*[;,]?\s*url\s*=\s*[\"']?\s*(.*)", re.DOTALL)
_IN_PAGE = re.compile(r"<script\b|\bon[a-z]{3,20}\s*=|javascript:", re.IGNORECASE)
_IGNORED_IN_URL = re.compile(r"[\x00-\x20]+")
_LINKS = frozenset({"href", "xlink:href", "src", "action", "formaction", "data", "background", "code", "codebase"})
_FRAMES = frozenset({"iframe", "frame", "embed", "object", "portal", "fencedframe"})
# What a browser fetches to show the page; of `href`, only that of other elements than links.
_FETCHED = frozenset({"src", "background", "data", "poster", "lowsrc", "dynsrc", "srcset", "xlink:href", "href"})
_CLICKED = frozenset({"a", "area"})
_URL_START = 4096  # characters; a picture inside a URL is long


# Some two seconds; no page has so many tags and attributes.
STEPS = 600_000
_TEXT_LIMIT = 4_000_000  # characters that are kept
_LINE_LIMIT = 400_000
_FLUSH = 10_000
# Among the pieces of text these stand for a new block and for a new cell.
_BLOCK, _CELL = "\x00block", "\x00cell"


@dataclass(slots=True)
class Page:
    """What a page says. `lines` is its text as it is read: one line for each block, a tab before each cell.

    `cut` says in English where the page ends if that is inside a tag, a comment or a script. `complete` is false
    where the page was too long to be read to its end.
    """

    lines: list[str] = field(default_factory=list)
    active: set[Active] = field(default_factory=set)
    cut: str = ""
    complete: bool = True
    steps_left: int = STEPS


def read_page(markup: str, steps: int = STEPS) -> Page:
    """Read a page or a piece of one. Never raises, whatever the markup.

    It stops after so many `steps`: tags and attributes.
    """
    return _Reader(markup, steps).read()


class _Reader:
    """Goes through the markup once; `place` is where the next piece of text begins."""

    def __init__(self, markup: str, steps: int) -> None:
        self._markup = markup
        self._page = Page()
        self._parts: list[str] = []
        self._line: list[str] = []
        self._length = 0
        self._steps = steps  # that are left
        self._unclosed: set[str] = set()
        # In XHTML an element without content is written as one tag, also where HTML has no such thing.
        self._xml = markup[:100].lstrip("\ufeff \t\r\n").startswith("<?xml")

    def read(self) -> Page:
        markup, place = self._markup, 0
        while (found := _MARKUP.search(markup, place)) and self._steps > 0:
            self._add(markup[place : found.start()])
            self._steps -= 1
            if found[1]:
                place = self._behind_comment(found.end())
            elif found[3] is None:
                place = markup.find(">", found.end()) + 1 or len(markup)
            else:
                place = self._tag(found.start(), found.end(), found[3].lower(), opening=not found[2])
        if found is None:
            self._add(markup[place:])
        self._page.complete = found is None
        self._page.steps_left = self._steps
        self._add(_BLOCK)
        self._flush()
        return self._page

    def _tag(self, start: int, place: int, name: str, *, opening: bool) -> int:
        if _LINES.fullmatch(name):
            self._add(_BLOCK)
        elif name in _CELLS and opening:
            self._add(_CELL)
        attributes, end = self._attributes(place)
        if end < 0:
            self._note_cut(start, f"the tag {name}")
            return len(self._markup)
        return self._opened(name, attributes, end) if opening else end

    def _behind_comment(self, place: int) -> int:
        if self._markup.startswith((">", "->"), place):
            return self._markup.index(">", place) + 1
        end = self._markup.find("-->", place)
        if end >= 0:
            return end + 3
        self._note_cut(place, "a comment")
        return len(self._markup)

    def _opened(self, name: str, attributes: dict[str, str], place: int) -> int:
        """What an opening tag does, and where to go on: an element of raw text is left behind."""
        _note_active(name, attributes, self._page.active)
        if name not in _CLOSING:
            return place
        empty = self._markup.startswith("/>", place - 2)
        closing = None if empty and self._xml else self._closing(name, place)
        end = place if empty and closing is None else closing.start() if closing else len(self._markup)
        if name == "script" and _runs(attributes) and ("src" in attributes or self._markup[place:end].strip()):
            self._page.active.add(Active.SCRIPT)
        if name == "style" and _STYLE_SERVER.search(self._markup, place, end):
            self._page.active.add(Active.EXTERNAL)
        if name in _SHOWN_RAW:
            self._add(self._markup[place:end])
            self._add(_BLOCK)
        if closing is None and not empty and name in ("script", "style"):
            self._note_cut(place, f"the element {name}")
        return closing.end() if closing else end

    def _closing(self, name: str, place: int) -> re.Match[str] | None:
        """The closing tag; what was looked for once in vain is not looked for again."""
        if name in self._unclosed:
            return None
        found = _CLOSING[name].search(self._markup, place)
        if found is None:
            self._unclosed.add(name)
        return found

    def _attributes(self, place: int) -> tuple[dict[str, str], int]:
        """The attributes of a tag, and where it ends: -1 if it does not."""
        attributes: dict[str, str] = {}
        markup = self._markup
        while True:
            if end := _TAG_END.match(markup, place):
                return attributes, end.end()
            found = _ATTRIBUTE.match(markup, place)
            if found is None or self._steps <= 0:
                return attributes, markup.find(">", place) + 1 or -1
            self._steps -= 1
            attributes.setdefault(found[1].lower(), found[2] or found[3] or found[4] or "")
            place = found.end()

    def _note_cut(self, place: int, what: str) -> None:
        """A page that is closed later on is sloppy, not cut."""
        if not _PAGE_END.search(self._markup, place):
            self._page.cut = f"ends inside {what}"

    def _add(self, part: str) -> None:
        if part:
            self._parts.append(part)
            if len(self._parts) >= _FLUSH:
                self._flush()

    def _flush(self) -> None:
        """Moves the finished lines to the page as long as there is room for them."""
        for part in self._parts:
            if part is _BLOCK:
                text = "".join(self._line).strip()
                self._line.clear()
                if text and len(self._page.lines) < _LINE_LIMIT:
                    self._page.lines.append(text)
            elif part is _CELL:
                self._line.append("\t")
            elif self._length < _TEXT_LIMIT:
                part = part[: _TEXT_LIMIT - self._length]
                self._length += len(part)
                self._line.append(_BLANKS.sub(" ", html.unescape(part)))
        self._parts.clear()


def _runs(attributes: dict[str, str]) -> bool:
    kind = attributes.get("type") or attributes.get("language", "")
    kind = kind.strip().lower()
    return bool(_RUNS.fullmatch(kind if "/" in kind or kind in ("", "module") else f"text/{kind}"))


def _note_active(name: str, attributes: dict[str, str], active: set[Active]) -> None:
    """What runs or is fetched on opening: handlers, code in links, frames, a page that sends its reader away."""
    if name == "applet" or (name == "object" and "classid" in attributes):
        active.add(Active.OBJECT)
    if name == "hta:application":
        active.add(Active.SCRIPT)
    if name == "meta" and attributes.get("http-equiv", "").strip().lower() == "refresh":
        target = _REFRESH.match(html.unescape(attributes.get("content", "")[:_URL_START]).lower().strip())
        _note_link(target[1] if target else "", active, follows=True)
    _note_servers(name, attributes, active)
    for key, value in attributes.items():
        if key.startswith("on") and len(key) > 4 and key.isalpha() and value.strip():
            active.add(Active.SCRIPT)
        elif key in _LINKS:
            _note_link(html.unescape(value[:_URL_START]).lower(), active, follows=name in _FRAMES)
        elif key == "srcdoc" and _IN_PAGE.search(html.unescape(value)):
            active.add(Active.SCRIPT)


def _note_servers(name: str, attributes: dict[str, str], active: set[Active]) -> None:
    """Pictures, frames and styles that are fetched from a server of the network (`\\\\server\\share`)."""
    if name == "link" and not _STYLE_LINK.search(attributes.get("rel", "").lower()):
        return
    for key, value in attributes.items():
        if key == "style":
            found = _STYLE_SERVER.search(html.unescape(value))
        elif key in _FETCHED and name not in _CLICKED:
            found = _SERVER.match(_IGNORED_IN_URL.sub("", html.unescape(value[:_URL_START]).lower()))
        else:
            continue
        if found:
            active.add(Active.EXTERNAL)


def _note_link(url: str, active: set[Active], *, follows: bool) -> None:
    """`follows` tells that a browser goes there by itself."""
    url = _IGNORED_IN_URL.sub("", url)
    if _CODE_URL.match(url) or (follows and _PAGE_URL.match(url)):
        active.add(Active.SCRIPT)
    elif follows and _ELSEWHERE.match(url):
        active.add(Active.EXTERNAL)

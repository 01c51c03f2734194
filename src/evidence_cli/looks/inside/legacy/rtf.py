"""Rich Text Format (specification 1.9.1): whether the groups close, objects, and the text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from evidence_cli.looks.facts import Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.legacy.code_pages import code_page_of_charset, codec_of
from evidence_cli.looks.inside.legacy.rtf_groups import check_groups
from evidence_cli.looks.inside.ooxml.parts import in_order
from evidence_cli.looks.sample import Sample

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|((?:\\'[0-9a-fA-F]{2})+)|\\([^a-zA-Z])"
    rb"|([{}])|([^\\{}\r\n\0]+)|[\r\n\0]+|\\",
    re.DOTALL,
)
_BRACE = re.compile(rb"[{}]|\\(?:bin([0-9]{1,10}) ?|[^a-zA-Z])", re.DOTALL)
_BLOCK = 128 * 1024
_OVERLAP = 64  # longer than any token that has to be whole
_READ = 256 * 1024 * 1024  # bytes
_TOKENS = 1_000_000
_DEPTH = 5000
_PASSAGE = 1 << 18

_PARAGRAPHS = frozenset({b"par", b"cell", b"nestcell", b"row", b"nestrow", b"sect", b"page"})
_SIGNS = {
    b"line": "\n", b"tab": "\t", b"emdash": "\u2014", b"endash": "\u2013", b"lquote": "\u2018", b"rquote": "\u2019",
    b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
# Groups whose content is no text of the document.
_SILENT = frozenset(
    b"colortbl stylesheet info pict objdata objclass objname fldinst nonshppict listtable listoverridetable revtbl "
    b"rsidtbl generator filetbl xe tc rxe bkmkstart bkmkend sp themedata colorschememapping latentstyles datastore "
    b"template operator private mmathPr pnseclvl listpicture factoidname userprops xmlnstbl atnid atnauthor "
    b"atntime atnicn atnref ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn panose falt fontemb background".split()
)
# Groups a reader skips if it does not know them, but which hold text.
_KNOWN = frozenset(b"shpinst do annotation ud footnote shptxt dptxbxtext".split())
_UNITS = {
    **dict.fromkeys((b"header", b"headerl", b"headerr", b"headerf"), Unit.HEADER),
    **dict.fromkeys((b"footer", b"footerl", b"footerr", b"footerf"), Unit.FOOTER),
    b"footnote": Unit.NOTE,
    b"annotation": Unit.COMMENT,
}


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """See `inside.Inspector`."""
    active, gaps = check_groups(sample)
    found = in_order({*facts.active, *active})
    return Inside(replace(facts, active=found, gaps=(*facts.gaps, *gaps)), _Reader().passages(sample))


@dataclass(slots=True)
class _Group:
    """What a group inherits: whether its text counts, in what unit, how many substitutes follow a `\\u`, the font."""

    silent: bool = False
    unit: Unit = Unit.PARAGRAPH
    substitutes: int = 1
    font: int = -1
    fonts: bool = False
    starred: bool = False


@dataclass(slots=True)
class _Reader:
    group: _Group = field(default_factory=_Group)
    outer: list[_Group] = field(default_factory=list)
    code_page: int = 1252
    default_font: int = -1
    charsets: dict[int, int] = field(default_factory=dict)
    skip: int = 0  # substitutes still to be dropped
    raw: bytearray = field(default_factory=bytearray)  # bytes not decoded yet
    lines: dict[Unit, list[str]] = field(default_factory=dict)
    numbers: dict[Unit, int] = field(default_factory=lambda: dict.fromkeys(Unit, 0))
    length: int = 0
    binary: int = 0  # bytes of a picture still to be passed over
    done: bool = False

    def passages(self, sample: Sample) -> Iterator[Passage | Gap]:
        """The text, paragraph by paragraph. Raises OSError."""
        place, left = 0, _TOKENS
        limit = min(sample.size, _READ)
        while place < limit and not self.done and left > 0:
            block = sample.read(place, _BLOCK)
            if not block:
                break
            last = place + len(block) >= sample.size
            at, end = 0, len(block) if last else max(1, len(block) - _OVERLAP)
            while at < end and not self.done and left > 0:
                left -= 1
                if self.binary:
                    at += self.binary
                    self.binary = 0
                elif self.group.silent and not self.group.fonts:
                    at = self._pass_over(block, at, end)
                else:
                    match = _TOKEN.match(block, at)
                    at = match.end() if match else at + 1
                    if match:
                        yield from self._token(match)
            place += at
        for unit in tuple(self.lines):
            yield from self._paragraph(unit)
        if not self.done and (left <= 0 or limit < sample.size):
            yield Gap("text", "long")

    def _pass_over(self, block: bytes, at: int, end: int) -> int:
        """To the next brace: pictures are long."""
        match = _BRACE.search(block, at) if b"}" in block or b"{" in block or b"\\" in block else None
        if match is None:
            return end
        if match.start() >= end:
            return match.start()
        if match[1]:
            self.binary = int(match[1])
        elif match[0] in (b"{", b"}"):
            self._brace(match[0])
        return match.end()

    def _token(self, match: re.Match[bytes]) -> Iterator[Passage]:
        word, number, code, symbol, brace, text = match.groups()
        if word:
            yield from self._word(word, int(number) if number else None)
        elif code:
            self._bytes(bytes.fromhex(code.replace(b"\\'", b"").decode()))
        elif brace:
            self._decode()
            self._brace(brace)
        elif text:
            self._bytes(text)
        elif symbol == b"*":
            self.group.starred = True
        elif symbol in (b"{", b"}", b"\\"):
            self._bytes(symbol)
        elif symbol in (b"~", b"_"):
            self._add("\xa0" if symbol == b"~" else "-")
        elif symbol in (b"\r", b"\n"):
            self._decode()
            yield from self._paragraph(self.group.unit)
        if self.length > _PASSAGE:
            self._decode()
            for unit in tuple(self.lines):
                yield from self._paragraph(unit, ends=False)

    def _word(self, word: bytes, number: int | None) -> Iterator[Passage]:
        if word in _PARAGRAPHS:
            self._decode()
            yield from self._paragraph(self.group.unit)
        elif word in _SIGNS:
            self._add(_SIGNS[word])
        elif word == b"u" and number is not None:
            self._add(chr(number & 0xFFFF))
            self.skip = self.group.substitutes
        elif word in _SETTINGS:
            self._decode()
            _SETTINGS[word](self, 0 if number is None else number)
        elif word in _SILENT or (self.group.starred and word not in _KNOWN):
            self.group.silent = True
        elif word in _UNITS:
            self._decode()
            self.group.unit = _UNITS[word]
        self.group.starred = False

    def _brace(self, brace: bytes) -> None:
        self.skip = 0
        if brace == b"{":
            if len(self.outer) < _DEPTH:
                self.outer.append(self.group)
                self.group = replace(self.group, starred=False)
            else:
                self.done = True
        elif self.outer:
            self.group = self.outer.pop()
            self.done = not self.outer
        else:
            self.done = True

    def _bytes(self, data: bytes) -> None:
        if self.skip:
            dropped = min(self.skip, len(data))
            self.skip -= dropped
            data = data[dropped:]
        self.group.starred = False
        if not self.group.silent and not self.group.fonts:
            self.raw += data
            self.length += len(data)

    def _add(self, text: str) -> None:
        self._decode()
        if not self.group.silent and not self.group.fonts:
            self.lines.setdefault(self.group.unit, []).append(text)
            self.length += len(text)

    def _decode(self) -> None:
        """A character of two bytes may be written as a code and a letter: bytes are decoded when their run ends."""
        if self.raw:
            font = self.group.font if self.group.font >= 0 else self.default_font
            codec = codec_of(self.charsets.get(font, self.code_page))
            self.lines.setdefault(self.group.unit, []).append(self.raw.decode(codec, "replace"))
            self.raw.clear()

    def _paragraph(self, unit: Unit, *, ends: bool = True) -> Iterator[Passage]:
        text = "".join(self.lines.pop(unit, ()))
        self.length = 0
        self.numbers[unit] += 1
        if text and not text.isspace():
            # Characters beyond the first plane come as two numbers.
            whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            yield Passage(Place(unit, self.numbers[unit]), whole)
        if not ends:
            self.numbers[unit] -= 1


def _set_font(reader: _Reader, number: int) -> None:
    reader.group.font = number


def _set_charset(reader: _Reader, number: int) -> None:
    code_page = code_page_of_charset(number)
    if reader.group.fonts and code_page is not None and len(reader.charsets) < _DEPTH:
        reader.charsets[reader.group.font] = code_page


def _set_code_page(reader: _Reader, number: int) -> None:
    reader.code_page = number


def _set_default_font(reader: _Reader, number: int) -> None:
    reader.default_font = number


def _set_substitutes(reader: _Reader, number: int) -> None:
    reader.group.substitutes = max(0, min(number, 16))


def _begin_fonts(reader: _Reader, _number: int) -> None:
    reader.group.fonts = True


def _plain(reader: _Reader, _number: int) -> None:
    reader.group.font = -1


def _skip_binary(reader: _Reader, number: int) -> None:
    reader.binary = max(0, number)


_SETTINGS: dict[bytes, Callable[[_Reader, int], None]] = {
    b"f": _set_font,
    b"fcharset": _set_charset,
    b"cpg": lambda reader, number: reader.charsets.update({reader.group.font: number}) if reader.group.fonts else None,
    b"ansicpg": _set_code_page,
    b"deff": _set_default_font,
    b"uc": _set_substitutes,
    b"fonttbl": _begin_fonts,
    b"plain": _plain,
    b"bin": _skip_binary,
}

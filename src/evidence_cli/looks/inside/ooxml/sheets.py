"""The cells of a worksheet and the strings they share: SpreadsheetML (ECMA-376 part 1, 18.3 and 18.4)."""

import codecs
import html
import re
from decimal import Decimal, InvalidOperation

from evidence_cli.looks.facts import Passage, Place, Unit
from evidence_cli.looks.inside.ooxml.xml_parts import Collector
from evidence_cli.looks.sample import TornError

# Memory for shared strings: nothing in the format limits their number.
_STRING_LIMIT = 500_000
_CHARACTER_LIMIT = 8_000_000
_INDEX_DIGITS = 9
_LARGEST_EXPONENT = 30
_LONGEST_NUMBER = 40  # characters
# Excel shows 15 digits; those behind them come from binary fractions and are no text.
_DIGITS = 15
_WORDS = {"0": "FALSE", "1": "TRUE"}

_TEXT = r"[^<&\x00-\x08]*+(?:&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});[^<&\x00-\x08]*+)*+"
# Most cells look like this, whoever writes them. Well-formed in themselves, they need not pass through the parser.
_PLAIN_CELL = re.compile(
    r'<c r="([A-Z]{1,3}[0-9]{1,7})"(?: s="[0-9]{1,9}")?(?: t="([a-zA-Z]{1,9})")?'
    rf'(?: ?/>|>(?:<f(?: aca="false")?>{_TEXT}</f>)?'
    rf'(?:<v>({_TEXT})</v>|<v ?/>|<is><t(?: xml:space="preserve")?>({_TEXT})</t></is>)?</c>)'
)
_ENCODING = re.compile(rb"<\?xml[^<>]{0,100}encoding\s?=\s?[\"'](?!utf-8[\"'])", re.IGNORECASE)
_WRITTEN_LIST = re.compile(r'\s*"(.*)"\s*', re.DOTALL)
_COLUMN = re.compile(r"([A-Za-z]{1,3})([0-9]{0,7})")


class SharedStrings(Collector):
    """The table of shared strings (18.4.9), as far as memory allows; `cut` tells that there were more."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self.cut = False
        self._size = 0
        self._parts: list[str] = []
        self._in_text = False
        self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._in_text = not self._phonetic
        elif name == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self._add("".join(self._parts))
            self._parts.clear()

    def characters(self, text: str) -> None:
        if self._in_text and self._size < _CHARACTER_LIMIT:
            self._parts.append(text)
            self._size += len(text)

    def text(self, index: str) -> str:
        """The string of an index as a cell has it; empty if there is none."""
        if not index.isdecimal() or len(index) > _INDEX_DIGITS or int(index) >= len(self.strings):
            return ""
        return self.strings[int(index)]

    def _add(self, text: str) -> None:
        if self._size >= _CHARACTER_LIMIT or len(self.strings) >= _STRING_LIMIT:
            self.cut = True
        else:
            self.strings.append(text)


class Cells(Collector):
    """One passage for each cell that shows something. `headings` collects the sheet's headers and footers."""

    def __init__(self, sheet: str, strings: SharedStrings) -> None:
        super().__init__()
        self.headings: list[tuple[str, str]] = []
        self._prefix = f"{sheet}!"
        self._strings = strings
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._plain: bool | None = None
        self._row = 0
        self._column = 0
        self._type = ""
        self._parts: list[str] = []
        self._in_value = False
        self._phonetic = False
        self._choices = ""

    def sift(self, chunk: bytes) -> bytes:
        if self._plain is None:
            self._plain = not (chunk.startswith((b"\xff\xfe", b"\xfe\xff")) or _ENCODING.search(chunk[:200]))
        # In a comment or a CDATA section nothing is a cell.
        if self._plain and b"<!" in chunk:
            self._plain = False
            return self._decode(b"").encode() + chunk
        if not self._plain:
            return chunk
        try:
            text = self._decode(chunk)
        except UnicodeDecodeError as problem:
            raise TornError(f"{self._prefix} {problem}") from problem
        add, prefix, shared = self.out.append, self._prefix, self._strings.text
        for reference, type_, value, inline in _PLAIN_CELL.findall(text):
            # The two commonest sorts at once: there may be a million cells.
            if type_ == "s":
                if shown := shared(value):
                    add(Passage(Place(Unit.CELL, prefix + reference), shown))
            elif not type_ and value.isdecimal():
                add(Passage(Place(Unit.CELL, prefix + reference), value))
            elif value or inline:
                self._show(reference, type_, html.unescape(value or inline))
        return _PLAIN_CELL.sub("", text).encode("utf-8")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._column += 1
            self._type = attributes.get("t", "")
            if found := _COLUMN.fullmatch(attributes.get("r", "")):
                self._column = column_number(found[1])
        elif name in ("v", "t"):
            self._in_value = not self._phonetic
        elif name == "row":
            row = attributes.get("r", "")
            self._row = int(row) if row.isdecimal() and len(row) < 9 else self._row + 1
            self._column = 0
        elif name == "rPh":
            self._phonetic = True
        elif name == "dataValidation":
            first = attributes.get("sqref", "").split(" ", 1)[0].partition(":")[0]
            self._choices = first if _COLUMN.fullmatch(first) else "A1"
        elif name.endswith(("Header", "Footer")) or (name == "formula1" and self._choices):
            self._in_value = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._in_value = False
        elif name == "c":
            if self._parts:
                self._show(f"{column_letters(self._column)}{self._row}", self._type, self._taken())
        elif name == "rPh":
            self._phonetic = False
        elif name.endswith(("Header", "Footer")):
            self._in_value = False
            self.headings.append((name, self._taken()))
        elif name == "formula1" and self._choices:
            self._in_value = False
            # A list to choose from that is written out (18.3.1.32), and no reference to cells.
            if found := _WRITTEN_LIST.fullmatch(self._taken()):
                self._show(self._choices, "str", found[1].replace('""', '"').replace(",", "\n"))
        elif name == "dataValidation":
            self._choices = ""

    def characters(self, text: str) -> None:
        if self._in_value:
            self._parts.append(text)

    def _taken(self) -> str:
        text = "".join(self._parts)
        self._parts.clear()
        return text

    def _show(self, reference: str, type_: str, value: str) -> None:
        if type_ == "s":
            value = self._strings.text(value)
        elif not type_ or type_ == "n":
            value = shown_number(value)
        elif type_ == "b":
            value = _WORDS.get(value, value)
        if value and not value.isspace():
            self.out.append(Passage(Place(Unit.CELL, self._prefix + reference), value))


def shown_number(value: str) -> str:
    """A number as people read it: a whole one without exponent or fraction, any other with the digits Excel has."""
    if value.isdecimal() or len(value) > _LONGEST_NUMBER:
        return value
    try:
        if "e" not in value and "E" not in value:
            return value.removesuffix(".0") if len(value) <= _DIGITS else f"{float(value):.{_DIGITS}g}"
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        return value
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        return value
    return str(int(number)) if number == number.to_integral_value() else f"{float(number):.{_DIGITS}g}"


def column_letters(column: int) -> str:
    """The letters of a column that is counted from 1."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The column, counted from 1, that these letters name."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number

"""The form of the policies that benefit enterprises (惠企政策): its columns and what was filled in."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, repeat

from evidence_cli.looks.cells import Cells, Grid
from evidence_cli.messages import LANGUAGES, words

# The columns in their order, by their keys in the catalogue of words.
COLUMNS = ("policy", "document", "department", "entitled", "received", "coverage")
# Where these are and something is filled in, a sheet has numbers that somebody wants to be counted.
_COUNTED = frozenset({"policy", "entitled", "received"})
# The headings stand near the top, whatever people put above them.
_HEAD_ROWS = 30
# A row with so many headings is meant as the row of headings.
_ENOUGH = 2
MOST_ROWS = 5000
_BREAKS = re.compile(r"[\t\r\n]+")


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row that somebody filled: its number in the sheet, and the text of each column that has any."""

    number: int
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """What a file holds of the form. `columns` are those that were found, by their letters; none where nothing in the
    file looks like the form. `lacking` says why the file could not be read, see `Cells`. `sheets` names all sheets
    with numbers to be counted; the rows are those of the first."""

    columns: Mapping[str, str]
    rows: tuple[FormRow, ...] = ()
    lacking: str = ""
    sheets: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns that are not there."""
        return tuple(column for column in COLUMNS if column not in self.columns)

    def cell(self, row: FormRow, column: str) -> str:
        """Where something stands, such as `D5`."""
        return f"{self.columns[column]}{row.number}"


def read_form(found: Cells) -> Form:
    """The form in the cells of a file: of the first sheet that is filled in and has most of its headings."""
    best = Form({})
    filled: list[str] = []
    for grid, name in zip(found.sheets, chain(found.names, repeat("")), strict=False):
        form = _of_sheet(grid, name)
        filled += form.sheets
        if (bool(form.sheets), len(form.columns)) > (bool(best.sheets), len(best.columns)):
            best = form
    return replace(best, lacking=found.lacking or best.lacking, sheets=tuple(filled))


def _of_sheet(grid: Grid, name: str) -> Form:
    row, columns = _headings(grid)
    rows = tuple(_rows(grid, row, columns)) if columns else ()
    letters = {column: _letters(number) for column, number in columns.items()}
    counted = (name,) if rows and columns.keys() >= _COUNTED else ()
    return Form(letters, rows[:MOST_ROWS], "long" if len(rows) > MOST_ROWS else "", counted)


def _headings(grid: Grid) -> tuple[int, dict[str, int]]:
    """The row of the headings, and the column of each; the row with the most of them."""
    known = _known_headings()
    rows: dict[int, dict[str, int]] = {}
    for (row, column), text in sorted(grid.items()):
        if row <= _HEAD_ROWS and (name := known.get(_plain(text))):
            rows.setdefault(row, {}).setdefault(name, column)
    best = max(rows.items(), key=lambda item: len(item[1]), default=(0, {}))
    return best if len(best[1]) >= _ENOUGH else (0, {})


def _rows(grid: Grid, head: int, columns: Mapping[str, int]) -> Iterator[FormRow]:
    names = {column: name for name, column in columns.items()}
    filled: dict[int, dict[str, str]] = {}
    for (row, column), text in sorted(grid.items()):
        # A line break within a cell parts words, and is none in a report.
        if row > head and column in names and (line := _BREAKS.sub(" ", text).strip()):
            filled.setdefault(row, {})[names[column]] = line
    for row, texts in filled.items():
        # What people add up themselves would count twice.
        if _plain(texts.get("policy", "")) not in _totals():
            yield FormRow(row, texts)


@cache
def _known_headings() -> dict[str, str]:
    return {_plain(words(lang).text(f"form.column.{name}")): name for lang in LANGUAGES for name in COLUMNS}


@cache
def _totals() -> frozenset[str]:
    return frozenset(_plain(total) for lang in LANGUAGES for total in words(lang).text("form.totals").split("/"))


def _plain(text: str) -> str:
    """A heading without blanks, marks and what is in brackets, so that `覆盖率(%)` is `覆盖率（%）`."""
    folded = unicodedata.normalize("NFKC", text[:100]).casefold()
    return "".join(filter(str.isalnum, re.sub(r"\([^()]*\)", "", folded)))


def _letters(column: int) -> str:
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

"""The cells of a workbook or of a CSV as they are shown: texts and stored results, nothing is computed."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from evidence_cli.looks.drawing import lacking_of
from evidence_cli.looks.facts import Facts, Gap, Health, Passage, Unit
from evidence_cli.looks.inside import inspector
from evidence_cli.looks.sample import Sample

# Far more than any form takes; what is beyond is not read, and the reader says so.
MAX_SHEETS = 8
MAX_COLUMNS = 40
MAX_ROWS = 20_000
MAX_CELLS = 60_000
MAX_TEXT = 1000  # characters of one cell
_PASSAGES = 1_000_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SHEETLIKE = frozenset({"xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "ods"})
# What else cannot be read in a workbook is no cell.
_CUT = frozenset({"long", "large"})

# The text of a cell by row and column, both counted from 1.
Grid = dict[tuple[int, int], str]


class Cells(NamedTuple):
    """The sheets in their order, and why they are not all of it: the reason of a Gap (`long`, `memory` …), `format`,
    `damaged`, `encrypted` or `bomb`; empty where nothing is missing. `names` are those of the sheets."""

    sheets: tuple[Grid, ...] = ()
    lacking: str = ""
    names: tuple[str, ...] = ()


def cells(sample: Sample, facts: Facts) -> Cells:
    """The cells of a file that was identified as `facts`. Raises OSError when reading fails."""
    # A text of one column has no separator that would make it a CSV; its extension says what is meant.
    plain = facts.format == "csv" or (facts.format == "text" and sample.extension == "csv")
    inspect = inspector(facts.format)
    if facts.health is not Health.OK:
        return Cells(lacking=facts.health.value)
    if inspect is None or not (plain or facts.format in _SHEETLIKE):
        return Cells(lacking="format")
    sheets: dict[str, Grid] = {}
    read = _read_lines if plain else _read_cells
    lacking = lacking_of(lambda: read(islice(inspect(sample, facts).passages or (), _PASSAGES), sheets))
    return Cells(tuple(sheets.values()), lacking, tuple(sheets))


def _read_cells(passages: Iterator[Passage | Gap], sheets: dict[str, Grid]) -> str:
    """Adds the cells of the first sheets; why some are missing. Raises what drawing raises."""
    lacking, left = "", MAX_CELLS
    for passage in passages:
        if isinstance(passage, Gap):
            lacking = lacking or (passage.reason if passage.reason in _CUT else "")
            continue
        name, _, reference = str(passage.place.value).rpartition("!")
        found = _REFERENCE.fullmatch(reference)
        if passage.place.unit is not Unit.CELL or found is None:
            continue
        column, row = _column(found[1]), int(found[2])
        if name not in sheets and len(sheets) >= MAX_SHEETS:
            # Later sheets hold no form; what shapes and properties say comes behind them too.
            return lacking
        if column > MAX_COLUMNS:
            continue
        if row > MAX_ROWS or left <= 0:
            return lacking or "long"
        # What shapes, lists to choose from and names of sheets say stands behind the cells and is none.
        sheets.setdefault(name, {}).setdefault((row, column), passage.text[:MAX_TEXT])
        left -= 1
    return lacking


def _read_lines(passages: Iterator[Passage | Gap], sheets: dict[str, Grid]) -> str:
    """Adds the cells of a CSV; why some are missing. Blank lines count, as they do in a spreadsheet."""
    lines: list[str] = []
    lacking = ""
    for passage in passages:
        if isinstance(passage, Gap):
            lacking = lacking or (passage.reason if passage.reason in _CUT else "")
            continue
        number = int(passage.place.value)
        if number > MAX_ROWS:
            lacking = lacking or "long"
            break
        lines += [""] * (number - len(lines))
        # A line in several pieces is longer than any row of a form.
        lines[number - 1] += passage.text
    left = MAX_CELLS
    grid = sheets.setdefault("", {})
    for row, values in enumerate(_rows(lines), 1):
        for column, value in enumerate(values[:MAX_COLUMNS], 1):
            if value.strip() and left > 0:
                grid[row, column] = value[:MAX_TEXT]
                left -= 1
    return lacking if left > 0 else lacking or "long"


def _rows(lines: list[str]) -> Iterator[list[str]]:
    head = "\n".join(lines[:20])
    # Excel saves with a tab as “Unicode text”, and with a semicolon where the comma is the decimal sign.
    separator = max(",\t;，", key=head.count)
    reader = csv.reader((line + "\n" for line in lines), delimiter=separator)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield []


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def cells_out(found: Cells) -> dict[str, Any]:
    """As JSON, for the way between processes."""
    sheets = [[[row, column, text] for (row, column), text in grid.items()] for grid in found.sheets]
    return {"sheets": sheets, "lacking": found.lacking, "names": list(found.names)}


def cells_in(value: Mapping[str, Any]) -> Cells:
    """From JSON. Raises ValueError, TypeError or LookupError for what `cells_out` cannot have made."""
    names = tuple(str(name)[:MAX_TEXT] for name in value["names"][:MAX_SHEETS])
    return Cells(tuple(map(_grid_in, value["sheets"][:MAX_SHEETS])), str(value["lacking"]), names)


def _grid_in(rows: Sequence[Any]) -> Grid:
    return {(int(row), int(column)): str(text)[:MAX_TEXT] for row, column, text in rows[:MAX_CELLS]}

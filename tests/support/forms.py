"""Forms of contributions as people fill them: the real empty form with rows written into it, and CSV files."""

import csv
import io
from collections.abc import Sequence
from functools import cache

import openpyxl

from evidence_cli.making.form import FormTexts, empty_form
from evidence_cli.messages import words
from evidence_cli.workspace.forms import COLUMNS

HEADINGS = ("政策名称", "文号", "部门", "应享受企业数", "已享受企业数", "覆盖率（%）")
FIRST_ROW = 3
Value = str | int | float | None


@cache
def empty(language: str = "zh") -> bytes:
    """The empty form as `init` makes it."""
    text = words(language).text
    headings = tuple(text(f"form.column.{column}") for column in COLUMNS)
    number = (text("form.count_title"), text("form.count_error"))
    share = (text("form.coverage_title"), text("form.coverage_error"))
    return empty_form(FormTexts(text("form.sheet"), text("form.note"), headings, number, share))


def filled(rows: Sequence[Sequence[Value]], *, headings: Sequence[str] = HEADINGS) -> bytes:
    """The form with these rows, saved by openpyxl as Excel would; other headings replace its own."""
    book = openpyxl.load_workbook(io.BytesIO(empty()))
    sheet = book.active
    for column in range(1, len(HEADINGS) + 1):
        sheet.cell(FIRST_ROW - 1, column).value = headings[column - 1] if column <= len(headings) else None
    for number, row in enumerate(rows, FIRST_ROW):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def as_csv(
    rows: Sequence[Sequence[Value]], *, encoding: str = "utf-8", headings: Sequence[str] = HEADINGS, comma: str = ","
) -> bytes:
    """A CSV with the headings in its first line."""
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=comma).writerows([headings, *rows])
    return target.getvalue().encode(encoding)


def read(data: bytes) -> dict[str, list[list[Value]]]:
    """The values of every sheet of a workbook, row by row."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}

"""The summary of what units have filled into their forms: all rows, totals, and who is missing."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from evidence_cli.making.workbooks import new_workbook, to_bytes, write_text
from evidence_cli.vocabulary.figures import coverage, rounded

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_WIDTHS = (24, 40, 24, 20, 16, 16, 14)  # characters
_OTHER_WIDTHS = (24, 12, 90)


class Row(NamedTuple):
    """One line: unit or total, policy, document number, department, and how many enterprises."""

    unit: str
    policy: str
    document: str
    department: str
    entitled: int
    received: int
    total: bool = False


class SummaryTexts(NamedTuple):
    """The words of a summary: the names of its two sheets and their headings."""

    sheet: str
    headings: tuple[str, ...]
    others: str
    other_headings: tuple[str, ...]


def share(entitled: int, received: int) -> Decimal | None:
    """The coverage in percent with two decimal places; None where nobody is entitled."""
    exact = coverage(entitled, received)
    return None if exact is None else rounded(exact)


def summary(texts: SummaryTexts, rows: Sequence[Row], others: Sequence[tuple[str, str, str]]) -> bytes:
    """The workbook's bytes. `others` are the lines of its second sheet: unit, state, details."""
    book = new_workbook(texts.sheet)
    sheet = book.active
    _head(sheet, texts.headings, _WIDTHS)
    for number, row in enumerate(rows, 2):
        _write(sheet, number, row)
    second = book.create_sheet(texts.others)
    _head(second, texts.other_headings, _OTHER_WIDTHS)
    for number, line in enumerate(others, 2):
        for column, text in enumerate(line, 1):
            write_text(second.cell(number, column), text)
    return to_bytes(book)


def _head(sheet: "Worksheet", headings: Sequence[str], widths: Sequence[int]) -> None:
    from openpyxl.styles import Font  # late: start-up time

    for column, (heading, width) in enumerate(zip(headings, widths, strict=True), 1):
        cell = sheet.cell(1, column)
        write_text(cell, heading)
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A2"


def _write(sheet: "Worksheet", number: int, row: Row) -> None:
    from openpyxl.styles import Font  # late: start-up time

    for column, text in enumerate((row.unit, row.policy, row.document, row.department), 1):
        if text:
            write_text(sheet.cell(number, column), text)
    sheet.cell(number, 5).value = row.entitled
    sheet.cell(number, 6).value = row.received
    percent = share(row.entitled, row.received)
    if percent is not None:
        sheet.cell(number, 7).value = float(percent)
        sheet.cell(number, 7).number_format = "0.00"
    if row.total:
        for column in range(1, 8):
            sheet.cell(number, column).font = Font(bold=True)

"""The empty form of the policies that benefit enterprises (惠企政策), for Excel, WPS and LibreOffice.

No cell holds a formula: what is read back is then what somebody wrote, and never waits for a recalculation.
"""

from typing import NamedTuple

from evidence_cli.making.workbooks import new_workbook, to_bytes, write_text

_WIDTHS = (40, 24, 20, 16, 16, 14)  # characters
_ROWS = 30
_VALIDATED = 5000  # rows


class FormTexts(NamedTuple):
    """The words of a form: its sheet, the note above, the headings in their order, and what the program says when a
    number does not fit (title and text)."""

    sheet: str
    note: str
    headings: tuple[str, ...]
    counts: tuple[str, str]
    share: tuple[str, str]


def empty_form(texts: FormTexts) -> bytes:
    """The form's bytes, the same for the same words."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # late: start-up time
    from openpyxl.worksheet.datavalidation import DataValidation

    book = new_workbook(texts.sheet)
    sheet = book.active
    line = Side(style="thin", color="FF999999")
    frame = Border(left=line, right=line, top=line, bottom=line)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(texts.headings))
    write_text(sheet["A1"], texts.note)
    sheet["A1"].alignment = Alignment(wrap_text=True, vertical="center")
    sheet.row_dimensions[1].height = 48
    for column, (heading, width) in enumerate(zip(texts.headings, _WIDTHS, strict=True), 1):
        cell = sheet.cell(2, column)
        write_text(cell, heading)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="FFDDEBF7")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = frame
        letter = cell.column_letter
        sheet.column_dimensions[letter].width = width
        for row in range(3, 3 + _ROWS):
            sheet.cell(row, column).border = frame
            # A document number such as 2021-12 must not become a date.
            sheet.cell(row, column).number_format = "@" if column <= 3 else "General"
    sheet.freeze_panes = "A3"
    for cells, kind, bounds, (title, error) in (
        (f"D3:E{_VALIDATED}", "whole", {"operator": "greaterThanOrEqual", "formula1": "0"}, texts.counts),
        (f"F3:F{_VALIDATED}", "decimal", {"operator": "between", "formula1": "0", "formula2": "100"}, texts.share),
    ):
        rule = DataValidation(type=kind, allow_blank=True, showErrorMessage=True, **bounds)
        rule.errorTitle, rule.error = title[:32], error[:255]
        rule.add(cells)
        sheet.add_data_validation(rule)
    return to_bytes(book)

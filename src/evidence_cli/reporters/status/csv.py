"""Status as a table for Excel and WPS: UTF-8 with a byte order mark, and no cell that begins a formula."""

import csv
import io

from evidence_cli.messages import Words
from evidence_cli.reporters.status.phrases import due, lacking
from evidence_cli.vocabulary.course import ContributionRow, StatusReport, StatusRow
from evidence_cli.vocabulary.printable import no_formula, printable

_COLUMNS = ("code", "title", "indicator", "unit", "owner", "state", "lacking", "due", "package")


def render(report: StatusReport, words: Words, by: str | None, width: int, color: bool) -> str:
    """A line of headings, then a line for each question, then one for each unit's contribution."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow([words.text(f"status.csv.{name}") for name in _COLUMNS])
    for row in report.rows:
        table.writerow([no_formula(printable(cell)) for cell in _cells(row, words)])
    for one in report.contributions:
        table.writerow([no_formula(printable(cell)) for cell in _contribution_cells(one, words)])
    return "\ufeff" + text.getvalue()


def _cells(row: StatusRow, words: Words) -> list[str]:
    indicator = f"{row.indicator} {row.indicator_name}"
    state = words.term("state", row.state)
    when = due(row.due, words) if row.due else ""
    return [row.code, row.title, indicator, row.unit, row.owner, state, lacking(row, words), when, row.package]


def _contribution_cells(row: ContributionRow, words: Words) -> list[str]:
    when = f"{row.due:%Y-%m-%d %H:%M}" if row.due else ""
    return [row.id, row.title, row.indicator, row.unit, "", words.term("given", row.state), "", when, row.path]

"""Status as text: the countdown, a table of the questions, how many are in each state."""

from collections.abc import Sequence
from datetime import timedelta

from evidence_cli.messages import Words
from evidence_cli.reporters.lines import finding_lines
from evidence_cli.reporters.status.phrases import (
    contribution_counts,
    countdown,
    counts,
    due,
    groups,
    lacking,
    open_contributions,
)
from evidence_cli.reporters.terminal import Page, Part
from evidence_cli.vocabulary.course import ContributionRow, Given, StatusReport, StatusRow
from evidence_cli.vocabulary.process import State

_COLUMNS = ("question", "state", "owner", "lacking", "due")
_CONTRIBUTION_COLUMNS = ("title", "unit", "state", "due")


def render(report: StatusReport, words: Words, by: str | None, width: int, color: bool) -> str:
    """The page."""
    page = Page(width, color=color)
    page.line((f"{report.title}", "strong"))
    if report.check_code:
        page.line((words.text("status.submitted", check=report.check_code), "good"))
    else:
        page.line(countdown(report, words))
    for name, rows in groups(report.rows, by, words) if by else [("", list(report.rows))]:
        if name:
            page.line("")
            page.line((name, "strong"), f"  {len(rows)}")
        _table(page, rows, words)
    if waiting := open_contributions(report):
        headings = [words.text(f"status.contribution.{name}") for name in _CONTRIBUTION_COLUMNS]
        page.table(headings, [_contribution(row, words) for row in waiting])
    for finding in report.findings:
        finding_lines(page, finding, None, words)
    page.line(counts(report, words))
    if report.contributions:
        page.line(contribution_counts(report, words))
    return page.text()


def _table(page: Page, rows: Sequence[StatusRow], words: Words) -> None:
    if rows:
        page.table([words.text(f"status.column.{name}") for name in _COLUMNS], [_row(row, words) for row in rows])


def _row(row: StatusRow, words: Words) -> list[Part]:
    late = row.due is not None and row.due.left < timedelta()
    state = (words.term("state", row.state), _style(row.state))
    when: Part = (due(row.due, words), "error" if late else "") if row.due else "—"
    return [f"{row.code} {row.title}", state, row.owner or "—", lacking(row, words), when]


def _contribution(row: ContributionRow, words: Words) -> list[Part]:
    state: Part = (words.term("given", row.state), "error" if row.state is Given.FAULTY else "warning")
    when: Part = (f"{row.due:%m-%d %H:%M}", "error" if row.late else "") if row.due else "—"
    return [f"{row.indicator} {row.title}", row.unit, state, when]


def _style(state: State) -> str:
    if state in (State.RETURNED, State.CHANGED):
        return "error"
    return "good" if state.reaches(State.APPROVED) else "warning"

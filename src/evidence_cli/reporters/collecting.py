"""What was merged into a summary, and which units are missing or faulty."""

from evidence_cli.messages import Words
from evidence_cli.reporters.lines import finding_lines
from evidence_cli.reporters.terminal import Page
from evidence_cli.vocabulary.course import Given
from evidence_cli.vocabulary.outcomes import CollectReport, CollectResult

_STYLES = {Given.THERE: "good", Given.MISSING: "warning", Given.FAULTY: "error"}


def render(report: CollectReport, words: Words, width: int, *, color: bool = False) -> str:
    """The page: for each summary the units that are not there, what is wrong in their forms, and the totals."""
    page = Page(width, color=color)
    for result in report.results:
        _summary(page, result, words)
    return page.text()


def _summary(page: Page, result: CollectResult, words: Words) -> None:
    for unit in result.units:
        if unit.state is not Given.THERE:
            state = words.term("given", unit.state)
            page.line((words.text("collect.row", unit=unit.unit, state=state), _STYLES[unit.state]))
            for finding in unit.findings:
                finding_lines(page, finding, None, words)
    there, missing, faulty = (result.count(state) for state in (Given.THERE, Given.MISSING, Given.FAULTY))
    summary = words.text(
        "collect.summary", title=result.title, units=len(result.units), there=there, missing=missing, faulty=faulty
    )
    page.line((summary, "good" if there == len(result.units) else "warning"))
    entitled, received = result.entitled, result.received
    if result.coverage is None:
        page.line(words.text("collect.totals_none", entitled=entitled, received=received))
    else:
        share = f"{result.coverage:f}"
        page.line(words.text("collect.totals", entitled=entitled, received=received, coverage=share))
    page.line(words.text("collect.written" if result.written else "collect.unchanged", path=result.path))

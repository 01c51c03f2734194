"""What became of decisions, with the reasons of every refusal."""

from evidence_cli.messages import Words
from evidence_cli.reporters.lines import finding_lines
from evidence_cli.reporters.terminal import Page, Part
from evidence_cli.vocabulary.course import DecisionReport, DecisionResult, Verdict

_STYLES = {Verdict.RECORDED: "good", Verdict.UNCHANGED: "good", Verdict.REFUSED: "error", Verdict.FAILED: "error"}
_DIGITS = 12


def render(report: DecisionReport, words: Words, width: int, *, color: bool = False) -> str:
    """The table, then why something was refused, then one line of counts."""
    page = Page(width, color=color)
    if report.results:
        headings = [words.text(f"decide.column.{name}") for name in ("question", "title", "content", "state", "result")]
        page.table(headings, [_row(one, words) for one in report.results])
    for one in report.results:
        _reasons(page, one, words)
    counts = {verdict.value: sum(1 for one in report.results if one.verdict is verdict) for verdict in Verdict}
    style = "error" if report.refused or report.failed else "good"
    action = words.term("action", report.action)
    page.line((words.text("decide.summary", action=action, by=report.by, **counts), style))
    return page.text()


def _row(one: DecisionResult, words: Words) -> list[Part]:
    content = one.digest.rpartition(":")[2][:_DIGITS] if one.digest else "—"
    verdict = (words.text(f"decide.verdict.{one.verdict}"), _STYLES[one.verdict])
    return [one.code, one.title, content, words.term("state", one.state), verdict]


def _reasons(page: Page, one: DecisionResult, words: Words) -> None:
    if one.failure is None:
        return
    page.line((f"{one.code} {one.title}", "strong"))
    page.line((words.text(f"error.{one.failure.key}", **one.failure.params), "error"), indent=2)
    for finding in one.errors:
        finding_lines(page, finding, None, words)
    page.line("")

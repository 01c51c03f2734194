"""The closing table of `pack`, with the reasons of every refusal."""

from evidence_cli.messages import Words
from evidence_cli.reporters.lines import finding_lines, question_lines
from evidence_cli.reporters.terminal import Page, Part
from evidence_cli.reporters.unchecked import unchecked_lines
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import QuestionResult
from evidence_cli.vocabulary.outcomes import Outcome, PackReport, PackResult
from evidence_cli.vocabulary.sizes import format_size

_STYLES = {
    Outcome.PACKED: "good",
    Outcome.CURRENT: "good",
    Outcome.PLANNED: "info",
    Outcome.REFUSED: "error",
    Outcome.FAILED: "error",
}


def render(result: PackReport, words: Words, width: int, *, color: bool = False) -> str:
    """The table, then why questions were refused, then one line of counts."""
    page = Page(width, color=color)
    if result.results:
        headings = [words.text(f"pack.column.{name}") for name in ("question", "files", "size", "package", "state")]
        page.table(headings, [_row(one, words) for one in result.results], right=(1, 2))
    questions = {question.code: question for question in result.report.questions}
    for one in result.results:
        _reasons(page, one, questions[one.code], words)
    counts = {outcome.value: sum(1 for one in result.results if one.outcome is outcome) for outcome in Outcome}
    style = "error" if result.refused or result.failed else "good"
    page.line((words.text("pack.planned" if result.dry_run else "pack.summary", **counts), style))
    warnings = result.report.count(Severity.WARNING)
    if warnings:
        page.line((words.text("pack.warnings", count=warnings), "warning"))
    for line in unchecked_lines(result.report.not_done, words):
        page.line((line, "warning"))
    if not result.results:
        page.line(words.text("report.nothing"))
    return page.text()


def _row(one: PackResult, words: Words) -> list[Part]:
    none = one.outcome in (Outcome.REFUSED, Outcome.FAILED)
    size = "—" if none else format_size(one.size if one.size is not None else one.bytes)
    package = "—" if none else one.path.rpartition("/")[2]
    state = (words.text(f"pack.outcome.{one.outcome}"), _STYLES[one.outcome])
    return [one.code, str(one.files), size, package, state]


def _reasons(page: Page, one: PackResult, question: QuestionResult, words: Words) -> None:
    if one.kept:
        page.line(words.text("pack.kept", code=one.code, path=one.kept))
    if not one.errors and one.failure is None:
        return
    question_lines(page, question, [(words.text(f"pack.outcome.{one.outcome}"), "error")], words)
    for finding in one.errors:
        finding_lines(page, finding, question, words)
    if one.failure is not None:
        page.line((words.text(f"error.{one.failure.key}", **one.failure.params), "error"), indent=2)
    page.line("")

"""The closing table of `receive`, with the reasons of every refusal."""

from dataclasses import replace

from evidence_cli.messages import Words
from evidence_cli.reporters.lines import finding_lines, question_lines
from evidence_cli.reporters.terminal import Page, Part
from evidence_cli.reporters.unchecked import unchecked_lines
from evidence_cli.vocabulary.outcomes import Outcome, ReceiveReport, ReceiveResult
from evidence_cli.vocabulary.sizes import format_size

_STYLES = {Outcome.PLANNED: "info", Outcome.REFUSED: "error", Outcome.FAILED: "error"}


def render(result: ReceiveReport, words: Words, width: int, *, color: bool = False) -> str:
    """The table, then what was kept and why packages stay where they are, then one line of counts."""
    page = Page(width, color=color)
    headings = [words.text(f"receive.column.{name}") for name in ("question", "delivered", "size", "package", "state")]
    page.table(headings, [_row(one, words) for one in result.results], right=(2,))
    for one in result.results:
        _kept(page, one, words)
    if any(one.kept or one.renamed for one in result.results):
        page.line("")
    rivals: set[str] = set()
    for one in result.results:
        if one.failure is None or one.failure.key != "receive_rivals":
            _reasons(page, one, words)
        elif one.question.code not in rivals:
            # Of packages that stand in each other's way it is said once; the table has each of them.
            rivals.add(one.question.code)
            _reasons(page, replace(one, question=replace(one.question, path=None)), words)
    counts = {outcome.value: sum(1 for one in result.results if one.outcome is outcome) for outcome in Outcome}
    style = "error" if result.refused or result.failed else "good"
    page.line((words.text("receive.planned" if result.dry_run else "receive.summary", **counts), style))
    if result.warnings:
        page.line((words.text("receive.warnings", count=result.warnings), "warning"))
    for line in unchecked_lines(result.not_done, words):
        page.line((line, "warning"))
    return page.text()


def _row(one: ReceiveResult, words: Words) -> list[Part]:
    none = one.outcome in (Outcome.REFUSED, Outcome.FAILED)
    package = "—" if none else one.path.rpartition("/")[2]
    state = (words.text(f"receive.outcome.{one.outcome}"), _STYLES.get(one.outcome, "good"))
    return [one.question.code or "—", _name(one), format_size(one.size), package, state]


def _name(one: ReceiveResult) -> str:
    return (one.question.path or "").rpartition("/")[2]


def _kept(page: Page, one: ReceiveResult, words: Words) -> None:
    if one.kept:
        page.line(words.text("receive.kept", code=one.question.code, path=one.kept))
    if one.renamed:
        page.line(words.text("receive.renamed", name=_name(one), path=one.path))


def _reasons(page: Page, one: ReceiveResult, words: Words) -> None:
    if not one.errors and one.failure is None:
        return
    question_lines(page, one.question, [(words.text(f"receive.outcome.{one.outcome}"), "error")], words)
    for finding in one.errors:
        finding_lines(page, finding, one.question, words)
    if one.failure is not None:
        page.line((words.text(f"error.{one.failure.key}", **one.failure.params), "error"), indent=2)
    page.line("")

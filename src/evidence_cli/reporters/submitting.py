"""What became of the submission: its check code, or which questions are not ready."""

from collections.abc import Sequence

from evidence_cli.messages import Words
from evidence_cli.reporters.terminal import Page, Part
from evidence_cli.vocabulary.course import SubmitReport, Unready

_COLUMNS = ("question", "state", "owner", "next")


def render(report: SubmitReport, words: Words, width: int, *, color: bool = False) -> str:
    """The page."""
    page = Page(width, color=color)
    if report.unready:
        headings = [words.text(f"submit.column.{name}") for name in _COLUMNS]
        page.table(headings, [_row(one, words) for one in report.unready])
    for key, style, params in _closing(report):
        page.line((words.text(f"submit.{key}", **params), style))
    return page.text()


def _row(one: Unready, words: Words) -> Sequence[Part]:
    state = (words.term("state", one.state), "warning")
    return [f"{one.code} {one.title}", state, one.owner or "—", words.text(f"status.next.{one.state}")]


def _closing(report: SubmitReport) -> list[tuple[str, str, dict[str, object]]]:
    if report.check_code:
        key = "done" if report.done else "before"
        return [(key, "good", {"count": report.questions}), ("code", "strong", {"check": report.check_code})]
    lines: list[tuple[str, str, dict[str, object]]] = []
    if not report.questions:
        lines.append(("nothing", "error", {}))
    if report.unready:
        lines.append(("unready", "error", {"count": len(report.unready), "total": report.questions}))
    if report.damaged:
        lines.append(("damaged", "error", {"count": report.damaged}))
    return lines or [("ready", "good", {"count": report.questions})]

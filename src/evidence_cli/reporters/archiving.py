"""What became of an archive: what is in it, what a draft leaves out, and how the four aspects ended."""

from evidence_cli.messages import Words
from evidence_cli.reporters.four_checks import counts
from evidence_cli.reporters.terminal import Page, Part
from evidence_cli.vocabulary.course import ArchiveReport, Unready
from evidence_cli.vocabulary.sizes import format_size

_COLUMNS = ("question", "state", "owner", "next")


def render(report: ArchiveReport, words: Words, width: int, *, color: bool = False) -> str:
    """The page."""
    page = Page(width, color=color)
    if report.missing:
        headings = [words.text(f"submit.column.{name}") for name in _COLUMNS]
        page.table(headings, [_row(one, words) for one in report.missing])
        page.line((words.text("archive.missing", count=len(report.missing)), "warning"))
    counted = {"questions": report.questions, "files": report.files, "size": format_size(report.bytes)}
    if report.draft:
        page.line((words.text("archive.draft_done", path=report.path, **counted), "good"))
        page.line((words.text("archive.draft"), "warning"))
    else:
        page.line((words.text("archive.done", path=report.path, **counted), "good"))
        page.line((words.text("submit.code", check=report.check_code), "strong"))
    page.line(words.text("archive.four", **counts(report.checks)))
    page.line(words.text("archive.next", path=report.path))
    return page.text()


def _row(one: Unready, words: Words) -> list[Part]:
    state = (words.term("state", one.state), "warning")
    return [f"{one.code} {one.title}", state, one.owner or "—", words.text(f"status.next.{one.state}")]

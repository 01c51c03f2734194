"""Status as a list to paste into a chat (催办清单): by person, what each still owes and by when."""

from collections.abc import Iterator

from evidence_cli.messages import Words
from evidence_cli.reporters.markdown import plain_inside as plain
from evidence_cli.reporters.status.phrases import countdown, counts, due, groups, lacking
from evidence_cli.vocabulary.course import StatusReport, StatusRow


def render(report: StatusReport, words: Words, by: str | None, width: int, color: bool) -> str:
    """The list. Questions that owe nothing more are only counted."""
    return "\n".join(_lines(report, words, by or "owner")) + "\n"


def _lines(report: StatusReport, words: Words, by: str) -> Iterator[str]:
    yield f"**{plain(report.title)}**"
    yield ""
    yield plain(countdown(report, words))
    owing = [row for row in report.rows if row.due is not None]
    for name, rows in groups(owing, by, words):
        yield from ("", f"**{plain(name)}** ({len(rows)})", "")
        yield from (_item(row, words) for row in rows)
    yield from ("", plain(counts(report, words)))


def _item(row: StatusRow, words: Words) -> str:
    state, when = words.term("state", row.state), due(row.due, words) if row.due else ""
    text = words.text("status.item", code=row.code, title=row.title, state=state, lacking=lacking(row, words), due=when)
    return f"- {plain(text)}"

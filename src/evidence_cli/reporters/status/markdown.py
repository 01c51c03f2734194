"""Status as a list to paste into a chat (催办清单): by person, what each still owes and by when."""

from collections.abc import Iterator

from evidence_cli.messages import Words
from evidence_cli.reporters.markdown import plain_inside as plain
from evidence_cli.reporters.status.phrases import (
    contribution_counts,
    countdown,
    counts,
    due,
    groups,
    lacking,
    open_contributions,
)
from evidence_cli.vocabulary.course import ContributionRow, StatusReport, StatusRow


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
    if waiting := open_contributions(report):
        name = plain(words.text("status.contribution.title"))
        yield from ("", f"**{name}** ({len(waiting)})", "")
        yield from (_contribution(row, words) for row in waiting)
    yield from ("", plain(counts(report, words)))
    if report.contributions:
        yield from ("", plain(contribution_counts(report, words)))


def _contribution(row: ContributionRow, words: Words) -> str:
    key = "status.contribution_late" if row.late else "status.contribution_due"
    when = words.text(key, moment=f"{row.due:%m-%d %H:%M}") if row.due else ""
    state = words.term("given", row.state)
    text = words.text(
        "status.contribution_item", unit=row.unit, title=row.title, indicator=row.indicator, state=state, due=when
    )
    return f"- {plain(text)}"


def _item(row: StatusRow, words: Words) -> str:
    state, when = words.term("state", row.state), due(row.due, words) if row.due else ""
    text = words.text("status.item", code=row.code, title=row.title, state=state, lacking=lacking(row, words), due=when)
    return f"- {plain(text)}"

"""What all formats for people say of a question: what is lacking, whose turn it is, how long it is."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby

from evidence_cli.messages import Words
from evidence_cli.vocabulary.course import ContributionRow, Due, Given, StatusReport, StatusRow
from evidence_cli.vocabulary.process import State

_MOST = 3


def lacking(row: StatusRow, words: Words) -> str:
    """What is lacking, or what comes next."""
    if row.note:
        return row.note
    if row.lacking and row.state is not State.EMPTY:
        return words.join([words.rule(code).title for code in row.lacking], limit=_MOST)
    return words.text(f"status.next.{row.state}")


def due(one: Due, words: Words) -> str:
    """The milestone, its time, and how long it is."""
    moment = f"{one.moment:%m-%d %H:%M}"
    name = words.term("milestone", one.milestone)
    if one.left < timedelta():
        return words.text("status.late", milestone=name, moment=moment, span=span(-one.left, words))
    return words.text("status.due", milestone=name, moment=moment, span=span(one.left, words))


def span(length: timedelta, words: Words) -> str:
    """A length of time in its two largest units."""
    minutes = int(length.total_seconds()) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return words.text("status.span.days", days=days, hours=hours)
    if hours:
        return words.text("status.span.hours", hours=hours, minutes=minutes % 60)
    return words.text("status.span.minutes", minutes=minutes)


def countdown(report: StatusReport, words: Words) -> str:
    """How long it is to the next milestone."""
    if report.next is None:
        return words.text("status.no_milestone")
    name, moment = report.next
    left = span(max(moment - report.generated, timedelta()), words)
    return words.text(
        "status.countdown", milestone=words.term("milestone", name), moment=f"{moment:%Y-%m-%d %H:%M}", span=left
    )


def counts(report: StatusReport, words: Words) -> str:
    """How many questions are in each state, in the order of the work."""
    numbers = [(state, sum(1 for row in report.rows if row.state is state)) for state in State]
    shown = [f"{words.term('state', state)} {number}" for state, number in numbers if number]
    return words.text("status.counts", total=len(report.rows), states=shown)


def open_contributions(report: StatusReport) -> list[ContributionRow]:
    """Those that are missing or faulty, in the order of the table."""
    return [row for row in report.contributions if row.state is not Given.THERE]


def contribution_counts(report: StatusReport, words: Words) -> str:
    """How many contributions are there, missing and faulty."""
    numbers = [(state, sum(1 for row in report.contributions if row.state is state)) for state in Given]
    shown = [f"{words.term('given', state)} {number}" for state, number in numbers if number]
    return words.text("status.contributions", total=len(report.contributions), states=shown)


def groups(rows: Sequence[StatusRow], by: str, words: Words) -> Iterator[tuple[str, list[StatusRow]]]:
    """The rows by person, unit, indicator or state, each group with its name; in the order of the table."""
    names = [_name(row, by, words) for row in rows]
    first = {name: number for number, name in reversed(list(enumerate(names)))}
    pairs = sorted(zip(names, rows, strict=True), key=lambda pair: first[pair[0]])
    for name, group in groupby(pairs, key=lambda pair: pair[0]):
        yield name, [row for _, row in group]


def _name(row: StatusRow, by: str, words: Words) -> str:
    match by:
        case "owner":
            return row.owner or words.text("status.nobody")
        case "unit":
            return row.unit or words.text("status.no_unit")
        case "indicator":
            return f"{row.indicator} {row.indicator_name}".strip()
    return words.term("state", row.state)

"""Rules about contributions (汇总报送): what is missing and from whom, and what is wrong in a form, cell by cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence_cli.table import Contribution
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.course import Given
from evidence_cli.vocabulary.figures import Figure, coverage, figure, follows, rounded
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.workspace.forms import COLUMNS, MOST_ROWS, Form, FormRow

_COUNTS = ("entitled", "received")
# So many characters of a cell are enough to find it again, and so many cells to see what is wrong.
_SHOWN = 40
_MOST = 50


@dataclass(frozen=True, slots=True)
class Policy:
    """A row of a form in which nothing is wrong."""

    policy: str
    document: str
    department: str
    entitled: int
    received: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a unit's contribution: the findings, and the rows of its form that are right."""

    state: Given
    hits: tuple[Hit, ...] = ()
    policies: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """What a unit has sent: `path` is its folder, `files` how many files lie there that are no form, `forms` the files
    that may be one, with their paths. `late` says that the time until when it was `due` has passed. `unread` counts
    the spreadsheets that were left unread because there are so many."""

    contribution: Contribution
    unit: str
    path: str
    files: int
    forms: Sequence[tuple[str, Form]]
    due: datetime | None
    late: bool
    unread: int = 0


def judge(sent: Sent) -> Judged:
    """What is to be said of it. Before its time nothing is said of what is still missing."""
    if sent.contribution.form is None:
        return Judged(Given.THERE) if sent.files or sent.forms else _missing(sent)
    # A spreadsheet without the form's columns beside it is evidence like any other file.
    meant = [(path, form) for path, form in sent.forms if not form.missing]
    filled = [(path, form) for path, form in meant if form.rows]
    names = [name for path, form in filled for name in _names(sent, path, form)]
    if len(names) > 1:
        where = sent.path if len(filled) > 1 else filled[0][0]
        count = len(sent.forms) + sent.unread
        return Judged(Given.FAULTY, (_faulty(sent, where, "several", count=count, files=names),))
    unread = [(path, form) for path, form in sent.forms if form.lacking]
    if one := filled or (unread if not meant else []) or (sent.forms if not meant else []):
        return _of_form(sent, *one[0])
    if not sent.files and len(meant) == len(sent.forms):
        return _missing(sent)
    path, reason = (meant[0][0], "empty") if meant else (sent.path, "none")
    return Judged(Given.FAULTY, (_faulty(sent, path, reason),)) if sent.late else Judged(Given.MISSING)


def _names(sent: Sent, path: str, form: Form) -> list[str]:
    """A form as its unit knows it: its path in the unit's folder, with the sheet where several are filled in."""
    inner = path.removeprefix(f"{sent.path}/")
    return [f"{inner}（{sheet}）" for sheet in form.sheets] if len(form.sheets) > 1 else [inner]


def _missing(sent: Sent) -> Judged:
    if not sent.late or sent.due is None:
        return Judged(Given.MISSING)
    params = {"unit": sent.unit, "title": sent.contribution.title, "due": f"{sent.due:%Y-%m-%d %H:%M}"}
    return Judged(Given.MISSING, (Hit(Code.CONTRIBUTION_MISSING, None, sent.path, params=params),))


def _faulty(sent: Sent, path: str, reason: str, **params: Any) -> Hit:
    about = {"reason": reason, "unit": sent.unit, "title": sent.contribution.title}
    return Hit(Code.FORM_FAULTY, None, path, params=about | params)


def _of_form(sent: Sent, path: str, form: Form) -> Judged:
    if form.lacking == "long":
        return Judged(Given.FAULTY, (_faulty(sent, path, "long", rows=MOST_ROWS),))
    if form.lacking:
        return Judged(Given.FAULTY, (_faulty(sent, path, "unreadable", detail=form.lacking),))
    if form.missing:
        return Judged(Given.FAULTY, (_faulty(sent, path, "header", columns=list(form.missing)),))
    faults: list[dict[str, Any]] = []
    policies = []
    for row in form.rows:
        own = list(_faults(form, row))
        faults += own
        if not own:
            policies.append(_policy(row))
    if not faults:
        return Judged(Given.THERE, (), tuple(policies))
    hit = _faulty(sent, path, "cells", count=len(faults), places=faults[:_MOST])
    return Judged(Given.FAULTY, (hit,), tuple(policies))


def _faults(form: Form, row: FormRow) -> Iterator[dict[str, Any]]:
    """What is wrong in a row, each with its cell."""

    def fault(column: str, reason: str, **params: Any) -> dict[str, Any]:
        text = row.texts.get(column, "")[:_SHOWN]
        return {"text": text, "unit": "cell", "at": form.cell(row, column), "reason": reason, **params}

    if "policy" not in row.texts:
        yield fault("policy", "policy")
    counts: dict[str, int] = {}
    for column in _COUNTS:
        number = figure(row.texts.get(column, ""))
        if reason := _wrong_count(row.texts.get(column), number):
            yield fault(column, reason)
        elif number is not None:
            counts[column] = int(number.value)
    both = len(counts) == len(_COUNTS)
    more = both and counts["received"] > counts["entitled"]
    if more:
        yield fault("received", "more")
    written = row.texts.get("coverage")
    if written is None:
        return
    share = figure(written)
    if share is None or share.value < 0:
        yield fault("coverage", "number" if share is None else "negative")
    elif both and not more and not follows(share, **counts):
        exact = coverage(**counts)
        yield fault("coverage", "coverage", expected="0" if exact is None else f"{rounded(exact):f}")


def _wrong_count(written: str | None, number: Figure | None) -> str:
    """Why this is no number of enterprises; empty where it is one."""
    if written is None:
        return "missing"
    if number is None or number.percent:
        return "number"
    if number.value < 0:
        return "negative"
    return "" if number.whole else "fraction"


def _policy(row: FormRow) -> Policy:
    texts = {column: row.texts.get(column, "") for column in COLUMNS}
    entitled, received = (figure(texts[column]) for column in _COUNTS)
    assert entitled is not None and received is not None  # noqa: S101 - nothing was wrong in the row
    return Policy(texts["policy"], texts["document"], texts["department"], int(entitled.value), int(received.value))

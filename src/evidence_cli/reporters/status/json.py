"""Status as `evcli.status/1`, to which fields are only ever added."""

from dataclasses import asdict
from typing import Any

from evidence_cli.messages import Words
from evidence_cli.reporters.json import dump, finding_of
from evidence_cli.reporters.status.phrases import lacking
from evidence_cli.vocabulary.course import ContributionRow, StatusReport, StatusRow
from evidence_cli.vocabulary.process import State
from evidence_cli.vocabulary.version import __version__

SCHEMA = "evcli.status/1"


def render(report: StatusReport, words: Words, by: str | None, width: int, color: bool) -> str:
    """The document, ended by a line feed."""
    coming = report.next
    document = {
        "schema": SCHEMA,
        "tool": {"name": "evcli", "version": __version__},
        "evaluation": report.evaluation,
        "generated": report.generated.isoformat(timespec="seconds"),
        "language": words.language,
        "next": None if coming is None else {"milestone": coming[0], "moment": coming[1].isoformat()},
        "check_code": report.check_code,
        "summary": {state.value: sum(1 for row in report.rows if row.state is state) for state in State},
        "questions": [_row(row, words) for row in report.rows],
        "contributions": [_contribution(row) for row in report.contributions],
        "findings": [finding_of(finding, words) for finding in report.findings],
    }
    return dump(document)


def _contribution(row: ContributionRow) -> dict[str, Any]:
    return asdict(row) | {"due": row.due.isoformat() if row.due else None}


def _row(row: StatusRow, words: Words) -> dict[str, Any]:
    due = row.due
    value = asdict(row) | {"since": row.since.isoformat() if row.since else None, "lacking": list(row.lacking)}
    value["next_step"] = lacking(row, words)
    if due is not None:
        value["due"] = {
            "milestone": due.milestone,
            "moment": due.moment.isoformat(),
            "needed": due.needed.value,
            "seconds": int(due.left.total_seconds()),
        }
    return value

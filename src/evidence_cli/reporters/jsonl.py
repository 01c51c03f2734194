"""`--format jsonl`: the parts of the JSON report one a line, so that a log or a pipe can take them one by one."""

from collections.abc import Iterator
from typing import Any

from evidence_cli.messages import Words
from evidence_cli.reporters.json import document_of, dump
from evidence_cli.vocabulary.findings import Report

# The list in the report → the `type` of its lines, in this order.
_PARTS = {"questions": "question", "findings": "finding", "not_done": "not_done"}


def render(report: Report, words: Words, shown: Any, width: int) -> str:
    """First a line of type `report` with the summary, then the questions, the findings and what was not done."""
    return "".join(dump(line, indent=None) for line in _lines(report, words, shown))


def _lines(report: Report, words: Words, shown: Any) -> Iterator[dict[str, Any]]:
    document = document_of(report, words, shown)
    yield {"type": "report"} | {key: value for key, value in document.items() if key not in _PARTS}
    for part, kind in _PARTS.items():
        yield from ({"type": kind} | one for one in document[part])

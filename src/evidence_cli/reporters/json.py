"""`--format json`: the report as `evcli.report/1`, to which fields are only ever added."""

import io
import json
import re
from dataclasses import asdict
from typing import Any

from evidence_cli.messages import Words
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, Report
from evidence_cli.vocabulary.names import is_unicode
from evidence_cli.vocabulary.printable import printable
from evidence_cli.vocabulary.version import __version__

SCHEMA = "evcli.report/1"
# Valid in JSON, but a terminal would obey them: controls, bidi overrides, zero-width, line separators.
_UNSAFE = re.compile("[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def render(report: Report, words: Words, shown: Any, width: int) -> str:
    """The document, ended by a line feed. `shown` filters `findings` alone; the summary counts all of them."""
    return dump(document_of(report, words, shown))


def document_of(report: Report, words: Words, shown: Any) -> dict[str, Any]:
    """The report as the lists and values of the document."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "evcli", "version": __version__},
        "evaluation": report.evaluation,
        "generated": report.generated.isoformat(timespec="seconds"),
        "language": words.language,
        "summary": summary(report),
        "questions": [asdict(question) for question in report.questions],
        "findings": [finding_of(finding, words) for finding in report.findings if shown(finding)],
        "not_done": [asdict(note) for note in report.not_done],
    }


def dump(document: Any, indent: int | None = 2) -> str:
    """JSON that no terminal stumbles over, ended by a line feed; in one line without an `indent`."""
    text = io.StringIO()
    # Piece by piece: all of them at once take ten times the memory.
    for piece in json.JSONEncoder(ensure_ascii=False, indent=indent).iterencode(_clean(document)):
        text.write(piece)
    text.write("\n")
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text.getvalue())


def summary(report: Report) -> dict[str, int]:
    """The counts of a report."""
    return {
        "questions": len(report.questions),
        "passed": sum(1 for question in report.questions if question.passed),
        "files": sum(question.files for question in report.questions),
        "bytes": sum(question.bytes for question in report.questions),
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "infos": report.count(Severity.INFO),
        "waived": report.waived,
        "switched_off": report.switched_off,
        "not_done": len(report.not_done),
    }


def finding_of(finding: Finding, words: Words) -> dict[str, Any]:
    """A finding as it stands in the document."""
    return {
        "code": finding.code.value,
        "severity": finding.severity.value,
        "aspect": finding.aspect.value,
        "question": finding.question,
        "path": finding.path,
        "line": finding.line,
        "message": words.message(finding.code, finding.params),
        "fix": words.fix(finding.code, finding.params),
        "params": dict(finding.params),
        "waived": finding.waived,
    }


def _clean(value: Any) -> Any:
    """Bytes of a name that are no Unicode cannot stand in JSON; they become visible escapes."""
    if isinstance(value, str):
        return value if is_unicode(value) else printable(value)
    # What is clean is not copied: a report may be long.
    if isinstance(value, dict):
        changed = {key: new for key, old in value.items() if (new := _clean(old)) is not old}
        return value | changed if changed else value
    if isinstance(value, (list, tuple)):
        cleaned = [_clean(inner) for inner in value]
        return cleaned if any(new is not old for new, old in zip(cleaned, value, strict=True)) else value
    return value

"""`--format sarif`: Static Analysis Results Interchange Format 2.1.0 (OASIS), for viewers of findings."""

from typing import Any

from evidence_cli.messages import Words
from evidence_cli.reporters import Shown
from evidence_cli.reporters.grouping import fingerprints
from evidence_cli.reporters.json import dump
from evidence_cli.reporters.places import uri
from evidence_cli.reporters.unchecked import unchecked_lines
from evidence_cli.vocabulary.catalogue import RULES, Code, Severity
from evidence_cli.vocabulary.findings import Finding, Report
from evidence_cli.vocabulary.version import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# §3.27.10: `note` is the least grave level that is still shown.
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report, words: Words, shown: Shown, width: int) -> str:
    """The document; a waived finding is a suppressed result, what was not checked a notification."""
    findings = list(filter(shown, report.findings))
    codes = sorted({finding.code for finding in findings})
    results = [
        _result(finding, codes.index(finding.code), name, words)
        for finding, name in zip(findings, fingerprints(findings), strict=True)
    ]
    notes = [{"level": "warning", "message": {"text": line}} for line in unchecked_lines(report.not_done, words)]
    run = {
        "tool": {"driver": {"name": "evcli", "version": __version__, "rules": [_rule(code, words) for code in codes]}},
        "language": words.language,
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: Code, words: Words) -> dict[str, Any]:
    rule, said = RULES[code], words.rule(code)
    fixes = dict.fromkeys(words.outline(template) for template in said.fix.values())
    return {
        "id": code.value,
        # Viewers look for a word in the form of a type's name, GitHub for a help text.
        "name": code.name.title().replace("_", ""),
        "shortDescription": {"text": said.title},
        "fullDescription": {"text": said.why},
        "help": {"text": "\n".join(words.text("report.fix") + fix for fix in fixes)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.aspect.value]},
    }


def _result(finding: Finding, index: int, fingerprint: str, words: Words) -> dict[str, Any]:
    fix = words.fix(finding.code, finding.params)
    # Viewers need a line; a finding about a whole file is shown at its beginning.
    place = {"artifactLocation": {"uri": uri(finding.path)}, "region": {"startLine": finding.line or 1}}
    result: dict[str, Any] = {
        "ruleId": finding.code.value,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{words.message(finding.code, finding.params)}\n{words.text('report.fix')}{fix}"},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"evcliFinding/v1": fingerprint},
        "properties": {"question": finding.question, "fix": fix},
    }
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result

"""`--format gitlab`: GitLab's code quality report (a subset of the Code Climate specification)."""

from evidence_cli.messages import Words
from evidence_cli.reporters import Shown
from evidence_cli.reporters.grouping import fingerprints
from evidence_cli.reporters.json import dump
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Report

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, words: Words, shown: Shown, width: int) -> str:
    """A list of what is not waived: the format has no word for a waiver."""
    findings = [finding for finding in report.findings if shown(finding) and not finding.waived]
    return dump(
        [
            {
                "description": f"{words.message(finding.code, finding.params)} "
                f"{words.text('report.fix')}{words.fix(finding.code, finding.params)}",
                "check_name": finding.code.value,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[finding.severity],
                "location": {"path": finding.path, "lines": {"begin": finding.line or 1}},
            }
            for finding, fingerprint in zip(findings, fingerprints(findings), strict=True)
        ]
    )

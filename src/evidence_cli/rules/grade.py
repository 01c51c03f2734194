"""From hits to findings: the table's severities and waivers, silences, and the fixed order."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from evidence_cli.table import Table
from evidence_cli.vocabulary.catalogue import RULES, Code, Severity
from evidence_cli.vocabulary.findings import Finding, Hit
from evidence_cli.vocabulary.globs import glob_matches


def grade(hits: Iterable[Hit], table: Table | None, now: datetime) -> tuple[tuple[Finding, ...], int]:
    """Grade hits for a report. Returns the findings in order, and how many hits are switched off by the table."""
    severities: Mapping[Code, Severity | None] = table.rules.severity if table else {}
    findings = []
    off = 0
    for hit in hits:
        rule = RULES[hit.code]
        severity = severities.get(hit.code, rule.severity)
        if severity is None:
            off += 1
            continue
        waived = table is not None and _waived(hit, table, now)
        findings.append(_finding(hit, severity, waived=waived))
    return tuple(sorted(_without_silenced(findings), key=order)), off


def _finding(hit: Hit, severity: Severity, *, waived: bool) -> Finding:
    aspect = RULES[hit.code].aspect
    return Finding(hit.code, severity, aspect, hit.question, hit.path, hit.line, hit.params, waived)


def order(finding: Finding) -> tuple[object, ...]:
    """The fixed order of findings: question, path, code."""
    return natural(finding.question or ""), finding.path, finding.code.value


@lru_cache(maxsize=1024)
def natural(code: str) -> tuple[int, ...]:
    """A question's or indicator's code as its numbers, so that 1.10 comes after 1.2."""
    return tuple(int(number) for number in re.findall(r"\d+", code))


def _waived(hit: Hit, table: Table, now: datetime) -> bool:
    today = now.astimezone(table.zone).date()
    return any(
        waiver.rule == hit.code
        and waiver.question == hit.question
        and (waiver.until is None or today <= waiver.until)
        and (waiver.path is None or glob_matches(waiver.path, hit.place))
        for waiver in table.waivers
    )


def _without_silenced(findings: list[Finding]) -> list[Finding]:
    # The gravest finding of each code, at each path and in each question.
    at_path: dict[tuple[str | None, str], dict[Code, int]] = {}
    in_question: dict[str | None, dict[Code, int]] = {}
    for finding in findings:
        if not finding.waived:
            for gravest in (
                at_path.setdefault((finding.question, finding.path), {}),
                in_question.setdefault(finding.question, {}),
            ):
                gravest[finding.code] = max(finding.severity.weight, gravest.get(finding.code, 0))

    def silenced(finding: Finding) -> bool:
        rule = RULES[finding.code]
        beside = at_path.get((finding.question, finding.path), {})
        around = in_question.get(finding.question, {})
        # What is less grave never hides what is graver: the verdict must not change.
        return any(beside.get(code, 0) >= finding.severity.weight for code in rule.yields_to) or any(
            around.get(code, 0) >= finding.severity.weight for code in rule.yields_in_question
        )

    return [finding for finding in findings if not silenced(finding)]

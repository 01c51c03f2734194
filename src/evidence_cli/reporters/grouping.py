"""Whose finding is whose, for formats that speak question by question."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

from evidence_cli.reporters import Shown
from evidence_cli.vocabulary.findings import Finding, QuestionResult, Report

Group = tuple[QuestionResult | None, list[Finding]]


def by_question(report: Report, shown: Shown) -> list[Group]:
    """Every question of the report, in its order, with the findings to show; first those of no question, as None."""
    rest: list[Finding] = []
    groups: list[Group] = [(None, rest)]
    groups += [(question, []) for question in report.questions]
    codes = Counter(question.code for question in report.questions)
    for finding in filter(shown, report.findings):
        own = (found for question, found in groups if question is not None and _is_of(finding, question, codes))
        next(own, rest).append(finding)
    return groups


def fingerprints(findings: list[Finding]) -> Iterator[str]:
    """For each finding a name that stays the same from run to run, and that no other one of the report has."""
    seen: Counter[str] = Counter()
    for finding in findings:
        identity = "\0".join([finding.code.value, finding.question or "", finding.path])
        seen[identity] += 1
        text = f"{identity}\0{seen[identity]}"
        yield sha256(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def _is_of(finding: Finding, question: QuestionResult, codes: Counter[str]) -> bool:
    path = question.path or ""
    inside = bool(path) and (finding.path == path or finding.path.startswith((f"{path}/", f"{path}!/")))
    if finding.question is None:
        return inside
    # Several packages of one question may be verified at once.
    return finding.question == question.code and (codes[question.code] == 1 or inside)

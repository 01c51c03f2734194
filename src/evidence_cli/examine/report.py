"""From examinations to a report: grade, count, and say which questions pass."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from evidence_cli.examine.question import Examination
from evidence_cli.examine.shelved import Shelved
from evidence_cli.examine.workspace import Examined
from evidence_cli.rules.grade import grade
from evidence_cli.table import Table
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, Hit, PackageState, QuestionResult, Report


def make_report(table: Table, examined: Examined, shelved: Mapping[str, Shelved], moment: datetime) -> Report:
    """The report on the chosen questions."""
    hits = list(examined.hits)
    for found in examined.chosen:
        hits.extend(found.hits)
        hits.extend(shelved[found.code].hits if found.code in shelved else ())
    findings, off = grade(hits, table, moment)
    refused = _with_errors(findings)
    questions = tuple(
        question_result(found, shelved.get(found.code), passed=found.code not in refused) for found in examined.chosen
    )
    generated = moment.astimezone(table.zone).replace(microsecond=0)
    notes = tuple(note for found in examined.chosen for note in found.notes)
    return Report(table.evaluation.id, generated, questions, findings, notes, switched_off=off)


def failing(table: Table, examinations: Iterable[Examination], moment: datetime) -> dict[str, list[Finding]]:
    """The questions whose folders may not be packed, with the errors that say why."""
    hits: list[Hit] = [hit for found in examinations for hit in found.hits]
    findings, _ = grade(hits, table, moment)
    return _with_errors(findings)


def _with_errors(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    errors: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity is Severity.ERROR and not finding.waived and finding.question is not None:
            errors.setdefault(finding.question, []).append(finding)
    return errors


def question_result(found: Examination, shelved: Shelved | None, *, passed: bool) -> QuestionResult:
    """A question's line in the report."""
    question, counts = found.place.question, found.counts
    return QuestionResult(
        code=question.code,
        title=question.title,
        indicator=question.indicator,
        owner=question.owner or None,
        files=counts.files,
        bytes=counts.bytes,
        digest=shelved.digest if shelved else None,
        passed=passed and not found.place.blocked,
        package=shelved.state if shelved else PackageState.MISSING,
        path=found.place.folders[0].path if len(found.place.folders) == 1 else None,
    )

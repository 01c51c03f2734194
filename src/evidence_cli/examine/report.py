"""From examinations to a report: grade, count, and say which questions pass."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from evidence_cli.examine.question import Examination
from evidence_cli.examine.shelved import Shelved
from evidence_cli.examine.workspace import Examined
from evidence_cli.rules.grade import grade, order
from evidence_cli.table import Table
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, Hit, PackageState, QuestionResult, Report

# The family of rules about what people decide and send.
_PROCESS = "E6"


def make_report(table: Table, examined: Examined, shelved: Mapping[str, Shelved], moment: datetime) -> Report:
    """The report on the chosen questions."""
    hits = list(examined.hits)
    for found in examined.chosen:
        hits.extend(found.hits)
        hits.extend(shelved[found.code].hits if found.code in shelved else ())
    findings, off = grade(hits, table, moment)
    known = examined.known
    if known is not None:
        findings = tuple(sorted([*_of_folders(known, table), *findings], key=order))
    refused = _with_errors(findings)
    questions = tuple(
        question_result(found, shelved.get(found.code), passed=found.code not in refused) for found in examined.chosen
    )
    generated = moment.astimezone(table.zone).replace(microsecond=0)
    notes = known.not_done if known else tuple(note for found in examined.chosen for note in found.notes)
    return Report(table.evaluation.id, generated, questions, findings, notes, switched_off=off)


def failing(table: Table, examined: Examined, moment: datetime) -> dict[str, list[Finding]]:
    """The questions whose folders may not be packed, with the errors that say why."""
    hits: list[Hit] = [hit for found in examined.chosen for hit in found.hits]
    findings, _ = grade(hits, table, moment)
    return _with_errors([*(_of_folders(examined.known, table) if examined.known else ()), *findings])


def _of_folders(report: Report, table: Table) -> Iterator[Finding]:
    """What a report says of the questions' folders: not of their packages, of which not all codes begin with E5, and
    not of the process, which keeps nothing from being packed."""
    packages = f"{table.layout.packages}/"
    about = (finding for finding in report.findings if not f"{finding.path}/".startswith(packages))
    return (finding for finding in about if not finding.code.value.startswith(_PROCESS))


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
        path=found.package or (found.place.folders[0].path if len(found.place.folders) == 1 else None),
        received=bool(found.package),
    )

"""From an overview to the report of a status: a row per question."""

from datetime import UTC, datetime

from evidence_cli.examine.overview import Overview
from evidence_cli.process.deadlines import next_milestone, owed
from evidence_cli.process.standing import Standing
from evidence_cli.table import QuestionSpec, Table
from evidence_cli.vocabulary.catalogue import Code, Severity
from evidence_cli.vocabulary.course import Due, StatusReport, StatusRow
from evidence_cli.vocabulary.findings import Finding
from evidence_cli.vocabulary.process import Action, State
from evidence_cli.workspace.naming import package_name

# What one can do about what keeps these from going on stands in the check's findings.
_UNFINISHED = (State.EMPTY, State.DRAFTING, State.RETURNED, State.CHANGED)


def told(seen: Overview, table: Table, moment: datetime) -> StatusReport:
    """Where each question of an overview stands at this moment (aware), and what passes next."""
    errors: dict[str | None, dict[Code, None]] = {}
    for finding in seen.report.findings:
        if finding.severity is Severity.ERROR and not finding.waived:
            errors.setdefault(finding.question, {})[finding.code] = None
    coming = next_milestone(table.milestones, moment)
    submission = seen.files.submission
    return StatusReport(
        evaluation=table.evaluation.id,
        title=table.evaluation.title,
        generated=seen.report.generated,
        rows=tuple(
            _row(seen, question, tuple(errors.get(question.code, ())), table, moment) for question in seen.questions
        ),
        next=(coming[0], coming[1].astimezone(table.zone)) if coming else None,
        findings=tuple(finding for finding in seen.report.findings if _of_all(finding)),
        check_code=submission.check if submission else "",
        contributions=tuple(one.row for one in seen.contributed),
    )


def _of_all(finding: Finding) -> bool:
    """Whether no row says it: it belongs to no question or makes its decisions void, and is no missing contribution."""
    if finding.code is Code.RECORD_DAMAGED:
        return True
    return finding.question is None and finding.code is not Code.CONTRIBUTION_MISSING


def _row(seen: Overview, question: QuestionSpec, errors: tuple[Code, ...], table: Table, moment: datetime) -> StatusRow:
    standing, content = seen.standings[question.code], seen.contents[question.code]
    record = standing.record
    return StatusRow(
        code=question.code,
        title=question.title,
        indicator=question.indicator,
        indicator_name=question.indicator_name,
        owner=question.owner,
        unit=question.unit,
        state=standing.state,
        lacking=errors if standing.state in _UNFINISHED else (),
        note=record.note if record and record.action is Action.RETURN and standing.state is State.RETURNED else "",
        by=record.by if record and _made(standing) else "",
        since=record.time.astimezone(table.zone) if record and _made(standing) else None,
        due=_due(standing.state, table, moment),
        package=f"{table.layout.packages}/{package_name(table, question)}",
        digest=content.held,
    )


def _made(standing: Standing) -> bool:
    """Whether somebody brought it into this state."""
    return standing.state is State.RETURNED or standing.state.reaches(State.APPROVED)


def _due(state: State, table: Table, moment: datetime) -> Due | None:
    deadline = next(owed(table.milestones, state), None)
    if deadline is None:
        return None
    shown = deadline.moment.astimezone(table.zone)
    return Due(deadline.milestone, shown, deadline.needed, deadline.moment - moment.astimezone(UTC))

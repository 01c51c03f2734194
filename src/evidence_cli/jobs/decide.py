"""Decide about packages: approve, return, enter, confirm. Each decision is a record about what lies there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.examine.overview import Overview, overview
from evidence_cli.process.decisions import is_done, refusal
from evidence_cli.process.standing import standing_of
from evidence_cli.table import QuestionSpec
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.course import DecisionReport, DecisionResult, Verdict
from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError, RefusedError, UsageError
from evidence_cli.vocabulary.findings import Finding
from evidence_cli.vocabulary.process import Action, State
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.records import RECORDS, Event, next_record, remark, signature, write_record
from evidence_cli.workspace.sealed import SUBMISSION, is_sealed, refuse_sealed


def decide(
    workspace: Workspace | Path | str | None,
    action: Action,
    codes: Sequence[str],
    *,
    by: str,
    note: str = "",
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> DecisionReport:
    """Decide the same about the chosen questions, each for itself; every byte of their packages is read for it.

    `by` is a role or a name, `note` the reason of a return. What may not be decided is in its result. `now` is aware.
    Raises UsageError for no reason, no name, one that no record can hold, or an unknown code, RefusedError after the
    submission, TableError, EnvironmentFailure.
    """
    space = as_workspace(workspace)
    name, note = signature(by), remark(note)
    if action is Action.RETURN and not note:
        raise UsageError("return_without_reason")
    moment = now or datetime.now(UTC)
    refuse_sealed(space.root)
    seen = overview(space, codes, moment, fresh=True, jobs=jobs, progress=progress)
    if seen.files.journal.submitted is not None:
        raise RefusedError("submission_damaged", path=SUBMISSION)
    decider = _Decider(space, action, name, note, moment)
    return DecisionReport(action, decider.by, tuple(decider.decide(seen, question) for question in seen.questions))


class _Decider:
    def __init__(self, space: Workspace, action: Action, by: str, note: str, moment: datetime) -> None:
        self.space = space
        self.action = action
        self.by = by
        self.note = note
        self.moment = moment.astimezone(space.table.zone).replace(microsecond=0)

    def decide(self, seen: Overview, question: QuestionSpec) -> DecisionResult:
        code = question.code
        content, standing, events = seen.contents[code], seen.standings[code], seen.files.journal.of(code)
        four_eyes = self.space.table.process.four_eyes
        if is_done(self.action, standing, self.note):
            return self._result(question, Verdict.UNCHANGED, standing.state, content.held)
        failure = refusal(self.action, content, standing, events, self.by, four_eyes=four_eyes)
        if seen.files.journal.casts_doubt(code):
            failure = EvcliError("decide_damaged", code=code)
        if failure is not None:
            shown = _errors(seen, code) if failure.key == "decide_findings" else ()
            return DecisionResult(code, question.title, Verdict.REFUSED, standing.state, content.held, shown, failure)
        record = next_record(
            seen.files.journal,
            self.action,
            code,
            content.held or "",
            by=self.by,
            time=self.moment,
            note=self.note,
            table=self.space.digest,
        )
        try:
            write_record(self.space.root, record)
        except OSError as error:
            cause = EnvironmentFailure("write", path=RECORDS, detail=error.strerror or str(error))
            return self._result(question, Verdict.FAILED, standing.state, content.held, cause)
        if is_sealed(self.space.root):
            # Somebody submitted meanwhile; whoever came first, one of the two notices.
            return self._result(question, Verdict.FAILED, standing.state, content.held, EvcliError("sealed_meanwhile"))
        after = standing_of(content, (*events, Event(record, "", "")), four_eyes=four_eyes)
        return self._result(question, Verdict.RECORDED, after.state, content.held)

    def _result(
        self,
        question: QuestionSpec,
        verdict: Verdict,
        state: State,
        digest: str | None,
        failure: EvcliError | None = None,
    ) -> DecisionResult:
        return DecisionResult(question.code, question.title, verdict, state, digest, failure=failure)


def _errors(seen: Overview, code: str) -> tuple[Finding, ...]:
    of_it = (finding for finding in seen.report.findings if finding.question == code and not finding.waived)
    return tuple(finding for finding in of_it if finding.severity is Severity.ERROR)

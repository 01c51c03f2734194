"""What is to be said of a question's way through the process: the findings E601 to E607."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from evidence_cli.process.deadlines import SOON, owed
from evidence_cli.process.standing import Content, Standing, standing_of
from evidence_cli.rules import process as rules
from evidence_cli.table import Table
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.process import DECISIONS, FORWARD, State
from evidence_cli.workspace.records import EventRecord, Journal
from evidence_cli.workspace.sealed import SUBMISSION
from evidence_cli.workspace.submission import Submission


@dataclass(frozen=True, slots=True)
class Files:
    """What lies there of what was submitted: the SHA-256 of the table, and of the records by their paths.

    `sealed` says whether there is a submission; `submission` is None where there is none or it cannot be believed.
    """

    journal: Journal
    table: str
    sealed: bool = False
    submission: Submission | None = None


def stand(contents: Sequence[Content], files: Files, table: Table) -> dict[str, Standing]:
    """Where each question stands, by its code."""
    about_all = files.journal.of("")
    return {
        content.code: standing_of(
            content,
            # Of decisions some of which cannot be believed none counts.
            about_all if files.journal.casts_doubt(content.code) else (*files.journal.of(content.code), *about_all),
            files.submission,
            four_eyes=table.process.four_eyes,
        )
        for content in contents
    }


def hits(
    contents: Sequence[Content],
    standings: Mapping[str, Standing],
    paths: Mapping[str, str],
    files: Files,
    table: Table,
    now: datetime,
) -> dict[str, list[Hit]]:
    """The findings of each question, by its code. `paths` are the packages' places; `now` is aware."""
    return {
        content.code: list(_of_question(content, standings[content.code], paths[content.code], files, table, now))
        for content in contents
    }


def _of_question(
    content: Content, standing: Standing, path: str, files: Files, table: Table, now: datetime
) -> Iterator[Hit]:
    code, record = content.code, standing.record
    if files.submission is not None:
        sealed = files.submission.digest_of(code)
        if sealed is not None and not content.is_about(sealed):
            reason = "content" if content.held or content.material else "missing"
            yield rules.changed_after_submission(code, path, reason)
        return
    if standing.state is State.CHANGED and record is not None and record.action in FORWARD:
        yield rules.changed(code, path, record.action, record.by, record.time.astimezone(table.zone))
    if standing.state is State.RETURNED and record is not None:
        yield rules.returned(code, path, record.by, record.time.astimezone(table.zone), record.note)
    if standing.doubled is not None:
        yield rules.same_person(code, path, standing.doubled.by)
    for deadline in owed(table.milestones, standing.state):
        shown = (deadline.milestone, deadline.moment.astimezone(table.zone), standing.state, deadline.needed)
        if now > deadline.moment:
            yield rules.missed(code, path, *shown)
            return
        if deadline.moment - now.astimezone(UTC) < SOON:
            yield rules.near(code, path, *shown)
            return


def of_workspace(files: Files) -> Iterator[Hit]:
    """The findings that belong to no question: records and seals that are not what they were."""
    for damage in files.journal.damages:
        yield rules.damaged(damage.question, damage.path, damage.reason)
    submitted = files.journal.submitted
    if files.submission is None:
        if files.sealed or submitted is not None:
            yield rules.changed_after_submission(None, SUBMISSION, "seal" if files.sealed else "gone")
        return
    if submitted is not None and not is_of(files.submission, submitted):
        yield rules.changed_after_submission(None, SUBMISSION, "seal")
    if files.submission.table.sha256 != files.table:
        yield rules.changed_after_submission(None, files.submission.table.path, "table")
    there = {event.path for event in files.journal.events}
    for sealed in files.submission.records:
        if sealed.path not in there:
            yield rules.changed_after_submission(None, sealed.path, "record")
    sealed_paths = {sealed.path for sealed in files.submission.records}
    for event in files.journal.events:
        if event.record.action in DECISIONS and event.path not in sealed_paths:
            yield rules.changed_after_submission(event.record.question, event.path, "added")


def is_of(submission: Submission, record: EventRecord) -> bool:
    """Whether a submission says what its record says."""
    return (submission.digest, submission.by, submission.time) == (record.digest, record.by, record.time)

"""The final submission: seal table, packages and records under one digest, or say which questions are not ready."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from evidence_cli.examine.overview import Overview, overview
from evidence_cli.looks.opening import open_regular
from evidence_cli.looks.packages.digests import hash_stream
from evidence_cli.process.judging import is_of
from evidence_cli.table import QuestionSpec
from evidence_cli.vocabulary.course import SubmitReport, Unready
from evidence_cli.vocabulary.errors import EnvironmentFailure, RefusedError, UsageError
from evidence_cli.vocabulary.process import Action, State
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.find import TABLE_PATH
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.records import (
    RECORDS,
    EventRecord,
    Journal,
    next_record,
    read_journal,
    remark,
    signature,
    write_record,
)
from evidence_cli.workspace.sealed import SUBMISSION
from evidence_cli.workspace.submission import (
    DamagedSubmission,
    SealedFile,
    SealedPackage,
    Submission,
    check_code,
    put_aside,
    read_submission,
    seal_of,
    write_submission,
)


def submit(
    workspace: Workspace | Path | str | None = None,
    *,
    by: str,
    dry_run: bool = False,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> SubmitReport:
    """Submit everything, when every question is confirmed; `dry_run` only says which is not. `now` is aware.

    Every byte of the packages is read. What was submitted before stays as it is. Raises UsageError for no name,
    RefusedError where the submission there cannot be believed, TableError, EnvironmentFailure.
    """
    space = as_workspace(workspace)
    by = signature(by)
    moment = (now or datetime.now(UTC)).astimezone(space.table.zone).replace(microsecond=0)
    seen = overview(space, (), moment, fresh=True, jobs=jobs, progress=progress)
    if seen.files.sealed or seen.files.journal.submitted is not None:
        return _submitted_before(space, seen)
    unready = tuple(
        Unready(question.code, question.title, question.owner, seen.standings[question.code].state)
        for question in seen.questions
        if seen.standings[question.code].state is not State.CONFIRMED
    )
    damaged = len(seen.files.journal.damages)
    if unready or damaged or not seen.questions or dry_run:
        return SubmitReport(len(seen.questions), unready, damaged, dry_run=dry_run)
    submission = _sealed(space, seen, by, moment, progress)
    try:
        if not write_submission(space.root, submission):
            raise RefusedError("sealed")
    except OSError as error:
        raise EnvironmentFailure("write", path=SUBMISSION, detail=error.strerror or str(error)) from error
    _conclude(space, submission)
    return SubmitReport(len(seen.questions), (), 0, check_code=submission.check, digest=submission.digest, done=True)


def reopen(
    workspace: Workspace | Path | str | None = None, *, by: str, reason: str, now: datetime | None = None
) -> str:
    """Take a submission back while the deadline has not passed; its check code. The submission is kept beside.

    Raises UsageError for no reason or name, RefusedError where nothing is submitted or it is too late, TableError,
    EnvironmentFailure.
    """
    space = as_workspace(workspace)
    by, reason = signature(by), remark(reason)
    if not reason:
        raise UsageError("reopen_without_reason")
    moment = (now or datetime.now(UTC)).astimezone(space.table.zone).replace(microsecond=0)
    due = space.table.milestones.submit
    # A clock that was set for a rehearsal does not put the deadline off.
    if due is not None and max(moment, datetime.now(UTC)) > due:
        raise RefusedError("reopen_late", moment=f"{due:%Y-%m-%d %H:%M}")
    try:
        submission = read_submission(space.root)
    except DamagedSubmission as error:
        raise RefusedError("submission_damaged", path=SUBMISSION) from error
    if submission is None:
        raise RefusedError("not_submitted")
    try:
        # First the record: whoever looks in between finds the submission still sealed.
        journal = read_journal(space.root)
        write_record(
            space.root,
            next_record(
                journal, Action.REOPEN, "", submission.digest, by=by, time=moment, note=reason, table=space.digest
            ),
        )
        _open(space)
    except OSError as error:
        raise EnvironmentFailure("write", path=SUBMISSION, detail=error.strerror or str(error)) from error
    return submission.check


def _submitted_before(space: Workspace, seen: Overview) -> SubmitReport:
    submission, record = seen.files.submission, seen.files.journal.submitted
    if submission is None or (record is not None and not is_of(submission, record)):
        raise RefusedError("submission_damaged", path=SUBMISSION)
    # Whoever submitted may have come no further than the seal, or be about to go on.
    _conclude(space, submission)
    return SubmitReport(len(seen.questions), (), 0, check_code=submission.check, digest=submission.digest)


def _conclude(space: Workspace, submission: Submission) -> None:
    """Let the record say what the submission says, unless somebody decided while all was read and sealed: what they
    said must count. Several may come here with the same submission at once, and end alike.

    Raises RefusedError where it is taken back, EnvironmentFailure where only the record is missing.
    """
    journal = read_journal(space.root)
    if journal.submitted is not None:
        return
    sealed = {file.path for file in submission.records}
    if any(event.path not in sealed for event in journal.events):
        _take_back(space, submission)
    try:
        write_record(space.root, _record(space, journal, Action.SUBMIT, submission))
    except OSError as error:
        raise EnvironmentFailure("submit_unrecorded", path=RECORDS, detail=error.strerror or str(error)) from error
    # Another one saw the decision that this one did not see yet.
    if not os.path.lexists(space.root / SUBMISSION):
        _take_back(space, submission)


def _take_back(space: Workspace, submission: Submission) -> NoReturn:
    """Open what was sealed a moment ago. Raises RefusedError, EnvironmentFailure."""
    try:
        _open(space)
        journal = read_journal(space.root)
        if journal.submitted is not None:
            write_record(space.root, _record(space, journal, Action.REOPEN, submission))
    except OSError as error:
        raise EnvironmentFailure("write", path=SUBMISSION, detail=error.strerror or str(error)) from error
    raise RefusedError("submit_raced")


def _open(space: Workspace) -> None:
    """Raises OSError."""
    # Of two who take it back at once, one finds that it is done.
    with suppress(FileNotFoundError):
        put_aside(space.root)


def _record(space: Workspace, journal: Journal, action: Action, submission: Submission) -> EventRecord:
    """The same bytes whoever writes it: two who do so at once make one file."""
    by, time = submission.by, submission.time
    return next_record(journal, action, "", submission.digest, by=by, time=time, table=space.digest)


def _sealed(space: Workspace, seen: Overview, by: str, moment: datetime, progress: Progress) -> Submission:
    table = _file(space.root, TABLE_PATH.as_posix())
    progress.begin("seal", len(seen.questions))
    packages = []
    for question in seen.questions:
        packages.append(_package(space, question, seen.contents[question.code].held or ""))
        progress.advance(1)
    records = tuple(_file(space.root, event.path) for event in seen.files.journal.events)
    digest = seal_of((table, *packages, *records))
    return Submission(
        evaluation=space.table.evaluation.id,
        time=moment,
        by=by,
        table=table,
        packages=tuple(packages),
        records=records,
        digest=digest,
        check=check_code(digest),
    )


def _package(space: Workspace, question: QuestionSpec, digest: str) -> SealedPackage:
    file = _file(space.root, f"{space.table.layout.packages}/{package_name(space.table, question)}")
    return SealedPackage(**file.model_dump(), code=question.code, title=question.title, digest=digest)


def _file(root: Path, path: str) -> SealedFile:
    try:
        with open_regular(str(root / path)) as stream:
            digest, size = hash_stream(stream, "sha256")
    except OSError as error:
        raise EnvironmentFailure("read", path=path, detail=error.strerror or str(error)) from error
    return SealedFile(path=path, size=size, sha256=digest)

"""Archive an evaluation: everything that was submitted, in archival order, as one BagIt bag."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.archiving.bag import BagWriter
from evidence_cli.archiving.description import units
from evidence_cli.archiving.filling import Filled, fill_bag
from evidence_cli.archiving.four import BY_OTHERS, four_checks
from evidence_cli.archiving.packages import Wanted
from evidence_cli.examine.overview import Overview, overview
from evidence_cli.examine.standings import told
from evidence_cli.messages import Words, words
from evidence_cli.process.judging import is_of
from evidence_cli.table import Table
from evidence_cli.vocabulary.course import ArchiveReport, AspectCheck, Unready
from evidence_cli.vocabulary.errors import EnvironmentFailure, RefusedError, UsageError
from evidence_cli.vocabulary.findings import PackageState
from evidence_cli.vocabulary.process import Action, State
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.vocabulary.version import __version__
from evidence_cli.workspace.building import building, is_free
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.records import RECORDS, next_record, read_journal, signature, write_record
from evidence_cli.workspace.sealed import SUBMISSION
from evidence_cli.workspace.submission import DamagedSubmission, Submission, read_submission


def archive(
    target: Path | str,
    workspace: Workspace | Path | str | None = None,
    *,
    by: str = "",
    draft: bool = False,
    results: Mapping[str, tuple[bool, str]] = {},
    language: str | None = None,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> ArchiveReport:
    """Archive what was submitted into the folder `target`, which is not there or empty; a `draft` what is packed.

    `results` say of checks that evcli cannot do (`virus`, `seals`, `media`) whether they passed, and a note. The same
    submission gives the same bytes in one `language` (the table's by default); `now` (aware) is the time of the record
    that is left, and of a draft. Raises UsageError for a target or a result that cannot be, RefusedError where nothing
    is submitted or a byte is not what was, TableError, EnvironmentFailure; nothing is left behind then.
    """
    space = as_workspace(workspace)
    if unknown := sorted(set(results) - set(BY_OTHERS)):
        raise UsageError("unknown_result", name=unknown[0], known=sorted(BY_OTHERS))
    by = "" if draft else signature(by)
    place = _place(Path(target), space)
    submission = _submission(space, draft=draft)
    moment = (now or datetime.now(UTC)).astimezone(space.table.zone).replace(microsecond=0)
    sealed = submission.time.astimezone(space.table.zone) if submission else moment
    seen = overview(space, (), sealed, packages=True, jobs=jobs, progress=progress)
    record = seen.files.journal.submitted
    if submission is not None and record is not None and not is_of(submission, record):
        raise RefusedError("submission_damaged", path=SUBMISSION)
    wanted = _submitted(space.table, submission) if submission else _packed(space.table, seen)
    if not wanted:
        raise RefusedError("archive_nothing")
    maker = _Maker(space, seen, submission, sealed, words(language or space.table.evaluation.language.value))
    report = maker.make(place, wanted, four_checks(seen.report, space.table, results), progress)
    if submission is not None:
        _record(space, by, moment, submission.digest)
    return replace(report, path=str(target))


class _Maker:
    def __init__(
        self, space: Workspace, seen: Overview, submission: Submission | None, moment: datetime, words: Words
    ) -> None:
        self.space = space
        self.seen = seen
        self.submission = submission
        self.moment = moment
        self.words = words

    def make(
        self, place: Path, wanted: list[Wanted], checks: tuple[AspectCheck, ...], progress: Progress
    ) -> ArchiveReport:
        table, submission = self.space.table, self.submission
        taken = {one.question.code for one in wanted}
        missing = tuple(
            Unready(question.code, question.title, question.owner, self.seen.standings[question.code].state)
            for question in table.questions()
            if question.code not in taken
        )
        progress.begin("archive", self._bytes(wanted))
        try:
            with building(place) as folder:
                bag = BagWriter(folder, _algorithms(table), progress.advance)
                # An archive that was made before is no part of this one: the same submission gives the same bytes.
                standings = {code: replace(one, state=_first(one.state)) for code, one in self.seen.standings.items()}
                filled = Filled(
                    self.space,
                    self.moment,
                    submission,
                    self.seen.files.journal,
                    self.seen.report,
                    told(replace(self.seen, standings=standings), table, self.moment),
                    checks,
                    missing,
                )
                fill_bag(bag, filled, wanted, self.words)
                bag.close(self._info())
        except OSError as error:
            if isinstance(error, FileExistsError) and error.filename == str(place):
                raise UsageError("archive_taken", path=str(place)) from error
            raise EnvironmentFailure("write", path=str(place), detail=error.strerror or str(error)) from error
        check = submission.check if submission else ""
        return ArchiveReport(str(place), bag.files, bag.bytes, len(wanted), checks, missing, check)

    def _bytes(self, wanted: list[Wanted]) -> int:
        """What will be written, nearly: packages, and answers and evidence unpacked."""
        held = {question.code: question.bytes for question in self.seen.report.questions}
        total = 0
        for one in wanted:
            path = self.space.root / one.path
            total += held.get(one.question.code, 0) + (path.stat().st_size if path.is_file() else 0)
        return total

    def _info(self) -> dict[str, str]:
        """bag-info.txt (RFC 8493 §2.2.2), from the table and the submission."""
        evaluation = self.space.table.evaluation
        info = {
            "Source-Organization": "、".join(units(self.space.table)) or evaluation.title,
            "External-Identifier": evaluation.id,
            "External-Description": evaluation.title,
            "Bagging-Date": f"{self.moment:%Y-%m-%d}",
            "Bag-Software-Agent": f"evcli {__version__}",
        }
        if self.submission is None:
            return {**info, "Internal-Sender-Description": self.words.text("archive.draft")}
        sent = {
            "Internal-Sender-Identifier": self.submission.check,
            "Internal-Sender-Description": self.submission.digest,
        }
        return {**info, **sent}


def _place(target: Path, space: Workspace) -> Path:
    """Where the archive goes. Raises UsageError, EnvironmentFailure."""
    place = target.absolute()
    layout = space.table.layout
    for folder in ("config", layout.indicators, layout.packages, ".evcli"):
        if place.resolve().is_relative_to((space.root / folder).resolve()):
            raise UsageError("archive_inside", path=str(target), folder=folder)
    try:
        if not place.parent.is_dir():
            raise UsageError("archive_parent", path=str(place.parent))
        if not is_free(place):
            raise UsageError("archive_taken", path=str(target))
    except OSError as error:
        raise EnvironmentFailure("read", path=str(target), detail=error.strerror or str(error)) from error
    return place


def _submission(space: Workspace, *, draft: bool) -> Submission | None:
    """What was submitted, None for a draft. Raises RefusedError, EnvironmentFailure."""
    try:
        submission = read_submission(space.root)
    except DamagedSubmission as error:
        raise RefusedError("submission_damaged", path=SUBMISSION) from error
    if draft:
        if submission is not None:
            raise RefusedError("archive_not_draft")
        return None
    if submission is None:
        raise RefusedError("archive_not_submitted")
    if submission.table.sha256 != space.digest:
        raise RefusedError("archive_altered", path=submission.table.path)
    return submission


def _submitted(table: Table, submission: Submission) -> list[Wanted]:
    """All packages that were submitted, where the table says that they lie."""
    sealed = {package.code: package for package in submission.packages}
    wanted = []
    for question in table.questions():
        if question.code not in sealed:
            raise RefusedError("submission_damaged", path=SUBMISSION)
        package = sealed[question.code]
        path = f"{table.layout.packages}/{package_name(table, question)}"
        wanted.append(Wanted(question, path, package.digest, package.sha256))
    return wanted


def _packed(table: Table, seen: Overview) -> list[Wanted]:
    """The packages that are current and pass."""
    wanted = []
    for question in seen.questions:
        content = seen.contents[question.code]
        if content.package is PackageState.CURRENT and content.passes and content.sound and content.held:
            path = f"{table.layout.packages}/{package_name(table, question)}"
            wanted.append(Wanted(question, path, content.held))
    return wanted


def _algorithms(table: Table) -> tuple[str, ...]:
    """Those of the manifests; SM3 (GB/T 32905) where the table asks for it."""
    asked = {question.requirements.package.digest.value for question in table.questions()}
    return ("sha256", "sha512", "sm3") if "sm3" in asked else ("sha256", "sha512")


def _first(state: State) -> State:
    return State.SUBMITTED if state is State.ARCHIVED else state


def _record(space: Workspace, by: str, moment: datetime, digest: str) -> None:
    event = next_record(read_journal(space.root), Action.ARCHIVE, "", digest, by=by, time=moment, table=space.digest)
    try:
        write_record(space.root, event)
    except OSError as error:
        raise EnvironmentFailure("archive_unrecorded", path=RECORDS, detail=error.strerror or str(error)) from error

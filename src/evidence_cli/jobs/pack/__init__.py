"""Pack questions: check, plan, then write one package for each question that passes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.examine.pool import default_jobs, in_parallel
from evidence_cli.examine.question import Examination
from evidence_cli.examine.report import failing, make_report
from evidence_cli.examine.shelved import Shelved, examine_shelved
from evidence_cli.examine.workspace import examine
from evidence_cli.jobs.pack.one import Packed, PackFailure, pack_one
from evidence_cli.looks.tree import Entry
from evidence_cli.schema.contents import content_paths
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.findings import Finding, PackageState
from evidence_cli.vocabulary.names import twin_key
from evidence_cli.vocabulary.outcomes import Outcome, PackReport, PackResult
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.shelf import read_shelf
from evidence_cli.workspace.store import sweep


def pack(
    workspace: Workspace | Path | str | None = None,
    codes: Sequence[str] = (),
    *,
    dry_run: bool = False,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> PackReport:
    """Pack the chosen questions; none means all. Those that fail the check are refused, the others still packed.

    A package that is current stays as it is, byte for byte. `dry_run` only plans. `jobs` is the number of packages
    written at once. Raises UsageError, TableError or EnvironmentFailure before anything is written; what fails for one
    question is in its result.
    """
    space = as_workspace(workspace)
    moment = now or datetime.now(UTC)
    return _Packer(space, moment, jobs or default_jobs(), progress, dry_run).run(codes)


class _Packer:
    def __init__(self, space: Workspace, moment: datetime, jobs: int, progress: Progress, dry_run: bool) -> None:
        self.space = space
        self.moment = moment
        self.jobs = jobs
        self.progress = progress
        self.dry_run = dry_run
        self.folder = space.root / space.table.layout.packages

    def run(self, codes: Sequence[str]) -> PackReport:
        examined = examine(self.space, codes, self.jobs, self.progress)
        errors = failing(self.space.table, examined.chosen, self.moment)
        shelf = read_shelf(self.space.root, self.space.table)
        ready = [found for found in examined.chosen if self._ready(found, errors)]
        self.progress.begin("compare", len(ready))
        standing = {
            found.code: result
            for found, result in zip(
                ready,
                in_parallel(lambda found: self._standing(found, shelf.packages), ready, self.jobs),
                strict=True,
            )
        }
        todo = [found for found in ready if not self._is_current(standing[found.code])]
        written = self._write(todo, standing)
        results = tuple(
            self._result(found, errors.get(found.code, []), standing.get(found.code), written.get(found.code))
            for found in examined.chosen
        )
        after = {result.code: Shelved(self._state(result, standing), digest=result.digest) for result in results}
        return PackReport(results, make_report(self.space.table, examined, after, self.moment), self.dry_run)

    @staticmethod
    def _state(result: PackResult, standing: dict[str, Shelved]) -> PackageState:
        if result.outcome in (Outcome.PACKED, Outcome.CURRENT):
            return PackageState.CURRENT
        before = standing.get(result.code)
        return before.state if before else PackageState.MISSING

    def _ready(self, found: Examination, errors: dict[str, list[Finding]]) -> bool:
        # A waiver may excuse a missing part, but nothing can be packed that is not there.
        subject = found.subject
        whole = subject is not None and len(subject.shape.answers) == 1 and bool(subject.shape.evidence_files)
        return whole and not found.place.blocked and found.code not in errors

    def _standing(self, found: Examination, packages: dict[str, tuple[Entry, ...]]) -> Shelved:
        name = twin_key(package_name(self.space.table, found.place.question))
        entries = tuple(entry for entry in packages.get(found.code, ()) if twin_key(entry.name) == name)
        result = examine_shelved(self.space, found.place.question, entries[:1], found.subject, 1)
        self.progress.advance(1)
        return result

    @staticmethod
    def _is_current(standing: Shelved) -> bool:
        return standing.state is PackageState.CURRENT and not standing.hits

    def _write(self, todo: list[Examination], standing: dict[str, Shelved]) -> dict[str, Packed | PackFailure]:
        if self.dry_run or not todo:
            return {}
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise EnvironmentFailure("write", path=str(self.folder), detail=error.strerror or str(error)) from error
        sweep(self.folder)
        total = sum(entry.size for found in todo if found.subject for _, entry in content_paths(found.subject))
        self.progress.begin("pack", total)
        alone = len(todo) == 1 and self.jobs > 1

        def one(found: Examination) -> Packed | PackFailure:
            foreign = standing[found.code].state is not PackageState.MISSING and not standing[found.code].ours
            return pack_one(self.space, found, self.progress.advance, keep_old=foreign, alone=alone)

        return {found.code: result for found, result in zip(todo, in_parallel(one, todo, self.jobs), strict=True)}

    def _result(
        self,
        found: Examination,
        errors: list[Finding],
        standing: Shelved | None,
        written: Packed | PackFailure | None,
    ) -> PackResult:
        question, subject = found.place.question, found.subject
        contents = content_paths(subject) if subject else []
        path = f"{self.space.table.layout.packages}/{package_name(self.space.table, question)}"
        outcome, size, digest, kept, failure = Outcome.REFUSED, None, None, None, None
        if isinstance(written, Packed):
            outcome, size, digest, kept = Outcome.PACKED, written.size, written.digest, written.kept
        elif isinstance(written, PackFailure):
            outcome = Outcome.FAILED if written.environment else Outcome.REFUSED
            failure = written.error
            errors = [*errors, *written.findings]
        elif standing is not None and self._is_current(standing):
            outcome, digest = Outcome.CURRENT, standing.digest
            size = (self.space.root / path).stat().st_size
        elif standing is not None:
            outcome = Outcome.PLANNED
        return PackResult(
            code=question.code,
            title=question.title,
            path=path,
            outcome=outcome,
            files=len(contents),
            bytes=sum(entry.size for _, entry in contents),
            size=size,
            digest=digest,
            errors=tuple(errors),
            failure=failure,
            kept=kept,
        )

"""Pack questions: check, plan, then write one package for each question that passes."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Semaphore

from evidence_cli.examine.looking import Looking, Wish
from evidence_cli.examine.pool import default_jobs, in_parallel
from evidence_cli.examine.question import Examination
from evidence_cli.examine.report import failing, make_report
from evidence_cli.examine.shelved import Shelved
from evidence_cli.examine.workspace import Examined, examine
from evidence_cli.jobs.pack.one import Packed, PackFailure, Work, pack_one
from evidence_cli.jobs.pack.plan import Plan, plan_one
from evidence_cli.jobs.pack.shares import in_shares
from evidence_cli.making.standing import HISTORY
from evidence_cli.schema.contents import content_paths
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.findings import PackageState
from evidence_cli.vocabulary.outcomes import Outcome, PackReport, PackResult
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.records import Received
from evidence_cli.workspace.sealed import refuse_sealed
from evidence_cli.workspace.shelf import read_shelf
from evidence_cli.workspace.store import sweep, sync_folder

# Packages in work for each one that is being filled: the disk takes several at a time as fast as one.
_AT_ONCE = 2
# The same in a process that fills one at a time: what waits for the disk takes nothing from it.
_AT_ONCE_ALONE = 4
# How far above its share of the threads a question must be to get a second one.
_UNEVEN = 1.2
# Windows keeps no time of a file's last change that programs cannot set: what was seen of a file may be of other bytes
# of the same size and time, and must not become what is known of these.
_CHANGES_SHOW = os.name == "posix"
# From so many files on, of so many bytes on the average at the most, processes are quicker than threads.
_MANY = 400
# Elsewhere libraries of the system do not survive a fork, or there is none.
_FORKS = sys.platform == "linux"
_SMALL = 2 * 1024 * 1024
_Written = dict[str, Packed | PackFailure]


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
    written at once. `now` (aware) decides whether waivers still count. Raises UsageError, TableError or
    EnvironmentFailure before anything is written; what fails for one question is in its result.
    """
    space = as_workspace(workspace)
    return _Packer(space, now or datetime.now(UTC), jobs or default_jobs(), progress).run(codes, dry_run=dry_run)


class _Packer:
    def __init__(self, space: Workspace, moment: datetime, jobs: int, progress: Progress) -> None:
        self.space = space
        self.moment = moment
        self.jobs = jobs
        self.progress = progress
        self.folder = space.root / space.table.layout.packages

    def run(self, codes: Sequence[str], *, dry_run: bool) -> PackReport:
        if not dry_run:
            refuse_sealed(self.space.root)
        # What was looked at counts, but not a digest that was computed before: what is packed is read anew.
        with Looking(self.space.table.effective_gate, self.jobs, place=str(self.space.root)) as looking:
            examined = examine(self.space, codes, looking, self.progress, self.moment, recall=True)
        plans = self._plan(examined)
        written = {} if dry_run else self._write([plan for plan in plans if plan.outcome is Outcome.PLANNED])
        results = tuple(self._result(plan, written.get(plan.code)) for plan in plans)
        after = {plan.code: _after(plan, result) for plan, result in zip(plans, results, strict=True)}
        return PackReport(results, make_report(self.space.table, examined, after, self.moment), dry_run)

    def _plan(self, examined: Examined) -> list[Plan]:
        chosen = examined.chosen
        errors = failing(self.space.table, examined, self.moment)
        shelf = read_shelf(self.space.root, self.space.table)
        if shelf.leads_out:
            raise EnvironmentFailure("leads_out", path=self.space.table.layout.packages)
        self.progress.begin("compare", len(chosen))
        within = self.jobs if len(chosen) == 1 else 1
        received = Received(self.space.root)

        def one(found: Examination) -> Plan:
            packages = shelf.packages.get(found.code, ())
            refused = errors.get(found.code, ())
            plan = plan_one(self.space, found, refused, packages, received, moment=self.moment, jobs=within)
            self.progress.advance(1)
            return plan

        return list(in_parallel(one, chosen, self.jobs))

    def _write(self, todo: list[Plan]) -> _Written:
        for folder in (self.folder, self.folder / HISTORY):
            sweep(folder)
        if not todo:
            return {}
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            failure = EnvironmentFailure("write", path=self.folder.name, detail=error.strerror or str(error))
            return {plan.code: PackFailure(failure, environment=True) for plan in todo}
        # The largest first: else it may be the last, and the other threads wait for it.
        todo = sorted(todo, key=_bytes, reverse=True)
        self.progress.begin("pack", sum(_bytes(plan) for plan in todo))
        if self._is_shared(todo):
            written: Sequence[Packed | PackFailure] = in_shares(
                self._fill_alone, todo, self.jobs, self.progress.advance, _lost
            )
        else:
            # One at a time is one thread: nothing else goes on while a package is filled.
            threads = self.jobs * _AT_ONCE if self.jobs > 1 else 1
            written = self._fill(todo, self.jobs, threads, self.progress.advance)
        sync_folder(self.folder)
        self._remember(todo, written)
        return {plan.code: result for plan, result in zip(todo, written, strict=True)}

    def _is_shared(self, todo: Sequence[Plan]) -> bool:
        """Whether several processes are worth their start: for many files, of which most are small."""
        files = sum(plan.found.counts.files for plan in todo)
        small = sum(map(_bytes, todo)) < files * _SMALL
        return _FORKS and len(todo) > self.jobs > 1 and files >= _MANY and small

    def _fill_alone(self, todo: Sequence[Plan], advance: Callable[[int], None]) -> Sequence[Packed | PackFailure]:
        return self._fill(todo, 1, _AT_ONCE_ALONE, advance)

    def _fill(
        self, todo: Sequence[Plan], jobs: int, threads: int, advance: Callable[[int], None]
    ) -> Sequence[Packed | PackFailure]:
        """Write packages, as many at once as there are threads, of which `jobs` are being filled."""
        stopped = Event()
        work = Work(self.space, self.moment, advance, stopped, _helped(todo, jobs), Semaphore(jobs))
        return in_parallel(lambda plan: pack_one(work, plan), todo, threads, stop=stopped)

    def _remember(self, todo: Sequence[Plan], written: Sequence[Packed | PackFailure]) -> None:
        """What was seen of the evidence need not be looked for again in the packages."""
        if not _CHANGES_SHOW:
            return
        with Looking(self.space.table.effective_gate, 1, contents=True) as looking:
            for plan, result in zip(todo, written, strict=True):
                subject = plan.found.subject
                # Of folded ones only the formats are left; an answer has another name in the package.
                if subject is None or plan.found.folded or isinstance(result, PackFailure):
                    continue
                for entry, digest in result.files:
                    if entry.raw in subject.facts and entry not in subject.shape.answers:
                        looking.remember(Wish(subject.tree, entry, digest=digest), subject.facts[entry.raw])

    def _result(self, plan: Plan, written: Packed | PackFailure | None) -> PackResult:
        question, subject, standing = plan.found.place.question, plan.found.subject, plan.standing
        path = f"{self.space.table.layout.packages}/{package_name(self.space.table, question)}"
        outcome, size, digest, kept = plan.outcome, None, None, None
        errors, failure = plan.errors, None if plan.errors else plan.obstacle
        if isinstance(written, Packed):
            outcome, size, digest, kept = Outcome.PACKED, written.size, written.digest, written.kept
        elif isinstance(written, PackFailure):
            outcome = Outcome.FAILED if written.environment else Outcome.REFUSED
            errors, failure = written.findings, written.error
        elif outcome is Outcome.CURRENT and standing.entry is not None:
            size, digest, path = standing.entry.size, standing.digest, standing.entry.path
        return PackResult(
            code=question.code,
            title=question.title,
            path=path,
            outcome=outcome,
            files=len(content_paths(subject)) if subject else 0,
            bytes=_bytes(plan),
            size=size,
            digest=digest,
            errors=errors,
            failure=failure,
            kept=kept,
        )


def _bytes(plan: Plan) -> int:
    return sum(entry.size for _, entry in content_paths(plan.found.subject)) if plan.found.subject else 0


def _lost(plan: Plan) -> PackFailure:
    return PackFailure(EnvironmentFailure("process_lost"), environment=True)


def _helped(todo: Sequence[Plan], jobs: int) -> frozenset[str]:
    """The questions with clearly more bytes than their share of the threads: one, or a few among small ones."""
    share = sum(_bytes(plan) for plan in todo) / jobs
    return frozenset(plan.code for plan in todo if jobs > 1 and _bytes(plan) > share * _UNEVEN)


def _after(plan: Plan, result: PackResult) -> Shelved:
    """The question's package as it stands now."""
    if result.outcome in (Outcome.PACKED, Outcome.CURRENT):
        return Shelved(PackageState.CURRENT, digest=result.digest)
    return plan.standing

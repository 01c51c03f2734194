"""Write one question's package, read it back, and put it in its place."""

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from threading import Event, Semaphore
from typing import BinaryIO, NamedTuple

from evidence_cli.examine.question import find_question
from evidence_cli.jobs.pack.plan import Plan
from evidence_cli.looks.folder import is_still
from evidence_cli.looks.packages.package_write import SourceUnreadable, Written
from evidence_cli.looks.packages.zip_write import SourceChanged
from evidence_cli.looks.tree import Entry
from evidence_cli.making.package import contents_of, read_back, write_question
from evidence_cli.making.standing import HISTORY, keep_standing, remove_twin
from evidence_cli.rules.grade import grade
from evidence_cli.rules.packages import too_large
from evidence_cli.schema.contents import content_paths
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError
from evidence_cli.vocabulary.findings import Finding
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.store import replacing


class Work(NamedTuple):
    """What all packages of one run share. `advance` gets bytes; `stopped` ends what is being written; `helped` are the
    questions whose packages get a second thread, which hashes; `turns` are the packages filled at once, while others
    are on their way to the disk."""

    space: Workspace
    moment: datetime
    advance: Callable[[int], None]
    stopped: Event
    helped: frozenset[str]
    turns: Semaphore


class Packed(NamedTuple):
    """A package that was written. `size` in bytes; `kept` is where the old one went if evcli had not made it. `files`
    are those in it with the digests of their bytes."""

    size: int
    digest: str
    kept: str | None = None
    files: tuple[tuple[Entry, str], ...] = ()


class PackFailure(NamedTuple):
    """Why a package was not written: findings, or an error, perhaps of the environment."""

    error: EvcliError | None = None
    findings: tuple[Finding, ...] = ()
    environment: bool = False


class _TooLarge(Exception):  # noqa: N818 - says what happened
    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings)
        self.findings = findings


class _Stopped(Exception):  # noqa: N818 - says what happened
    """The run was interrupted meanwhile."""


def pack_one(work: Work, plan: Plan) -> Packed | PackFailure:
    """Write the package of a question that passed the check; the old one stays until the new one is whole."""
    subject, table = plan.found.subject, work.space.table
    if subject is None:
        raise RuntimeError("a question without a folder was planned")
    shown = f"{table.layout.packages}/{package_name(table, plan.found.place.question)}"
    one = _One(work, plan, subject, shown)
    try:
        return one.write()
    except _TooLarge as error:
        return PackFailure(findings=error.findings)
    except SourceChanged as error:
        return PackFailure(EvcliError("changed_while_packing", path=error.path))
    except SourceUnreadable as error:
        return PackFailure(EnvironmentFailure("read", path=error.path, detail=error.detail), environment=True)
    except OSError as error:
        detail = error.strerror or str(error)
        return PackFailure(EnvironmentFailure("write", path=shown, detail=detail), environment=True)
    except EnvironmentFailure as error:
        return PackFailure(error, environment=True)
    finally:
        one.finish_progress()


class _One:
    def __init__(self, work: Work, plan: Plan, subject: Subject, shown: str) -> None:
        self.work = work
        self.plan = plan
        self.subject = subject
        self.shown = shown
        self.target = work.space.root / shown
        self.contents = contents_of(subject, work.space.table.layout.answer)
        self.left = sum(content.entry.size for content in self.contents)
        self.kept: Path | None = None

    def write(self) -> Packed:
        written: list[Written] = []
        # Where nothing stood nothing can be lost: then the names are flushed together, at the end of the run.
        settle = self.plan.standing.entry is not None
        with replacing(
            self.target, check=lambda temporary: self._check(temporary, written[0]), settle=settle
        ) as stream:
            written.append(self._fill(stream))
        remove_twin(self.work.space.root, self.plan.standing.entry, self.target)
        kept = f"{self.work.space.table.layout.packages}/{HISTORY}/{self.kept.name}" if self.kept else None
        record = written[0].record
        digests = (file.digests[record.algorithm] for file in record.files)
        entries = (content.entry for content in self.contents)
        return Packed(written[0].size, record.digest, kept, tuple(zip(entries, digests, strict=True)))

    def _fill(self, stream: BinaryIO) -> Written:
        table = self.work.space.table
        with self.work.turns, _helper(wanted=self.plan.code in self.work.helped) as helper:
            return write_question(stream, self.subject, self.contents, table, advance=self._advance, helper=helper)

    def finish_progress(self) -> None:
        """Whatever became of it, its bytes are done with."""
        self.work.advance(self.left)
        self.left = 0

    def _advance(self, amount: int) -> None:
        if self.work.stopped.is_set():
            raise _Stopped
        # A file that grew gives more than was announced.
        amount = min(amount, self.left)
        self.left -= amount
        self.work.advance(amount)

    def _check(self, temporary: Path, written: Written) -> None:
        """The last look before the name changes hands."""
        read_back(temporary, self.shown, written)
        self._refuse_too_large(temporary.stat().st_size)
        self._refuse_changed()
        standing = self.plan.standing.entry
        self.kept = keep_standing(self.work.space.root, self.target, standing, temporary, keep=self.plan.keep)

    def _refuse_too_large(self, size: int) -> None:
        question, table = self.plan.found.place.question, self.work.space.table
        maximum = question.requirements.package.max_size
        if size > maximum:
            findings, _ = grade([too_large(question.code, self.shown, size, maximum)], table, self.work.moment)
            if any(finding.severity is Severity.ERROR and not finding.waived for finding in findings):
                raise _TooLarge(findings)

    def _refuse_changed(self) -> None:
        """A second look at the folder: it tells what was added, taken away or put in another's place meanwhile."""
        space = self.work.space
        [folder] = self.plan.found.place.folders
        if is_still(space.root / folder.raw, self.subject.tree):
            return
        again = find_question(self.plan.found.place, space.root, space.table).subject
        now = dict(content_paths(again)) if again else {}
        before = dict(content_paths(self.subject))
        for path in sorted(before.keys() | now.keys()):
            if before.get(path) != now.get(path):
                raise SourceChanged(self.subject.tree.shown(path))


def _helper(*, wanted: bool) -> AbstractContextManager[Executor | None]:
    if not wanted:
        return nullcontext(None)
    from concurrent.futures import ThreadPoolExecutor  # late: start-up time

    return ThreadPoolExecutor(max_workers=1)

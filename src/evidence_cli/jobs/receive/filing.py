"""File a package that was judged: copied or packed again, read back, and put where its question's package belongs."""

import errno
import os
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from evidence_cli.examine.package import open_package
from evidence_cli.examine.shelved import Shelved, examine_shelved
from evidence_cli.jobs.receive.judging import Incoming, state_of
from evidence_cli.looks.opening import open_regular
from evidence_cli.looks.packages.package_write import SourceUnreadable, Written
from evidence_cli.looks.packages.zip_write import SourceChanged
from evidence_cli.making.package import contents_of, read_back, write_question
from evidence_cli.making.standing import HISTORY, keep_standing, remove_twin
from evidence_cli.rules.grade import grade
from evidence_cli.rules.packages import too_large
from evidence_cli.table import QuestionSpec
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError
from evidence_cli.vocabulary.findings import Finding
from evidence_cli.vocabulary.outcomes import Outcome, ReceiveResult
from evidence_cli.vocabulary.process import Action
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.records import RECORDS, EventRecord, Received, write_record
from evidence_cli.workspace.shelf import Spellings
from evidence_cli.workspace.store import keep_aside, replacing

# Others may file for the same question at the same moment; each round somebody's package is in its place.
_ROUNDS = 20
_CHUNK = 1 << 20


class _Refused(Exception):  # noqa: N818 - says what happened
    def __init__(self, error: EvcliError | None = None, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(error)
        self.error = error
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Filing:
    """What all packages of one run share. `table` is the digest of the table's file; `unit` delivered the packages;
    `foreseen` are the questions that a dry run has come to."""

    space: Workspace
    moment: datetime
    table: str
    unit: str
    jobs: int
    received: Received
    spellings: Spellings
    foreseen: set[str] = field(default_factory=set)

    def foresee(self, incoming: Incoming, question: QuestionSpec) -> ReceiveResult:
        """What `file` would do, as far as it can be told before anything is written."""
        one = _One(self, incoming, question, self._result(incoming, question, Outcome.PLANNED))
        # Another one for the same question has the same content, or both are refused.
        if question.code in self.foreseen:
            return replace(one.result, outcome=Outcome.CURRENT)
        self.foreseen.add(question.code)
        return one.unchanged(one.standing()) or one.result

    def file(self, incoming: Incoming, question: QuestionSpec) -> ReceiveResult:
        """Put a package in its place, unless the same content is there. What goes wrong is in the result."""
        result = self._result(incoming, question, Outcome.FAILED)
        shown = result.path
        try:
            for _ in range(_ROUNDS):
                try:
                    return _One(self, incoming, question, result).run()
                except FileExistsError:
                    continue
            error: EvcliError = EnvironmentFailure("write", path=shown, detail=os.strerror(errno.EBUSY))
        except _Refused as refused:
            return replace(result, outcome=Outcome.REFUSED, errors=refused.findings, failure=refused.error)
        except SourceChanged:
            return replace(result, outcome=Outcome.REFUSED, failure=EvcliError("receive_changed"))
        except SourceUnreadable as unreadable:
            error = EnvironmentFailure("read", path=unreadable.path, detail=unreadable.detail)
        except EnvironmentFailure as failure:
            error = failure
        except OSError as failure:
            error = EnvironmentFailure("write", path=shown, detail=failure.strerror or str(failure))
        return replace(result, failure=error)

    def _result(self, incoming: Incoming, question: QuestionSpec, outcome: Outcome) -> ReceiveResult:
        path = f"{self.space.table.layout.packages}/{package_name(self.space.table, question)}"
        return ReceiveResult(incoming.result, path, outcome, incoming.state[0], incoming.digest)


class _One:
    """One try. Raises FileExistsError when another run put something in its place meanwhile."""

    def __init__(self, filing: Filing, incoming: Incoming, question: QuestionSpec, result: ReceiveResult) -> None:
        self.filing = filing
        self.space = filing.space
        self.incoming = incoming
        self.question = question
        self.result = result
        self.target = filing.space.root / result.path
        self.kept: Path | None = None

    def run(self) -> ReceiveResult:
        standing = self.standing()
        if unchanged := self.unchanged(standing):
            self._record()
            return replace(unchanged, renamed=self._clear_shelf())
        outcome = Outcome.RECEIVED if self.incoming.subject is None else Outcome.REPACKED
        self.target.parent.mkdir(exist_ok=True)
        written: list[Written] = []

        def check(temporary: Path) -> None:
            self._check(temporary, written)
            self.kept = keep_standing(self.space.root, self.target, standing.entry, temporary, keep=True)

        with replacing(self.target, check=check, new=standing.entry is None) as stream:
            if self.incoming.subject is None:
                self._copy(stream)
            else:
                written.append(self._repack(stream))
        remove_twin(self.space.root, standing.entry, self.target)
        self._record()
        layout = self.space.table.layout
        kept = f"{layout.packages}/{HISTORY}/{self.kept.name}" if self.kept else None
        size = written[0].size if written else self.incoming.state[0]
        return replace(self.result, outcome=outcome, size=size, kept=kept, renamed=self._clear_shelf())

    def unchanged(self, standing: Shelved) -> ReceiveResult | None:
        """The result where the same content stands in its place already, under the right name."""
        entry = standing.entry
        if entry is None or entry.raw.rpartition("/")[2] != self.target.name:
            return None
        same = standing.ours and standing.held == self.incoming.digest
        return replace(self.result, outcome=Outcome.CURRENT, size=entry.size) if same else None

    def standing(self) -> Shelved:
        """The package that stands in its place now."""
        there = self.filing.spellings.find(self.target.name)
        return examine_shelved(self.space, self.question, (there,) if there else (), None, self.filing.jobs)

    def _copy(self, stream: BinaryIO) -> None:
        path = self.incoming.path
        self._refuse_changed()
        try:
            source = open_regular(str(path))
        except OSError as error:
            raise SourceUnreadable(str(path), error) from error
        with source:
            while chunk := source.read(_CHUNK):
                stream.write(chunk)

    def _repack(self, stream: BinaryIO) -> Written:
        incoming, table = self.incoming, self.space.table
        self._refuse_changed()
        with open_package(
            incoming.path, incoming.result.path or "", table=table, question=self.question, digests=incoming.digests
        ) as package:
            if package.subject is None or incoming.subject is None:
                raise SourceChanged(str(incoming.path))
            subject = replace(
                package.subject,
                facts=incoming.subject.facts,
                evidence_name=table.layout.evidence,
                question=self.question,
            )
            return write_question(stream, subject, contents_of(subject, table.layout.answer), table)

    def _refuse_changed(self) -> None:
        try:
            now = state_of(self.incoming.path)
        except OSError as error:
            raise SourceUnreadable(str(self.incoming.path), error) from error
        if now != self.incoming.state:
            raise SourceChanged(str(self.incoming.path))

    def _check(self, temporary: Path, written: list[Written]) -> None:
        """The last look: what is on disk now must be what was judged."""
        for one in written:
            read_back(temporary, self.result.path, one)
            if one.record.digest != self.incoming.digest:
                raise SourceChanged(str(self.incoming.path))
        if not written:
            table = self.space.table
            with open_package(
                temporary, self.result.path, table=table, question=self.question, jobs=self.filing.jobs
            ) as package:
                if package.digest != self.incoming.digest:
                    raise EnvironmentFailure("read_back", path=self.result.path)
        self._refuse_too_large(temporary.stat().st_size)

    def _refuse_too_large(self, size: int) -> None:
        maximum = self.question.requirements.package.max_size
        if size > maximum:
            hit = too_large(self.question.code, self.result.path, size, maximum)
            findings, _ = grade([hit], self.space.table, self.filing.moment)
            if any(finding.severity is Severity.ERROR and not finding.waived for finding in findings):
                raise _Refused(findings=findings)

    def _record(self) -> None:
        digest = self.incoming.digest
        if digest is None or self.filing.received.holds(self.question.code, digest):
            return
        record = EventRecord(
            action=Action.RECEIVE,
            question=self.question.code,
            digest=digest,
            by=self.filing.unit,
            time=self.filing.moment,
            table=self.filing.table,
        )
        try:
            write_record(self.space.root, record)
        except OSError as error:
            raise EnvironmentFailure("write", path=RECORDS, detail=error.strerror or str(error)) from error

    def _clear_shelf(self) -> bool:
        """Take away the delivered file where it lay among the packages under another name: what it held is filed."""
        source = self.incoming.path.absolute()
        shelf = self.target.parent.absolute()
        if source.parent.resolve() != shelf.resolve() or source.name == self.target.name:
            return False
        # What somebody put there meanwhile was not filed.
        if source.is_symlink() or source.samefile(self.target) or state_of(source) != self.incoming.state:
            return False
        if self.incoming.subject is not None:
            keep_aside(source, shelf / HISTORY)
        source.unlink()
        return True

"""Verify packages alone, wherever they were made."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.examine.looking import Looking
from evidence_cli.examine.package import PackageExamination, open_package
from evidence_cli.examine.pool import default_jobs
from evidence_cli.examine.question import not_done, with_facts
from evidence_cli.rules import judge, packages
from evidence_cli.rules.entries import unopenable
from evidence_cli.rules.grade import grade, order
from evidence_cli.schema.contents import content_paths
from evidence_cli.table import QuestionSpec, Table, default_table
from evidence_cli.vocabulary.catalogue import RULES, Severity
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.findings import Finding, Hit, NotDone, PackageState, QuestionResult, Report
from evidence_cli.vocabulary.names import twin_key
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.shelf import Owners

_ANY_CODE = re.compile(r"^\d+(?:\.\d+)*-\d{2,3}")


@dataclass(slots=True)
class _Verified:
    """One package: whose it is, what was found, and its line in the report without the verdict."""

    result: QuestionResult
    hits: list[Hit]
    not_done: list[NotDone] = field(default_factory=list)


def verify(
    paths: Sequence[Path | str] | Path | str,
    *,
    workspace: Workspace | Path | str | None = None,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Verify packages: do they open, are they what their manifest says, is the question inside as it must be.

    With a `workspace` its table decides what a question needs. Without one, everything that only a table can tell is
    in the report as not done. Nothing is unpacked. `now` (aware) decides whether waivers still count. A file that
    cannot be read is a finding, like one in a question folder: the others are still verified. Raises
    EnvironmentFailure for one that is not there.
    """
    space = None if workspace is None else as_workspace(workspace)
    table = space.table if space else default_table()
    threads = jobs or default_jobs()
    owners = Owners(table) if space else None
    chosen = [paths] if isinstance(paths, str | Path) else paths
    progress.begin("verify", len(chosen))
    verified = []
    with Looking(table.effective_gate, threads) as looking:
        for path in chosen:
            verified.append(_verify_one(Path(path), space, table, owners, looking))
            progress.advance(1)
    moment = now or datetime.now(UTC)
    # Each package for itself: what explains a finding in one does not explain it in another of the same question.
    graded = [grade(one.hits, space.table if space else None, moment) for one in verified]
    return Report(
        evaluation=space.table.evaluation.id if space else None,
        generated=moment.astimezone(table.zone).replace(microsecond=0),
        questions=tuple(_with_verdict(one, findings) for one, (findings, _) in zip(verified, graded, strict=True)),
        findings=tuple(sorted((finding for findings, _ in graded for finding in findings), key=order)),
        not_done=tuple(note for one in verified for note in one.not_done),
        switched_off=sum(off for _, off in graded),
    )


def _verify_one(
    path: Path, space: Workspace | None, table: Table, owners: Owners | None, looking: Looking
) -> _Verified:
    shown = _shown(path, space)
    code = owners.code_of(path.name) if owners else None
    known = table.question(code) if code else None
    question = known or _stand_in(table, path.stem)
    try:
        with open_package(path, shown, table=table, question=question, jobs=looking.jobs) as package:
            return _judge(package, known, space, table, looking)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise EnvironmentFailure("read", path=shown, detail=error.strerror or str(error)) from error
    except OSError as error:
        return _unread(shown, question, known, error.strerror or str(error))


def _judge(
    package: PackageExamination,
    known: QuestionSpec | None,
    space: Workspace | None,
    table: Table,
    looking: Looking,
) -> _Verified:
    record = package.facts.record
    if known is None and record is not None:
        known = table.question(record.question.code) if space else None
    question = known or _stand_in(table, package.facts.shown, package)
    hits = list(package.hits)
    # What another question's package holds is no fault of this one's.
    misplaced = record is not None and known is not None and record.question.code != known.code
    if package.subject is not None and not package.broken and not misplaced:
        facts = package.facts
        digests = {entry.raw: facts.digests[entry.path] for entry in facts.tree.files() if entry.size}
        package.subject = with_facts(replace(package.subject, question=question, digests=digests), looking)
        hits.extend(judge(package.subject))
    if space is not None:
        hits.extend(_against_table(package, known, space, question))
    else:
        hits = [hit for hit in hits if not RULES[hit.code].needs_table]
    code = (question.code or None) if known or record or not space else None
    hits = [packages.of_question(hit, code) for hit in hits]
    notes = [] if space else [NotDone(package.facts.shown, "table", "no_workspace")]
    if package.subject is not None:
        notes.extend(not_done(package.subject))
    return _Verified(_result(package, question, known), hits, notes)


def _against_table(
    package: PackageExamination, known: QuestionSpec | None, space: Workspace, question: QuestionSpec
) -> list[Hit]:
    facts = package.facts
    if known is None:
        return [packages.nobodys(facts.shown)]
    found = list(packages.size(facts, known.requirements.package.max_size))
    strange = list(packages.belongs(facts, question=known.code, evaluation=space.table.evaluation.id))
    expected = package_name(space.table, known)
    if strange:
        found.extend(strange)
    elif twin_key(facts.shown.rpartition("/")[2]) != twin_key(expected):
        found.append(packages.misnamed(facts.shown, expected))
    return found


def _stand_in(table: Table, name: str, package: PackageExamination | None = None) -> QuestionSpec:
    """The question of a package that no table describes, as the package itself tells it."""
    record = package.facts.record if package else None
    match = _ANY_CODE.match(name.rpartition("/")[2])
    return QuestionSpec(
        code=record.question.code if record else match[0] if match else "",
        title=record.question.title if record else "",
        text="",
        indicator="",
        indicator_name="",
        owner="",
        unit="",
        requirements=table.base_requirements,
    )


def _unread(shown: str, question: QuestionSpec, known: QuestionSpec | None, detail: str) -> _Verified:
    code = question.code or None
    return _Verified(_line(shown, question, known, PackageState.BROKEN), [unopenable(code, shown, detail)])


def _result(package: PackageExamination, question: QuestionSpec, known: QuestionSpec | None) -> QuestionResult:
    files = [entry for _, entry in content_paths(package.subject)] if package.subject else []
    return replace(
        _line(package.facts.shown, question, known, PackageState.BROKEN if package.broken else PackageState.CURRENT),
        files=len(files),
        bytes=sum(entry.size for entry in files),
        digest=package.digest,
    )


def _line(shown: str, question: QuestionSpec, known: QuestionSpec | None, state: PackageState) -> QuestionResult:
    return QuestionResult(
        code=question.code,
        title=question.title,
        indicator=known.indicator if known else None,
        owner=(known.owner or None) if known else None,
        files=0,
        bytes=0,
        digest=None,
        passed=True,
        package=state,
        path=shown,
    )


def _with_verdict(one: _Verified, findings: Sequence[Finding]) -> QuestionResult:
    failed = any(finding.severity is Severity.ERROR and not finding.waived for finding in findings)
    return replace(one.result, passed=not failed)


def _shown(path: Path, space: Workspace | None) -> str:
    absolute = path.absolute()
    if space is not None and absolute.is_relative_to(space.root):
        return absolute.relative_to(space.root).as_posix()
    return path.as_posix()

"""Judge what lies in the folder of packages for one question."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evidence_cli.examine.looking import Looking
from evidence_cli.looks.tree import Entry, EntryType, Origin
from evidence_cli.rules import packages
from evidence_cli.rules.entries import linked, unopenable
from evidence_cli.schema.view import Subject
from evidence_cli.table import QuestionSpec
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit, PackageState
from evidence_cli.vocabulary.names import twin_key
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.records import Received

if TYPE_CHECKING:
    from evidence_cli.examine.package import PackageExamination


@dataclass(slots=True)
class Shelved:
    """A question's package as it stands: findings, state, and the folder's content digest where it was computed.

    `ours` says whether evcli made it for this question of this evaluation; `held` is the content digest of what
    is in it, unless it is broken; `entry` is the file that was judged.
    """

    state: PackageState
    hits: list[Hit] = field(default_factory=list)
    digest: str | None = None
    ours: bool = False
    entry: Entry | None = None
    held: str | None = None


def examine_shelved(
    space: Workspace,
    question: QuestionSpec,
    entries: tuple[Entry, ...],
    folder: Subject | None,
    jobs: int,
    known: Looking | None = None,
    *,
    received: Received | None = None,
) -> Shelved:
    """Judge the packages that were found for a question, and hold the right one against its folder.

    A `folder` that is a package itself stands in for one that holds nothing, and is not compared. `known` lets digests
    of files and packages that did not change since count; without it every byte is read. `received` says what was
    delivered: what differs from it has other words.
    """
    if not entries:
        return Shelved(PackageState.MISSING)
    expected = package_name(space.table, question)
    right = right_one(space, question, entries)
    entry = right or entries[0]
    result = _examine_one(space, question, entry, folder, jobs, known)
    result.entry = entry
    if received is not None and received.holds(question.code, result.held):
        result.hits = [packages.of_received(hit) for hit in result.hits]
    if len(entries) > 1:
        others = [other.path for other in entries if other is not right]
        hit = packages.several(question.code, others + ([right.path] if right else []))
        result.hits = [hit, *(result.hits if right else [])]
    elif right is None:
        # A title that changed changes the name too: one thing to mend.
        hits = [hit for hit in result.hits if not packages.only_table_changed(hit)]
        result.hits = [packages.misnamed(entry.path, expected), *hits]
    result.hits = [packages.of_question(hit, question.code) for hit in result.hits]
    return result


def right_one(space: Workspace, question: QuestionSpec, entries: Sequence[Entry]) -> Entry | None:
    """The package with the name that the table gives it."""
    expected = twin_key(package_name(space.table, question))
    return next((entry for entry in entries if twin_key(entry.name) == expected), None)


@contextmanager
def open_shelved(
    space: Workspace, question: QuestionSpec, entry: Entry, jobs: int, known: Looking | None
) -> "Iterator[PackageExamination]":
    """Read a package of the workspace as `open_package` does, unless it is `known`. Raises OSError."""
    from evidence_cli.examine.package import open_package  # late: start-up time

    name = space.table.layout.evidence
    before = known.known_package(entry, name) if known else None
    with open_package(
        space.root / entry.raw, entry.path, table=space.table, question=question, jobs=jobs, known=before
    ) as package:
        if known and before is None:
            known.keep_package(entry, package.facts, name)
        yield package


def _examine_one(
    space: Workspace,
    question: QuestionSpec,
    entry: Entry,
    folder: Subject | None,
    jobs: int,
    known: Looking | None,
) -> Shelved:
    if entry.type is not EntryType.FILE:
        special = entry.type is EntryType.SPECIAL
        return Shelved(PackageState.BROKEN, [linked(None, entry.path, special=special)])
    if not entry.name.lower().endswith(".zip"):
        return Shelved(PackageState.BROKEN)
    try:
        with open_shelved(space, question, entry, jobs, known) as package:
            result = _judge(space, question, package, folder, jobs, known)
            result.held = package.digest
            return result
    except OSError as error:
        return Shelved(PackageState.BROKEN, [unopenable(None, entry.path, error.strerror or str(error))])


def _judge(
    space: Workspace,
    question: QuestionSpec,
    package: "PackageExamination",
    folder: Subject | None,
    jobs: int,
    known: Looking | None,
) -> Shelved:
    from evidence_cli.examine.package import Comparison, compare  # late: start-up time

    record = package.facts.record
    evaluation = space.table.evaluation.id
    ours = record is not None and (record.question.code, record.evaluation) == (question.code, evaluation)
    hits = package.hits + list(packages.size(package.facts, question.requirements.package.max_size))
    if package.broken or any(hit.code is Code.PACKAGE_SHAPE for hit in hits):
        return Shelved(PackageState.BROKEN, hits, ours=ours)
    strange = list(packages.belongs(package.facts, question=question.code, evaluation=evaluation))
    if strange or folder is None:
        return Shelved(PackageState.STALE, hits + strange, ours=ours)
    if folder.tree.origin is Origin.PACKAGE:
        return Shelved(PackageState.CURRENT, hits, package.digest, ours)
    try:
        # What could not be read has a finding of its own, and is not “removed”.
        readable = not folder.shape.unreadable and not folder.unopened
        comparison = compare(package, folder, space.table.layout.answer, jobs, known) if readable else None
    except OSError:
        comparison = None
    if comparison is None:
        return Shelved(PackageState.STALE, hits, ours=ours)
    if comparison.state is PackageState.STALE:
        hits.append(packages.stale(question.code, package.facts.shown, comparison.difference))
    elif record is not None and not _as_table_says(space, question, package):
        comparison = Comparison(PackageState.STALE, comparison.digest)
        hits.append(packages.stale(question.code, package.facts.shown, None))
    return Shelved(comparison.state, hits, comparison.digest, ours)


def _as_table_says(space: Workspace, question: QuestionSpec, package: "PackageExamination") -> bool:
    record, layout = package.facts.record, space.table.layout
    return record is not None and (
        record.question.title,
        record.algorithm,
        record.layout.answer,
        record.layout.evidence,
    ) == (question.title, question.requirements.package.digest, layout.answer, layout.evidence)

"""Write one question's package, read it back, and put it in its place."""

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from evidence_cli.examine.question import Examination
from evidence_cli.looks.package_write import Content, Written, write_package
from evidence_cli.looks.record import RecordedLayout, RecordedQuestion
from evidence_cli.looks.zip_read import read_zip
from evidence_cli.looks.zip_write import SourceChanged
from evidence_cli.rules.grade import grade_one
from evidence_cli.rules.packages import too_large
from evidence_cli.schema.contents import content_paths
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError
from evidence_cli.vocabulary.findings import Finding
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.store import keep_aside, replacing

HISTORY = "历史"


@dataclass(frozen=True, slots=True)
class Packed:
    """A package that was written. `size` in bytes; `kept` is where the old one went if evcli had not made it."""

    size: int
    digest: str
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class PackFailure:
    """Why a package was not written: a finding, or an error of the environment."""

    error: EvcliError | None = None
    findings: list[Finding] = field(default_factory=list)
    environment: bool = False


class _TooLarge(Exception):  # noqa: N818 - says what happened
    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def pack_one(
    space: Workspace, found: Examination, advance: Callable[[int], None], *, keep_old: bool, alone: bool
) -> Packed | PackFailure:
    """Write the package of a question that passed the check; the old one stays until the new one is whole.

    `keep_old` puts a file of that name aside first, because evcli did not make it. `alone` lets a second thread hash.
    """
    question = found.place.question
    folder = space.table.layout.packages
    target = space.root / folder / package_name(space.table, question)
    shown = f"{folder}/{target.name}"
    maximum = question.requirements.package.max_size
    try:
        return _write(space, found, target, advance, keep_old=keep_old, alone=alone)
    except _TooLarge as error:
        hit = too_large(question.code, shown, error.size, maximum)
        return PackFailure(findings=[grade_one(hit, space.table)])
    except SourceChanged as error:
        path = f"{found.place.folders[0].path}: {error.path}"
        return PackFailure(EvcliError("changed_while_packing", path=path))
    except OSError as error:
        detail = error.strerror or str(error)
        return PackFailure(EnvironmentFailure("write", path=shown, detail=detail), environment=True)
    except EnvironmentFailure as error:
        return PackFailure(error, environment=True)


def _write(
    space: Workspace,
    found: Examination,
    target: Path,
    advance: Callable[[int], None],
    *,
    keep_old: bool,
    alone: bool,
) -> Packed:
    subject, question = found.subject, found.place.question
    if subject is None:
        raise RuntimeError("a question without a folder was planned")
    layout = space.table.layout
    maximum = question.requirements.package.max_size
    contents = _contents(subject, layout.answer)
    written: list[Written] = []

    def check(temporary: Path) -> None:
        _read_back(temporary, written[0])
        if (size := temporary.stat().st_size) > maximum:
            raise _TooLarge(size)
        if keep_old:
            kept.append(keep_aside(target, target.parent / HISTORY))

    kept: list[Path] = []
    with _helper(alone=alone) as helper, replacing(target, check=check) as stream:
        written.append(
            write_package(
                stream,
                subject.tree,
                contents,
                evaluation=space.table.evaluation.id,
                question=RecordedQuestion(code=question.code, title=question.title),
                layout=RecordedLayout(answer=layout.answer, evidence=layout.evidence),
                algorithm=question.requirements.package.digest.value,
                advance=advance,
                helper=helper,
            )
        )
    aside = f"{layout.packages}/{HISTORY}/{kept[0].name}" if kept else None
    return Packed(target.stat().st_size, written[0].record.digest, aside)


def _helper(*, alone: bool) -> AbstractContextManager[Executor | None]:
    if not alone:
        return nullcontext(None)
    from concurrent.futures import ThreadPoolExecutor  # late: start-up time

    return ThreadPoolExecutor(max_workers=1)


def _contents(subject: Subject, answer_name: str) -> list[Content]:
    names = {category.id: category.name for category in subject.question.requirements.categories}
    categories = {entry.raw: names[category] for category, entries in subject.shape.filed.items() for entry in entries}
    return [
        Content(
            path,
            entry,
            categories.get(entry.raw, ""),
            subject.facts[entry.raw].format if entry.raw in subject.facts else "empty",
        )
        for path, entry in content_paths(subject, answer_name=answer_name)
    ]


def _read_back(path: Path, written: Written) -> None:
    """Compare the directory on disk with what was meant. Raises EnvironmentFailure."""
    with read_zip(path) as image:
        there = [(entry.name, entry.size, entry.compressed, entry.crc) for entry in image.entries]
        meant = [(entry.path, entry.size, entry.compressed, entry.crc) for entry in written.entries]
        if image.faults or there != meant:
            raise EnvironmentFailure("read_back", path=path.name)

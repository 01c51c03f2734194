"""A package as somebody delivered it, wherever it was made: whose it is, and what is to be said of it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence_cli.examine.looking import Looking
from evidence_cli.examine.package import PackageExamination, open_package
from evidence_cli.examine.question import not_done, with_facts
from evidence_cli.rules import judge, packages
from evidence_cli.rules.entries import unopenable
from evidence_cli.schema.contents import content_paths
from evidence_cli.table import QuestionSpec, Table, default_table
from evidence_cli.vocabulary.catalogue import RULES
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.findings import Hit, NotDone, PackageState, QuestionResult
from evidence_cli.vocabulary.names import twin_key
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.shelf import Owners

_ANY_CODE = re.compile(r"^\d+(?:\.\d+)*-\d{2,3}")


@dataclass(slots=True)
class Delivered:
    """One package: what was found, and its line in the report without the verdict.

    `known` is the question of the table that it belongs to; `package` is None where it could not be read.
    """

    result: QuestionResult
    hits: list[Hit]
    not_done: list[NotDone] = field(default_factory=list)
    known: QuestionSpec | None = None
    package: PackageExamination | None = None


class Deliveries:
    """Examines delivered packages for one run, against the table of a workspace where there is one."""

    def __init__(self, space: Workspace | None, looking: Looking) -> None:
        self.space = space
        self.looking = looking
        self.table: Table = space.table if space else default_table()
        self._owners = Owners(self.table) if space else None

    @contextmanager
    def open(self, path: Path) -> Iterator[Delivered]:
        """Read a package whole and judge it; inside the block its files stay readable. Nothing is unpacked.

        One that cannot be read has a finding that says so. Raises EnvironmentFailure where there is no such file.
        """
        shown = shown_path(path, self.space)
        known = self._owner(path.name)
        question = known or _stand_in(self.table, path.stem)
        with ExitStack() as stack:
            try:
                reading = open_package(path, shown, table=self.table, question=question, jobs=self.looking.jobs)
                found = self._judge(stack.enter_context(reading), known)
            except (FileNotFoundError, IsADirectoryError) as error:
                raise EnvironmentFailure("read", path=shown, detail=error.strerror or str(error)) from error
            except OSError as error:
                found = _unread(shown, question, known, error.strerror or str(error))
            yield found

    def unopened(self, path: Path) -> QuestionResult:
        """The line of a package that cannot be opened at all."""
        known, shown = self._owner(path.name), shown_path(path, self.space)
        return _line(shown, known or _stand_in(self.table, path.stem), known, PackageState.MISSING)

    def _owner(self, name: str) -> QuestionSpec | None:
        code = self._owners.code_of(name) if self._owners else None
        return self.table.question(code) if code else None

    def _judge(self, package: PackageExamination, known: QuestionSpec | None) -> Delivered:
        facts, space = package.facts, self.space
        record = facts.record
        if known is None and space:
            # The folder around everything often has the question's name where the zip has not.
            known = self.table.question(record.question.code) if record else self._owner(facts.wrapped)
        question = known or _stand_in(self.table, facts.shown, package)
        hits = list(package.hits)
        # What another question's package holds is no fault of this one's.
        misplaced = record is not None and known is not None and record.question.code != known.code
        if package.subject is not None and not package.broken and not misplaced:
            digests = {entry.raw: facts.digests[entry.path] for entry in facts.tree.files() if entry.size}
            package.subject = with_facts(replace(package.subject, question=question, digests=digests), self.looking)
            hits.extend(judge(package.subject))
        if space is not None:
            hits.extend(_against_table(package, known, space))
        else:
            hits = [hit for hit in hits if not RULES[hit.code].needs_table]
        code = (question.code or None) if known or record or not space else None
        hits = [packages.of_question(hit, code) for hit in hits]
        notes = [] if space else [NotDone(facts.shown, "table", "no_workspace")]
        if package.subject is not None:
            notes.extend(not_done(package.subject))
        return Delivered(_result(package, question, known), hits, notes, known, package)


def _against_table(package: PackageExamination, known: QuestionSpec | None, space: Workspace) -> list[Hit]:
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


def _unread(shown: str, question: QuestionSpec, known: QuestionSpec | None, detail: str) -> Delivered:
    line = _line(shown, question, known, PackageState.BROKEN)
    return Delivered(line, [unopenable(question.code or None, shown, detail)], known=known)


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


def shown_path(path: Path, space: Workspace | None) -> str:
    """A delivered file as reports name it: below the workspace where it lies there."""
    absolute = path.absolute()
    if space is not None and absolute.is_relative_to(space.root):
        return absolute.relative_to(space.root).as_posix()
    return path.as_posix()

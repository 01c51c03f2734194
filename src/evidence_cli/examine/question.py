"""Read one question's folder: where it is, what is in it, what each file is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence_cli.looks.facts import Facts
from evidence_cli.looks.folder import read_folder
from evidence_cli.looks.look import look
from evidence_cli.looks.tree import Entry, Tree
from evidence_cli.rules import judge, structure
from evidence_cli.rules.entries import unopenable
from evidence_cli.schema.shape import shape_of
from evidence_cli.schema.view import Subject
from evidence_cli.table import Table
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.kinds import extension_of
from evidence_cli.workspace.survey import Place

_ATTEMPTS = 3


@dataclass(slots=True)
class Examination:
    """One question as it was found. `subject` is None where there is no single folder to read."""

    place: Place
    subject: Subject | None = None
    hits: list[Hit] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The question's code."""
        return self.place.question.code


def find_question(where: Place, root: Path, table: Table) -> Examination:
    """Read the tree of a question's folder, without opening any file."""
    found = Examination(where, hits=list(structure.place(where)))
    if len(where.folders) != 1 or found.hits:
        return found
    [folder] = where.folders
    try:
        tree = read_folder(root / folder.raw, folder.path)
    except OSError as error:
        found.hits.append(unopenable(found.code, folder.path, error.strerror or str(error)))
        return found
    found.subject = subject_of(where, tree, table, folder=folder.raw.rpartition("/")[2])
    return found


def subject_of(where: Place, tree: Tree, table: Table, *, folder: str | None) -> Subject:
    """Sort a tree for a question; nothing is opened yet."""
    shape = shape_of(tree, table.layout.evidence, table.categories)
    return Subject(where.question, table.layout.evidence, tree, shape, {}, folder)


def look_into(found: Examination, root: Path, table: Table) -> None:
    """Look at every file of the question. What vanished meanwhile makes the folder be read anew, a few times."""
    for attempt in range(_ATTEMPTS):
        if found.subject is None:
            return
        try:
            found.subject = with_facts(found.subject, strict=attempt + 1 < _ATTEMPTS)
        except FileNotFoundError:
            again = find_question(found.place, root, table)
            found.subject, found.hits = again.subject, again.hits
        else:
            return


def with_facts(subject: Subject, *, strict: bool = False) -> Subject:
    """The subject with the facts of its files. `strict` lets FileNotFoundError out instead of noting it."""
    facts: dict[str, Facts] = {}
    unopened: list[tuple[Entry, str]] = []
    answers = subject.shape.answers if len(subject.shape.answers) == 1 else []
    for entry in [*answers, *subject.shape.evidence_files]:
        if entry.size == 0:
            continue
        try:
            with subject.tree.open(entry) as stream:
                facts[entry.raw] = look(
                    stream, size=entry.size, extension=extension_of(entry.name), want_text=entry in answers
                )
        except FileNotFoundError:
            if strict:
                raise
            unopened.append((entry, "vanished"))
        except OSError as error:
            unopened.append((entry, error.strerror or str(error)))
    return Subject(
        subject.question,
        subject.evidence_name,
        subject.tree,
        subject.shape,
        facts,
        subject.folder,
        tuple(unopened),
    )


def judge_all(examinations: Sequence[Examination]) -> None:
    """Let the schema and the rules speak on every question that was read."""
    for found in examinations:
        if found.subject is not None:
            found.hits.extend(judge(found.subject))

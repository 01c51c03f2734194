"""Read one question's folder: where it is, what is in it, what each file is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evidence_cli.examine.batches import batches_of
from evidence_cli.examine.found import Examination as Examination
from evidence_cli.examine.looking import Looking, Wish
from evidence_cli.examine.pool import in_parallel
from evidence_cli.looks.facts import Facts
from evidence_cli.looks.folder import read_folder
from evidence_cli.looks.tree import Entry, Origin, Tree
from evidence_cli.looks.wanted import dense
from evidence_cli.rules import judge, structure
from evidence_cli.rules.entries import unopenable
from evidence_cli.schema.shape import shape_of
from evidence_cli.schema.view import Subject, material
from evidence_cli.table import Table
from evidence_cli.vocabulary.findings import NotDone
from evidence_cli.vocabulary.progress import SILENT
from evidence_cli.workspace.survey import Place
from evidence_cli.workspace.template import template_lines

_ATTEMPTS = 3


def find_question(where: Place, root: Path, table: Table) -> Examination:
    """Read the tree of a question's folder, without opening any file."""
    found = Examination(where, table.categories, list(structure.place(where)))
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
    return Subject(where.question, table.layout.evidence, tree, shape, {}, folder, period=table.evaluation.period)


def look_into(
    chosen: Sequence[Examination], root: Path, table: Table, looking: Looking, advance: Callable[[int], object]
) -> None:
    """Look at every file of the questions. What vanished meanwhile makes a folder be read anew, a few times."""
    left = list(chosen)
    for attempt in range(_ATTEMPTS):
        there = [(found, found.subject) for found in left if found.subject is not None]
        subjects, gone = _looked_at([subject for _, subject in there], looking, advance)
        left = []
        for (found, _), subject in zip(there, subjects, strict=True):
            if id(subject.tree) in gone and attempt + 1 < _ATTEMPTS:
                again = find_question(found.place, root, table)
                found.subject, found.hits = again.subject, again.hits
                left.append(found)
            else:
                found.subject = subject


def with_facts(subject: Subject, looking: Looking) -> Subject:
    """The subject with the facts of its files."""
    [looked_at], _ = _looked_at([subject], looking, SILENT.advance)
    return looked_at


def _looked_at(
    subjects: Sequence[Subject], looking: Looking, advance: Callable[[int], object]
) -> tuple[list[Subject], set[int]]:
    """The subjects with the facts of their files, and the ids of the trees of which a file was gone."""
    facts: dict[int, dict[str, Facts]] = {id(subject.tree): {} for subject in subjects}
    unopened: dict[int, list[tuple[Entry, str]]] = {id(subject.tree): [] for subject in subjects}
    gone: set[int] = set()
    unknown = []
    wishes = list(_wishes(subjects))
    looking.focus_contents(wishes)
    for wish in wishes:
        if (known := looking.known(wish)) is None:
            unknown.append(wish)
        else:
            facts[id(wish.tree)][wish.entry.raw] = known

    def look(batch: Sequence[Wish]) -> list[Facts | OSError]:
        found = looking.look(batch)
        advance(len(batch))
        return found

    advance(sum(map(len, facts.values())))
    batches = batches_of(unknown, looking.jobs)
    for batch, found in zip(batches, in_parallel(look, batches, looking.jobs), strict=True):
        for (tree, entry, *_), seen in zip(batch, found, strict=True):
            if isinstance(seen, Facts):
                facts[id(tree)][entry.raw] = seen
                continue
            # Of a package nothing vanishes but with all of it.
            if isinstance(seen, FileNotFoundError) and tree.origin is Origin.FOLDER:
                gone.add(id(tree))
            detail = "vanished" if isinstance(seen, FileNotFoundError) else seen.strerror or str(seen)
            unopened[id(tree)].append((entry, detail))
    return [
        replace(subject, facts=facts[id(subject.tree)], unopened=_in_order(subject, unopened[id(subject.tree)]))
        for subject in subjects
    ], gone


def _wishes(subjects: Sequence[Subject]) -> Iterator[Wish]:
    for subject in subjects:
        template = tuple(dense(line) for line in template_lines(subject.question))
        answers = {entry.raw for entry in subject.shape.answers}
        for entry in material(subject.shape):
            if entry.size:
                yield Wish(
                    subject.tree,
                    entry,
                    template if entry.raw in answers else None,
                    subject.digests.get(entry.raw, ""),
                )


def _in_order(subject: Subject, unopened: Sequence[tuple[Entry, str]]) -> tuple[tuple[Entry, str], ...]:
    order = {entry.raw: number for number, entry in enumerate(material(subject.shape))}
    return tuple(sorted(unopened, key=lambda item: order[item[0].raw])) if unopened else ()


def not_done(subject: Subject) -> list[NotDone]:
    """What could not be looked at in the files of a question, in the tree's order."""
    return [
        NotDone(subject.tree.shown(entry.path), gap.check, gap.reason)
        for entry in material(subject.shape)
        if entry.raw in subject.facts
        for gap in dict.fromkeys(subject.facts[entry.raw].gaps)
    ]


def judge_all(examinations: Sequence[Examination]) -> None:
    """Let the schema and the rules speak on every question that was read."""
    for found in examinations:
        if found.subject is not None:
            found.hits.extend(judge(found.subject))
            found.notes = not_done(found.subject)

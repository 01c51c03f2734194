"""Packages that were received for questions whose folders hold nothing: they are judged in the folders' place."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from evidence_cli.examine.found import Examination
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import in_parallel
from evidence_cli.examine.question import with_facts
from evidence_cli.examine.shelved import open_shelved, right_one
from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.rules.packages import belongs
from evidence_cli.schema.shape import shape_of
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.names import is_junk
from evidence_cli.vocabulary.progress import Progress
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.records import Received
from evidence_cli.workspace.shelf import Shelf

if TYPE_CHECKING:
    from evidence_cli.examine.package import PackageExamination


def unfilled(questions: Sequence[Examination], received: Received) -> list[Examination]:
    """The questions for which packages were received, and whose folders hold an answer at the most."""
    return [
        found
        for found in questions
        if received.knows(found.code) and found.subject is not None and _holds_little(found.subject)
    ]


def stand_in(
    space: Workspace,
    questions: Sequence[Examination],
    shelf: Shelf,
    received: Received,
    looking: Looking,
    progress: Progress,
) -> None:
    """Let what was received stand in for the folders of these questions, where it is whole and they hold nothing."""
    packages = {found.code: _package(space, found, shelf.packages.get(found.code, ())) for found in questions}
    waiting = [(found, entry) for found in questions if (entry := packages[found.code]) is not None]
    looking.focus([found.root for found, _ in waiting] + [entry.raw for _, entry in waiting])
    progress.begin("packages", len(waiting))
    within = looking.jobs if len(waiting) == 1 else 1

    def one(item: tuple[Examination, Entry]) -> Subject | None:
        found, entry = item
        empty = _holds_nothing(found, looking)
        subject = _subject(space, found, entry, received, looking, within) if empty else None
        progress.advance(1)
        return subject

    for (found, entry), subject in zip(waiting, in_parallel(one, waiting, looking.jobs), strict=True):
        if subject is not None:
            found.subject, found.package = subject, entry.path


def _package(space: Workspace, found: Examination, entries: Sequence[Entry]) -> Entry | None:
    """The question's package; of several that are all named otherwise, nobody knows which it is."""
    entry = right_one(space, found.place.question, entries) or (entries[0] if len(entries) == 1 else None)
    return entry if entry and entry.type is EntryType.FILE and entry.name.lower().endswith(".zip") else None


def _holds_little(subject: Subject) -> bool:
    answers = subject.shape.answers
    return len(answers) <= 1 and all(_is_nothing(entry) or entry in answers for entry in subject.tree.entries)


def _is_nothing(entry: Entry) -> bool:
    junk = entry.type is EntryType.FILE and is_junk(entry.name)
    return not entry.error and (junk or entry.type is EntryType.FOLDER)


def _holds_nothing(found: Examination, looking: Looking) -> bool:
    """Whether no answer is there but the template that nobody has written into."""
    subject = found.subject
    if subject is None or not subject.shape.answers:
        return True
    facts = with_facts(subject, looking).facts.get(subject.shape.answers[0].raw)
    return facts is not None and facts.writing is not None and facts.writing.length > 0 and facts.writing.own == 0


def _subject(
    space: Workspace, found: Examination, entry: Entry, received: Received, looking: Looking, jobs: int
) -> Subject | None:
    from evidence_cli.looks.packages.at_rest import at_rest  # late: start-up time

    question = found.place.question
    try:
        with open_shelved(space, question, entry, jobs, looking) as package:
            if package.subject is None or not _is_right(space, found, package, received):
                return None
            tree = at_rest(package.facts, space.root / entry.raw, entry)
            shape = shape_of(tree, package.subject.evidence_name, space.table.categories)
            return replace(package.subject, tree=tree, shape=shape)
    except OSError:
        # What is to be said of the package is said with the others.
        return None


def _is_right(space: Workspace, found: Examination, package: "PackageExamination", received: Received) -> bool:
    """Whether it is whole, this question's, and what was received."""
    question, evaluation = found.code, space.table.evaluation.id
    return (
        not package.broken
        and not any(hit.code is Code.PACKAGE_SHAPE for hit in package.hits)
        and not any(belongs(package.facts, question=question, evaluation=evaluation))
        and received.holds(question, package.digest)
    )

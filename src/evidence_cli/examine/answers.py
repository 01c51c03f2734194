"""The text of the answer in a package, for people to copy; a worker process reads it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from evidence_cli.looks.packages.package import PackageFacts, read_package
from evidence_cli.looks.processes.workers import Request, Workers
from evidence_cli.looks.transcript import Transcript
from evidence_cli.looks.tree import Entry
from evidence_cli.schema.shape import shape_of
from evidence_cli.table import Table
from evidence_cli.vocabulary.kinds import extension_of

# An answer is a document; what is larger is not read.
_LARGEST = 64 * 1024 * 1024


class Answer(NamedTuple):
    """The answer's name in the package, empty where there is not exactly one, and its text."""

    name: str
    transcript: Transcript


def answer_in(path: Path, shown: str, table: Table, workers: Workers) -> Answer:
    """The answer of a package; nothing else of it is read but its directory. `shown` is its path in reports.

    Raises OSError where the package cannot be read, EnvironmentFailure without a worker.
    """
    facts = read_package(path, shown, evidence_name=table.layout.evidence, each=_none)
    try:
        name = facts.record.layout.evidence if facts.record else table.layout.evidence
        answers = shape_of(facts.tree, name, table.categories).answers if facts.opens else []
        if len(answers) != 1:
            return Answer("", Transcript("", "answer"))
        return Answer(answers[0].name, _transcribe(facts, answers[0], workers))
    finally:
        facts.close()


def _transcribe(facts: PackageFacts, entry: Entry, workers: Workers) -> Transcript:
    if entry.size > _LARGEST:
        return Transcript("", "size")
    try:
        with facts.tree.open(entry) as stream:
            data = stream.read()
    except OSError:
        return Transcript("", "damaged")
    return workers.transcribe(Request(data, len(data), extension_of(entry.name)))


def _none(_work: Callable[[Entry], None], _entries: Sequence[Entry]) -> None:
    """No entry is read for its digest: whether the package is whole was told before."""

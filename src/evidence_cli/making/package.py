"""Write a question's package: whether it can be, what goes in, and the look back before it takes its name."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import BinaryIO

from evidence_cli.looks.opening import open_regular
from evidence_cli.looks.packages.bounds import BOMB_BYTES, MAX_ENTRIES
from evidence_cli.looks.packages.digests import fill
from evidence_cli.looks.packages.package_write import Content, Written, write_package
from evidence_cli.looks.packages.record import METADATA, RecordedLayout, RecordedQuestion
from evidence_cli.schema.contents import content_paths
from evidence_cli.schema.view import Subject
from evidence_cli.table import Table
from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError
from evidence_cli.vocabulary.names import is_unicode

# What the reading side calls unsafe, or no line of a manifest can hold.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
# The contents list, the record and the manifest are entries too.
MOST_FILES = MAX_ENTRIES - 3


def unpackable(subject: Subject, answer_name: str) -> EvcliError | None:
    """What makes a package of these files impossible, whatever was waived."""
    if len(subject.shape.answers) != 1:
        return EvcliError("unpackable_answer", count=len(subject.shape.answers))
    if not subject.shape.evidence_files:
        return EvcliError("unpackable_evidence")
    contents = content_paths(subject, answer_name=answer_name)
    if len(contents) > MOST_FILES:
        return EvcliError("unpackable_count", count=len(contents), maximum=MOST_FILES)
    taken = set(METADATA)
    for path, entry in contents:
        if path in taken or not is_unicode(path) or _UNFIT.search(path):
            return EvcliError("unpackable_name", path=subject.tree.shown(entry.path))
        taken.add(path)
    return None


def contents_of(subject: Subject, answer_name: str) -> list[Content]:
    """The files of a question's package, in their final order, with category and format."""
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


def write_question(
    stream: BinaryIO,
    subject: Subject,
    contents: Sequence[Content],
    table: Table,
    *,
    advance: Callable[[int], None] | None = None,
    helper: Executor | None = None,
) -> Written:
    """Write a question's package as the table wants it. Raises what `write_package` raises."""
    question, layout = subject.question, table.layout
    return write_package(
        stream,
        subject.tree,
        contents,
        evaluation=table.evaluation.id,
        question=RecordedQuestion(code=question.code, title=question.title),
        layout=RecordedLayout(answer=layout.answer, evidence=layout.evidence),
        algorithm=question.requirements.package.digest.value,
        advance=advance,
        helper=helper,
    )


def read_back(path: Path, shown: str, written: Written) -> None:
    """Compare size, directory and end record on disk with what was written; what is large is read as `verify` reads it.

    Raises EnvironmentFailure, OSError.
    """
    end = bytearray(len(written.ending) + 1)
    with open_regular(str(path)) as stream:
        stream.seek(written.size - len(written.ending))
        whole = end[: fill(stream, memoryview(end))] == written.ending
    # Bytes that deflate shrinks too well are a bomb to whoever receives them; nothing smaller is called one.
    if whole and sum(entry.size for entry in written.entries) > BOMB_BYTES:
        from evidence_cli.looks.packages.zip_read import read_zip  # late: start-up time

        with read_zip(path) as image:
            whole = not image.faults
    if not whole:
        raise EnvironmentFailure("read_back", path=shown)

"""A table file to a Table, or to everything that is wrong with it."""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evidence_cli.table.causes import Cause
from evidence_cli.table.crosscheck import check_across
from evidence_cli.table.fields import find_zone
from evidence_cli.table.keys import known_keys, swallowed
from evidence_cli.table.models import Table
from evidence_cli.table.problems import MAX_PROBLEMS, Notes, note_validation
from evidence_cli.table.raw import mapping, text
from evidence_cli.table.source import MAX_BYTES, Node, SourceError, decode, plain_value
from evidence_cli.table.syntax import read
from evidence_cli.vocabulary.errors import EnvironmentFailure, Problem, TableError, UsageError
from evidence_cli.vocabulary.shipped import shipped


def load_table(path: Path | str) -> Table:
    """The table of a file.

    Raises TableError if it is wrong, UsageError `table_missing` if there is no such file, and
    EnvironmentFailure `read` if it cannot be read.
    """
    path = Path(path)
    return parse_table(read_table(path), str(path))


def read_table(path: Path) -> bytes:
    """The bytes of a table's file, one more than allowed at the most. Raises UsageError, EnvironmentFailure."""
    try:
        with path.open("rb") as stream:
            # One byte more than allowed is enough to know that it is too large.
            return stream.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError("table_missing", path=str(path)) from None
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise EnvironmentFailure("read", path=str(path), detail=detail) from None


def parse_table(data: bytes, path: str) -> Table:
    """The table in the bytes of a file; `path` is what problems show. Raises TableError and nothing else."""
    try:
        source = decode(data)
    except SourceError as fault:
        raise TableError(path, [fault.problem]) from None
    reading = read(source)
    if reading.root is None:
        raise TableError(path, _ordered(reading.problems))
    problems = [*reading.problems, *swallowed(reading.root, source)]
    values = plain_value(reading.root, problems=problems)
    table, more = _validate(values, reading.root, hidden=bool(problems))
    problems.extend(more)
    if problems or table is None:
        raise TableError(path, _ordered(problems))
    return table


def default_table_bytes() -> bytes:
    """The shipped table as it is written, comments and all: what `init` starts a workspace with."""
    return shipped("data/indicators.yaml")


@cache
def default_table() -> Table:
    """The shipped table, for work without a workspace."""
    return parse_table(default_table_bytes(), "indicators.yaml")


def _validate(values: Any, root: Node, *, hidden: bool) -> tuple[Table | None, list[Problem]]:
    notes = Notes(root)
    if not isinstance(values, dict):
        if not hidden:
            notes.at_value((), Cause.EMPTY_FILE if values is None else Cause.EXPECTED_MAPPING, key="")
        return None, notes.problems
    zone = find_zone(text(mapping(values.get("evaluation")).get("timezone")) or "Asia/Shanghai")
    table = None
    try:
        table = Table.model_validate(values, context={"zone": zone})
    except ValidationError as error:
        note_validation(error, notes, known_keys())
    check_across(values, notes)
    return table, notes.problems


def _ordered(problems: list[Problem]) -> list[Problem]:
    """Each problem once, in the order of the lines, and no more than anybody could read."""
    seen: dict[tuple[int, int, str, str], Problem] = {}
    for problem in problems:
        # Several missing keys have one place; anything else at one place is the same, found twice.
        key = problem.key if problem.cause == Cause.MISSING_KEY else ""
        seen.setdefault((problem.line, problem.column, str(problem.cause), key), problem)
    ordered = sorted(seen.values(), key=lambda problem: (problem.line, problem.column))
    if len(ordered) >= MAX_PROBLEMS:
        ordered = ordered[:MAX_PROBLEMS]
        last = ordered[-1]
        params = {"limit": MAX_PROBLEMS}
        ordered.append(Problem(last.line, last.column, "", Cause.TOO_MANY_PROBLEMS, params))
    return ordered

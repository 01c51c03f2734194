"""Mends in memory: replacements within lines, and the way back to the columns as written."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from evidence_cli.table.source import Node
from evidence_cli.vocabulary.errors import Problem


class Edit(NamedTuple):
    """`removed` characters replaced by others. Line and column count from 0, in the text as it was then."""

    line: int
    column: int
    removed: int
    inserted: str


class Mend(NamedTuple):
    """One mend: edits, each in the text that the one before left, and what is to be reported."""

    edits: tuple[Edit, ...]
    problems: tuple[Problem, ...]


def applied(lines: Sequence[str], edits: Sequence[Edit]) -> list[str]:
    """The lines after the edits. No edit adds or takes a line."""
    changed = list(lines)
    for edit in edits:
        line = changed[edit.line]
        changed[edit.line] = line[: edit.column] + edit.inserted + line[edit.column + edit.removed :]
    return changed


def written_column(line: int, column: int, edits: Sequence[Edit]) -> int:
    """The column, from 1 in the mended text, where the same stood before the edits."""
    at = column - 1
    for edit in reversed(edits):
        if edit.line != line - 1 or at < edit.column:
            continue
        if at < edit.column + len(edit.inserted):
            # What was put in stands where it was put in.
            at = min(at, edit.column + max(edit.removed - 1, 0))
        else:
            at += edit.removed - len(edit.inserted)
    return at + 1


def as_written(problem: Problem, edits: Sequence[Edit]) -> Problem:
    """The problem at its column before the edits."""
    return replace(problem, column=written_column(problem.line, problem.column, edits))


def put_back(root: Node, edits: Sequence[Edit]) -> None:
    """Puts the columns of a tree back to where they are in the file as written."""
    by_line: dict[int, list[Edit]] = {}
    for edit in edits:
        by_line.setdefault(edit.line + 1, []).append(edit)
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.line in by_line:
            node.column = written_column(node.line, node.column, by_line[node.line])
        waiting.extend([*getattr(node, "keys", ()), *getattr(node, "values", ())])

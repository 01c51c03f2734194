"""Mends of lines that are indented with tabs, or with blanks that are none to YAML."""

import re
from collections.abc import Iterator, Sequence

from evidence_cli.table.causes import Cause
from evidence_cli.table.edits import Edit, Mend
from evidence_cli.table.punctuation import ODD_BLANKS, full_width, without_comment
from evidence_cli.table.trials import END, Place, Trials
from evidence_cli.vocabulary.errors import Problem

_INDENT = re.compile(rf"[ \t{''.join(ODD_BLANKS)}]*")
_ODD = re.compile(rf"[\t{''.join(ODD_BLANKS)}]")
# What begins a line that means something to YAML, rather than one more line of a text.
_STRUCTURE = re.compile(r"-(?:\s|$)|[^\s:#\[{][^:]*:(?:\s|$)|[#\[\]{}]")
_BLOCK_TEXT = re.compile(r"(?:^|[\s:])[|>][-+0-9]{0,2}$")
_MAX_LINES_TRIED = 3
# Columns of a tab stop, columns of a full-width blank.
_WIDTHS = ((2, 2), (4, 2), (8, 2), (2, 1), (4, 4))


def mend_indentation(lines: Sequence[str], reached: Place, trials: Trials) -> Mend | None:
    """The mend of the nearest badly indented line at or before where the parser stopped, and of those below."""
    odd = [number for number in _odd_lines(lines) if number <= reached[0]]
    for number in odd[: -_MAX_LINES_TRIED - 1 : -1]:
        mend, place = trials.furthest(lines, _mends(lines, number), reached)
        if mend is None:
            continue
        if place == END:
            return mend
        keep = _settled({edit.line for edit in mend.edits}, number, place[0])
        edits = tuple(edit for edit in mend.edits if edit.line in keep)
        return Mend(edits, tuple(_problem(lines, edit.line) for edit in edits))
    return None


def _settled(mended: set[int], first: int, stop: int) -> set[int]:
    """The lines whose width is right: not those below where the parser stops now, nor the run just above it."""
    above = {line for line in mended if line < stop}
    run = {max(above, default=first)}
    while min(run) - 1 in above:
        run.add(min(run) - 1)
    return {first} | (above if first in run else above - run)


def outside_blocks(lines: Sequence[str]) -> Iterator[int]:
    """The lines that hold something and do not belong to a block of text (`|`, `>`)."""
    header: int | None = None
    for number, line in enumerate(lines):
        blanks = len(line) - len(line.lstrip(" "))
        if not line.strip() or (header is not None and blanks > header):
            continue
        header = blanks if _BLOCK_TEXT.search(without_comment(line)) else None
        yield number


def indent_of(line: str) -> str:
    """What stands before the first character of a line."""
    found = _INDENT.match(line)
    return found[0] if found else ""


def _odd_lines(lines: Sequence[str]) -> list[int]:
    """Lines with something odd in their indentation, but not those within a block of text."""
    return [number for number in outside_blocks(lines) if _ODD.search(indent_of(lines[number]))]


def _mends(lines: Sequence[str], number: int) -> Iterator[Mend]:
    below = [
        other
        for other in _odd_lines(lines)
        if other == number or (other > number and _STRUCTURE.match(lines[other], len(indent_of(lines[other]))))
    ]
    seen: set[tuple[int, ...]] = set()
    for tab, wide in _WIDTHS:
        columns = tuple(_columns(indent_of(lines[other]), tab, wide) for other in below)
        if columns not in seen:
            seen.add(columns)
            yield _mend(lines, dict(zip(below, columns, strict=True)))
    for column in _neighbours(lines, number):
        yield _mend(lines, {number: column})


def _mend(lines: Sequence[str], columns: dict[int, int]) -> Mend:
    edits = tuple(Edit(line, 0, len(indent_of(lines[line])), " " * column) for line, column in columns.items())
    return Mend(edits, tuple(_problem(lines, line) for line in columns))


def _problem(lines: Sequence[str], number: int) -> Problem:
    found = _ODD.search(lines[number])
    column = found.start() + 1 if found else 1
    if found and found[0] in ODD_BLANKS:
        return full_width(number + 1, column, "", found[0])
    return Problem(number + 1, column, "", Cause.TAB)


def _columns(indent: str, tab: int, wide: int) -> int:
    column = 0
    for character in indent:
        if character == "\t":
            column += tab - column % tab
        else:
            column += wide if character == "\u3000" else 1
    return column


def _neighbours(lines: Sequence[str], number: int) -> list[int]:
    """Columns where the lines around begin, and where the keys of list items do."""
    found: list[int] = []
    before = next((line for line in reversed(lines[:number]) if without_comment(line)), "")
    after = next((line for line in lines[number + 1 :] if without_comment(line)), "")
    for line in (before, after):
        column = len(line) - len(line.lstrip(" "))
        found.extend([column + 2, column] if line.lstrip(" ").startswith("- ") else [column, column + 2])
    return list(dict.fromkeys(found))

"""Mistakes of writing that can be mended in memory, so that the rest of the file can be judged in the same run.

A mend counts if it lets the parser get further: then that was the mistake.
"""

import re
from collections.abc import Iterator, Sequence

from evidence_cli.table.causes import Cause
from evidence_cli.table.complaints import complaint
from evidence_cli.table.edits import Edit, Mend
from evidence_cli.table.indentation import mend_indentation, outside_blocks
from evidence_cli.table.punctuation import FULL_WIDTH, ODD_BLANKS, full_width, without_comment
from evidence_cli.table.trials import Place, Trials, open_brackets, open_quote, place_of
from evidence_cli.vocabulary.errors import Problem

# The table's own keys are ASCII: a text would hardly begin so.
_KEY = re.compile("(?:[ -]*- )? *[a-z_]{2,20}：")
_SPACED = frozenset("：－")
_QUOTES = frozenset("“”＂‘’")
# Text that is right as soon as it stands in quotes.
_QUOTABLE = frozenset(
    {Cause.START_CHARACTER, Cause.REFERENCE_MARK, Cause.QUESTION_MARK, Cause.DASH, Cause.BLOCK_TEXT, Cause.TAG}
)
_MAX_LINES_BACK = 5


def find_mend(text: str, error: Exception, trials: Trials) -> Mend | None:
    """The mend of what stopped the parser; None if none is known."""
    # Of what splitlines knows, only CR and LF have come through `decode`.
    lines = [*text.splitlines(keepends=True), ""]
    if trials.over:
        return None
    reached = place_of(error)
    mend = mend_indentation(lines, reached, trials)
    if mend is None:
        quote = open_quote(text, error)
        mend = _first(lines, _characters(lines, reached, quote), quote or reached, trials)
        if mend is None and quote is None:
            # Several such lines in a row are one text to YAML, until all of them are mended.
            mend, _ = trials.furthest(lines, [_colons(lines, 0)], reached)
    if mend is None:
        problem = complaint(text, error)
        mend, _ = trials.furthest(lines, _closings(text, lines, error, problem), reached)
    return mend


def _first(lines: Sequence[str], mends: Iterator[Mend], reached: Place, trials: Trials) -> Mend | None:
    for mend in mends:
        if trials.furthest(lines, [mend], reached)[0] is None:
            continue
        edit = mend.edits[0]
        if edit.inserted.startswith(":") and _KEY.match(lines[edit.line]):
            # Who writes it once writes it often.
            mend = trials.furthest(lines, [mend, _colons(lines, edit.line)], reached)[0] or mend
        return mend
    return None


def _colons(lines: Sequence[str], first: int) -> Mend:
    """The full-width colons behind the keys of a line and of those below."""
    edits, problems = [], []
    for number in outside_blocks(lines):
        found = _KEY.match(lines[number])
        if not found or number < first:
            continue
        column = found.end() - 1
        spaced = lines[number][column + 1 : column + 2] in ("", " ", "\r", "\n")
        edits.append(Edit(number, column, 1, ":" if spaced else ": "))
        problems.append(full_width(number + 1, column + 1, "", "："))
    return Mend(tuple(edits), tuple(problems))


def _characters(lines: Sequence[str], reached: Place, quote: Place | None) -> Iterator[Mend]:
    """Each full-width character near where the parser stopped, replaced."""
    for number in [quote[0]] if quote else _lines_before(lines, reached[0]):
        content = without_comment(lines[number])
        for column, character in enumerate(content):
            if character not in (_QUOTES if quote else FULL_WIDTH):
                continue
            removed, inserted = 1, FULL_WIDTH[character]
            if character in ODD_BLANKS:
                rest = content[column:]
                removed = len(rest) - len(rest.lstrip(" " + "".join(ODD_BLANKS)))
            elif character in _SPACED and content[column + 1 : column + 2] not in ("", " "):
                inserted += " "
            problem = full_width(number + 1, column + 1, "", character)
            yield Mend((Edit(number, column, removed, inserted),), (problem,))


def _lines_before(lines: Sequence[str], last: int) -> list[int]:
    """The line where the parser stopped and the few before it that hold something, the nearest first."""
    found = [number for number in range(min(last, len(lines) - 1), -1, -1) if without_comment(lines[number])]
    return found[:_MAX_LINES_BACK]


def _closings(text: str, lines: Sequence[str], error: Exception, problem: Problem) -> Iterator[Mend]:
    """What is missing at the end of a line: a bracket or a quote; or what is too much."""
    number, column = problem.line - 1, problem.column - 1
    if number >= len(lines):
        return
    if problem.cause is Cause.BRACKET:
        yield from (Mend((edit,), (problem,)) for edit in _brackets(text, lines, error, number))
    elif problem.cause is Cause.TAB:
        yield Mend((Edit(number, column, 1, " "),), (problem,))
    elif problem.cause is Cause.QUOTE:
        end = len(without_comment(lines[number]))
        inner = len(without_comment(lines[number]).rstrip("]}, "))
        for at in (end, inner):
            yield Mend((Edit(number, at, 0, lines[number][column]),), (problem,))
    elif problem.cause in _QUOTABLE:
        # The scanner stops at the same place: what is open there is what the text stands in.
        inside = any(stack for _, stack in open_brackets(text, number)[-1:])
        for edits in _quotings(lines[number], number, column, inside=inside):
            yield Mend(edits, (problem,))


def _brackets(text: str, lines: Sequence[str], error: Exception, first: int) -> Iterator[Edit]:
    stop, column = place_of(error)
    changes = open_brackets(text, stop)
    for number in range(first, min(stop, first + _MAX_LINES_BACK, len(lines) - 1) + 1):
        closing = next((stack for line, stack in reversed(changes) if line <= number), "")
        if closing:
            yield Edit(number, len(without_comment(lines[number])), 0, closing)
    if stop < len(lines) and lines[stop][column : column + 1] in ("]", "}"):
        closing = next((stack for line, stack in reversed(changes) if line <= stop), "")
        yield Edit(stop, column, 0, "}" if lines[stop][column] == "]" else "]")
        if closing:
            yield Edit(stop, column, 1, closing[0])
        yield Edit(stop, column, 1, "")


def _quotings(line: str, number: int, column: int, *, inside: bool) -> Iterator[tuple[Edit, ...]]:
    """The text put into quotes: to the end of the line, or to where its list or mapping goes on."""
    content = without_comment(line)
    if column == 0 and content.startswith("%"):
        yield (Edit(number, 0, len(content), ""),)
    if "'" in content[column:]:
        return
    colon = content.find(": ", column + 1)
    ends = [at for at in range(column + 1, len(content)) if content[at] in ",]}"][:3]
    whole = [len(content), *([colon] if colon > 0 else [])]
    for end in [*ends, *whole] if inside else [*whole, *ends]:
        yield Edit(number, end, 0, "'"), Edit(number, column, 0, "'")

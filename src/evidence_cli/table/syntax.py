"""A text to a tree, with YAML's own complaints put into words that a clerk can act on.

Full-width punctuation is the commonest mistake with a Chinese keyboard. Where replacing one such character
lets the parser get further, that is the mistake: it is reported, mended in memory, and the rest is read.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from evidence_cli.table.causes import Cause
from evidence_cli.table.source import LOADER, Builder, Node, SourceError
from evidence_cli.vocabulary.errors import Problem

# Full-width character → what YAML wants instead.
FULL_WIDTH = {
    "：": ":",
    "，": ",",
    "、": ",",
    "．": ".",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "【": "[",
    "】": "]",
    "“": '"',
    "”": '"',
    "＂": '"',
    "‘": "'",
    "’": "'",
    "＃": "#",
    "－": "-",
    "\u3000": " ",
}
_SPACED = frozenset("：－")
_QUOTES = frozenset("“”＂‘’")
_MAX_REPARSES = 40
_MAX_MENDED = 256 * 1024
_MAX_LINES_BACK = 5


@dataclass(slots=True)
class Reading:
    """What reading a text gave: the root if there is one, and what is wrong so far."""

    root: Node | None
    problems: list[Problem]


def read(text: str) -> Reading:
    """The tree of a decoded text. Never raises, whatever the text."""
    problems: list[Problem] = []
    widened: list[tuple[int, int]] = []
    budget = _MAX_REPARSES if len(text) <= _MAX_MENDED else 0
    while True:
        builder = Builder()
        try:
            root = builder.build(text)
        except SourceError as fault:
            return Reading(None, [*problems, *builder.problems, fault.problem])
        except (yaml.YAMLError, UnicodeError, ValueError) as error:
            mended, budget = _mend(text, error, budget)
            if mended is None:
                return Reading(None, [*problems, *builder.problems, _problem(text, error)])
            text = mended.text
            problems.append(_unshifted(mended.problem, widened))
            if mended.wider:
                widened.append((mended.problem.line, mended.problem.column))
            continue
        problems.extend(builder.problems)
        if root is not None and widened:
            _unshift(root, widened)
        if root is None and not problems:
            problems.append(Problem(1, 1, "", Cause.EMPTY_FILE))
        return Reading(root, problems)


def full_width_in(text: str) -> tuple[int, str] | None:
    """Where the first character stands that looks like YAML punctuation but is not, and which it is."""
    return next(((index, c) for index, c in enumerate(text) if c in FULL_WIDTH), None)


def full_width(line: int, column: int, key: str, character: str) -> Problem:
    """The problem of a full-width character used as punctuation."""
    params = {"character": character, "instead": FULL_WIDTH[character]}
    return Problem(line, column, key, Cause.FULL_WIDTH, params)


@dataclass(frozen=True, slots=True)
class _Mended:
    """A text with one full-width character replaced; `wider` if a blank was put in behind it."""

    text: str
    problem: Problem
    wider: bool


def _mend(text: str, error: Exception, budget: int) -> tuple[_Mended | None, int]:
    """The text with the character replaced that stops the parser, and how many tries are left."""
    reached = _reached(error)
    # Of what splitlines knows, only CR and LF have come through `decode`.
    lines = [*text.splitlines(keepends=True), ""]
    quote = _open_quote(text, error)
    for number in [quote[0]] if quote else _lines_before(lines, reached[0]):
        start = sum(len(line) for line in lines[:number])
        for column, character in enumerate(_without_comment(lines[number])):
            if character not in (_QUOTES if quote else FULL_WIDTH) or budget <= 0:
                continue
            budget -= 1
            index = start + column
            wider = character in _SPACED and text[index + 1 : index + 2] not in ("", " ", "\r", "\n")
            changed = text[:index] + FULL_WIDTH[character] + " " * wider + text[index + 1 :]
            if _gets_further(changed, quote or reached, number):
                return _Mended(changed, full_width(number + 1, column + 1, "", character), wider), budget
    return None, budget


def _lines_before(lines: list[str], last: int) -> list[int]:
    """The line where the parser stopped and the few before it that hold something, the nearest first."""
    found = [number for number in range(min(last, len(lines) - 1), -1, -1) if _without_comment(lines[number])]
    return found[:_MAX_LINES_BACK]


def _without_comment(line: str) -> str:
    return "" if line.lstrip().startswith("#") else re.split(r"\s#", line, maxsplit=1)[0].rstrip()


def _open_quote(text: str, error: Exception) -> tuple[int, int] | None:
    """Where a quote begins that runs over the end of its line up to where the parser stopped."""
    last: Any = None
    try:
        for token in yaml.scan(text, Loader=LOADER):
            if _reached(error) <= (token.start_mark.line, token.start_mark.column):
                break
            if isinstance(token, yaml.ScalarToken):
                last = token
    except (yaml.YAMLError, UnicodeError, ValueError) as stop:
        context = getattr(stop, "context_mark", None)
        if "quoted scalar" in str(getattr(stop, "context", "")) and "end of stream" in str(stop) and context:
            return context.line, context.column
    if last is None or last.style not in ("'", '"') or last.start_mark.line == last.end_mark.line:
        return None
    return (last.start_mark.line, last.start_mark.column) if last.end_mark.line == _reached(error)[0] else None


def _reached(error: Exception) -> tuple[int, int]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return (mark.line, mark.column) if mark else (0, 0)


def _gets_further(text: str, reached: tuple[int, int], line: int) -> bool:
    try:
        Builder().build(text)
    except SourceError:
        return True
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        now = _reached(error)
        # On the mended line itself the columns have moved by the blank that was put in.
        return now > ((reached[0], reached[1] + 1) if line == reached[0] else reached)
    return True


def _unshifted(problem: Problem, widened: list[tuple[int, int]]) -> Problem:
    column = _column(problem.line, problem.column, widened)
    return Problem(problem.line, column, problem.key, problem.cause, problem.params)


def _column(line: int, column: int, widened: list[tuple[int, int]]) -> int:
    return column - sum(1 for at_line, at_column in widened if at_line == line and at_column < column)


def _unshift(root: Node, widened: list[tuple[int, int]]) -> None:
    """Puts columns back to where they are in the file as written."""
    lines = {line for line, _ in widened}
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.line in lines:
            node.column = _column(node.line, node.column, widened)
        waiting.extend([*getattr(node, "keys", ()), *getattr(node, "values", ())])


_MESSAGES: tuple[tuple[str, Cause], ...] = (
    ("tab character", Cause.TAB),
    ("mapping values are not allowed", Cause.COLON),
    ("could not find expected ':'", Cause.NO_COLON),
    ("unexpected ':'", Cause.NO_COLON),
    ("' or ']'", Cause.BRACKET),
    ("' or '}'", Cause.BRACKET),
    ("escape", Cause.ESCAPE),
    ("hexdecimal", Cause.ESCAPE),
    ("expected key", Cause.INDENT),
    ("'-' indicator", Cause.INDENT),
    ("block end", Cause.INDENT),
    ("<document start>", Cause.INDENT),
    ("expected the node content", Cause.SYNTAX),
)


def _problem(text: str, error: Exception) -> Problem:
    """YAML's complaint as a problem, placed where a person has to look."""
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    words = str(getattr(error, "problem", None) or "")
    line, column = _reached(error)
    lines = re.split("\r\n|\r|\n", text)
    written = lines[line] if line < len(lines) else ""
    at = written[column : column + 1]
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent:
        return Problem(line + 1, indent.index("\t") + 1, "", Cause.TAB)
    if "cannot start any token" in words:
        cause = Cause.TAB if at == "\t" else Cause.START_CHARACTER
        return Problem(line + 1, column + 1, "", cause, {} if at == "\t" else {"character": at})
    quote = _open_quote(text, error)
    if quote:
        return Problem(quote[0] + 1, quote[1] + 1, "", Cause.QUOTE)
    cause = next((cause for fragment, cause in _MESSAGES if fragment in words), Cause.SYNTAX)
    unclosed = cause is Cause.BRACKET and context and context.line != line
    if cause is Cause.NO_COLON or unclosed:
        place = context or mark
        line, column = (place.line, place.column) if place else (line, column)
    params = {"detail": words[:200]} if cause is Cause.SYNTAX else {}
    return Problem(line + 1, column + 1, "", cause, params)

"""YAML's own complaints, put into words that a clerk can act on."""

import re

import yaml

from evidence_cli.table.causes import Cause
from evidence_cli.table.punctuation import ODD_BLANKS, full_width, without_comment
from evidence_cli.table.source import OddKey
from evidence_cli.table.trials import open_quote, place_of
from evidence_cli.vocabulary.errors import Problem

# A piece of what libyaml or PyYAML says, or of what it says it was doing → the cause.
_MESSAGES: tuple[tuple[str, Cause], ...] = (
    ("tab character", Cause.TAB),
    ("mapping values are not allowed", Cause.COLON),
    ("could not find expected ':'", Cause.NO_COLON),
    ("unexpected ':'", Cause.NO_COLON),
    ("' or ']'", Cause.BRACKET),
    ("' or '}'", Cause.BRACKET),
    ("escape", Cause.ESCAPE),
    ("hexdecimal", Cause.ESCAPE),
    ("mapping keys are not allowed", Cause.QUESTION_MARK),
    ("sequence entries are not allowed", Cause.DASH),
    ("expected key", Cause.INDENT),
    ("'-' indicator", Cause.INDENT),
    ("block end", Cause.INDENT),
    ("<document start>", Cause.INDENT),
)
_CONTEXTS: tuple[tuple[str, Cause], ...] = (
    ("scanning an alias", Cause.REFERENCE_MARK),
    ("scanning an anchor", Cause.REFERENCE_MARK),
    ("scanning a block scalar", Cause.BLOCK_TEXT),
    ("directive", Cause.START_CHARACTER),
    ("tag", Cause.TAG),
)
# Where the mistake stands at the beginning of what was being read, not where reading stopped.
_COLONS = ODD_BLANKS | {"："}
_AT_CONTEXT = frozenset({Cause.NO_COLON, Cause.REFERENCE_MARK, Cause.BLOCK_TEXT, Cause.START_CHARACTER, Cause.TAG})


def complaint(text: str, error: Exception) -> Problem:
    """YAML's complaint as a problem, placed where a person has to look."""
    line, column = place_of(error)
    lines = re.split("\r\n|\r|\n", text)
    written = lines[line] if line < len(lines) else ""
    at = written[column : column + 1]
    if isinstance(error, OddKey) and at in ODD_BLANKS:
        return full_width(line + 1, column + 1, "", at)
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent:
        return Problem(line + 1, indent.index("\t") + 1, "", Cause.TAB)
    if "cannot start any token" in str(getattr(error, "problem", None)):
        cause = Cause.TAB if at == "\t" else Cause.START_CHARACTER
        return Problem(line + 1, column + 1, "", cause, {} if at == "\t" else {"character": at})
    quote = open_quote(text, error)
    if quote:
        return Problem(quote[0] + 1, quote[1] + 1, "", Cause.QUOTE)
    cause = Cause.BRACKET if at and at in "]}" and isinstance(error, yaml.MarkedYAMLError) else _cause(error)
    context = getattr(error, "context_mark", None)
    flow = "flow" in str(getattr(error, "context", None))
    if context and (cause in _AT_CONTEXT or (cause is Cause.BRACKET and flow and context.line != line)):
        line, column = context.line, context.column
    content = without_comment(lines[line]) if line < len(lines) else ""
    found = next((at for at in range(column, len(content)) if content[at] in _COLONS), -1)
    if cause is Cause.NO_COLON and found >= 0:
        return full_width(line + 1, found + 1, "", content[found])
    return Problem(line + 1, column + 1, "", cause, _params(cause, lines, line, column))


def _cause(error: Exception) -> Cause:
    words, context = str(getattr(error, "problem", None)), str(getattr(error, "context", None))
    found = next((cause for fragment, cause in _CONTEXTS if fragment in context), None)
    if found is None or "tab character" in words:
        found = next((cause for fragment, cause in _MESSAGES if fragment in words), Cause.SYNTAX)
    return found


def _params(cause: Cause, lines: list[str], line: int, column: int) -> dict[str, str]:
    rest = lines[line][column:] if line < len(lines) else ""
    if cause in (Cause.START_CHARACTER, Cause.REFERENCE_MARK):
        return {"character": rest[:1]}
    if cause is Cause.TAG:
        return {"tag": rest.split(" ")[0][:80]}
    return {}

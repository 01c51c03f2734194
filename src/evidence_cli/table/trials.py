"""How far the parser gets in a text, and which of several mends gets it furthest."""

from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from evidence_cli.table.edits import Edit, Mend, applied
from evidence_cli.table.source import LOADER, Builder, SourceError

Place = tuple[int, int]

END: Place = (2**31, 0)
_MAX_TRIALS = 500
# Characters read again and again: a few seconds of a slow machine.
_MAX_READ = 4_000_000
_EDIT = 20
_MAX_MENDED = 256 * 1024


class Trials:
    """Counts what is tried, so that no file keeps anybody waiting."""

    def __init__(self, text: str) -> None:
        self._left = _MAX_TRIALS if len(text) <= _MAX_MENDED else 0
        self._read = 0

    @property
    def over(self) -> bool:
        """Whether enough has been tried."""
        return self._left <= 0 or self._read >= _MAX_READ

    def furthest(self, lines: Sequence[str], mends: Iterable[Mend], reached: Place) -> tuple[Mend | None, Place]:
        """The first of the mends that get furthest, and where the parser then stops; None if none does better."""
        best: Mend | None = None
        best_place = reached
        for mend in mends:
            if self.over:
                break
            text = "".join(applied(lines, mend.edits))
            place = stopped_at(text)
            self._left -= 1
            # Up to where the parser stopped, and something for every text and edit.
            self._read += len(text) * min(place[0] + 1, len(lines)) // len(lines) + len(text) // 16
            self._read += len(mend.edits) * _EDIT
            if place > best_place and place > _moved(reached, mend.edits):
                best, best_place = mend, place
            if best_place == END:
                break
        return best, best_place


def _moved(reached: Place, edits: Sequence[Edit]) -> Place:
    # On a mended line the columns move, at least by the character that is now understood.
    moves = [len(edit.inserted) - edit.removed for edit in edits if edit.line == reached[0]]
    return (reached[0], reached[1] + max(1, sum(moves))) if moves else reached


def stopped_at(text: str) -> Place:
    """Where the parser stops, line and column from 0; END if it does not."""
    try:
        Builder().build(text)
    except SourceError:
        return END
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        return place_of(error)
    return END


def place_of(error: Exception) -> Place:
    """Where the parser stopped, line and column from 0."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return (mark.line, mark.column) if mark else (0, 0)


def open_quote(text: str, error: Exception) -> Place | None:
    """Where a quote begins that runs over the end of its line up to where the parser stopped."""
    last: Any = None
    try:
        for token in yaml.scan(text, Loader=LOADER):
            if place_of(error) <= (token.start_mark.line, token.start_mark.column):
                break
            if isinstance(token, yaml.ScalarToken):
                last = token
    except (yaml.YAMLError, UnicodeError, ValueError) as stop:
        context = getattr(stop, "context_mark", None)
        if "quoted scalar" in str(getattr(stop, "context", "")) and "end of stream" in str(stop) and context:
            return context.line, context.column
    if last is None or last.style not in ("'", '"') or last.start_mark.line == last.end_mark.line:
        return None
    return (last.start_mark.line, last.start_mark.column) if last.end_mark.line == place_of(error)[0] else None


def open_brackets(text: str, end: int) -> list[tuple[int, str]]:
    """The brackets that are open at the end of each line up to `end`: (line, what closes it) of every change."""
    changes: list[tuple[int, str]] = []
    stack: list[str] = []
    try:
        for token in yaml.scan(text, Loader=LOADER):
            if token.start_mark.line > end:
                break
            if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
                stack.append("}" if isinstance(token, yaml.FlowMappingStartToken) else "]")
            elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken) and stack:
                stack.pop()
            else:
                continue
            if len(stack) > 20:
                break
            changes.append((token.start_mark.line, "".join(reversed(stack))))
    except (yaml.YAMLError, UnicodeError, ValueError):
        pass
    return changes

"""Problems with their place in the file: pydantic's refusals and the cross checks', by our own causes."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from pydantic import ValidationError

from evidence_cli.table.causes import Cause
from evidence_cli.table.punctuation import full_width, full_width_in
from evidence_cli.table.raw import Path
from evidence_cli.table.source import Node, Scalar, dotted, key_at, node_at
from evidence_cli.table.suggest import nearest, nearest_zone
from evidence_cli.vocabulary.errors import Problem

MAX_PROBLEMS = 500
_MAX_SUGGESTIONS = 100
_MAX_ALLOWED = 40

_NEAR = {
    Cause.UNKNOWN_KEY: Cause.UNKNOWN_KEY_NEAR,
    Cause.CHOICE: Cause.CHOICE_NEAR,
    Cause.UNKNOWN_RULE: Cause.UNKNOWN_RULE_NEAR,
    Cause.UNKNOWN_CATEGORY: Cause.UNKNOWN_CATEGORY_NEAR,
    Cause.UNKNOWN_QUESTION: Cause.UNKNOWN_QUESTION_NEAR,
    Cause.UNKNOWN_INDICATOR: Cause.UNKNOWN_INDICATOR_NEAR,
    Cause.TIMEZONE: Cause.TIMEZONE_NEAR,
    Cause.TEMPLATE_PLACEHOLDER: Cause.TEMPLATE_PLACEHOLDER_NEAR,
}

# Where a full-width character inside the value is the better explanation.
_PERHAPS_FULL_WIDTH = frozenset(
    {
        Cause.CHOICE,
        Cause.UNKNOWN_RULE,
        Cause.UNKNOWN_CATEGORY,
        Cause.UNKNOWN_QUESTION,
        Cause.UNKNOWN_INDICATOR,
        Cause.TIMEZONE,
        Cause.ID,
        Cause.INDICATOR_CODE,
        Cause.QUESTION_CODE,
        Cause.DATE,
        Cause.MOMENT,
        Cause.EXPECTED_LIST,
        Cause.EXPECTED_MAPPING,
        Cause.EXPECTED_NUMBER,
        Cause.VERSION,
    }
)

_OWN = frozenset(str(cause) for cause in Cause)

_EXPECTED = {
    "string_type": Cause.EXPECTED_TEXT,
    "enum": Cause.EXPECTED_TEXT,
    "is_instance_of": Cause.EXPECTED_TEXT,
    "int_type": Cause.EXPECTED_NUMBER,
    "int_from_float": Cause.EXPECTED_NUMBER,
    "finite_number": Cause.EXPECTED_NUMBER,
    "tuple_type": Cause.EXPECTED_LIST,
    "model_type": Cause.EXPECTED_MAPPING,
    "dict_type": Cause.EXPECTED_MAPPING,
    "mapping_type": Cause.EXPECTED_MAPPING,
}


class Notes:
    """Collects problems of one tree. `full` is set once there are so many that more would help nobody."""

    def __init__(self, root: Node) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._suggestions = 0
        # Mapping with a mistyped key → the keys that are therefore not missing (None: any of them).
        self._explained: dict[Path, set[str] | None] = {}

    @property
    def full(self) -> bool:
        """Whether enough has been found."""
        return len(self.problems) >= MAX_PROBLEMS

    def at_value(self, path: Path, cause: Cause, **params: Any) -> None:
        """Notes a problem where the value of this place stands, or its nearest parent."""
        node = self.nearest_node(path)
        if isinstance(node, Scalar):
            params.setdefault("written", node.text[:80])
            found = full_width_in(node.text) if cause in _PERHAPS_FULL_WIDTH else None
            if found and node.last_line == node.line:
                column = node.column + found[0] + (0 if node.plain else 1)
                self.problems.append(full_width(node.line, column, dotted(path), found[1]))
                return
        params.setdefault("written", "")
        self.problems.append(Problem(node.line, node.column, dotted(path), cause, params))

    def unknown(self, path: Path, cause: Cause, written: str, known: Iterable[str], **params: Any) -> None:
        """Notes an unknown word at a value, with the nearest known one."""
        suggestion = self.suggest(written, known, nearest_zone if cause is Cause.TIMEZONE else nearest)
        params["written"] = written[:80]
        if suggestion:
            cause, params["suggestion"] = _NEAR[cause], suggestion
            # A full-width character in it is still the better explanation.
            node = node_at(self._root, path)
            if isinstance(node, Scalar) and full_width_in(node.text):
                cause = next(plain for plain, near in _NEAR.items() if near is cause)
        self.at_value(path, cause, **params)

    def at_key(self, path: Path, cause: Cause, **params: Any) -> None:
        """Notes a problem where the key of this place stands."""
        node = key_at(self._root, path) or self.nearest_node(path)
        self.problems.append(Problem(node.line, node.column, dotted(path), cause, params))

    def unknown_at_key(self, path: Path, cause: Cause, known: Iterable[str]) -> None:
        """Notes an unknown key, with the nearest known one."""
        written, known = str(path[-1]), list(known)
        found = full_width_in(written)
        key = key_at(self._root, path)
        if found and key is not None:
            self.problems.append(full_width(key.line, key.column + found[0], dotted(path), found[1]))
            self._explained[path[:-1]] = None
            return
        params: dict[str, Any] = {"key": written[:80], "written": written[:80], "allowed": _listed(known)}
        suggestion = self.suggest(written, known)
        if suggestion:
            cause, params["suggestion"] = _NEAR[cause], suggestion
            explained = self._explained.setdefault(path[:-1], set())
            if explained is not None:
                explained.add(suggestion)
        self.at_key(path, cause, **params)

    def missing(self, path: Path) -> None:
        """Notes a compulsory key that is not there, or has nothing behind it."""
        explained = self._explained.get(path[:-1], set())
        if explained is None or path[-1] in explained:
            return
        if node_at(self._root, path) is not None:
            self.at_key(path, Cause.EMPTY_VALUE, key=str(path[-1]))
        else:
            self.at_value(path, Cause.MISSING_KEY, key=str(path[-1]))

    def suggest(self, written: str, known: Iterable[str], find: Callable[..., str] = nearest) -> str:
        """The nearest known word, as long as there are few problems."""
        self._suggestions += 1
        return find(written, known) if self._suggestions <= _MAX_SUGGESTIONS else ""

    def nearest_node(self, path: Path) -> Node:
        """The node of a place, or of the nearest place above it."""
        for length in range(len(path), 0, -1):
            node = node_at(self._root, path[:length])
            if node is not None:
                return node
        return self._root


def note_validation(error: ValidationError, notes: Notes, fields: dict[str, frozenset[str]]) -> None:
    """Turns pydantic's errors into problems. `fields`: the keys a model knows, by the shape of its place."""
    errors = error.errors(include_url=False, include_input=False)[: MAX_PROBLEMS + 1]
    # Unknown keys first: they may explain a missing one.
    for item in sorted(errors, key=lambda item: item["type"] != "extra_forbidden" and item["loc"][-1:] != ("[key]",)):
        if notes.full:
            return
        path: Path = item["loc"]
        if item["type"] == "extra_forbidden":
            notes.unknown_at_key(path, Cause.UNKNOWN_KEY, sorted(fields.get(shape(path[:-1]), ())))
        elif item["type"] == "missing":
            notes.missing(path)
        elif item["type"] in _OWN:
            _note_own(Cause(item["type"]), path, dict(item.get("ctx") or {}), notes)
        else:
            _note_type(item["type"], path, notes)


def _note_own(cause: Cause, path: Path, params: dict[str, Any], notes: Notes) -> None:
    if path[-1] == "[key]":
        notes.unknown_at_key(path[:-1], cause, params.pop("allowed", ()))
        return
    if cause is Cause.EMPTY_VALUE:
        notes.missing(path)
        return
    if cause not in _NEAR:
        notes.at_value(path, cause, **params)
        return
    allowed = params.pop("allowed", ()) if cause is not Cause.TIMEZONE else _zones()
    shown = {} if cause is Cause.TIMEZONE else {"allowed": _listed(allowed)}
    notes.unknown(path, cause, str(params.pop("written", "")), allowed, **shown, **params)


def _note_type(kind: str, path: Path, notes: Notes) -> None:
    cause = _EXPECTED.get(kind, Cause.EXPECTED_TEXT)
    node = notes.nearest_node(path)
    if isinstance(node, Scalar) and node.value() is None:
        cause = Cause.EMPTY_VALUE
    elif isinstance(node, Scalar) and cause is Cause.EXPECTED_TEXT:
        cause = Cause.QUOTE_NUMBER
    if cause is Cause.EMPTY_VALUE and isinstance(path[-1], str):
        notes.missing(path)
    else:
        notes.at_value(path, cause, key=str(path[-1]) if path else "")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(str(word) for word in list(words)[:_MAX_ALLOWED])


def shape(path: Path) -> str:
    """A place without its numbers: `indicators.children.children` becomes `indicators`."""
    names = [part for part in path if isinstance(part, str) and part != "children"]
    return ".".join(names)


@cache
def _zones() -> tuple[str, ...]:
    from zoneinfo import available_timezones  # late: start-up time

    # The zone of the field comes first: it is the likeliest.
    return ("Asia/Shanghai", *sorted(available_timezones()))

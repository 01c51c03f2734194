"""Bytes of a table to a tree of nodes that know their line and column.

The tree is built from parser events, without recursion, so no depth of nesting and no alias exhausts stack or
memory. A scalar keeps its text as written; `Scalar.value` decides what it is, not YAML's own rules.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from evidence_cli.table.causes import Cause
from evidence_cli.table.punctuation import ODD_BLANKS
from evidence_cli.vocabulary.errors import Problem
from evidence_cli.vocabulary.names import nfc

MAX_BYTES = 8 * 1024 * 1024
MAX_ALIASES = 1000
MAX_NODES = 200_000
MAX_DEPTH = 100
_TOO_DEEP = "exceeded maximum nesting depth"

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
# Whatever some reader of YAML 1.1 or 1.2 would take for a number.
_NUMBER = re.compile(
    r"[-+]?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?|[-+]?0(x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_TEXT_TAGS = frozenset((None, "!", "tag:yaml.org,2002:str"))


@dataclass(slots=True)
class Scalar:
    """A value as written. `plain`: without quotes; `last_line`: where it ends. Lines, columns from 1."""

    text: str
    plain: bool
    line: int
    column: int
    last_line: int
    weight: int = 1
    height: int = 0

    def value(self) -> Any:
        """None for nothing, an int for a plain whole number, NaN for another plain number, else the text."""
        if not self.plain:
            return self.text
        if self.text in _NULLS:
            return None
        if _WHOLE.fullmatch(self.text):
            return int(self.text)
        return float("nan") if _NUMBER.fullmatch(self.text) else self.text


@dataclass(slots=True)
class Branch:
    """A list or a mapping. `keys` and `values` run in parallel; a list has no keys."""

    mapping: bool
    line: int
    column: int
    keys: list[Scalar] = field(default_factory=list)
    values: "list[Node]" = field(default_factory=list)
    weight: int = 1
    height: int = 0


Node = Scalar | Branch


class SourceError(Exception):
    """The text cannot be read as one tree: nothing more can be said about it."""

    def __init__(self, line: int, column: int, cause: Cause, **params: Any) -> None:
        super().__init__(cause)
        self.problem = Problem(line, column, "", cause, params)


def decode(data: bytes) -> str:
    """The text of a table: UTF-8, with or without BOM, without control characters. Raises SourceError."""
    if len(data) > MAX_BYTES:
        raise SourceError(1, 1, Cause.FILE_TOO_LARGE, limit=MAX_BYTES // (1024 * 1024))
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        encoding = _encoding(data)
        if not encoding:
            raise SourceError(*_place(before), Cause.BROKEN_UTF8) from None
        raise SourceError(*_place(before), Cause.NOT_UTF8, encoding=encoding) from None
    found = _FORBIDDEN.search(text)
    if found:
        raise SourceError(*_place(text[: found.start()]), Cause.CONTROL_CHARACTER, character=_shown(found[0]))
    return text


def _place(before: str) -> tuple[int, int]:
    lines = re.split("\r\n|\r|\n", before)
    return len(lines), len(lines[-1]) + 1


def _shown(character: str) -> str:
    return f"U+{ord(character):04X}"


def _encoding(data: bytes) -> str:
    """What the bytes probably are instead; empty if that cannot be told."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    text = data.decode("utf-8", "replace")
    # Much that is right and little that is wrong: UTF-8, damaged.
    if sum(character > "\u07ff" and character != "\ufffd" for character in text) > text.count("\ufffd"):
        return ""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "GBK"


class OddKey(yaml.MarkedYAMLError):
    """A key that begins with a blank which is none to YAML: the line is not where it seems to be."""


class Builder:
    """Builds the tree of one text. `problems`: what is wrong but does not keep the rest from being read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._root: Node | None = None
        self._open: list[tuple[Branch, str | None]] = []
        self._pending: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self._aliases = 0
        self._nodes = 0
        self._documents = 0

    def build(self, text: str) -> Node | None:
        """The root, or None for a text without any value. Raises SourceError, YAMLError, UnicodeError."""
        loader = LOADER(text)
        try:
            while loader.check_event():
                self._take(loader.get_event())
        except yaml.MarkedYAMLError as error:
            # libyaml reads ahead of what it hands out, and from 0.2.6 on has a limit of its own.
            if error.problem == _TOO_DEEP and error.problem_mark is not None:
                place = (error.problem_mark.line + 1, error.problem_mark.column + 1)
                raise SourceError(*place, Cause.TOO_DEEP, limit=MAX_DEPTH) from None
            raise
        finally:
            loader.dispose()
        return self._root

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._enter(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            branch, anchor = self._open.pop()
            self._pending.pop()
            self._place_node(branch, anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise SourceError(*_mark(event), Cause.DOCUMENTS)

    def _scalar(self, event: Any) -> None:
        line, column = _mark(event)
        if event.tag not in _TEXT_TAGS:
            self._note(event, Cause.TAG, tag=event.tag[:80])
        found = _FORBIDDEN.search(event.value)
        if found:
            self._note(event, Cause.CONTROL_CHARACTER, character=_shown(found[0]))
        plain = not event.style and event.tag is None
        text = event.value if event.value.isascii() else nfc(event.value)
        self._place_node(Scalar(text, plain, line, column, event.end_mark.line + 1), event.anchor)

    def _enter(self, event: Any) -> None:
        if event.tag is not None:
            self._note(event, Cause.TAG, tag=event.tag[:80])
        if len(self._open) >= MAX_DEPTH:
            raise SourceError(*_mark(event), Cause.TOO_DEEP, limit=MAX_DEPTH)
        self._open.append((Branch(isinstance(event, yaml.MappingStartEvent), *_mark(event)), event.anchor))
        self._pending.append(None)

    def _alias(self, event: Any) -> None:
        self._aliases += 1
        node = self._anchors.get(event.anchor)
        if node is None:
            self._note(event, Cause.UNKNOWN_ANCHOR, anchor=event.anchor[:80])
            # The text that was probably meant takes its place.
            node = Scalar(f"*{event.anchor}", False, *_mark(event), last_line=event.end_mark.line + 1)
        self._nodes += node.weight
        if self._aliases > MAX_ALIASES or self._nodes > MAX_NODES:
            raise SourceError(*_mark(event), Cause.ALIAS_BOMB)
        if len(self._open) + node.height > MAX_DEPTH:
            raise SourceError(*_mark(event), Cause.TOO_DEEP, limit=MAX_DEPTH)
        self._place_node(node, None)

    def _place_node(self, node: Node, anchor: str | None) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise SourceError(node.line, node.column, Cause.ALIAS_BOMB)
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1][0]
        parent.weight += node.weight
        parent.height = max(parent.height, node.height + 1)
        if not parent.mapping:
            parent.values.append(node)
        elif self._pending[-1] is None:
            if isinstance(node, Scalar) and node.plain and node.text[:1] in ODD_BLANKS and node.text:
                raise OddKey(problem_mark=yaml.Mark("", 0, node.line - 1, node.column - 1, "", 0))
            self._pending[-1] = node
        else:
            self._add_pair(parent, self._pending[-1], node)
            self._pending[-1] = None

    def _add_pair(self, parent: Branch, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            self.problems.append(Problem(key.line, key.column, "", Cause.KEY_NOT_TEXT))
        elif key.plain and key.text == "<<":
            self.problems.append(Problem(key.line, key.column, "<<", Cause.MERGE_KEY))
        else:
            parent.keys.append(key)
            parent.values.append(value)

    def _note(self, event: Any, cause: Cause, **params: Any) -> None:
        self.problems.append(Problem(*_mark(event), "", cause, params))


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def plain_value(node: Node, path: tuple[str | int, ...] = (), problems: list[Problem] | None = None) -> Any:
    """Dicts, tuples, texts, ints and None. Repeated keys go to `problems`; the first of them counts."""
    if isinstance(node, Scalar):
        return node.value()
    if not node.mapping:
        return tuple(plain_value(value, (*path, index), problems) for index, value in enumerate(node.values))
    found: dict[str, Any] = {}
    first: dict[str, int] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        place = (*path, key.text)
        if key.text not in found:
            first[key.text] = key.line
            found[key.text] = plain_value(value, place, problems)
        elif problems is not None:
            params = {"key": key.text[:80], "first": first[key.text]}
            problems.append(Problem(key.line, key.column, dotted(place), Cause.DUPLICATE_KEY, params))
    return found


def dotted(path: tuple[str | int, ...]) -> str:
    """A place as problems show it: `indicators.0.children.2.code`."""
    return ".".join(str(part)[:80] for part in path)


def node_at(root: Node, path: tuple[str | int, ...]) -> Node | None:
    """The value at a place; None if there is none."""
    node: Node | None = root
    for part in path:
        node = _child(node, part)
    return node


def key_at(root: Node, path: tuple[str | int, ...]) -> Scalar | None:
    """The key that a place ends in; None if there is none, or if it is an item of a list."""
    parent = node_at(root, path[:-1]) if path else None
    if not isinstance(parent, Branch) or not parent.mapping:
        return None
    return next((key for key in parent.keys if key.text == path[-1]), None)


def _child(node: Node | None, part: str | int) -> Node | None:
    if not isinstance(node, Branch):
        return None
    if not node.mapping:
        return node.values[part] if isinstance(part, int) and part < len(node.values) else None
    return next((value for key, value in zip(node.keys, node.values, strict=True) if key.text == part), None)

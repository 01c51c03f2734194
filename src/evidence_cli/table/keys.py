"""The keys of the table, read off the models: for “did you mean”, and to see keys that a `：` swallowed."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from evidence_cli.table.models import Table
from evidence_cli.table.parts import Part
from evidence_cli.table.punctuation import full_width
from evidence_cli.table.source import Node, Scalar
from evidence_cli.vocabulary.errors import Problem


@cache
def known_keys() -> dict[str, frozenset[str]]:
    """The keys of each mapping, by the shape of its place (`indicators.evidence`; the root is empty)."""
    found: dict[str, frozenset[str]] = {}
    waiting: list[tuple[str, type[Part]]] = [("", Table)]
    while waiting:
        shape, model = waiting.pop()
        found[shape] = frozenset(model.model_fields)
        for name, info in model.model_fields.items():
            inner = next(_parts(info.annotation), None)
            # An indicator's children have its own shape.
            if inner is not None and inner is not model:
                waiting.append((f"{shape}.{name}".strip("."), inner))
    return found


def _parts(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def swallowed(root: Node, text: str) -> list[Problem]:
    """Lines that a full-width mark made the tail of the plain value above, which YAML takes for granted."""
    names = sorted({name for keys in known_keys().values() for name in keys})
    line = re.compile(rf"\s*((?:[-－]\s*)?(?:{'|'.join(names)})\s*(?P<colon>：)|(?P<start>[＃－]))")
    lines: list[str] | None = None
    problems = []
    for scalar in _long_plain(root):
        lines = lines or re.split("\r\n|\r|\n", text)
        for number in range(scalar.line, min(scalar.last_line, len(lines))):
            found = line.match(lines[number])
            if found:
                group = "colon" if found["colon"] else "start"
                problems.append(full_width(number + 1, found.start(group) + 1, "", found[group]))
    return problems[:100]


def _long_plain(root: Node) -> Iterator[Scalar]:
    waiting: list[Node] = [root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar):
            if node.plain and node.last_line > node.line:
                yield node
        else:
            waiting.extend([*node.keys, *node.values])

"""Careful access to plain values that may be anything: wrong ones count as absent here."""

from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def mapping(value: Any) -> dict[str, Any]:
    """The mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> tuple[Any, ...]:
    """The list, or an empty one."""
    return value if isinstance(value, tuple) else ()


def text(value: Any) -> str:
    """The text, or an empty one."""
    return value if isinstance(value, str) else ""


def rows(parent: dict[str, Any], key: str, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The mappings in the list behind a key, each with its place."""
    for index, item in enumerate(items(parent.get(key))):
        if isinstance(item, dict):
            yield (*path, key, index), item

"""What can go wrong apart from findings. Words come from the catalogue, at the edge.

Every error carries a catalogue key and named values; nothing here is shown to a user as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


class EvcliError(Exception):
    """Base of all errors that a user may see. `key` names the words in the catalogue (`error.<key>`)."""

    exit_code = 3

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it can be told from one process to another."""
        return _again, (type(self), self.key, self.params)

    def __str__(self) -> str:
        """For logs of programs; people get words."""
        return self.key + "".join(f" {name}={value}" for name, value in self.params.items())


def _again(kind: type[EvcliError], key: str, params: dict[str, Any]) -> EvcliError:
    return kind(key, **params)


class UsageError(EvcliError):
    """The command was used wrongly: exit code 2."""

    exit_code = 2


class EnvironmentFailure(EvcliError):  # noqa: N818 - the field's word, and Python has an EnvironmentError
    """Disk, share, permission or library failed: exit code 3."""

    exit_code = 3


class RefusedError(EvcliError):
    """What was asked for may not be done now, and nothing was changed: exit code 1."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the table.

    `line` and `column` start at 1. `key` is the dotted place (`indicators.0.children.2.code`). `cause` and `advice`
    name words in the catalogue (`table.<cause>`, `table.<cause>.advice`) that `params` fill.
    """

    line: int
    column: int
    key: str
    cause: str
    params: dict[str, Any] = field(default_factory=dict)


class TableError(EvcliError):
    """The table is wrong: exit code 2. Carries every problem of the file, in the order of its lines."""

    exit_code = 2

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        super().__init__("table", path=path, count=len(problems))
        self.path = path
        self.problems = tuple(problems)

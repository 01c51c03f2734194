"""What a look is asked for beside what the file is."""

from typing import NamedTuple

from evidence_cli.vocabulary.gate import Gate
from evidence_cli.vocabulary.names import visible_part

_NOTHING = Gate()


class Wanted(NamedTuple):
    """`gate` says what to look for in every text and in the file's `name`. `template` is given for an answer alone: the
    lines, without their blanks, that it held before anybody wrote."""

    gate: Gate = _NOTHING
    template: tuple[str, ...] | None = None
    name: str = ""


def dense(line: str) -> str:
    """The characters of a line that leave something to see."""
    # Blanks first: a tab would make every character be asked whether it shows.
    return visible_part("".join(line.split()))

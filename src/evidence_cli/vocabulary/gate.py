"""What the gate looks for before anything leaves the house, as data: the table says it, the lookers do it."""

from typing import NamedTuple

from evidence_cli.vocabulary.catalogue import Code


class Search(NamedTuple):
    """One thing to look for in every text.

    `patterns` are regular expressions over folded text (`folding.fold`), `^` and `$` meaning lines; a find inside a
    match of `exceptions` does not count. `proof` names what a find must also stand, or is empty: `resident_id` and
    `card` judge the number, `front` the place (a document's first lines, headers and footers). `masked` hides all but
    the first and last two characters in reports.
    """

    code: Code
    patterns: tuple[str, ...]
    exceptions: tuple[str, ...] = ()
    proof: str = ""
    masked: bool = True


class Gate(NamedTuple):
    """Everything that is looked for. Equal gates find the same.

    What two searches of different rules find in one place belongs to the first. `position` tells whether pictures and
    recordings that say where they were taken are of interest.
    """

    searches: tuple[Search, ...] = ()
    position: bool = True

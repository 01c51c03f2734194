"""Read and judge the chosen questions of a workspace, a window of them at a time: memory holds no more of the files."""

import threading
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from evidence_cli.examine.duplicates import Twins
from evidence_cli.examine.found import Examination, sizes
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import in_parallel
from evidence_cli.examine.question import find_question, judge_all, look_into
from evidence_cli.examine.settling import Settling
from evidence_cli.looks.listing import Listing
from evidence_cli.rules import structure
from evidence_cli.table import Table
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.progress import Progress
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.survey import Place, survey

# So many files are held with all that is known of them; what is more waits folded.
_WINDOW = 10_000


@dataclass(slots=True)
class Examined:
    """The chosen questions, in the table's order, and the findings that belong to none of them."""

    listing: Listing
    chosen: list[Examination]
    hits: list[Hit]


def examine(space: Workspace, codes: Sequence[str], looking: Looking, progress: Progress, moment: datetime) -> Examined:
    """Read every chosen question: its folder, its files' facts, what schema and rules say.

    The other questions' folders are listed too, and their files read where one could equal a chosen one: whether
    content is used elsewhere does not depend on what was chosen. `moment` (aware) tells which files changed just now.
    Raises UsageError for an unknown code, EnvironmentFailure when a folder of the workspace or a needed library fails.
    """
    root, table = space.root, space.table
    codes = [codes] if isinstance(codes, str) else codes
    selected = {question.code for question in table.select(codes)}
    leaves = {leaf.code for leaf in table.leaves_of(codes)}
    # A single question's check says nothing of what lies beside its folder.
    indicators = [code for code in codes if table.question(code) is None]
    whole = {leaf.code for leaf in table.leaves_of(indicators)} if indicators or not codes else set()
    seen = survey(root, table)
    room = _Room()
    listed = in_parallel(partial(_list, root, table, room), seen.places.values(), looking.jobs)
    for one in listed:
        seen.listing.join(one.listing)
    chosen = [one.found for one in listed if one.found.code in selected]
    others = [one.found for one in listed if one.found.code not in selected]
    twins = Twins(
        (one.sizes for one in listed if one.found.code in selected),
        (one.sizes for one in listed if one.found.code not in selected),
        looking,
    )
    settling = Settling(moment)
    progress.begin("look", sum(found.counts.looks for found in chosen))
    for window in windows(chosen):
        _judge(window, space, looking, twins, progress)
        settling.take_back(window)
    for window in windows(others):
        _compare(window, looking, twins)
    twins.find_elsewhere(chosen)
    hits = list(structure.strays(seen, whole, everything=not codes))
    return Examined(seen.listing, chosen, hits + list(structure.indicators(seen, leaves)))


class _Room:
    """How many files may be at hand at once. Threads share it."""

    def __init__(self) -> None:
        self._left = _WINDOW
        self._lock = threading.Lock()

    def put(self, found: Examination) -> None:
        """Leave it as it is while there is room, else fold it."""
        size = found.counts.files
        with self._lock:
            fits = size <= self._left
            self._left -= size if fits else 0
        if not fits:
            found.fold()


def windows(questions: Sequence[Examination]) -> Iterator[list[Examination]]:
    """The questions in their order, as many at a time as memory should hold: one at least."""
    window: list[Examination] = []
    size = 0
    for found in questions:
        files = found.counts.files
        if window and size + files > _WINDOW:
            yield window
            window, size = [], 0
        window.append(found)
        size += files
    if window:
        yield window


class _Listed(NamedTuple):
    """A question as it was listed: the sizes of its files, and its folders."""

    found: Examination
    sizes: "array[int]"
    listing: Listing


def _list(root: Path, table: Table, room: _Room, place: Place) -> _Listed:
    found = find_question(place, root, table)
    listing = Listing()
    if found.subject is not None:
        listing.add_tree(place.folders[0].raw, found.subject.tree)
    listed = _Listed(found, sizes(found.subject), listing)
    room.put(found)
    return listed


def _judge(window: Sequence[Examination], space: Workspace, looking: Looking, twins: Twins, progress: Progress) -> None:
    folded = _unfold(window, looking)
    look_into(window, space.root, space.table, looking, progress.advance)
    twins.read(window)
    judge_all(window)
    for found in folded:
        found.fold()


def _compare(window: Sequence[Examination], looking: Looking, twins: Twins) -> None:
    folded = _unfold(window, looking)
    twins.read(window)
    for found in folded:
        found.fold()


def _unfold(window: Sequence[Examination], looking: Looking) -> list[Examination]:
    """Have the subjects at hand, and what the cache knows of their files; those that were folded."""
    folded = [found for found in window if found.folded]
    for found in folded:
        found.unfold()
    looking.focus([found.root for found in window if found.root])
    return folded

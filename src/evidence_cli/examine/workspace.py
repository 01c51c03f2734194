"""Read and judge the chosen questions of a workspace, a window of them at a time: memory holds no more of the files."""

import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from evidence_cli.examine.duplicates import Twins
from evidence_cli.examine.found import Examination, sizes
from evidence_cli.examine.kept import Asked, find_for
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import in_parallel
from evidence_cli.examine.question import find_question, judge_all, look_into
from evidence_cli.examine.settling import Settling
from evidence_cli.examine.stand_in import stand_in, unfilled
from evidence_cli.looks.listing import Listing
from evidence_cli.rules import structure
from evidence_cli.table import Table
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit, Report
from evidence_cli.vocabulary.progress import Progress
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.records import Received
from evidence_cli.workspace.shelf import Shelf, read_shelf
from evidence_cli.workspace.survey import Place, Survey, survey

# So many files are held with all that is known of them; what is more waits folded.
_WINDOW = 10_000
# What listing so many questions takes, in seconds for each, tells a share from a disk.
_SAMPLE, _SLOW = 8, 0.005


class _Listed(NamedTuple):
    """A question as it was listed: the sizes of its files, and its folders."""

    found: Examination
    sizes: "array[int]"
    listing: Listing


@dataclass(slots=True)
class Examined:
    """The chosen questions, in the table's order, and the findings that belong to none of them.

    `listing` are the folders as they were listed, and `received` what was delivered. `known` is the report of an
    earlier check of the same folders: what it says of them stands in the place of hits. `seen` is what was found of
    the indicators' folders, and `shelf` the folder of packages where it was listed on the way.
    """

    chosen: list[Examination]
    hits: list[Hit]
    listing: Listing
    received: Received
    seen: Survey
    known: Report | None = None
    shelf: Shelf | None = None


def examine(
    space: Workspace,
    codes: Sequence[str],
    looking: Looking,
    progress: Progress,
    moment: datetime,
    *,
    recall: bool = False,
    settle: bool = True,
) -> Examined:
    """Read every chosen question: its folder, its files' facts, what schema and rules say. Of a folder that holds
    nothing, the package that was received for the question takes the place.

    The other questions' folders are listed too, and their files read where one could equal a chosen one: whether
    content is used elsewhere does not depend on what was chosen. `moment` (aware) tells which files changed just now.
    With `recall` the report of a check of these very folders is taken for what schema and rules say. Without `settle`
    what was found in files that are being written is not taken back: the caller does so, see `Settling.take_back`.
    Raises UsageError for an unknown code, EnvironmentFailure when a folder of the workspace or a needed library fails.
    """
    root, table = space.root, space.table
    codes = [codes] if isinstance(codes, str) else codes
    selected = {question.code for question in table.select(codes)}
    seen = survey(root, table)
    received = Received(root)
    seen.listing.join(received.listing)
    room = _Room()
    listed = _list_all(partial(_list, root, table, room), list(seen.places.values()), looking.jobs)
    for one in listed:
        seen.listing.join(one.listing)
    shelf = None
    if empty := unfilled([one.found for one in listed], received):
        shelf = read_shelf(root, table)
        seen.listing.join(shelf.listing)
        stand_in(space, empty, shelf, received, looking, progress)
        listed = [_again(one, room) for one in listed]
    asked = Asked(root, tuple(codes))
    # Whose folder is empty was perhaps judged by a package, which is another one by now.
    recall = recall and not empty
    known = find_for(asked, space.digest, moment, seen.listing, table.layout.packages) if recall else None
    chosen = [one.found for one in listed if one.found.code in selected]
    work = _Work(space, looking, progress, Settling(moment) if settle else None)
    if known is not None and work.look(chosen):
        for found in chosen:
            # The report says it.
            found.hits = []
        return Examined(chosen, [], seen.listing, received, seen, known.report)
    # What could not be compared may be readable the next time, though nothing changed.
    seen.listing.whole &= work.judge(chosen, listed)
    return Examined(chosen, _around(table, codes, seen), seen.listing, received, seen, shelf=shelf)


def _around(table: Table, codes: Sequence[str], seen: Survey) -> list[Hit]:
    """What is to be said of what lies around the questions' folders."""
    leaves = {leaf.code for leaf in table.leaves_of(codes)}
    # A single question's check says nothing of what lies beside its folder.
    indicators = [code for code in codes if table.question(code) is None]
    whole = {leaf.code for leaf in table.leaves_of(indicators)} if indicators or not codes else set()
    return [*structure.strays(seen, whole, everything=not codes), *structure.indicators(seen, leaves)]


@dataclass(frozen=True, slots=True)
class _Work:
    """What looks at windows of questions and judges them."""

    space: Workspace
    looking: Looking
    progress: Progress
    settling: Settling | None

    def judge(self, chosen: Sequence[Examination], listed: Sequence[_Listed]) -> bool:
        """Everything that is to be said of the chosen questions; False where a file could not be compared."""
        self._begin(chosen)
        own = {found.code for found in chosen}
        others = [one for one in listed if one.found.code not in own]
        sizes = (one.sizes for one in listed if one.found.code in own)
        twins = Twins(sizes, (one.sizes for one in others), self.looking)
        for window in windows(chosen):
            folded = self._look(window)
            twins.read(window)
            judge_all(window)
            _fold(folded)
            if self.settling is not None:
                self.settling.take_back(window)
        for window in windows([one.found for one in others]):
            folded = self._unfold(window)
            twins.read(window)
            _fold(folded)
        twins.find_elsewhere(chosen)
        return not twins.missed

    def look(self, chosen: Sequence[Examination]) -> bool:
        """Look at questions that were judged as they were listed; False where they are not so any more, or where a file
        cannot be read."""
        self._begin(chosen)
        return all(self._is_as_listed(window) for window in windows(chosen))

    def _is_as_listed(self, window: Sequence[Examination]) -> bool:
        folded = self._unfold(window)
        before = [found.subject.tree if found.subject else None for found in window]
        self._look_into(window)
        after = [found.subject for found in window]
        _fold(folded)
        # A folder of which a file was gone was read anew: nobody judged what came in its place.
        return all(
            tree is None if subject is None else subject.tree is tree and not subject.unopened
            for tree, subject in zip(before, after, strict=True)
        )

    def _begin(self, chosen: Sequence[Examination]) -> None:
        self.progress.begin("look", sum(found.counts.looks for found in chosen))

    def _look(self, window: Sequence[Examination]) -> list[Examination]:
        folded = self._unfold(window)
        self._look_into(window)
        return folded

    def _look_into(self, window: Sequence[Examination]) -> None:
        look_into(window, self.space.root, self.space.table, self.looking, self.progress.advance)

    def _unfold(self, window: Sequence[Examination]) -> list[Examination]:
        """Have the subjects at hand, and what the cache knows of their files; those that were folded."""
        folded = [found for found in window if found.folded]
        for found in folded:
            found.unfold()
        self.looking.focus([found.root for found in window if found.root])
        return folded


def _fold(folded: Sequence[Examination]) -> None:
    for found in folded:
        found.fold()


def _list_all(work: Callable[[Place], _Listed], places: Sequence[Place], jobs: int) -> list[_Listed]:
    """List the questions. On a disk one thread is faster, as threads wait for each other; on a share several are."""
    begun = time.monotonic()
    first = [work(place) for place in places[:_SAMPLE]]
    slow = time.monotonic() - begun > _SLOW * len(first)
    return first + list(in_parallel(work, places[len(first) :], jobs if slow else 1))


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


def _list(root: Path, table: Table, room: _Room, place: Place) -> _Listed:
    found = find_question(place, root, table)
    listing = Listing()
    if found.subject is not None:
        listing.add_tree(place.folders[0].raw, found.subject.tree)
    # Whatever the table makes of it, a folder that cannot be read says nothing of its next state.
    listing.whole = not any(hit.code is Code.UNREADABLE for hit in found.hits)
    listed = _Listed(found, sizes(found.subject), listing)
    room.put(found)
    return listed


def _again(listed: _Listed, room: _Room) -> _Listed:
    """The same, where what was received took the place of a folder."""
    if not listed.found.package:
        return listed
    again = listed._replace(sizes=sizes(listed.found.subject))
    room.put(listed.found)
    return again

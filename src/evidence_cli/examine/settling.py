"""What was found in a file that somebody is still writing says nothing yet: such files are looked at a second time."""

import errno
import os
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from evidence_cli.examine.found import Examination
from evidence_cli.looks.opening import open_regular
from evidence_cli.looks.tree import Entry
from evidence_cli.rules.entries import UNRIPE, being_written
from evidence_cli.vocabulary.findings import Hit, NotDone

# Only a file that changed so recently can be one that is being written. The share may have a clock of its own.
_RECENT = 600.0  # seconds
# Two looks so far apart tell whether a copy goes on.
_APART = 1.0  # seconds
# Another program has the file for itself: Windows' sharing and lock violations, and what other systems make of them.
_HELD_ON_WINDOWS = (32, 33)
_HELD = (errno.EBUSY, errno.ETXTBSY, errno.EAGAIN)


class Settling:
    """The second look of one run at `moment`, which was begun when what it judges had just been listed."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment.timestamp()
        self._listed = time.monotonic()

    def changing(self, files: Iterable[tuple[Entry, str]]) -> list[Entry]:
        """Those files, each given as it was listed and with its path, that are being written."""
        recent = [(entry, path) for entry, path in files if abs(self._moment - entry.mtime_ns / 1e9) < _RECENT]
        changed = [entry for entry, path in recent if _changed(entry, path)]
        left = [(entry, path) for entry, path in recent if entry not in changed]
        if left:
            # Once in a run at the most: for whatever comes later this time has passed.
            time.sleep(max(0.0, self._listed + _APART - time.monotonic()))
            changed += [entry for entry, path in left if _changed(entry, path)]
        return changed

    def growing(self, package: Entry, path: str, hits: Iterable[Hit]) -> bool:
        """Whether a package, given as it was listed and with its path, is being written, and seems broken for that."""
        return "" in unripe(hits) and bool(self.changing([(package, path)]))

    def take_back(self, window: Sequence[Examination]) -> None:
        """Take back what was found in files that are being written; that they are is said instead."""
        for found in window:
            places = unripe(found.hits)
            if places and (subject := found.subject):
                tree = subject.tree
                files = [(entry, location.path) for entry in tree.files() if (location := tree.locate(entry))]
                growing = self.changing((entry, path) for entry, path in files if entry.path in places)
                _replace(found, {tree.shown(entry.path): entry for entry in growing})


def unripe(hits: Iterable[Hit]) -> Collection[str]:
    """Where something was found that a file which is only half there would show, too."""
    return {hit.place for hit in hits if hit.code in UNRIPE}


def _changed(entry: Entry, path: str) -> bool:
    """Whether the file is not as it was listed, or another program has it for itself."""
    try:
        # Opened, not asked for by name: a share answers that from memory.
        with open_regular(path) as stream:
            status = os.fstat(stream.fileno())
    except FileNotFoundError:
        return True
    except OSError as error:
        return error.errno in _HELD or getattr(error, "winerror", None) in _HELD_ON_WINDOWS
    return (status.st_size, status.st_mtime_ns) != (entry.size, entry.mtime_ns)


def _replace(found: Examination, growing: dict[str, Entry]) -> None:
    if growing:
        found.growing = tuple(growing)
        found.hits = [hit for hit in found.hits if hit.path not in growing or not _of_content(hit)]
        found.hits += [being_written(found.code, path, entry.path) for path, entry in growing.items()]
        found.notes = [note for note in found.notes if note.path not in growing]
        found.notes += [NotDone(path, "inside", "writing") for path in growing]


def _of_content(hit: Hit) -> bool:
    """Whether it says something of what is inside the file, not of its name or place."""
    return hit.code in UNRIPE or hit.code.value[1] in "34"

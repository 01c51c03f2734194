"""A package that is not held open: its file is opened anew whenever something in it is read."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from evidence_cli.looks.folder import entry_of
from evidence_cli.looks.packages.package import PackageFacts, location_of
from evidence_cli.looks.packages.zip_read import ZipEntry, ZipImage, read_zip
from evidence_cli.looks.tree import Entry, EntryType, Location, Tree


def at_rest(facts: PackageFacts, path: Path, listed: Entry) -> Tree:
    """The tree of a package that may be closed now. `path` is its file, and `listed` how it was listed.

    What is in it counts as unchanged as long as the file does; when it is another one, opening raises OSError.
    """
    resting = _Resting(path, listed, facts.image)
    entries = tuple(
        replace(entry, stamp=listed.stamp) if entry.type is EntryType.FILE else entry for entry in facts.tree.entries
    )
    return replace(facts.tree, entries=entries, opener=resting.open, locator=resting.locate)


class _Resting:
    """A package between two looks into it. Threads share it; of its directory, which is read once, all is known."""

    def __init__(self, path: Path, listed: Entry, image: ZipImage | None) -> None:
        self._path = path
        self._listed = listed
        self._image = image
        self._lock = threading.Lock()

    def open(self, entry: Entry) -> BinaryIO:
        image, zipped = self._find(entry)
        return image.open_alone(zipped)

    def locate(self, entry: Entry) -> Location | None:
        try:
            image, zipped = self._find(entry)
        except OSError:
            # Opening it says so.
            return None
        return location_of(image, zipped)

    def _find(self, entry: Entry) -> tuple[ZipImage, ZipEntry]:
        if entry_of(self._path, self._listed.path, self._listed.raw).stamp != self._listed.stamp:
            raise OSError(None, "the package changed meanwhile")
        with self._lock:
            if self._image is None:
                with read_zip(self._path) as image:
                    self._image = image
            return self._image, self._image.entries[int(entry.raw)]

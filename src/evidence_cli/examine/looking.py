"""Where facts come from: the cache, else a worker process that looks."""

import json
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from evidence_cli.looks.cache import Cache, fingerprint, looker_version
from evidence_cli.looks.codec import facts_in, facts_out, gate_out
from evidence_cli.looks.facts import Facts
from evidence_cli.looks.packages.digests import hash_stream
from evidence_cli.looks.tree import Entry, Location, Origin, Tree
from evidence_cli.vocabulary.gate import Gate
from evidence_cli.vocabulary.kinds import extension_of

if TYPE_CHECKING:
    from evidence_cli.looks.cells import Cells
    from evidence_cli.looks.packages.package import PackageFacts
    from evidence_cli.looks.processes.workers import Request, Workers

# A compressed entry of a package up to this size is handed over in memory, a larger one in a temporary file.
_HANDED_OVER = 32 * 1024 * 1024
# In the place of a workspace, where content is known wherever it lies.
_CONTENTS = "contents"
# Bytes from which on reading and hashing a file is quicker than looking at it may be.
_LONG = 1024 * 1024


class Wish(NamedTuple):
    """A file to look at; of an answer the lines of its template, of anything else None. `digest` is that of its bytes
    where they have been read."""

    tree: Tree
    entry: Entry
    template: Sequence[str] | None = None
    digest: str = ""


class _Row(NamedTuple):
    """Where a cache has what is known of a file: under this name, while it is in this state."""

    cache: Cache
    name: str
    stamp: str


class Looking:
    """Looks at the files of trees for one run. Threads may share it; close it after use.

    `place` names what the entries' stored names are relative to, for the cache; without it no file's facts are cached.
    With `contents` those of what lies in packages are, by the digest of its bytes: wherever they are met again.
    """

    def __init__(self, gate: Gate, jobs: int, *, place: str | None = None, contents: bool = False) -> None:
        self.jobs = jobs
        self._cache = None if place is None else Cache(place)
        self._contents = Cache(_CONTENTS) if contents else None
        self._gate = fingerprint(repr(gate_out(gate)))
        self._searched = gate
        self._made: Workers | None = None
        self._lock = threading.Lock()

    def focus(self, places: Sequence[str]) -> None:
        """Have at hand what the cache knows of these files and folders (`/` at the end), and forget the rest."""
        if self._cache is not None:
            self._cache.focus(places)

    def focus_contents(self, wishes: Sequence[Wish]) -> None:
        """Have at hand what is known of the content of these files."""
        if self._contents is not None:
            self._contents.focus([_content(wish) for wish in wishes if wish.digest])

    def known(self, wish: Wish) -> Facts | None:
        """What the cache has of this file in its present state."""
        row = self._row(wish)
        text = None if row is None else row.cache.facts(row.name, row.stamp, self._looker(wish))
        return None if text is None else _facts(text)

    def remember(self, wish: Wish, facts: Facts) -> None:
        """Keep what was seen of a file for its content, which went into a package: of one that was long to look at."""
        row = self._content_row(wish)
        if row is not None and wish.entry.size >= _LONG and not _passing(facts):
            self._keep_facts(row, self._looker(wish), facts_out(facts))

    def look(self, wishes: Sequence[Wish]) -> list[Facts | OSError]:
        """The facts of some files, seen by one worker one after the other; an error where one cannot be read.

        Raises EnvironmentFailure without a worker.
        """
        places = [wish.tree.locate(wish.entry) for wish in wishes]
        requests = [_request(wish, place) for wish, place in zip(wishes, places, strict=True) if place]
        if len(requests) == len(wishes):
            found = self._workers().look_at(requests)
        else:
            found = [self._one(wish, place) for wish, place in zip(wishes, places, strict=True)]
        for wish, facts in zip(wishes, found, strict=True):
            self._keep(wish, facts)
        return found

    def cells(self, tree: Tree, entry: Entry) -> "Cells":
        """The cells of a workbook or CSV in a folder, read by a worker. Raises OSError, EnvironmentFailure."""
        place = tree.locate(entry)
        if place is None:
            raise OSError(None, "not a regular file")
        return self._workers().cells(_request(Wish(tree, entry), place))

    def digest(self, tree: Tree, entry: Entry) -> str:
        """The SHA-256 of a file. Raises OSError when it cannot be read."""
        known = self.known_digest(tree, entry)
        if known is not None:
            return known
        with tree.open(entry) as stream:
            digest = hash_stream(stream, "sha256")[0]
        if self._cache is not None:
            self._cache.keep_digest(tree.shown(entry.raw), entry.stamp, digest)
        return digest

    def known_digest(self, tree: Tree, entry: Entry) -> str | None:
        """The SHA-256 of a file in its present state, if the cache has it."""
        return None if self._cache is None else self._cache.digest(tree.shown(entry.raw), entry.stamp)

    def known_package(self, entry: Entry, evidence_name: str) -> "PackageFacts | None":
        """What was read of a whole package before, if it did not change since. Nothing in it can be opened."""
        from evidence_cli.looks.packages.known import package_in  # late: start-up time

        text = self._cache.facts(entry.raw, entry.stamp, _package_reader(evidence_name)) if self._cache else None
        try:
            return None if text is None else package_in(json.loads(text), entry.path)
        except (ValueError, TypeError, LookupError, AttributeError):
            return None

    def keep_package(self, entry: Entry, facts: "PackageFacts", evidence_name: str) -> None:
        """Keep what was read of a package."""
        from evidence_cli.looks.packages.known import package_out  # late: start-up time

        if self._cache is not None:
            row = _Row(self._cache, entry.raw, entry.stamp)
            self._keep_facts(row, _package_reader(evidence_name), package_out(facts))

    def close(self) -> None:
        """End the workers and write the cache."""
        if self._made is not None:
            self._made.close()
        for cache in (self._cache, self._contents):
            if cache is not None:
                cache.save()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, wish: Wish, facts: Facts | OSError) -> None:
        row = self._row(wish)
        # What could not be done this time may be possible the next.
        if row is not None and isinstance(facts, Facts) and not _passing(facts):
            self._keep_facts(row, self._looker(wish), facts_out(facts))

    def _row(self, wish: Wish) -> _Row | None:
        """Of what lies in a package by its content where that is wanted, of any other file by its name and state."""
        if wish.tree.origin is Origin.PACKAGE and (row := self._content_row(wish)) is not None:
            return row
        return None if self._cache is None else _Row(self._cache, wish.tree.shown(wish.entry.raw), wish.entry.stamp)

    def _content_row(self, wish: Wish) -> _Row | None:
        if self._contents is None or not wish.digest:
            return None
        return _Row(self._contents, _content(wish), str(wish.entry.size))

    def _keep_facts(self, row: _Row, looker: str, value: Any) -> None:
        row.cache.keep_facts(row.name, row.stamp, looker, json.dumps(value, separators=(",", ":")))

    def _looker(self, wish: Wish) -> str:
        wanted = "" if wish.template is None else fingerprint("template", *wish.template)
        return f"{looker_version()} {self._gate} {extension_of(wish.entry.name)} {wanted}"

    def _workers(self) -> "Workers":
        """Those who look; where all is known there are none."""
        from evidence_cli.looks.processes.workers import Workers  # late: start-up time

        with self._lock:
            self._made = self._made or Workers(self._searched, self.jobs)
            return self._made

    def _one(self, wish: Wish, place: Location | None) -> Facts | OSError:
        return self._unpacked(wish) if place is None else self._workers().look_at([_request(wish, place)])[0]

    def _unpacked(self, wish: Wish) -> Facts | OSError:
        """Of a compressed entry a worker gets the bytes, or a copy."""
        from shutil import copyfileobj  # late: start-up time
        from tempfile import TemporaryDirectory

        try:
            with wish.tree.open(wish.entry) as stream:
                if wish.entry.size <= _HANDED_OVER:
                    return self._workers().look_at([_request(wish, stream.read())])[0]
                with TemporaryDirectory(prefix="evcli-") as folder:
                    copy = Path(folder, "entry")
                    with copy.open("wb") as target:
                        copyfileobj(stream, target, 1024 * 1024)
                    return self._workers().look_at([_request(wish, Location(str(copy), 0, wish.entry.size))])[0]
        except OSError as error:
            return error


@lru_cache(maxsize=4096)
def _facts(text: str) -> Facts | None:
    """The facts from the cache; many files have the same ones."""
    try:
        return facts_in(json.loads(text))
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _request(wish: Wish, source: Location | bytes) -> "Request":
    from evidence_cli.looks.processes.workers import Request  # late: start-up time

    name = wish.entry.name
    return Request(source, wish.entry.size, extension_of(name), wish.template, name)


def _content(wish: Wish) -> str:
    # The name is searched too, and may say what the bytes do not.
    return f"{wish.digest} {wish.entry.name}"


def _package_reader(evidence_name: str) -> str:
    return f"package {looker_version()} {evidence_name}"


def _passing(facts: Facts) -> bool:
    return any(gap.reason in ("time", "memory", "crashed", "library") for gap in facts.gaps)

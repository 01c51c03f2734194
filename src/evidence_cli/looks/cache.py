"""What was seen of files before, kept on the user's own disk: never on the share, never the text itself.

A row is believed only while size, times and looker are the same. A cache that cannot be read is thrown away, and one
that cannot be written is not used: neither is ever an error.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cache as once
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

PLACE_VARIABLE = "EVCLI_CACHE"

# A file that changed so recently may change again without its times showing it (FAT and some shares count in 2 s).
_YOUNG = 3 * 10**9  # nanoseconds
_AHEAD = 24 * 3600 * 10**9  # nanoseconds
_KEPT_DAYS = 60
# Where the lookers, and the words and notations that they use, lie in this package.
_PARTS = ("looks", "vocabulary", "data")
_LIBRARIES = ("pikepdf", "pypdfium2", "PIL", "pillow_heif")
_LARGEST = 1024 * 1024 * 1024  # bytes of the database: two million files
# Rows that are kept in memory before they are written.
_MOST_NEW = 10_000
_PATIENCE = 5.0  # seconds to read or write it
_STEPS = 100_000  # of the database's machine between two looks at the clock
_BUSY = 2.0  # seconds to wait for another evcli
_TABLE = """CREATE TABLE IF NOT EXISTS looks (
    place BLOB, name BLOB, stamp TEXT, looker TEXT, facts TEXT, digest TEXT, proof TEXT, day INTEGER,
    PRIMARY KEY (place, name)) WITHOUT ROWID"""


Result = TypeVar("Result")


class Row(NamedTuple):
    """What is known of one file in one state: `facts` as the looker of this fingerprint saw it, and its SHA-256."""

    stamp: str
    looker: str = ""
    facts: str = ""
    digest: str = ""


class Cache:
    """The rows of one place (a workspace, say): read when they are needed, changed in memory, written back by `save`.

    Without `focus` all of them are read at once. Threads may share it.
    """

    def __init__(self, place: str, file: Path | None = None) -> None:
        self._place = _key(place)
        self._file = file or default_file()
        self._rows: dict[bytes, Row] | None = None
        self._focus: set[str] | None = None
        self._new: dict[bytes, Row] = {}
        self._lock = threading.Lock()

    def focus(self, names: Sequence[str]) -> None:
        """Know these files, and those in these folders (`/` at the end), and no others: memory holds no more rows.

        What is new is written where it has become much.
        """
        if len(self._new) > _MOST_NEW:
            self._write()
        with self._lock:
            if self._focus is None or self._rows is None or not self._focus <= set(names):
                self._focus, self._rows = set(), {}
            self._rows |= self._read([name for name in names if name not in self._focus])
            self._focus = set(names)
            # Kept already, but perhaps not written.
            self._rows |= self._new

    def facts(self, name: str, stamp: str, looker: str) -> str | None:
        """The text that was kept for this state of a file, or None."""
        row = self._row(name, stamp)
        return row.facts or None if row is not None and row.looker == looker else None

    def digest(self, name: str, stamp: str) -> str | None:
        """The SHA-256 of a file in this state, if it was ever computed."""
        row = self._row(name, stamp)
        return row.digest or None if row else None

    def keep_facts(self, name: str, stamp: str, looker: str, text: str) -> None:
        """Keep a text for this state of a file."""
        self._keep(name, stamp, lambda row: row._replace(looker=looker, facts=text))

    def keep_digest(self, name: str, stamp: str, digest: str) -> None:
        """Keep the SHA-256 of this state of a file."""
        self._keep(name, stamp, lambda row: row._replace(digest=digest))

    def save(self) -> None:
        """Write what is new, and let go what nobody asked for during many days."""
        if self._new:
            self._write()
            _with_database(self._file, _forget)

    def _write(self) -> None:
        with self._lock:
            new, self._new = self._new, {}
        today = _today()
        rows = [(self._place, name, *row, _proof(name, row), today) for name, row in new.items()]

        def write(database: sqlite3.Connection) -> None:
            with database:
                database.executemany("REPLACE INTO looks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

        _with_database(self._file, write)

    def _row(self, name: str, stamp: str) -> Row | None:
        if not stamp:
            return None
        with self._lock:
            if self._rows is None:
                self._rows = self._read(None)
            row = self._rows.get(_key(name))
        return row if row is not None and row.stamp == stamp else None

    def _keep(self, name: str, stamp: str, change: Any) -> None:
        if not stamp or _is_young(stamp):
            return
        row = self._row(name, stamp) or Row(stamp)
        key = _key(name)
        with self._lock:
            self._new[key] = change(row)
            if self._rows is not None:
                self._rows[key] = self._new[key]

    def _read(self, names: Sequence[str] | None) -> dict[bytes, Row]:
        query = "SELECT name, stamp, looker, facts, digest, proof FROM looks WHERE place = ?"

        def read(database: sqlite3.Connection) -> dict[bytes, Row]:
            rows: dict[bytes, Row] = {}
            # One look at the file: outside of it every query locks and reads the first page again.
            database.execute("BEGIN")
            for condition, values in [("", ())] if names is None else map(_condition, names):
                for name, *columns, proof in database.execute(query + condition, (self._place, *values)):
                    row = Row(*map(str, columns))
                    # A disk that lies about a digest would make a good package stale.
                    if isinstance(name, bytes) and proof == _proof(name, row):
                        rows[name] = row
            return rows

        return _with_database(self._file, read) or {}


def _today() -> int:
    return int(time.time() // 86400)


def _forget(database: sqlite3.Connection) -> None:
    """Let old rows go, once a day: it takes a look at every row."""
    today = _today()
    if database.execute("PRAGMA user_version").fetchone() == (today,):
        return
    database.execute(f"PRAGMA user_version = {today}")
    with database:
        database.execute("DELETE FROM looks WHERE day < ?", (today - _KEPT_DAYS,))


def _condition(name: str) -> tuple[str, tuple[bytes, ...]]:
    """A file's row, or those of all files in a folder: no name holds a byte of 255."""
    key = _key(name)
    return (" AND name > ? AND name < ?", (key, key + b"\xff")) if name.endswith("/") else (" AND name = ?", (key,))


@once
def looker_version() -> str:
    """A fingerprint of the lookers' own source and of the libraries they use: other code may see other facts."""
    home = str(Path(__file__).parents[1])
    return _version(home, [f"{home}/{part}" for part in _PARTS])


@once
def program_version() -> str:
    """A fingerprint of all of evcli and of the libraries that look: other code may judge otherwise."""
    home = str(Path(__file__).parents[1])
    return _version(home, [home])


def _version(home: str, folders: Sequence[str]) -> str:
    sources = sorted(source for folder in folders for source in _sources(folder))
    parts = [f"{name[len(home) :]} {state}" for name, state in sources]
    # Not by the version in their metadata, which takes longer to find.
    found = [(library, find_spec(library)) for library in _LIBRARIES]
    parts += [f"{library} {_state(spec.origin) if spec and spec.origin else ''}" for library, spec in found]
    return fingerprint(*parts)


def _sources(folder: str) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as listing:
        for entry in listing:
            if entry.name.endswith((".py", ".toml", ".yaml")):
                yield entry.path, _state(entry)
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _sources(entry.path)


def _state(file: os.DirEntry[str] | str) -> str:
    try:
        status = os.stat(file)  # noqa: PTH116 - no objects
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


def fingerprint(*parts: str) -> str:
    """A short digest of these texts."""
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def default_file() -> Path:
    """Where the cache lies: the user's cache folder, or what EVCLI_CACHE names."""
    chosen = os.environ.get(PLACE_VARIABLE, "")
    # A relative one would lie wherever evcli is run, in the workspace too.
    if Path(chosen).is_absolute():
        return Path(chosen) / "facts.sqlite"
    from platformdirs import user_cache_path  # late: start-up time

    return user_cache_path("evcli", appauthor=False) / "facts.sqlite"


def _proof(name: bytes, row: Row) -> str:
    return fingerprint(name.hex(), *row)


def _key(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def is_young(changed: int, seen: int) -> bool:
    """Whether a file that was seen at one moment had changed just before; both in nanoseconds.

    The share's clock may be ahead; what is dated far ahead was dated by hand.
    """
    return -_AHEAD < seen - changed < _YOUNG


def _is_young(stamp: str) -> bool:
    """Whether the file changed just now. The second and third number of a stamp are times in nanoseconds."""
    times = stamp.split()[1:3]
    return any(is_young(int(moment), time.time_ns()) for moment in times if moment.isdecimal())


def _with_database(file: Path, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
    """What `work` makes of the database; None where there can be none. A broken one is thrown away."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(_connect(file)) as database:
            return work(database)
    except sqlite3.OperationalError:
        return None  # locked, full, or not to be written: another time
    except (sqlite3.DatabaseError, ValueError):
        with suppress(OSError):
            file.unlink(missing_ok=True)
        return None
    except OSError:
        return None


def _connect(file: Path) -> sqlite3.Connection:
    if file.is_symlink():
        raise OSError(None, "a link leads elsewhere")
    if file.exists() and file.stat().st_size > _LARGEST:
        file.unlink()
    database = sqlite3.connect(file, timeout=_BUSY)
    try:
        end = time.monotonic() + _PATIENCE
        database.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute(_TABLE)
        # A view or a trigger of the same name could do anything, also never end.
        made = [tuple(row) for row in database.execute("SELECT type, name, sql FROM sqlite_master")]
        if made != [("table", "looks", _TABLE.replace("IF NOT EXISTS ", ""))]:
            raise sqlite3.DatabaseError("another table")
    except BaseException:
        database.close()
        raise
    return database

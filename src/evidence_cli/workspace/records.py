"""Records: one file for each event, made once under `.evcli/records/` and never changed.

Two people at once make two files, so a share needs no locks for them. A name says what matters to those who only list
the folder: when, which question, what was done, the content it was about; and it ends in the seal of what is inside, so
that a change shows. Each record names the seal of the one before it: one that is taken away is missed.
"""

import errno
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from evidence_cli.looks.listing import Listing
from evidence_cli.looks.opening import open_regular
from evidence_cli.vocabulary.errors import EnvironmentFailure, UsageError
from evidence_cli.vocabulary.names import is_unicode, without_invisible
from evidence_cli.vocabulary.process import Action
from evidence_cli.workspace.store import create_only, is_temporary, refuse_link
from evidence_cli.workspace.survey import list_folder

RECORDS = ".evcli/records"
# In the place of a question's code where an event is about all of them.
ALL = "all"
_SUBMISSIONS = (Action.SUBMIT, Action.REOPEN)
_NAME = re.compile(
    r"\d{8}T\d{6}Z-(?P<code>[\d.]+-\d+|all)-(?P<action>[a-z]+)-(?P<digest>[0-9a-f]{12})-(?P<seal>[0-9a-f]{16}|[0-9a-f]{8})\.json"
)
# Records of what was received once ended in a random number of that length: nothing seals them.
_UNSEALED = 8
_LARGEST = 64 * 1024
# Beyond these a clock is wrong, and arithmetic ends.
_YEARS = (2000, 3000)
# What systems leave in any folder; all else that is no record was put there by somebody.
_LEFT_BEHIND = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
# In characters; people read them in a list.
_LONGEST_NAME, _LONGEST_NOTE = 100, 2000


class EventRecord(BaseModel):
    """One event: what was done about which content of a question, by whom, and under which table.

    `question` is empty where it is about all. `digest` is the content digest of the package, or the submission's;
    `table` the SHA-256 of the table's file; `by` is the unit or role as it was given, empty where nobody said;
    `previous` the seal of the event before it that was known then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["evcli.record/1"] = "evcli.record/1"
    action: Action
    question: str
    digest: str
    by: str = ""
    time: AwareDatetime
    note: str = ""
    table: str
    previous: str = ""

    def to_bytes(self) -> bytes:
        """The record as it stands in its file."""
        return (json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Event:
    """A record that was read: its file below the workspace, and the seal in its name."""

    record: EventRecord
    path: str
    seal: str


@dataclass(frozen=True, slots=True)
class Damage:
    """A file among the records that is none, or not what it was. `reason`: `name`, `content`, `seal` or `missing`;
    `seal` is the one in its name."""

    path: str
    reason: str
    question: str | None = None
    seal: str = ""


@dataclass(frozen=True)
class Journal:
    """All records of a workspace: the events in the order of what happened, and what cannot be believed."""

    events: tuple[Event, ...] = ()
    damages: tuple[Damage, ...] = ()

    def of(self, question: str) -> tuple[Event, ...]:
        """The events about one question; those about all of them for the empty code."""
        return self._by_question.get(question, ())

    @cached_property
    def _by_question(self) -> Mapping[str, tuple[Event, ...]]:
        found: dict[str, list[Event]] = {}
        for event in self.events:
            found.setdefault(event.record.question, []).append(event)
        return {question: tuple(events) for question, events in found.items()}

    def casts_doubt(self, question: str) -> bool:
        """Whether a file that cannot be believed may be about this question: then no decision about it counts."""
        return any(damage.question in (question, None) for damage in self.damages)

    @property
    def submitted(self) -> EventRecord | None:
        """The last submission that nobody took back."""
        about = [event.record for event in self.of("") if event.record.action in _SUBMISSIONS]
        return about[-1] if about and about[-1].action is Action.SUBMIT else None

    def last_seal(self, question: str) -> str:
        """What the next record of this question names as the one before it."""
        return self.of(question)[-1].seal if self.of(question) else ""


def next_record(
    journal: Journal, action: Action, question: str, digest: str, *, by: str, time: datetime, table: str, note: str = ""
) -> EventRecord:
    """The record of what is done now, after all that the journal tells. `table` is the SHA-256 of the table's file."""
    return EventRecord(
        action=action,
        question=question,
        digest=digest,
        by=by,
        time=time,
        note=note,
        table=f"sha256:{table}",
        previous=journal.last_seal(question),
    )


def signature(by: str) -> str:
    """A role or a name as a record has it: on one line. Raises UsageError for none or what no record can hold."""
    # What nobody sees tells no two people apart.
    name = " ".join(without_invisible(by).split())
    if not name:
        raise UsageError("nobody")
    return _fit(name, _LONGEST_NAME)


def remark(note: str) -> str:
    """A reason as a record has it: on one line, or empty. Raises UsageError for what no record can hold."""
    return _fit(" ".join(note.split()), _LONGEST_NOTE)


def _fit(text: str, longest: int) -> str:
    if len(text) > longest:
        raise UsageError("said_too_long", count=len(text), maximum=longest)
    if not is_unicode(text):
        raise UsageError("said_unreadable")
    return text


def write_record(root: Path, record: EventRecord) -> Path:
    """Write a record; the very same event once more is the same file. Raises OSError, also for a link in the way."""
    folder = root / RECORDS
    for made in (folder.parent, folder):
        made.mkdir(exist_ok=True)
        refuse_link(made)
    data = record.to_bytes()
    target = folder / f"{_stem(record)}-{_seal(data)}.json"
    create_only(target, data)
    return target


def read_journal(root: Path, names: Sequence[str] | None = None) -> Journal:
    """Read all records, those of these `names` where they were listed. Raises EnvironmentFailure where the folder or a
    file cannot be read."""
    found = [_read(root, name) for name in (_names(root, Listing()) if names is None else names)]
    events = [one for one in found if isinstance(one, Event)]
    damages = [one for one in found if isinstance(one, Damage)]
    # What is there but not believed is named already: it is not missing too.
    seals = {one.seal for one in found}
    damages += [
        Damage(event.path, "missing", event.record.question or None)
        for event in events
        if event.record.previous and event.record.previous not in seals
    ]
    return Journal(tuple(in_order(events)), tuple(damages))


def in_order(events: Iterable[Event]) -> list[Event]:
    """By their times; but whatever the clocks of two computers say, an event comes after the one that it names."""
    waiting = sorted(events, key=lambda event: (event.record.time, event.path))
    by_seal = {event.seal: event for event in waiting}
    placed: dict[str, Event] = {}
    for event in waiting:
        chain: dict[str, Event] = {}
        following: Event | None = event
        while following is not None and following.path not in placed and following.path not in chain:
            chain[following.path] = following
            following = by_seal.get(following.record.previous)
        placed.update(reversed(chain.items()))
    return list(placed.values())


class Received:
    """Which contents were received for which question, by the names of all records, which are `names`; `listing` is
    what was listed. Raises EnvironmentFailure.
    """

    def __init__(self, root: Path) -> None:
        self.listing = Listing()
        self.names = tuple(_names(root, self.listing))
        matches = [match for name in self.names if (match := _NAME.fullmatch(name))]
        received = [match for match in matches if match["action"] == Action.RECEIVE]
        self._known = frozenset((match["code"], match["digest"]) for match in received)
        self._codes = frozenset(code for code, _ in self._known)

    def knows(self, code: str) -> bool:
        """Whether any package was received for the question."""
        return code in self._codes

    def holds(self, code: str, digest: str | None) -> bool:
        """Whether a package with this content digest was received for the question."""
        return digest is not None and (code, _short(digest)) in self._known


def _names(root: Path, listing: Listing) -> list[str]:
    """The names of the files among the records, in order. Raises EnvironmentFailure."""
    try:
        refuse_link((root / RECORDS).parent)
        refuse_link(root / RECORDS)
        entries = list_folder(root, RECORDS)
    except FileNotFoundError:
        listing.add_missing(RECORDS)
        return []
    except OSError as error:
        raise EnvironmentFailure("read", path=RECORDS, detail=error.strerror or str(error)) from error
    listing.add(RECORDS, entries)
    names = (entry.name for entry in entries if entry.name.casefold() not in _LEFT_BEHIND)
    return sorted(name for name in names if not is_temporary(name))


def _read(root: Path, name: str) -> Event | Damage:
    path = f"{RECORDS}/{name}"
    match = _NAME.fullmatch(name)
    if match is None:
        return Damage(path, "name")
    question = None if match["code"] == ALL else match["code"]
    try:
        with open_regular(str(root / path)) as stream:
            data = stream.read(_LARGEST + 1) or b""
    except OSError as error:
        # A link, a folder or a pipe in the place of a record says nothing of this computer.
        if error.errno in (None, errno.ELOOP, errno.EISDIR):
            return Damage(path, "content", question, match["seal"])
        raise EnvironmentFailure("read", path=path, detail=error.strerror or str(error)) from error
    seal = _seal(data)
    unsealed = len(match["seal"]) == _UNSEALED and match["action"] == Action.RECEIVE
    if seal != match["seal"] and not unsealed:
        return Damage(path, "seal", question, match["seal"])
    try:
        record = EventRecord.model_validate_json(data)
    except ValidationError:
        return Damage(path, "content", question, match["seal"])
    if not _YEARS[0] <= record.time.year < _YEARS[1]:
        return Damage(path, "content", question, match["seal"])
    if name != f"{_stem(record)}-{match['seal']}.json":
        return Damage(path, "name", question, match["seal"])
    return Event(record, path, seal)


def _stem(record: EventRecord) -> str:
    """What a record's name begins with."""
    moment = record.time.astimezone(UTC)
    return "-".join((f"{moment:%Y%m%dT%H%M%SZ}", record.question or ALL, record.action, _short(record.digest)))


def _seal(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


def _short(digest: str) -> str:
    return digest.partition(":")[2][:12]

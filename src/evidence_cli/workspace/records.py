"""Records: one file for each event, made once under `.evcli/records/` and never changed.

Two people at once make two files, so a share needs no locks for them. A name says what matters to those who only list
the folder: when, which question, what was done, the content it was about.
"""

import json
import re
import secrets
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from evidence_cli.looks.listing import Listing
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.workspace.store import refuse_link, replacing
from evidence_cli.workspace.survey import list_folder

RECORDS = ".evcli/records"
_NAME = re.compile(r"\d{8}T\d{6}Z-(?P<code>[\d.]+-\d+)-(?P<action>[a-z]+)-(?P<digest>[0-9a-f]{12})-[0-9a-f]{8}\.json")


class Action(StrEnum):
    """What was done."""

    RECEIVE = "receive"


class EventRecord(BaseModel):
    """One event: what was done about which content of a question, by whom, and under which table.

    `digest` is the content digest of the package, `table` the SHA-256 of the table's file; `by` is the unit or role as
    it was given, empty where nobody said.
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


def write_record(root: Path, record: EventRecord) -> Path:
    """Write a record under a name that nobody else uses. Raises OSError, also where a link is in the way."""
    folder = root / RECORDS
    for made in (folder.parent, folder):
        made.mkdir(exist_ok=True)
        refuse_link(made)
    moment = record.time.astimezone(UTC)
    name = f"{moment:%Y%m%dT%H%M%SZ}-{record.question}-{record.action}-{_short(record.digest)}-{secrets.token_hex(4)}"
    target = folder / f"{name}.json"
    data = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
    with replacing(target) as stream:
        stream.write(data.encode())
    return target


class Received:
    """Which contents were received for which question, by the names of the records; `listing` is what was listed.

    Raises EnvironmentFailure.
    """

    def __init__(self, root: Path) -> None:
        self.listing = Listing()
        try:
            names = _names(root, self.listing)
        except OSError as error:
            raise EnvironmentFailure("read", path=RECORDS, detail=error.strerror or str(error)) from error
        matches = [match for match in map(_NAME.fullmatch, names) if match and match["action"] == Action.RECEIVE]
        self._known = frozenset((match["code"], match["digest"]) for match in matches)
        self._codes = frozenset(code for code, _ in self._known)

    def knows(self, code: str) -> bool:
        """Whether any package was received for the question."""
        return code in self._codes

    def holds(self, code: str, digest: str | None) -> bool:
        """Whether a package with this content digest was received for the question."""
        return digest is not None and (code, _short(digest)) in self._known


def _names(root: Path, listing: Listing) -> list[str]:
    try:
        refuse_link((root / RECORDS).parent)
        refuse_link(root / RECORDS)
        entries = list_folder(root, RECORDS)
    except FileNotFoundError:
        listing.add_missing(RECORDS)
        return []
    listing.add(RECORDS, entries)
    return [entry.name for entry in entries]


def _short(digest: str) -> str:
    return digest.partition(":")[2][:12]

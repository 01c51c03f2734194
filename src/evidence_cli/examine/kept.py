"""The report of a check, kept until something changes: then only names, sizes and times were looked at.

Neither the table nor what judges is loaded here: that would take longer than the look.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from evidence_cli.looks.cache import Cache, program_version
from evidence_cli.looks.listing import Listing
from evidence_cli.vocabulary.catalogue import Aspect, Code, Severity
from evidence_cli.vocabulary.findings import Finding, Hit, NotDone, PackageState, QuestionResult, Report

# What may be otherwise the next time although no file changed.
_PASSING_CODES = frozenset({Code.UNREADABLE, Code.BEING_WRITTEN})
_PASSING_REASONS = frozenset({"time", "memory", "crashed", "library", "writing"})


class Asked(NamedTuple):
    """What a check was asked: in which workspace, for which codes, with the packages or not."""

    root: Path
    codes: tuple[str, ...] = ()
    packages: bool = False

    @property
    def name(self) -> str:
        """Under which name its report is kept; no file is called so."""
        return json.dumps(["check", self.packages, *self.codes])


class Recalled(NamedTuple):
    """A report that still holds, and the workspace's folders that nothing may be written into."""

    report: Report
    folders: tuple[str, ...]


def find(asked: Asked, table: str, now: datetime) -> Recalled | None:
    """The report that was kept for this, if nothing has changed since. `table` is the digest of the table's file."""
    return _find(asked, table, now, lambda folders: Listing(folders).holds(asked.root))


def find_for(asked: Asked, table: str, now: datetime, listing: Listing, packages: str) -> Recalled | None:
    """The same for folders that were just listed, whatever became of the packages in the folder of that name, and of
    what else a check looks at and a pack does not (the submission, what units sent)."""
    listed = {folder: state for folder, state in listing.folders.items() if folder != packages}
    return _find(asked, table, now, lambda folders: listed.items() <= folders.items())


def _find(asked: Asked, table: str, now: datetime, holds: Callable[[dict[str, str]], bool]) -> Recalled | None:
    cache = Cache(str(asked.root))
    cache.focus([asked.name])
    text = cache.facts(asked.name, table, program_version())
    try:
        return None if text is None else _recalled(json.loads(text), now, holds)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OSError):
        return None


def keep(
    asked: Asked,
    table: str,
    report: Report,
    hits: Iterable[Hit],
    listing: Listing,
    *,
    zone: str,
    until: datetime | None,
    folders: Sequence[str],
) -> None:
    """Keep a report, unless something in it may pass by itself.

    `table` is the digest of the table's file, `hits` what was found before the table graded it, and `listing` what was
    listed for the report; `until` is when time alone changes what is right, `zone` that of the evaluation.
    """
    passing = any(hit.code in _PASSING_CODES for hit in hits)
    if passing or not listing.settled or any(note.reason in _PASSING_REASONS for note in report.not_done):
        return
    value = asdict(report) | {
        "generated": report.generated.isoformat(),
        "zone": zone,
        "until": until.isoformat() if until else None,
        "folders": list(folders),
        "listing": listing.folders,
    }
    cache = Cache(str(asked.root))
    cache.focus([])
    cache.keep_facts(asked.name, table, program_version(), json.dumps(value, separators=(",", ":")))
    cache.save()


def _recalled(value: dict[str, Any], now: datetime, holds: Callable[[dict[str, str]], bool]) -> Recalled | None:
    until = datetime.fromisoformat(value["until"]) if value["until"] else None
    # A clock that was put back would find milestones passed that are still to come.
    if now < datetime.fromisoformat(value["generated"]) or (until is not None and now >= until):
        return None
    if not holds(value["listing"]):
        return None
    generated = now.astimezone(ZoneInfo(value["zone"])).replace(microsecond=0)
    report = Report(
        evaluation=value["evaluation"],
        generated=generated,
        questions=tuple(_question(one) for one in value["questions"]),
        findings=tuple(_finding(one) for one in value["findings"]),
        not_done=tuple(NotDone(**one) for one in value["not_done"]),
        switched_off=value["switched_off"],
    )
    return Recalled(report, tuple(value["folders"]))


def _question(value: dict[str, Any]) -> QuestionResult:
    return QuestionResult(**value | {"package": PackageState(value["package"])})


def _finding(value: dict[str, Any]) -> Finding:
    known = {"code": Code(value["code"]), "severity": Severity(value["severity"]), "aspect": Aspect(value["aspect"])}
    return Finding(**value | known)

"""Fill an archive: packages, the table, the records, the reports, and the texts that say what all of it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evidence_cli.archiving import places
from evidence_cli.archiving.bag import BagWriter
from evidence_cli.archiving.description import description
from evidence_cli.archiving.directory import directory
from evidence_cli.archiving.packages import Archived, Wanted, archive_package
from evidence_cli.looks.opening import open_regular
from evidence_cli.messages import Words
from evidence_cli.reporters import four_checks, json
from evidence_cli.reporters.status import json as status_json
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.course import AspectCheck, StatusReport, Unready
from evidence_cli.vocabulary.errors import EnvironmentFailure, RefusedError
from evidence_cli.vocabulary.findings import Report
from evidence_cli.vocabulary.process import Action
from evidence_cli.workspace.find import TABLE_PATH
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.records import Journal
from evidence_cli.workspace.submission import Submission


@dataclass(frozen=True, slots=True)
class Filled:
    """What goes in beside the packages. `moment` is that of the submission, or of the draft; `missing` are questions
    that a draft leaves out."""

    space: Workspace
    moment: datetime
    submission: Submission | None
    journal: Journal
    report: Report
    status: StatusReport
    checks: tuple[AspectCheck, ...]
    missing: tuple[Unready, ...]

    @property
    def check(self) -> str:
        """The check code of the submission, empty in a draft."""
        return self.submission.check if self.submission else ""


def fill_bag(bag: BagWriter, filled: Filled, wanted: Sequence[Wanted], words: Words) -> None:
    """Write the payload. Raises RefusedError where something is not what was submitted, EnvironmentFailure, OSError."""
    root, table = filled.space.root, filled.space.table
    taken = places.Places()
    files: list[Archived] = []
    for one in wanted:
        files += archive_package(bag, root, table, one, taken)
    _copy(bag, filled, TABLE_PATH.as_posix(), places.TABLE, filled.space.digest)
    for path, sha256 in _records(filled).items():
        _copy(bag, filled, path, f"{places.EVENTS}/{path.rpartition('/')[2]}", sha256)
    if filled.submission is not None:
        bag.add(places.SUBMISSION, filled.submission.to_bytes())
    _reports(bag, filled, words)
    bag.add(places.DIRECTORY, directory(files, filled.moment, _marked(filled), words))
    text = description(
        table,
        filled.moment,
        check=filled.check,
        digest=filled.submission.digest if filled.submission else "",
        questions=len(wanted),
        files=len(files),
        missing=len(filled.missing),
        words=words,
    )
    bag.add(places.DESCRIPTION, text)


def _records(filled: Filled) -> dict[str, str]:
    """The records by path, with the SHA-256 they were sealed with, empty where they were not.

    After a submission these are the sealed ones and its own. Raises RefusedError where a sealed one is gone.
    """
    there = {event.path: event for event in filled.journal.events}
    if filled.submission is None:
        return dict.fromkeys(there, "")
    sealed = {record.path: record.sha256 for record in filled.submission.records}
    if gone := sorted(sealed.keys() - there.keys()):
        raise RefusedError("archive_altered", path=gone[0])
    own = {
        path: ""
        for path, event in there.items()
        if event.record.action is Action.SUBMIT and event.record.digest == filled.submission.digest
    }
    return {**own, **sealed}


def _copy(bag: BagWriter, filled: Filled, path: str, place: str, sha256: str) -> None:
    try:
        source = open_regular(str(filled.space.root / path))
    except OSError as error:
        raise EnvironmentFailure("read", path=path, detail=error.strerror or str(error)) from error
    with source:
        copied = bag.copy(place, source)
    if sha256 and copied.digests["sha256"] != sha256:
        raise RefusedError("archive_altered", path=path)


def _reports(bag: BagWriter, filled: Filled, words: Words) -> None:
    evaluation = filled.space.table.evaluation
    four = four_checks.Heading(evaluation.title, evaluation.id, filled.moment, filled.check)
    texts = {
        places.CHECK_REPORT: json.render(filled.report, words, lambda _: True, 0),
        places.STATUS_REPORT: status_json.render(filled.status, words, None, 0, False),
        f"{places.FOUR_CHECKS}.json": four_checks.render_json(filled.checks, words, four),
        f"{places.FOUR_CHECKS}.html": four_checks.render_html(filled.checks, words, four),
    }
    for place, text in texts.items():
        bag.add(place, text.encode("utf-8", "backslashreplace"))


def _marked(filled: Filled) -> set[tuple[str, str]]:
    """Question and path in the package of files in which a secrecy mark was found; the path of an answer is empty."""
    found = set()
    for finding in filled.report.findings:
        if finding.code is Code.SECRECY_MARK and finding.question:
            parts = finding.path.split("/")
            evidence = filled.space.table.layout.evidence
            inside = parts[parts.index(evidence) :] if evidence in parts else []
            found.add((finding.question, "/".join(inside)))
    return found

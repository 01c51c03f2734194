"""The whole of a workspace at one moment: what was found of each chosen question, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from evidence_cli.examine.contributions import Contributed, examine_contributions
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.packed import ask_for_packages, examine_packages
from evidence_cli.examine.pool import default_jobs
from evidence_cli.examine.report import failing, make_report
from evidence_cli.examine.settling import Settling
from evidence_cli.examine.shelved import Shelved
from evidence_cli.examine.workspace import Examined, examine
from evidence_cli.looks.listing import Listing
from evidence_cli.process import judging
from evidence_cli.process.judging import Files
from evidence_cli.process.standing import Content, Standing
from evidence_cli.rules.grade import grade
from evidence_cli.table import QuestionSpec, Table
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Hit, Report
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.records import read_journal
from evidence_cli.workspace.sealed import list_seal
from evidence_cli.workspace.shelf import read_shelf
from evidence_cli.workspace.submission import DamagedSubmission, read_submission


@dataclass(frozen=True, slots=True)
class Overview:
    """The report of a check, and by question code what lies there and where it stands. `hits` are what was found
    before it was graded, `listing` the folders that were listed, `contributed` what units have sent."""

    report: Report
    questions: tuple[QuestionSpec, ...]
    contents: dict[str, Content]
    standings: dict[str, Standing]
    files: Files
    hits: tuple[Hit, ...]
    listing: Listing
    contributed: tuple[Contributed, ...] = ()


def overview(
    space: Workspace,
    codes: Sequence[str],
    moment: datetime,
    *,
    packages: bool = False,
    cache: bool = True,
    fresh: bool = False,
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> Overview:
    """Check the chosen questions, none means all, and derive where each stands. `moment` is aware.

    `packages` asks for packages before the milestone already. `cache` lets what was seen before count; with `fresh`
    every byte of packages, and of what they were made from, is read all the same. `jobs` is the number of threads and
    of worker processes. Raises UsageError for an unknown code, EnvironmentFailure.
    """
    table = space.table
    with Looking(table.effective_gate, jobs or default_jobs(), place=str(space.root) if cache else None) as looking:
        examined = examine(space, codes, looking, progress, moment, settle=False)
        shelf = examined.shelf or read_shelf(space.root, table)
        # Folders and packages were listed: one second look for both.
        settling = Settling(moment)
        shelved = examine_packages(
            space, examined, shelf, looking, settling, everything=not codes, fresh=fresh, progress=progress
        )
        settling.take_back(examined.chosen)
        contributed = _contributed(space, codes, examined, looking, settling, moment)
    due = table.milestones.pack
    if packages or (due is not None and moment > due):
        ask_for_packages(space, examined, shelved, moment)
    files = _files(space, examined)
    contents = _contents(table, examined, shelved, moment)
    standings = judging.stand(contents, files, table)
    paths = {
        found.code: f"{table.layout.packages}/{package_name(table, found.place.question)}" for found in examined.chosen
    }
    for code, hits in judging.hits(contents, standings, paths, files, table, moment).items():
        shelved[code].hits = [*shelved[code].hits, *hits]
    examined.hits.extend(judging.of_workspace(files))
    spoken = (examined.hits, *(found.hits for found in examined.chosen), *(one.hits for one in shelved.values()))
    return Overview(
        report=make_report(table, examined, shelved, moment),
        questions=tuple(found.place.question for found in examined.chosen),
        contents={content.code: content for content in contents},
        standings=standings,
        files=files,
        hits=tuple(chain.from_iterable(spoken)),
        listing=examined.listing,
        contributed=contributed,
    )


def _contributed(
    space: Workspace,
    codes: Sequence[str],
    examined: Examined,
    looking: Looking,
    settling: Settling,
    moment: datetime,
) -> tuple[Contributed, ...]:
    """What units have sent for the chosen indicators; what is to be said of it joins the hits."""
    chosen = space.table.contributions_of(codes)
    given = examine_contributions(examined.seen, chosen, looking, examined.listing, moment, settling=settling)
    examined.hits.extend(chain.from_iterable(one.judged.hits for one in given))
    return tuple(given)


def _files(space: Workspace, examined: Examined) -> Files:
    """The records and the submission; what was listed for them is added to the listing."""
    sealed = list_seal(space.root, examined.listing)
    try:
        submission = read_submission(space.root)
    except DamagedSubmission:
        submission = None
    return Files(read_journal(space.root, examined.received.names), space.digest, sealed=sealed, submission=submission)


def _contents(table: Table, examined: Examined, shelved: dict[str, Shelved], moment: datetime) -> list[Content]:
    blocked = failing(table, examined, moment)
    contents = []
    for found in examined.chosen:
        one = shelved[found.code]
        findings, _ = grade(one.hits, table, moment)
        subject = found.subject
        contents.append(
            Content(
                code=found.code,
                material=bool(subject and (subject.shape.answers or subject.shape.evidence_files)),
                passes=subject is not None and found.code not in blocked and not found.place.blocked,
                package=one.state,
                sound=not any(f.severity is Severity.ERROR and not f.waived for f in findings),
                held=one.held,
            )
        )
    return contents

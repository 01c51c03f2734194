"""Check a workspace against its table."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from evidence_cli.examine.kept import Asked, keep
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import default_jobs, in_parallel
from evidence_cli.examine.question import Examination
from evidence_cli.examine.report import failing, make_report
from evidence_cli.examine.settling import Settling
from evidence_cli.examine.shelved import Shelved, examine_shelved
from evidence_cli.examine.workspace import Examined, examine, windows
from evidence_cli.rules import packages as package_rules
from evidence_cli.rules.entries import being_written, linked
from evidence_cli.vocabulary.findings import NotDone, PackageState, Report
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.shelf import Shelf, read_shelf


def check(
    workspace: Workspace | Path | str | None = None,
    codes: Sequence[str] = (),
    *,
    packages: bool = False,
    cache: bool = True,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Check questions, and their packages, against the table.

    `codes` are questions or indicators at any level; none means everything. `packages` asks for packages before the
    `pack` milestone already. `cache` lets what was seen of unchanged files before count. `jobs` is the number of
    threads and of worker processes. `now` (aware) decides milestones and waivers.
    Raises UsageError, TableError or EnvironmentFailure; whatever is wrong with the evidence is in the report.
    """
    space = as_workspace(workspace)
    codes = [codes] if isinstance(codes, str) else codes
    moment = now or datetime.now(UTC)
    threads = jobs or default_jobs()
    with Looking(space.table.effective_gate, threads, place=str(space.root) if cache else None) as looking:
        examined = examine(space, codes, looking, progress, moment, settle=False)
        shelf = read_shelf(space.root, space.table)
        # Folders and packages were listed: one second look for both.
        settling = Settling(moment)
        shelved = _packages(space, examined, shelf, looking, settling, everything=not codes, progress=progress)
        settling.take_back(examined.chosen)
    if packages or _packing_is_over(space, moment):
        _ask_for_packages(space, examined, shelved, moment)
    report = make_report(space.table, examined, shelved, moment)
    if cache and space.digest:
        asked = Asked(space.root, tuple(codes), packages)
        _remember(space, asked, examined, shelved, report, moment)
    return report


def _remember(
    space: Workspace,
    asked: Asked,
    examined: Examined,
    shelved: dict[str, Shelved],
    report: Report,
    moment: datetime,
) -> None:
    table = space.table
    spoken = (examined.hits, *(found.hits for found in examined.chosen), *(one.hits for one in shelved.values()))
    keep(
        asked,
        space.digest,
        report,
        chain.from_iterable(spoken),
        examined.listing,
        zone=table.evaluation.timezone,
        until=table.next_change(moment),
        folders=(table.layout.indicators, table.layout.packages),
    )


def _packages(
    space: Workspace,
    examined: Examined,
    shelf: Shelf,
    looking: Looking,
    settling: Settling,
    *,
    everything: bool,
    progress: Progress,
) -> dict[str, Shelved]:
    examined.listing.join(shelf.listing)
    if shelf.leads_out:
        examined.hits.append(linked(None, space.table.layout.packages))
    progress.begin("packages", sum(1 for found in examined.chosen if found.code in shelf.packages))

    # Threads go over questions; a single one gets them all for its files.
    within = looking.jobs if len(examined.chosen) == 1 else 1

    def one(found: Examination) -> Shelved:
        entries = shelf.packages[found.code]
        result = examine_shelved(
            space, found.place.question, entries, found.subject, within, looking, received=examined.received
        )
        progress.advance(1)
        return result

    if everything:
        examined.hits.extend(package_rules.nobodys(entry.path) for entry in shelf.others)
    packed = [found for found in examined.chosen if found.code in shelf.packages]
    results = {found.code: Shelved(PackageState.MISSING) for found in examined.chosen}
    for window in windows(packed):
        names = [entry.raw for found in window for entry in shelf.packages[found.code]]
        looking.focus([found.root for found in window if found.root] + names)
        for found, result in zip(window, in_parallel(one, window, looking.jobs), strict=True):
            results[found.code] = _settled(space, settling, found, result)
    return results


def _settled(space: Workspace, settling: Settling, found: Examination, result: Shelved) -> Shelved:
    """A package that somebody is copying into its place just now is not broken: it is not there yet."""
    entry = result.entry
    if entry is None or not settling.growing(entry, str(space.root / entry.raw), result.hits):
        return result
    found.notes.append(NotDone(entry.path, "inside", "writing"))
    return Shelved(PackageState.MISSING, [being_written(found.code, entry.path)], entry=entry)


def _packing_is_over(space: Workspace, moment: datetime) -> bool:
    due = space.table.milestones.pack
    return due is not None and moment > due


def _ask_for_packages(space: Workspace, examined: Examined, shelved: dict[str, Shelved], moment: datetime) -> None:
    # A question that cannot be packed yet is told what to mend, not that its package is missing.
    blocked = failing(space.table, examined, moment)
    for found in examined.chosen:
        result = shelved[found.code]
        there = result.state is not PackageState.MISSING or result.entry is not None
        if not there and found.code not in blocked and not found.place.blocked:
            name = package_name(space.table, found.place.question)
            path = f"{space.table.layout.packages}/{name}"
            result.hits.append(package_rules.missing(found.code, path))

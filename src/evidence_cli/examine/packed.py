"""The packages of the chosen questions, each judged against its folder, and those that are missed."""

from datetime import datetime

from evidence_cli.examine.found import Examination
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import in_parallel
from evidence_cli.examine.report import failing
from evidence_cli.examine.settling import Settling
from evidence_cli.examine.shelved import Shelved, examine_shelved
from evidence_cli.examine.workspace import Examined, windows
from evidence_cli.rules import packages as package_rules
from evidence_cli.rules.entries import being_written, linked
from evidence_cli.vocabulary.findings import NotDone, PackageState
from evidence_cli.vocabulary.progress import Progress
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.shelf import Shelf


def examine_packages(
    space: Workspace,
    examined: Examined,
    shelf: Shelf,
    looking: Looking,
    settling: Settling,
    *,
    everything: bool,
    fresh: bool,
    progress: Progress,
) -> dict[str, Shelved]:
    """Judge what lies in the folder of packages, by question code. With `everything` what belongs to no question is
    named too. With `fresh` every byte of packages and folders is read, whatever is known of them."""
    examined.listing.join(shelf.listing)
    if shelf.leads_out:
        examined.hits.append(linked(None, space.table.layout.packages))
    progress.begin("packages", sum(1 for found in examined.chosen if found.code in shelf.packages))

    # Threads go over questions; a single one gets them all for its files.
    within = looking.jobs if len(examined.chosen) == 1 else 1
    known = None if fresh else looking

    def one(found: Examination) -> Shelved:
        entries = shelf.packages[found.code]
        result = examine_shelved(
            space, found.place.question, entries, found.subject, within, known, received=examined.received
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


def ask_for_packages(space: Workspace, examined: Examined, shelved: dict[str, Shelved], moment: datetime) -> None:
    """Say of the chosen questions which packages are missing."""
    # A question that cannot be packed yet is told what to mend, not that its package is missing.
    blocked = failing(space.table, examined, moment)
    for found in examined.chosen:
        result = shelved[found.code]
        there = result.state is not PackageState.MISSING or result.entry is not None
        if not there and found.code not in blocked and not found.place.blocked:
            name = package_name(space.table, found.place.question)
            path = f"{space.table.layout.packages}/{name}"
            result.hits.append(package_rules.missing(found.code, path))

"""Verify packages alone, wherever they were made."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.examine.bag import examine_bag
from evidence_cli.examine.delivered import Delivered, Deliveries
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import default_jobs
from evidence_cli.examine.settling import Settling
from evidence_cli.looks.bags.guard import is_bag
from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.rules.entries import being_written
from evidence_cli.rules.grade import grade, order
from evidence_cli.table import default_table
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, NotDone, PackageState, QuestionResult, Report
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.open import Workspace, as_workspace


def verify(
    paths: Sequence[Path | str] | Path | str,
    *,
    workspace: Workspace | Path | str | None = None,
    cache: bool = True,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Verify packages: do they open, are they what their manifest says, is the question inside as it must be. A folder
    that is an archive (a BagIt bag) is verified as one.

    With a `workspace` its table decides what a question needs. Without one, everything that only a table can tell is
    in the report as not done. Nothing is unpacked. Every byte is read and hashed; with `cache`, what was seen of the
    same bytes before is not looked at again. `now` (aware) decides whether waivers still count, and which files changed
    just now. A file that cannot be read is a finding, like one in a question folder: the others are still verified. One
    that seems broken because somebody is still writing it is named and not judged. Raises EnvironmentFailure for one
    that is not there.
    """
    space = None if workspace is None else as_workspace(workspace)
    table = space.table if space else default_table()
    threads = jobs or default_jobs()
    chosen = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    moment = now or datetime.now(UTC)
    bags = {path for path in chosen if is_bag(path)}
    listed = [None if path in bags else _listed(path) for path in chosen]
    settling = Settling(moment)
    if len(bags) < len(chosen):
        progress.begin("verify", len(chosen) - len(bags))
    found: dict[Path, Delivered] = {}
    with Looking(table.effective_gate, threads, contents=cache) as looking:
        deliveries = Deliveries(space, looking)
        for path in chosen:
            if path not in bags:
                with deliveries.open(path) as delivered:
                    found[path] = delivered
                progress.advance(1)
    found |= {path: examine_bag(path, space, progress) for path in chosen if path in bags}
    verified = [found[path] for path in chosen]
    verified = [_settled(settling, *each) for each in zip(verified, chosen, listed, strict=True)]
    # Each package for itself: what explains a finding in one does not explain it in another of the same question.
    graded = [grade(one.hits, space.table if space else None, moment) for one in verified]
    return Report(
        evaluation=space.table.evaluation.id if space else None,
        generated=moment.astimezone(table.zone).replace(microsecond=0),
        questions=tuple(_with_verdict(one, findings) for one, (findings, _) in zip(verified, graded, strict=True)),
        findings=tuple(sorted((finding for findings, _ in graded for finding in findings), key=order)),
        not_done=tuple(note for one in verified for note in one.not_done),
        switched_off=sum(off for _, off in graded),
    )


def _with_verdict(one: Delivered, findings: Sequence[Finding]) -> QuestionResult:
    failed = any(finding.severity is Severity.ERROR and not finding.waived for finding in findings)
    return replace(one.result, passed=not failed)


def _listed(path: Path) -> Entry | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return Entry(path.name, path.name, EntryType.FILE, status.st_size, status.st_mtime_ns)


def _settled(settling: Settling, one: Delivered, path: Path, before: Entry | None) -> Delivered:
    """A package that somebody is copying just now is not broken: it cannot be judged yet."""
    if before is None or not settling.growing(before, str(path), one.hits):
        return one
    shown = one.result.path or ""
    result = replace(one.result, files=0, bytes=0, digest=None, package=PackageState.MISSING)
    hit = being_written(one.hits[0].question, shown)
    return Delivered(result, [hit], [NotDone(shown, "inside", "writing")], one.known)

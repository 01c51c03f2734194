"""Receive packages that others made: judge each, and file what is right as its question's package."""

from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from evidence_cli.examine.delivered import Deliveries
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import default_jobs
from evidence_cli.examine.settling import Settling
from evidence_cli.jobs.receive.filing import Filing
from evidence_cli.jobs.receive.judging import Incoming, Judge
from evidence_cli.making.standing import HISTORY
from evidence_cli.table import Table
from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError, UsageError
from evidence_cli.vocabulary.outcomes import Outcome, ReceiveReport, ReceiveResult
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.records import RECORDS, Received
from evidence_cli.workspace.sealed import refuse_sealed
from evidence_cli.workspace.shelf import Spellings
from evidence_cli.workspace.store import sweep


def receive(
    paths: Sequence[Path | str] | Path | str,
    workspace: Workspace | Path | str | None = None,
    *,
    unit: str | None = None,
    repack: bool = False,
    dry_run: bool = False,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> ReceiveReport:
    """File delivered packages as their questions' packages. What is wrong stays where it is, the others are filed.

    The delivered files are never changed; only one that lies among the packages under a wrong name gets the right one.
    A package in whose place another one comes is kept under 历史. The same content once more changes nothing. `unit`
    is the one of the table that delivered them. `repack` packs again what another program packed. `dry_run` only
    judges. `jobs` is the number of threads. `now` (aware) decides whether waivers still count. Raises UsageError,
    TableError or EnvironmentFailure before anything is filed; what goes wrong with one package is in its result.
    """
    space = as_workspace(workspace)
    _refuse_unknown(unit, space.table)
    if not dry_run:
        refuse_sealed(space.root)
    moment = (now or datetime.now(UTC)).astimezone(space.table.zone).replace(microsecond=0)
    threads = jobs or default_jobs()
    received, spellings = Received(space.root), Spellings(space.root, space.table)
    chosen = [paths] if isinstance(paths, str | Path) else paths
    progress.begin("receive", len(chosen) * 2)
    incoming: list[Incoming] = []
    with Looking(space.table.effective_gate, threads, contents=True) as looking:
        judge = Judge(space, Deliveries(space, looking), Settling(moment), moment, unit, repack)
        for path in chosen:
            incoming.append(judge.judge(Path(path)))
            progress.advance(1)
    _refuse_rivals(incoming)
    filing = Filing(space, moment, f"sha256:{space.digest}", unit or "", threads, received, spellings)
    results = []
    if not dry_run:
        packages = space.root / space.table.layout.packages
        for folder in (packages, packages / HISTORY, space.root / RECORDS):
            sweep(folder)
    for one in incoming:
        results.append(_result(one, space, filing, dry_run=dry_run))
        progress.advance(1)
    notes = tuple(note for one in incoming for note in one.not_done)
    return ReceiveReport(tuple(results), notes, sum(one.warnings for one in incoming), dry_run)


def _result(incoming: Incoming, space: Workspace, filing: Filing, *, dry_run: bool) -> ReceiveResult:
    question = incoming.known
    if question is not None and not incoming.refused:
        return filing.foresee(incoming, question) if dry_run else filing.file(incoming, question)
    path = f"{space.table.layout.packages}/{package_name(space.table, question)}" if question else ""
    outcome = Outcome.FAILED if isinstance(incoming.obstacle, EnvironmentFailure) else Outcome.REFUSED
    size = incoming.state[0] if incoming.state else 0
    failure = None if incoming.errors else incoming.obstacle
    return ReceiveResult(incoming.result, path, outcome, size, incoming.digest, incoming.errors, failure)


def _refuse_rivals(incoming: Sequence[Incoming]) -> None:
    """Two different packages for one question: which of them is meant, only a person knows."""
    by_question: dict[str, list[Incoming]] = {}
    for one in incoming:
        if one.known is not None and not one.refused:
            by_question.setdefault(one.known.code, []).append(one)
    for code, rivals in by_question.items():
        if len({one.digest for one in rivals}) > 1:
            names = [one.path.name for one in rivals]
            if len(set(names)) < len(names):
                names = [one.result.path or "" for one in rivals]
            for one in rivals:
                one.obstacle = EvcliError("receive_rivals", code=code, names=names)


def _refuse_unknown(unit: str | None, table: Table) -> None:
    units = sorted({question.unit for question in table.questions()} - {""})
    if unit is None or not units or unit in units:
        return
    close = get_close_matches(unit, units, n=1)
    raise UsageError(
        "unknown_unit_near" if close else "unknown_unit", unit=unit, suggestion="".join(close), units=units
    )

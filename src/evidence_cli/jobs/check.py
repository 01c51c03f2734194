"""Check a workspace against its table."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.examine.kept import Asked, keep
from evidence_cli.examine.overview import overview
from evidence_cli.process.deadlines import turning_points
from evidence_cli.vocabulary.findings import Report
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.open import Workspace, as_workspace


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
    """Check questions, their packages, and their way through the process, against the table.

    `codes` are questions or indicators at any level; none means everything. `packages` asks for packages before the
    `pack` milestone already. `cache` lets what was seen of unchanged files before count. `jobs` is the number of
    threads and of worker processes. `now` (aware) decides milestones and waivers.
    Raises UsageError, TableError or EnvironmentFailure; whatever is wrong with the evidence is in the report.
    """
    space = as_workspace(workspace)
    codes = [codes] if isinstance(codes, str) else codes
    moment = now or datetime.now(UTC)
    seen = overview(space, codes, moment, packages=packages, cache=cache, jobs=jobs, progress=progress)
    table = space.table
    if cache and space.digest:
        points = [point for point in (table.next_change(moment), *turning_points(table.milestones)) if point]
        keep(
            Asked(space.root, tuple(codes), packages),
            space.digest,
            seen.report,
            seen.hits,
            seen.listing,
            zone=table.evaluation.timezone,
            until=min((point for point in points if point > moment), default=None),
            folders=(table.layout.indicators, table.layout.packages),
        )
    return seen.report

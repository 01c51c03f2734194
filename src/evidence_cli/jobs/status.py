"""Who owes what by when."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.examine.overview import overview
from evidence_cli.examine.standings import told
from evidence_cli.vocabulary.course import StatusReport
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.open import Workspace, as_workspace


def status(
    workspace: Workspace | Path | str | None = None,
    codes: Sequence[str] = (),
    *,
    cache: bool = True,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> StatusReport:
    """Where each chosen question stands, what is lacking, who owes it, and how long it is to its next deadline.

    `now` (aware) decides deadlines. Raises UsageError, TableError or EnvironmentFailure.
    """
    space = as_workspace(workspace)
    moment = now or datetime.now(UTC)
    seen = overview(space, codes, moment, cache=cache, jobs=jobs, progress=progress)
    return told(seen, space.table, moment)

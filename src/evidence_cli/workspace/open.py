"""A workspace that was found and whose table was read."""

from dataclasses import dataclass
from pathlib import Path

from evidence_cli.table import Table, load_table
from evidence_cli.workspace.find import TABLE_PATH, find_workspace


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace's folder and its table."""

    root: Path
    table: Table


def open_workspace(folder: Path | str | None = None) -> Workspace:
    """Open the workspace at `folder`, or else the one that EVCLI_WORKSPACE or the working directory says.

    Raises UsageError when there is none, TableError when its table is wrong, EnvironmentFailure when it cannot be read.
    """
    root = find_workspace(Path.cwd(), option=None if folder is None else Path(folder))
    return Workspace(root, load_table(root / TABLE_PATH))


def as_workspace(where: Workspace | Path | str | None) -> Workspace:
    """A workspace, opened if it is only a folder's name."""
    return where if isinstance(where, Workspace) else open_workspace(where)

"""A workspace that was found and whose table was read."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence_cli.table import Table, parse_table, read_table
from evidence_cli.workspace.find import TABLE_PATH, find_workspace


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace's folder and its table. `digest` is the SHA-256 of the table's file as it was read."""

    root: Path
    table: Table
    digest: str = ""


def open_workspace(folder: Path | str | None = None) -> Workspace:
    """Open the workspace at `folder`, or else the one that EVCLI_WORKSPACE or the working directory says.

    Raises UsageError when there is none, TableError when its table is wrong, EnvironmentFailure when it cannot be read.
    """
    root = find_workspace(Path.cwd(), option=None if folder is None else Path(folder))
    data = read_table(root / TABLE_PATH)
    return Workspace(root, parse_table(data, str(root / TABLE_PATH)), sha256(data).hexdigest())


def as_workspace(where: Workspace | Path | str | None) -> Workspace:
    """A workspace, opened if it is only a folder's name."""
    return where if isinstance(where, Workspace) else open_workspace(where)

"""Find the workspace: the nearest folder upwards that holds the table."""

import os
from collections.abc import Mapping
from pathlib import Path

from evidence_cli.vocabulary.errors import UsageError

TABLE_PATH = Path("config", "indicators.yaml")


def find_workspace(start: Path, *, option: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """The workspace's folder: `option`, else EVCLI_WORKSPACE, else upwards from `start`.

    Raises UsageError when there is none.
    """
    named = option or (Path(environ["EVCLI_WORKSPACE"]) if environ.get("EVCLI_WORKSPACE") else None)
    if named is not None:
        root = named.absolute()
        if not (root / TABLE_PATH).is_file():
            raise UsageError("no_workspace_there", path=str(named))
        return root
    found = look_upwards(start)
    if found is None:
        raise UsageError("no_workspace", path=str(start))
    return found


def look_upwards(start: Path) -> Path | None:
    """The nearest workspace at or above `start`, or None."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if (folder / TABLE_PATH).is_file()), None)

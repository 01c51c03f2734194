"""Begin a workspace: write the shipped table where there is none."""

import os
from pathlib import Path

from evidence_cli.table import default_table, load_table
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.shipped import shipped
from evidence_cli.workspace.find import TABLE_PATH, look_upwards
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.store import create_only, is_link, sweep

_SHIPPED = ("indicators.yaml", "indicators.schema.json")


def begin(folder: Path | None, *, dry_run: bool) -> tuple[Workspace, tuple[str, ...]]:
    """The workspace to make folders in, and what was written first (paths relative to it).

    `folder` is where to begin; without it EVCLI_WORKSPACE, the workspace around the working directory, or else the
    working directory itself. Raises TableError for a wrong table, EnvironmentFailure when nothing can be written.
    """
    root = _root(folder).absolute()
    if (root / TABLE_PATH).exists():
        table = load_table(root / TABLE_PATH)
        missing = [name for name in _SHIPPED if not (root / TABLE_PATH).with_name(name).exists()]
    else:
        table = default_table()
        missing = list(_SHIPPED)
    if missing and is_link(root / TABLE_PATH.parent):
        # A table may be kept elsewhere, but nothing is written there.
        if TABLE_PATH.name in missing:
            raise EnvironmentFailure("leads_out", path=TABLE_PATH.parent.as_posix())
        missing = []
    if not dry_run:
        _write(root, missing)
    return Workspace(root, table), tuple(f"{TABLE_PATH.parent.as_posix()}/{name}" for name in missing)


def _root(folder: Path | None) -> Path:
    if folder is not None:
        return folder
    if named := os.environ.get("EVCLI_WORKSPACE"):
        return Path(named)
    return look_upwards(Path.cwd()) or Path.cwd()


def _write(root: Path, names: list[str]) -> None:
    folder = (root / TABLE_PATH).parent
    try:
        if not is_link(folder):
            sweep(folder)
        if not names:
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            create_only(folder / name, shipped(f"data/{name}"))
    except OSError as error:
        raise EnvironmentFailure("write", path=str(folder), detail=error.strerror or str(error)) from error

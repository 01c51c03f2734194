"""The packages that a command line names."""

from collections.abc import Sequence
from pathlib import Path

import click

from evidence_cli.vocabulary.errors import EnvironmentFailure, UsageError
from evidence_cli.vocabulary.names import is_junk


def argument() -> click.Argument:
    """Packages, or folders in which they lie."""
    return click.Argument(["packages"], nargs=-1, required=True, metavar="ZIP...", type=click.Path(readable=False))


def named(names: Sequence[str], *, bags: bool = False) -> list[Path]:
    """The files meant, each once; a folder means the packages that lie in it, whatever packed them. With `bags` a
    folder that is an archive (a BagIt bag) means itself.

    Raises UsageError for what is not there, EnvironmentFailure for a folder that cannot be listed.
    """
    paths: list[Path] = []
    for name in names:
        path = Path(name)
        if bags and path.is_dir() and _is_archive(path):
            paths.append(path)
        elif path.is_dir():
            inside = _archives(path)
            if not inside:
                raise UsageError("no_packages", path=name)
            paths.extend(inside)
        elif path.exists() or path.is_symlink():
            paths.append(path)
        else:
            raise UsageError("no_file", path=name)
    return list(dict.fromkeys(paths))


def _is_archive(folder: Path) -> bool:
    from evidence_cli.workspace.shelf import is_archive  # late: start-up time

    try:
        return is_archive(folder)
    except OSError as error:
        raise EnvironmentFailure("read", path=str(folder), detail=error.strerror or str(error)) from error


def _archives(folder: Path) -> list[Path]:
    from evidence_cli.workspace.shelf import ARCHIVES  # late: start-up time

    try:
        files = sorted(path for path in folder.iterdir() if not path.is_dir())
    except OSError as error:
        raise EnvironmentFailure("read", path=str(folder), detail=error.strerror or str(error)) from error
    return [path for path in files if path.name.lower().endswith(ARCHIVES) and not is_junk(path.name)]

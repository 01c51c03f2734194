"""Files that come with the package: tables, schema, words."""

from pkgutil import get_data

from evidence_cli.vocabulary.errors import EnvironmentFailure


def shipped(path: str) -> bytes:
    """The bytes of a file of the package, by its path in it (`data/indicators.yaml`). Raises EnvironmentFailure."""
    # Not importlib.resources, which does the same for ten milliseconds more.
    try:
        data = get_data("evidence_cli", path)
    except OSError as error:
        raise EnvironmentFailure("read", path=path, detail=error.strerror or str(error)) from error
    if data is None:
        raise EnvironmentFailure("read", path=path, detail="not in this installation")
    return data

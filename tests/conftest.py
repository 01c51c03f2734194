"""Puts this folder on the import path, so that tests can import `support`, and keeps the user's cache out of tests."""

import os
import tempfile

import pytest

_CACHE = pytest.StashKey[tempfile.TemporaryDirectory]()


def pytest_configure(config: pytest.Config) -> None:
    """A cache of its own for every process of the run, inherited by the programs that tests start."""
    config.stash[_CACHE] = tempfile.TemporaryDirectory(prefix="evcli-cache-", ignore_cleanup_errors=True)
    os.environ["EVCLI_CACHE"] = config.stash[_CACHE].name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take it away again."""
    config.stash[_CACHE].cleanup()

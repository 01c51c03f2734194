"""Puts this folder on the import path, so that tests can import `support`, keeps the user's cache out of tests, and
has the workspaces that tests of several folders start from."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from evidence_cli.looks import cache as caching
from support.workspace import build

_CACHE = pytest.StashKey[tempfile.TemporaryDirectory]()


def pytest_configure(config: pytest.Config) -> None:
    """A cache of its own for every process of the run, inherited by the programs that tests start."""
    config.stash[_CACHE] = tempfile.TemporaryDirectory(prefix="evcli-cache-", ignore_cleanup_errors=True)
    os.environ["EVCLI_CACHE"] = config.stash[_CACHE].name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take it away again."""
    config.stash[_CACHE].cleanup()


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean workspace that nobody changes."""
    return build(tmp_path_factory.mktemp("clean"))


@pytest.fixture
def workspace(clean: Path, tmp_path: Path) -> Path:
    """A copy of the clean one, to change."""
    return shutil.copytree(clean, tmp_path / "w")


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a cache of the test's own, which also keeps what was written just now."""
    monkeypatch.setenv("EVCLI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(caching, "_YOUNG", 0)
    return tmp_path / "cache" / "facts.sqlite"

"""Submitted workspaces and archives for the tests of this folder."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.archiving import archive, submitted
from support.packing import Packer, packer
from support.workspace import build


@pytest.fixture(scope="session")
def submitted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submitted workspace that nobody changes."""
    return submitted(tmp_path_factory.mktemp("submitted") / "工作区")


@pytest.fixture
def workspace(submitted_once: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return shutil.copytree(submitted_once, tmp_path / "工作区")


@pytest.fixture(scope="session")
def bag_once(submitted_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that nobody changes."""
    root = shutil.copytree(submitted_once, tmp_path_factory.mktemp("archived") / "工作区")
    archive(root.parent / "归档", root)
    return root.parent / "归档"


@pytest.fixture
def bag(bag_once: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return shutil.copytree(bag_once, tmp_path / "归档")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packer]:
    """A program whose children run commands and come to harm."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    with packer(build(tmp_path_factory.mktemp("program"))) as started:
        yield started

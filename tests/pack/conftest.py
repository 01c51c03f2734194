"""Workspaces and the packing program for the tests of this folder."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.packing import Packer, pack, packer
from support.workspace import build


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A clean workspace without packages."""
    return build(tmp_path / "工作区")


@pytest.fixture(scope="session")
def packed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = build(tmp_path_factory.mktemp("packed") / "工作区")
    assert not pack(root).refused
    return root


@pytest.fixture
def packed(packed_once: Path, tmp_path: Path) -> Path:
    """A clean workspace with all its packages."""
    return Path(shutil.copytree(packed_once, tmp_path / "工作区"))


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packer]:
    """A program whose children pack and come to harm."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    with packer(build(tmp_path_factory.mktemp("program"))) as started:
        yield started


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of this machine may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder

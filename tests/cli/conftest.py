"""Workspaces for the command to run in."""

import shutil
from pathlib import Path

import pytest
from running import evcli

from support.workspace import QUESTIONS, build


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A clean one."""
    return build(tmp_path / "工作区")


@pytest.fixture(scope="session")
def packed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = build(tmp_path_factory.mktemp("packed") / "工作区")
    assert evcli("pack", cwd=root).code == 0
    return root


@pytest.fixture
def packed(packed_once: Path, tmp_path: Path) -> Path:
    """A clean one with all its packages."""
    return Path(shutil.copytree(packed_once, tmp_path / "工作区"))


@pytest.fixture
def graded(workspace: Path) -> Path:
    """One with an error in the first question, a warning in the second and an info in the third."""
    first, second, third = (workspace / QUESTIONS[code] for code in QUESTIONS)
    (first / "答案.docx").unlink()
    shutil.move(second / "佐证材料/03-流程图/01-归集流程.xlsx", second / "佐证材料/归集流程.xlsx")
    (third / "Thumbs.db").write_bytes(b"x")
    return workspace

"""Workspaces that are submitted, and what an archive made of one holds."""

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import evidence_cli
from support.golden import perform
from support.workspace import NOW, build

DECISIONS: list[dict[str, Any]] = [
    {"decide": "approve", "codes": ["1"]},
    {"decide": "enter", "codes": ["1"], "by": "填报操作人员"},
    {"decide": "confirm", "codes": ["1"], "by": "责任人"},
    {"submit": "指标联络员"},
]


def submitted(root: Path, patch: Mapping[str, Any] | None = None) -> Path:
    """A clean workspace, packed, decided about and submitted."""
    build(root, patch)
    perform(root, [{"pack": []}, *DECISIONS])
    return root


def archive(target: Path, root: Path, **how: Any) -> evidence_cli.ArchiveReport:
    """Archive in this process, at the moment of the tests."""
    options: dict[str, Any] = {"by": "指标联络员", "now": NOW, "jobs": 1, **how}
    return evidence_cli.archive(target, root, **options)


def held(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path, hidden ones included."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def unpacked(package: bytes) -> dict[str, bytes]:
    """The entries of a package."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def entries(bag: Path) -> list[dict[str, str]]:
    """The entries of the directory, each as its elements in their order."""
    root = ET.fromstring((bag / "data/文件目录.XML").read_bytes())
    assert root.tag == "文件目录"
    return [{element.tag: element.text or "" for element in one} for one in root]

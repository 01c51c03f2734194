"""The benchmark command runs and tells every figure; how fast anything is, is not tested here."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Those that are installed; the figures of the others are missing.
PEERS = [
    name
    for name, program in {
        "zip -r": "zip",
        "zip -r -0": "zip",
        "7z -mx=0": "7z",
        "7z -mx=1": "7z",
        "bsdtar stored": "bsdtar",
        "bsdtar": "bsdtar",
        "shutil.make_archive": sys.executable,
        "cp -r": "cp",
        "cat": "cat",
        "sha256sum": "sha256sum",
        "openssl sha256": "openssl",
    }.items()
    if shutil.which(program)
]
if importlib.util.find_spec("bagit"):
    PEERS += ["bagit create", "bagit create, 2 processes", "bagit validate", "bagit validate, 2 processes"]
GROUPS = {
    "version": ["version", "help"],
    "check": [
        "check-cold-cat",
        "check-cold-sha256",
        "check-no-cache",
        "check-warm-bare",
        "check-warm",
        "check-changed",
        "check-memory",
        "check-memory-worker",
        "check-read",
    ],
    "pack-one": ["pack-one-zip", "pack-one-cp", "pack-one-cores"],
    "peers-small": [f"peers-small {name}" for name in PEERS],
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs wait4: Linux and macOS")


def test_tiny_run(tmp_path: Path) -> None:
    report = tmp_path / "figures.json"
    only = [part for group in GROUPS for part in ("--only", group)]
    command = [sys.executable, ROOT / "benchmarks/run.py", "--size", "tiny", "--dir", tmp_path, "--json", report, *only]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=ROOT)
    assert result.stderr == ""
    assert result.returncode == 0
    document = json.loads(report.read_text(encoding="utf-8"))
    assert document["schema"] == "evcli.benchmarks/1"
    assert [figure["name"] for figure in document["figures"]] == [name for names in GROUPS.values() for name in names]
    assert all(figure["passed"] is None for figure in document["figures"])
    assert list(tmp_path.iterdir()) == [report]


def test_no_goal_is_judged_by_a_missing_peer() -> None:
    script = "from bench import Figure; print(Figure('a', 'a', None, '×', 1.0).passed)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT / "benchmarks", check=True
    )
    assert result.stdout == "None\n"

"""Helpers of the tests that pack: what lies in the folder of packages, and a program that packs from outside."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import evidence_cli
from evidence_cli.vocabulary.outcomes import PackReport
from support.workspace import NOW

_HOME = Path(evidence_cli.__path__[0]).parent
_TESTS = Path(__file__).parent.parent
_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "EVCLI_CACHE")


def pack(root: Path, *codes: str, **options: Any) -> PackReport:
    """Pack in this process, at the moment of the tests."""
    return evidence_cli.pack(root, codes, now=NOW, **options)


def outcomes(report: PackReport) -> dict[str, str]:
    """What became of each question."""
    return {result.code: str(result.outcome) for result in report.results}


def shelf(root: Path) -> dict[str, bytes]:
    """Everything below the folder of packages, hidden files included."""
    folder = root / "报送"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(package: Path) -> list[str]:
    """The entries of a package in their order."""
    with zipfile.ZipFile(package) as archive:
        return archive.namelist()


def read(package: Path, name: str) -> bytes:
    """One entry of a package."""
    with zipfile.ZipFile(package) as archive:
        return archive.read(name)


def environment(**more: str) -> dict[str, str]:
    """The environment of a child process that finds the package under test and these tests."""
    kept = {
        key: os.environ[key]
        for key in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "EVCLI_CACHE")
        if key in os.environ
    }
    return {**kept, "PYTHONPATH": f"{_HOME}{os.pathsep}{_TESTS}", "PYTHONUTF8": "1", **more}


def command(*arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] = {}, **options: Any) -> Any:
    """Run evcli in a process of its own; the completed process with its text."""
    return subprocess.run(
        [sys.executable, "-m", "evidence_cli", *map(str, arguments)],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        **options,
    )


@dataclass(slots=True)
class Packer:
    """The program of `support.packer`."""

    process: "subprocess.Popen[str]" = field(repr=False)

    def order(self, **order: Any) -> dict[str, Any]:
        """Let it pack once; how that ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def run(self, *arguments: str | Path, **order: Any) -> dict[str, Any]:
        """Let it run a command."""
        return self.order(command=[str(argument) for argument in arguments], **order)


@contextmanager
def packer(workspace: Path) -> Iterator[Packer]:
    """Start the program; it packs `workspace` once, to load everything."""
    arguments: Sequence[str] = [sys.executable, "-m", "support.packer", str(workspace)]
    with subprocess.Popen(
        arguments,
        env=environment(LANG="C.UTF-8"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield Packer(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0

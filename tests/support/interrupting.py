"""Interrupted runs: a workspace whose packages are to be renewed, and what may be found in it at any moment."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from support import zips
from support.packing import environment, pack, shelf
from support.workspace import PACKAGES, QUESTIONS, build

ABSENT, OLD, NEW, LITTER = "absent", "old", "new", "litter"
HISTORY = "历史/"
LONG_ENOUGH = 120
_BEFORE = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Stages:
    """A workspace, its packages before and after a change of every question, by name, and the folder of what others
    sent: the packages of after, and in `foreign` the same packed by another program."""

    root: Path
    old: dict[str, bytes]
    new: dict[str, bytes]
    sent: Path
    foreign: Path

    def prepare(self, *, absent: bool) -> Path:
        """The workspace as it is before: without packages, or with the old ones."""
        for folder in ("报送", ".evcli"):
            shutil.rmtree(self.root / folder, ignore_errors=True)
        if not absent:
            (self.root / "报送").mkdir()
            for name, data in self.old.items():
                (self.root / "报送" / name).write_bytes(data)
                # What a held run has planned speaks of these files.
                os.utime(self.root / "报送" / name, (_BEFORE, _BEFORE))
        return self.root

    def found(self, *, absent: bool, kept: bool = False) -> set[str]:
        """What there is now: each package absent, old or new, and whole; with `kept` no old one is ever lost."""
        now = shelf(self.root) if (self.root / "报送").exists() else {}
        states = {self._state(name, now, absent=absent, kept=kept) for name in self.old}
        left = {name for name in now if ".evcli-" in name and name.endswith(".tmp")}
        for name in now.keys() - self.old.keys() - left:
            assert kept
            assert now[name] == self._kept_as(name), f"{name}: {len(now[name])} bytes of {self._sizes(name)}"
        left |= {path.name for path in records(self.root) if path.suffix == ".tmp"}
        return states | ({LITTER} if left else set())

    def _sizes(self, name: str) -> str:
        stem = Path(name).stem.rpartition("-")[0]
        return f"old {len(self.old[f'{stem}.zip'])}, new {len(self.new[f'{stem}.zip'])}"

    def _kept_as(self, name: str) -> bytes:
        """The old package that a name below 历史 stands for."""
        folder, _, file = name.rpartition("/")
        assert f"{folder}/" == HISTORY
        return self.old[f"{Path(file).stem.rpartition('-')[0]}.zip"]

    def _state(self, name: str, now: dict[str, bytes], *, absent: bool, kept: bool) -> str:
        data = now.get(name)
        if data is None:
            assert absent
            return ABSENT
        if not absent and data == self.old[name]:
            return OLD
        assert data == self.new[name]
        if kept and not absent:
            assert now[f"{HISTORY}{Path(name).stem}-1.zip"] == self.old[name]
        return NEW

    def renewed(self) -> bool:
        """Whether exactly the new packages stand in the folder itself, whatever lies below it."""
        return {name: data for name, data in shelf(self.root).items() if "/" not in name} == self.new

    def healed(self, *, absent: bool, kept: bool = False) -> None:
        """Whether all packages are new, everything is where it belongs, and nothing else is there."""
        assert self.found(absent=absent, kept=kept) == {NEW}
        if kept:
            assert sorted(json.loads(path.read_bytes())["question"] for path in records(self.root)) == sorted(QUESTIONS)


def records(root: Path) -> list[Path]:
    """Every file among the records; each record is whole."""
    folder = root / ".evcli/records"
    found = sorted(folder.iterdir()) if folder.exists() else []
    for path in found:
        assert path.suffix == ".tmp" or json.loads(path.read_bytes())["format"] == "evcli.record/1"
    return found


def build_stages(folder: Path) -> Stages:
    """Make the workspace and what was sent, below a folder."""
    root = build(folder / "工作区")
    pack(root)
    old = shelf(root)
    for path in QUESTIONS.values():
        place = root / path / "佐证材料/09-案例"
        place.mkdir(exist_ok=True)
        (place / "09-长文.txt").write_bytes(f"第一行 {path}\n".encode() * 20_000)
    # Text is deflated; what is accepted where does not matter here.
    table = root / "config/indicators.yaml"
    table.write_text(table.read_text(encoding="utf-8") + "rules: {severity: {E302: info}}\n", encoding="utf-8")
    pack(root)
    new = shelf(root)
    assert set(old) == set(new)
    assert all(old[name] != new[name] for name in old)
    sent, foreign = Path(shutil.copytree(root / "报送", folder / "收件")), folder / "别的软件打包"
    foreign.mkdir()
    for code, path in QUESTIONS.items():
        zips.zip_folder(root / path, foreign / Path(PACKAGES[code]).name)
    return Stages(root, old, new, sent, foreign)


def moments(total: int, count: int, seed: int) -> list[int]:
    """So many different moments of a run, in order; the same ones every time."""
    return sorted(random.Random(seed).sample(range(1, total + 1), count))


def killed_by_the_clock(stages: Stages, arguments: Sequence[str], count: int, seed: int) -> Iterator[None]:
    """Kill a command over the old packages, at so many moments of the time that it takes; goes on after each."""
    stages.prepare(absent=False)
    whole = _clocked(arguments)
    for share in moments(100, count, seed):
        stages.prepare(absent=False)
        _kill_after(arguments, whole * share / 100)
        yield


def _clocked(arguments: Sequence[str]) -> float:
    """The seconds that a command takes, which must end well."""
    begun = time.monotonic()
    process = start(arguments)
    said, _ = process.communicate(timeout=LONG_ENOUGH)
    assert process.returncode == 0, said
    return time.monotonic() - begun


def _kill_after(arguments: Sequence[str], seconds: float) -> None:
    """Kill a command after a while, unless it has ended by itself."""
    process = start(arguments)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate(timeout=LONG_ENOUGH)
    assert process.returncode in (0, -signal.SIGKILL)


def at_once(*commands: Sequence[str]) -> list[tuple[int, str]]:
    """Run commands at the same time; how each ended and what it said, in their order."""
    running = [start(arguments) for arguments in commands]
    said = [process.communicate(timeout=LONG_ENOUGH)[0] for process in running]
    return [(process.returncode, text) for process, text in zip(running, said, strict=True)]


def start(arguments: Sequence[str]) -> "subprocess.Popen[str]":
    """Start evcli in a process of its own; both streams come as one."""
    return subprocess.Popen(
        [sys.executable, "-m", "evidence_cli", *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )

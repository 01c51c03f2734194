"""Run commands and see what they cost: wall time, peak memory, bytes read. For Linux and macOS."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Cost:
    """Of one run: seconds of wall time (`seconds`) and of processors (`work`), bytes of peak resident memory (of the
    largest process, where it has children), and of what its read calls and theirs gave (None: not told)."""

    seconds: float
    work: float
    memory: int
    read: int | None


@dataclass(frozen=True)
class Contestant:
    """A command, and what puts everything back before each of its runs. Standard output goes nowhere."""

    command: Sequence[str]
    folder: Path
    before: Callable[[], object] | None = None


class CommandFailedError(Exception):
    """A command that should succeed did not: its figures would mean nothing."""


def run(contestant: Contestant, environment: Mapping[str, str]) -> Cost:
    """Run once. Raises CommandFailedError."""
    if contestant.before is not None:
        contestant.before()
    begin = time.perf_counter()
    child = subprocess.Popen(
        list(contestant.command), cwd=contestant.folder, env=dict(environment), stdout=subprocess.DEVNULL
    )
    # The process is kept until its counters were read.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    seconds = time.perf_counter() - begin
    read = _bytes_read(child.pid)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise CommandFailedError(f"exit code {child.returncode}: {' '.join(contestant.command)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, read)


def peaks(contestant: Contestant, environment: Mapping[str, str]) -> tuple[int, int] | None:
    """Bytes of peak resident memory of a command, and of the largest of its children, looked at while it runs.

    None where the system does not tell (only Linux does).
    """
    if contestant.before is not None:
        contestant.before()
    own = largest = 0
    with subprocess.Popen(
        list(contestant.command), cwd=contestant.folder, env=dict(environment), stdout=subprocess.DEVNULL
    ) as child:
        while child.poll() is None:
            own = max(own, _peak(child.pid))
            largest = max([largest, *map(_peak, _children(child.pid))])
            time.sleep(0.01)
    return (own, largest) if own else None


def _children(process: int) -> list[int]:
    # Each thread has those that it started.
    lists = Path(f"/proc/{process}/task").glob("*/children")
    try:
        return [int(number) for path in lists for number in path.read_text(encoding="ascii").split()]
    except OSError:
        return []


def _peak(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def in_turn(
    contestants: Mapping[str, Contestant], rounds: int, environment: Mapping[str, str], once: Collection[str] = ()
) -> dict[str, Cost]:
    """The median costs of commands that run A B A B …, so that whatever disturbs the machine disturbs them all.

    Each runs once before, uncounted, to warm the caches; those named in `once` run in the first counted round alone.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, contestant in contestants.items():
            if name in once and number != 1:
                continue
            cost = run(contestant, environment)
            if number > 0:
                costs[name].append(cost)
    return {name: _median(values) for name, values in costs.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    reads = [cost.read for cost in costs if cost.read is not None]
    return Cost(
        median(cost.seconds for cost in costs),
        median(cost.work for cost in costs),
        max(cost.memory for cost in costs),
        int(median(reads)) if reads else None,
    )


def _bytes_read(process: int) -> int | None:
    """What the process has read, from disk or from the cache, or None where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/io").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.partition(":")[2]) for line in lines if line.startswith("rchar:")), None)

"""What every figure needs: its form, the sizes of the trees, and a place to make them and run commands in."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import trees
from kinds import make_kind
from measuring import Contestant, Cost, in_turn, run
from trees import Workspace

MEMORY_LIMIT = 150 * 1000**2  # bytes
GROWTH_LIMIT = 2.2
# evcli does not keep what it saw of a file that changed within the last three seconds.
_SETTLED = 3.5  # seconds


@dataclass(frozen=True)
class Figure:
    """One figure. `goal` is the most it may be, None where it is only shown; `parts` are what it was made of."""

    name: str
    title: str
    value: float | None
    unit: str
    goal: float | None = None
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool | None:
        """Whether the goal is reached; None where there is no goal, or nothing could be measured."""
        return None if self.goal is None or self.value is None else self.value <= self.goal


@dataclass(frozen=True)
class Size:
    """How large the trees are, how many files of one kind there are, and how often each command runs."""

    questions: int
    heavy_questions: int
    scale: float
    rounds: int
    copies: int


SIZES = {
    "full": Size(questions=120, heavy_questions=8, scale=1.0, rounds=5, copies=100),
    "quick": Size(questions=40, heavy_questions=4, scale=0.25, rounds=3, copies=40),
    "tiny": Size(questions=4, heavy_questions=4, scale=0.002, rounds=1, copies=2),
}


class Bench:
    """A place to make trees in, the size of everything, and the environment that commands run in."""

    def __init__(self, root: Path, size: Size) -> None:
        import evidence_cli

        self.root = root
        self.size = size
        self.evcli = (sys.executable, "-m", "evidence_cli")
        source = str(Path(evidence_cli.__file__).resolve().parents[1])
        self.cache = root / "cache"
        self.environment = {**os.environ, "PYTHONPATH": source, "EVCLI_LANG": "en", "EVCLI_CACHE": str(self.cache)}
        self.environment.pop("EVCLI_WORKSPACE", None)

    @contextmanager
    def workspace(self, wanted: Workspace, name: str = "workspace") -> Iterator[tuple[Path, int]]:
        """A workspace and the bytes of its content; gone afterwards."""
        with self._made(partial(trees.make_workspace, wanted=wanted), name) as made:
            yield made

    @contextmanager
    def kind(self, extension: str) -> Iterator[tuple[Path, int]]:
        """A workspace with files of one kind, and their bytes: 0 where they cannot be made."""
        with self._made(partial(make_kind, extension=extension, copies=self.size.copies), extension) as made:
            yield made

    @contextmanager
    def _made(self, make: Callable[[Path], int], name: str) -> Iterator[tuple[Path, int]]:
        folder = self.root / name
        # In a process of its own: what a parent holds when it starts a program counts as that program's memory.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            total = pool.submit(make, folder).result()
        os.sync()
        if self.size.rounds > 1:
            time.sleep(_SETTLED)
        try:
            yield folder, total
        finally:
            shutil.rmtree(folder)

    def forget(self) -> None:
        """Empty the cache, so that the next check is a cold one."""
        shutil.rmtree(self.cache, ignore_errors=True)

    def own(self, folder: Path, *arguments: str, before: Callable[[], object] | None = None) -> Contestant:
        """Evcli itself."""
        return Contestant((*self.evcli, *arguments), folder, before)

    def compete(self, once: Collection[str] = (), /, **contestants: Contestant) -> dict[str, Cost]:
        """The costs of those commands that this machine has; those named in `once` run a single time."""
        present = {name: one for name, one in contestants.items() if shutil.which(one.command[0])}
        return in_turn(present, self.size.rounds, self.environment, once)

    def quietly(self, *command: str, folder: Path | None = None) -> None:
        """Run a command that is not measured."""
        run(Contestant(command, folder or self.root), self.environment)

    def checked(self, folder: Path) -> None:
        """Check a workspace, as people do before they pack."""
        self.quietly(*self.evcli, "check", "-q", folder=folder)


def afresh(bench: Bench, folder: Path) -> None:
    """No package, no archive and no copy of an earlier run, nor anything of it still on its way to the disk."""
    (bench.root / "peer.zip").unlink(missing_ok=True)
    shutil.rmtree(bench.root / "copy", ignore_errors=True)
    empty(folder / "报送")
    os.sync()


def empty(folder: Path) -> None:
    """Remove the files in a folder."""
    for path in folder.iterdir():
        path.unlink()


def growth(times: Sequence[float]) -> float:
    """The worst of several doublings."""
    return max(after / max(before, 1e-3) for before, after in pairwise(times))


def ratio(costs: Mapping[str, Cost], peer: str, own: str = "evcli") -> float | None:
    return costs[own].seconds / costs[peer].seconds if peer in costs else None


def seconds_of(costs: Mapping[str, Cost]) -> dict[str, float]:
    return {name: cost.seconds for name, cost in costs.items()}

"""The figures: what is measured, against what, and how much is good enough."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import trees
from measuring import Contestant, Cost, in_turn
from trees import EVERYDAY, HEAVY, Workspace

_MB = 1000**2
MEMORY_LIMIT = 150 * _MB
GROWTH_LIMIT = 2.2
# The head of each file, the end of a container, its directory.
READ_A_FILE = 96 * 1024


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
    """How large the trees are, and how often each command runs."""

    questions: int
    heavy_questions: int
    scale: float
    rounds: int


SIZES = {
    "full": Size(questions=120, heavy_questions=8, scale=1.0, rounds=5),
    "quick": Size(questions=40, heavy_questions=4, scale=0.25, rounds=3),
    "tiny": Size(questions=4, heavy_questions=4, scale=0.002, rounds=1),
}


class Bench:
    """A place to make trees in, the size of everything, and the environment that commands run in."""

    def __init__(self, root: Path, size: Size) -> None:
        import evidence_cli

        self.root = root
        self.size = size
        self.evcli = (sys.executable, "-m", "evidence_cli")
        source = str(Path(evidence_cli.__file__).resolve().parents[1])
        self.environment = {**os.environ, "PYTHONPATH": source, "EVCLI_LANG": "en"}
        self.environment.pop("EVCLI_WORKSPACE", None)

    @contextmanager
    def workspace(self, wanted: Workspace, name: str = "workspace") -> Iterator[tuple[Path, int]]:
        """A workspace and the bytes of its content; gone afterwards."""
        folder = self.root / name
        # In a process of its own: what a parent holds when it starts a program counts as that program's memory.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            total = pool.submit(trees.make_workspace, folder, wanted).result()
        os.sync()
        try:
            yield folder, total
        finally:
            shutil.rmtree(folder)

    def own(self, folder: Path, *arguments: str, before: Callable[[], object] | None = None) -> Contestant:
        """Evcli itself."""
        return Contestant((*self.evcli, *arguments), folder, before)

    def compete(self, **contestants: Contestant) -> dict[str, Cost]:
        """The costs of those commands that this machine has."""
        present = {name: one for name, one in contestants.items() if shutil.which(one.command[0])}
        return in_turn(present, self.size.rounds, self.environment)

    def start_up(self) -> Cost:
        """What `evcli check` costs before there is a file."""
        with self.workspace(Workspace(0, ())) as (folder, _):
            return self.compete(evcli=self.own(folder, "check"))["evcli"]


def _ratio(costs: Mapping[str, Cost], peer: str) -> float | None:
    return costs["evcli"].seconds / costs[peer].seconds if peer in costs else None


def _seconds(costs: Mapping[str, Cost]) -> dict[str, float]:
    return {name: cost.seconds for name, cost in costs.items()}


def version(bench: Bench) -> Iterator[Figure]:
    """Start-up."""
    own, click = bench.own(bench.root, "--version"), Contestant((sys.executable, "-c", "import click"), bench.root)
    shown = bench.own(bench.root, "--help")
    costs = bench.compete(evcli=own, click=click, help=shown)
    parts = _seconds(costs)
    yield Figure("version", "evcli --version ÷ python -c 'import click'", _ratio(costs, "click"), "×", 2.0, parts)
    helped = parts["help"] / parts["click"]
    yield Figure("help", "evcli --help ÷ python -c 'import click'", helped, "×", None, parts)


def check(bench: Bench) -> Iterator[Figure]:
    """A clean workspace of many small files."""
    nothing = bench.start_up()
    wanted = Workspace(bench.size.questions, EVERYDAY)
    with bench.workspace(wanted) as (folder, total):
        find = Contestant(("find", ".", "-printf", "%p %s %T@\\n"), folder)
        costs = bench.compete(evcli=bench.own(folder, "check"), find=find)
    cost = costs["evcli"]
    parts = {**_seconds(costs), "start-up": nothing.seconds, "files": wanted.files, "bytes": total}
    more = cost.seconds - costs["find"].seconds if "find" in costs else None
    yield Figure("check", "evcli check − find -printf, clean workspace", more, "s", 2.0, parts)
    yield Figure("check-memory", "peak memory of evcli check", cost.memory / _MB, "MB", MEMORY_LIMIT / _MB)
    read = _read_a_file(cost, nothing, wanted)
    goal = READ_A_FILE / 1024
    share = {} if cost.read is None or nothing.read is None else {"share": (cost.read - nothing.read) / total}
    yield Figure("check-read", "evcli check: read of each file", read, "KiB", goal, {**share, "bytes": total})


def _read_a_file(cost: Cost, nothing: Cost, wanted: Workspace) -> float | None:
    return None if cost.read is None or nothing.read is None else (cost.read - nothing.read) / wanted.files / 1024


def flat(bench: Bench) -> Iterator[Figure]:
    """The same number of files, ten times the bytes."""
    questions = bench.size.questions // 4
    with (
        bench.workspace(Workspace(questions, EVERYDAY), "small") as (few, bytes_of_few),
        bench.workspace(Workspace(questions, EVERYDAY, 10.0), "large") as (many, bytes_of_many),
    ):
        costs = bench.compete(small=bench.own(few, "check"), large=bench.own(many, "check"))
    small, large = costs["small"], costs["large"]
    parts = {"small": small.memory / _MB, "large": large.memory / _MB, "from": bytes_of_few, "to": bytes_of_many}
    memory = large.memory / small.memory
    yield Figure("flat-memory", "memory of evcli check, ten times the bytes ÷ once", memory, "×", 1.1, parts)
    read = None if small.read is None or large.read is None else large.read / small.read
    yield Figure("flat-read", "bytes evcli check reads, ten times the bytes ÷ once", read, "×", 1.3)
    seconds = large.seconds / small.seconds
    yield Figure("flat-time", "time of evcli check, ten times the bytes ÷ once", seconds, "×", 1.5)


def check_growth(bench: Bench) -> Iterator[Figure]:
    """Twice the files, at most so much more work; the start-up is taken off.

    Work, because waiting for a processor would drown the small differences that are left.
    """
    with ExitStack() as made:
        contestants = {}
        for share in (None, 4, 2, 1):
            wanted = Workspace(bench.size.questions // share if share else 0, EVERYDAY)
            name = f"{wanted.files} files" if share else "start-up"
            folder, _ = made.enter_context(bench.workspace(wanted, name))
            contestants[name] = bench.own(folder, "check")
        parts = {name: cost.work for name, cost in bench.compete(**contestants).items()}
    growth = _growth([seconds - parts["start-up"] for name, seconds in parts.items() if name != "start-up"])
    yield Figure("check-growth", "processor time of evcli check, twice the files", growth, "×", GROWTH_LIMIT, parts)


def pack_growth(bench: Bench) -> Iterator[Figure]:
    """Twice the bytes, at most so much more time."""
    with ExitStack() as made:
        contestants = {}
        for share in (8, 4, 2):
            wanted = Workspace(bench.size.heavy_questions, HEAVY, bench.size.scale / share)
            folder, total = made.enter_context(bench.workspace(wanted, f"share-{share}"))
            own = bench.own(folder, "pack", before=partial(_empty, folder / "报送"))
            contestants[f"{total / _MB:.0f} MB"] = own
        parts = _seconds(bench.compete(**contestants))
    growth = _growth(list(parts.values()))
    yield Figure("pack-growth", "evcli pack, twice the bytes", growth, "×", GROWTH_LIMIT, parts)


def _growth(times: Sequence[float]) -> float:
    """The worst of the doublings."""
    return max(after / max(before, 1e-3) for before, after in pairwise(times))


def pack(bench: Bench) -> Iterator[Figure]:
    """Recordings, scans and pictures; then the same packages again, and verified."""
    wanted = Workspace(bench.size.heavy_questions, HEAVY, bench.size.scale)
    with bench.workspace(wanted) as (folder, total):
        costs = _packers(bench, folder)
        parts = {**_seconds(costs), "bytes": total}
        yield Figure("pack-zip", "evcli pack ÷ zip -r -0, large files", _ratio(costs, "zip"), "×", 1.0, parts)
        yield Figure("pack-cp", "evcli pack ÷ cp -r, large files", _ratio(costs, "cp"), "×", 2.0, parts)
        memory = costs["evcli"].memory / _MB
        yield Figure("pack-memory", "peak memory of evcli pack", memory, "MB", MEMORY_LIMIT / _MB)
        # The first run, which is not counted, writes them.
        again = bench.compete(evcli=bench.own(folder, "pack"))
        parts = {**_seconds(again), "first": costs["evcli"].seconds}
        again_ratio = again["evcli"].seconds / costs["evcli"].seconds
        yield Figure("pack-again", "evcli pack, all current ÷ first time", again_ratio, "×", None, parts)
        packages = sorted(str(path) for path in (folder / "报送").iterdir())
        openssl = Contestant(("openssl", "dgst", "-sha256", *packages), folder)
        verified = bench.compete(evcli=bench.own(folder, "verify", *packages), openssl=openssl)
        title = "evcli verify ÷ openssl dgst -sha256"
        yield Figure("verify", title, _ratio(verified, "openssl"), "×", None, _seconds(verified))
        memory = verified["evcli"].memory / _MB
        yield Figure("verify-memory", "peak memory of evcli verify", memory, "MB", MEMORY_LIMIT / _MB)


def pack_small(bench: Bench) -> Iterator[Figure]:
    """Many small files in many packages, start-up included."""
    with bench.workspace(Workspace(bench.size.questions, EVERYDAY)) as (folder, total):
        costs = _packers(bench, folder)
    parts = {**_seconds(costs), "bytes": total}
    yield Figure("pack-small-zip", "evcli pack ÷ zip -r -0, small files", _ratio(costs, "zip"), "×", None, parts)
    yield Figure("pack-small-cp", "evcli pack ÷ cp -r, small files", _ratio(costs, "cp"), "×", None, parts)


def pack_one(bench: Bench) -> Iterator[Figure]:
    """A single question with large files: nothing to spread over questions."""
    with bench.workspace(Workspace(1, HEAVY, bench.size.scale)) as (folder, total):
        costs = _packers(bench, folder)
    parts = {**_seconds(costs), "bytes": total}
    yield Figure("pack-one-zip", "evcli pack ÷ zip -r -0, one question", _ratio(costs, "zip"), "×", 1.0, parts)
    yield Figure("pack-one-cp", "evcli pack ÷ cp -r, one question", _ratio(costs, "cp"), "×", None, parts)


def _packers(bench: Bench, folder: Path) -> dict[str, Cost]:
    zipped, copy = bench.root / "peer.zip", bench.root / "copy"

    def afresh() -> None:
        # Nothing of an earlier run may still be on its way to the disk.
        _clear(zipped, copy)
        _empty(folder / "报送")
        os.sync()

    costs = bench.compete(
        evcli=bench.own(folder, "pack", before=afresh),
        zip=Contestant(("zip", "-q", "-r", "-0", str(zipped), "指标"), folder, afresh),
        cp=Contestant(("cp", "-r", "指标", str(copy)), folder, afresh),
    )
    afresh()
    return costs


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _clear(*paths: Path) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


GROUPS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "version": version,
    "check": check,
    "flat": flat,
    "check-growth": check_growth,
    "pack": pack,
    "pack-small": pack_small,
    "pack-one": pack_one,
    "pack-growth": pack_growth,
}

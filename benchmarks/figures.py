"""The figures: what is measured, against what, and how much is good enough."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path

from bench import Bench, Figure, ratio, seconds_of
from kinds import KINDS
from measuring import Contestant, Cost, peaks
from trees import EVERYDAY, HEAVY, Workspace

_MB = 1000**2
MEMORY_LIMIT = 150 * _MB
GROWTH_LIMIT = 2.2
# Every file is read whole; a container's directory and what a library seeks for, once more.
READ_SHARE = 1.5
# What a program must do at least to know the names, sizes and times of all files.
_WALK = """import os
def walk(folder):
    with os.scandir(folder) as listing:
        for entry in listing:
            if entry.is_dir(follow_symlinks=False):
                walk(entry.path)
            else:
                entry.stat(follow_symlinks=False)
walk(".")"""


def version(bench: Bench) -> Iterator[Figure]:
    """Start-up."""
    own, click = bench.own(bench.root, "--version"), Contestant((sys.executable, "-c", "import click"), bench.root)
    shown = bench.own(bench.root, "--help")
    costs = bench.compete(evcli=own, click=click, help=shown)
    parts = seconds_of(costs)
    yield Figure("version", "evcli --version ÷ python -c 'import click'", ratio(costs, "click"), "×", 2.0, parts)
    helped = parts["help"] / parts["click"]
    yield Figure("help", "evcli --help ÷ python -c 'import click'", helped, "×", None, parts)


def check(bench: Bench) -> Iterator[Figure]:
    """A clean workspace of many small files, seen for the first time and again."""
    wanted = Workspace(bench.size.questions, EVERYDAY)
    with bench.workspace(wanted) as (folder, total), bench.workspace(Workspace(0, ()), "nothing") as (empty, _):
        every = ("find", "指标", "-type", "f", "-exec")
        peers = {
            "start-up": bench.own(empty, "check"),
            "find": Contestant(("find", ".", "-printf", "%p %s %T@\\n"), folder),
            "walk": Contestant((sys.executable, "-c", _WALK), folder),
            "cat": Contestant((*every, "cat", "{}", "+"), folder),
        }
        if shutil.which("openssl"):
            peers["openssl"] = Contestant((*every, "openssl", "dgst", "-sha256", "{}", "+"), folder)
        cold = bench.own(folder, "check", before=bench.forget)
        # Behind the cold one, whose cache it finds.
        own = {"cold": cold, "warm": bench.own(folder, "check"), "no cache": bench.own(folder, "check", "--no-cache")}
        costs = bench.compete(**own, **peers)
        memory = peaks(cold, bench.environment)
    nothing = costs["start-up"]
    parts = {**seconds_of(costs), "files": wanted.files, "bytes": total}
    yield Figure(
        "check-cold-cat", "evcli check, cold ÷ cat of all files", ratio(costs, "cat", "cold"), "×", None, parts
    )
    title = "evcli check, cold ÷ openssl dgst -sha256 of all files"
    yield Figure("check-cold-sha256", title, ratio(costs, "openssl", "cold"), "×")
    title = "evcli check --no-cache ÷ cold, with a cache to fill"
    yield Figure("check-no-cache", title, costs["no cache"].seconds / costs["cold"].seconds, "×")
    more = costs["warm"].seconds - nothing.seconds
    yield Figure("check-warm", "evcli check, warm − its start-up", more, "s", 1.0)
    title = "evcli check, warm − its start-up, ÷ find -printf"
    yield Figure("check-warm-find", title, more / costs["find"].seconds if "find" in costs else None, "×")
    title = "evcli check, warm − its start-up, ÷ os.scandir and stat"
    yield Figure("check-warm-walk", title, more / costs["walk"].seconds, "×")
    yield from _what_it_takes(costs["cold"], nothing, total, memory)


def _what_it_takes(cold: Cost, nothing: Cost, total: int, memory: tuple[int, int] | None) -> Iterator[Figure]:
    limit = MEMORY_LIMIT / _MB
    own, largest = (None, None) if memory is None else (memory[0] / _MB, memory[1] / _MB)
    yield Figure("check-memory", "peak memory of evcli check, cold", own, "MB", limit)
    yield Figure("check-memory-worker", "peak memory of its largest worker", largest, "MB", limit)
    share = None if cold.read is None or nothing.read is None else (cold.read - nothing.read) / total
    yield Figure("check-read", "bytes evcli check reads, workers too, ÷ all bytes", share, "×", READ_SHARE)


def every_kind(bench: Bench) -> Iterator[Figure]:
    """Each kind of file by itself: how fast it is looked at, start-up of evcli taken off."""
    with bench.workspace(Workspace(0, ()), "nothing") as (empty, _):
        for extension in KINDS:
            with bench.kind(extension) as (folder, total):
                own = {"cold": bench.own(folder, "check", before=bench.forget), "warm": bench.own(folder, "check")}
                costs = bench.compete(nothing=bench.own(empty, "check"), **own) if total else None
            yield _of_kind(extension, bench.size.copies, total, costs)


def _of_kind(extension: str, copies: int, total: int, costs: Mapping[str, Cost] | None) -> Figure:
    name, title = f"kind-{extension}", f"{extension}: files a second, cold"
    if costs is None:
        return Figure(name, title, None, "/s")
    first, again = (max(costs[run].seconds - costs["nothing"].seconds, 1e-3) for run in ("cold", "warm"))
    parts = {
        "MB/s": total / _MB / first,
        "warm /s": copies / again,
        "warm MB/s": total / _MB / again,
        "KB each": total / copies / 1000,
        "files": copies,
    }
    return Figure(name, title, copies / first, "/s", None, parts)


def flat(bench: Bench) -> Iterator[Figure]:
    """The same number of files, ten times the bytes: read whole the first time, not at all the second."""
    questions = bench.size.questions // 4
    with (
        bench.workspace(Workspace(questions, EVERYDAY), "small") as (few, bytes_of_few),
        bench.workspace(Workspace(questions, EVERYDAY, 10.0), "large") as (many, bytes_of_many),
    ):
        costs = bench.compete(
            small=bench.own(few, "check"),
            large=bench.own(many, "check"),
            **{
                "small cold": bench.own(few, "check", "--no-cache"),
                "large cold": bench.own(many, "check", "--no-cache"),
            },
        )
    small, large = costs["small"], costs["large"]
    first, tenfold = costs["small cold"], costs["large cold"]
    memory = tenfold.memory / first.memory
    parts = {"small": first.memory / _MB, "large": tenfold.memory / _MB, "from": bytes_of_few, "to": bytes_of_many}
    yield Figure("flat-memory", "memory of evcli check, cold, ten times the bytes ÷ once", memory, "×", 1.5, parts)
    seconds = tenfold.seconds / first.seconds
    yield Figure("flat-cold", "time of evcli check, cold, ten times the bytes ÷ once", seconds, "×", 10.0)
    read = None if small.read is None or large.read is None else large.read / small.read
    yield Figure("flat-read", "bytes evcli check reads, warm, ten times the bytes ÷ once", read, "×", 1.3)
    seconds = large.seconds / small.seconds
    yield Figure("flat-time", "time of evcli check, warm, ten times the bytes ÷ once", seconds, "×", 1.5)


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
            contestants[name] = bench.own(folder, "check", "--no-cache")
        parts = {name: cost.work for name, cost in bench.compete(**contestants).items()}
    growth = _growth([seconds - parts["start-up"] for name, seconds in parts.items() if name != "start-up"])
    yield Figure(
        "check-growth", "processor time of evcli check, cold, twice the files", growth, "×", GROWTH_LIMIT, parts
    )


def pack_growth(bench: Bench) -> Iterator[Figure]:
    """Twice the bytes, at most so much more time."""
    with ExitStack() as made:
        contestants = {}
        for share in (8, 4, 2):
            wanted = Workspace(bench.size.heavy_questions, HEAVY, bench.size.scale / share)
            folder, total = made.enter_context(bench.workspace(wanted, f"share-{share}"))
            own = bench.own(folder, "pack", before=partial(_empty, folder / "报送"))
            contestants[f"{total / _MB:.0f} MB"] = own
        parts = seconds_of(bench.compete(**contestants))
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
        parts = {**seconds_of(costs), "bytes": total}
        yield Figure("pack-zip", "evcli pack ÷ zip -r -0, large files", ratio(costs, "zip"), "×", 1.0, parts)
        yield Figure("pack-cp", "evcli pack ÷ cp -r, large files", ratio(costs, "cp"), "×", 2.0, parts)
        memory = costs["evcli"].memory / _MB
        yield Figure("pack-memory", "peak memory of evcli pack", memory, "MB", MEMORY_LIMIT / _MB)
        # The first run, which is not counted, writes them.
        again = bench.compete(evcli=bench.own(folder, "pack"))
        parts = {**seconds_of(again), "first": costs["evcli"].seconds}
        again_ratio = again["evcli"].seconds / costs["evcli"].seconds
        yield Figure("pack-again", "evcli pack, all current ÷ first time", again_ratio, "×", None, parts)
        packages = sorted(str(path) for path in (folder / "报送").iterdir())
        openssl = Contestant(("openssl", "dgst", "-sha256", *packages), folder)
        verified = bench.compete(evcli=bench.own(folder, "verify", *packages), openssl=openssl)
        title = "evcli verify ÷ openssl dgst -sha256"
        yield Figure("verify", title, ratio(verified, "openssl"), "×", None, seconds_of(verified))
        memory = verified["evcli"].memory / _MB
        yield Figure("verify-memory", "peak memory of evcli verify", memory, "MB", MEMORY_LIMIT / _MB)


def pack_small(bench: Bench) -> Iterator[Figure]:
    """Many small files in many packages, start-up included; checked before, and not."""
    with bench.workspace(Workspace(bench.size.questions, EVERYDAY)) as (folder, total):
        costs = _packers(bench, folder)
    parts = {**seconds_of(costs), "bytes": total}
    yield Figure("pack-small-zip", "evcli pack ÷ zip -r -0, small files", ratio(costs, "zip"), "×", None, parts)
    yield Figure("pack-small-cp", "evcli pack ÷ cp -r, small files", ratio(costs, "cp"), "×")
    title = "evcli pack, never checked before ÷ zip -r -0, small files"
    yield Figure("pack-small-cold", title, ratio(costs, "zip", "cold"), "×")


def pack_one(bench: Bench) -> Iterator[Figure]:
    """A single question with large files: nothing to spread over questions."""
    with bench.workspace(Workspace(1, HEAVY, bench.size.scale)) as (folder, total):
        costs = _packers(bench, folder)
    parts = {**seconds_of(costs), "bytes": total}
    yield Figure("pack-one-zip", "evcli pack ÷ zip -r -0, one question", ratio(costs, "zip"), "×", 1.0, parts)
    yield Figure("pack-one-cp", "evcli pack ÷ cp -r, one question", ratio(costs, "cp"), "×", None, parts)


def _packers(bench: Bench, folder: Path) -> dict[str, Cost]:
    zipped, copy = bench.root / "peer.zip", bench.root / "copy"

    def afresh() -> None:
        # Nothing of an earlier run may still be on its way to the disk.
        _clear(zipped, copy)
        _empty(folder / "报送")
        os.sync()

    def never_seen() -> None:
        bench.forget()
        afresh()

    costs = bench.compete(
        cold=bench.own(folder, "pack", before=never_seen),
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
    "kinds": every_kind,
    "flat": flat,
    "check-growth": check_growth,
    "pack": pack,
    "pack-small": pack_small,
    "pack-one": pack_one,
    "pack-growth": pack_growth,
}

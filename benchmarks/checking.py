"""Figures of start-up and of `evcli check`."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench import GROWTH_LIMIT, MEMORY_LIMIT, Bench, Figure, growth, ratio, seconds_of
from kinds import KINDS
from measuring import Contestant, Cost, peaks
from trees import EVERYDAY, Workspace

_MB = 1000**2
# Every file is read whole; a container's directory and what a library seeks for, once more.
READ_SHARE = 1.5
# What a program like this one must load at least.
_IMPORTS = "import click, pydantic, yaml, rich.console"
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
    yield Figure("version", "evcli --version ÷ python -c 'import click'", ratio(costs, "click"), "×", 1.5, parts)
    helped = parts["help"] / parts["click"]
    yield Figure("help", "evcli --help ÷ python -c 'import click'", helped, "×", None, parts)


def check(bench: Bench) -> Iterator[Figure]:
    """A clean workspace of many small files, seen for the first time and again."""
    wanted = Workspace(bench.size.questions, EVERYDAY)
    with bench.workspace(wanted) as (folder, total), bench.workspace(Workspace(0, ()), "nothing") as (empty, _):
        every = ("find", "指标", "-type", "f", "-exec")
        peers = {
            "start-up": bench.own(empty, "check", "--no-cache"),
            "find": Contestant(("find", ".", "-printf", "%p %s %T@\\n"), folder),
            "imports": Contestant((sys.executable, "-c", _IMPORTS), folder),
            "walk": Contestant((sys.executable, "-c", _WALK), folder),
            "cat": Contestant((*every, "cat", "{}", "+"), folder),
        }
        if shutil.which("openssl"):
            peers["openssl"] = Contestant((*every, "openssl", "dgst", "-sha256", "{}", "+"), folder)
        cold = bench.own(folder, "check", before=bench.forget)
        # Behind the cold one, whose cache it finds.
        own = {"cold": cold, "warm": bench.own(folder, "check"), "no cache": bench.own(folder, "check", "--no-cache")}
        costs = bench.compete(**own, **peers)
        changed = bench.compete(changed=bench.own(folder, "check", before=partial(_touch, folder)))
        memory = peaks(cold, bench.environment)
    nothing = costs["start-up"]
    parts = {**seconds_of({**costs, **changed}), "files": wanted.files, "bytes": total}
    yield Figure(
        "check-cold-cat", "evcli check, cold ÷ cat of all files", ratio(costs, "cat", "cold"), "×", None, parts
    )
    title = "evcli check, cold ÷ openssl dgst -sha256 of all files"
    yield Figure("check-cold-sha256", title, ratio(costs, "openssl", "cold"), "×")
    title = "evcli check --no-cache ÷ cold, with a cache to fill"
    yield Figure("check-no-cache", title, costs["no cache"].seconds / costs["cold"].seconds, "×")
    bare = costs["find"].seconds + costs["imports"].seconds if "find" in costs else None
    title = "evcli check, warm ÷ (find -printf + python -c 'import click, pydantic, yaml, rich.console')"
    yield Figure("check-warm-bare", title, costs["warm"].seconds / bare if bare else None, "×", 2.0)
    yield Figure("check-warm", "evcli check, warm", costs["warm"].seconds, "s", 1.0)
    yield Figure("check-changed", "evcli check, one file changed", changed["changed"].seconds, "s")
    yield from _what_it_takes(costs["cold"], nothing, total, memory)


def _what_it_takes(cold: Cost, nothing: Cost, total: int, memory: tuple[int, int] | None) -> Iterator[Figure]:
    limit = MEMORY_LIMIT / _MB
    own, largest = (None, None) if memory is None else (memory[0] / _MB, memory[1] / _MB)
    yield Figure("check-memory", "peak memory of evcli check, cold", own, "MB", limit)
    yield Figure("check-memory-worker", "peak memory of its largest worker", largest, "MB", limit)
    share = None if cold.read is None or nothing.read is None else (cold.read - nothing.read) / total
    yield Figure("check-read", "bytes evcli check reads, workers too, ÷ all bytes", share, "×", READ_SHARE)


def _touch(folder: Path) -> None:
    """Let one file seem changed."""
    path = min(folder.glob("指标/*/*/佐证材料/*/*.pdf"))
    os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))


def every_kind(bench: Bench) -> Iterator[Figure]:
    """Each kind of file by itself: how fast it is looked at, start-up of evcli taken off."""
    with bench.workspace(Workspace(0, ()), "nothing") as (empty, _):
        for extension in KINDS:
            with bench.kind(extension) as (folder, total):
                nothing, cold = bench.own(empty, "check", "--no-cache"), bench.own(folder, "check", "--no-cache")
                costs = bench.compete(nothing=nothing, cold=cold) if total else None
            yield _of_kind(extension, bench.size.copies, total, costs)


def _of_kind(extension: str, copies: int, total: int, costs: Mapping[str, Cost] | None) -> Figure:
    name, title = f"kind-{extension}", f"{extension}: files a second, cold"
    if costs is None:
        return Figure(name, title, None, "/s")
    first = max(costs["cold"].seconds - costs["nothing"].seconds, 1e-3)
    parts = {"MB/s": total / _MB / first, "KB each": total / copies / 1000, "files": copies}
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
    worst = growth([seconds - parts["start-up"] for name, seconds in parts.items() if name != "start-up"])
    yield Figure(
        "check-growth", "processor time of evcli check, cold, twice the files", worst, "×", GROWTH_LIMIT, parts
    )

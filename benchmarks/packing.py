"""Figures of `evcli pack` and `evcli verify`, against what else makes or reads archives."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench import GROWTH_LIMIT, MEMORY_LIMIT, Bench, Figure, afresh, empty, growth, ratio, seconds_of
from measuring import Contestant, Cost
from trees import EVERYDAY, HEAVY, Workspace

_MB = 1000**2


def pack(bench: Bench) -> Iterator[Figure]:
    """Recordings, scans and pictures; then the same packages again, and verified."""
    wanted = Workspace(bench.size.heavy_questions, HEAVY, bench.size.scale)
    with bench.workspace(wanted) as (folder, total):
        costs = _packers(bench, folder)
        parts = {**seconds_of(costs), "bytes": total}
        yield Figure("pack-cp", "evcli pack ÷ cp -r, large files", ratio(costs, "cp"), "×", 1.3, parts)
        yield Figure("pack-zip", "evcli pack ÷ zip -r -0, large files", ratio(costs, "zip"), "×", 1 / 3)
        title = "evcli pack, never checked before ÷ cp -r, large files"
        yield Figure("pack-cold-cp", title, ratio(costs, "cp", "cold"), "×")
        memory = costs["evcli"].memory / _MB
        yield Figure("pack-memory", "peak memory of evcli pack", memory, "MB", MEMORY_LIMIT / _MB)
        # The first run, which is not counted, writes them.
        again = bench.compete(evcli=bench.own(folder, "pack"))
        parts = {**seconds_of(again), "first": costs["evcli"].seconds}
        again_ratio = again["evcli"].seconds / costs["evcli"].seconds
        yield Figure("pack-again", "evcli pack, all current ÷ first time", again_ratio, "×", None, parts)
        yield from _verified(bench, folder)


def _verified(bench: Bench, folder: Path) -> Iterator[Figure]:
    packages = sorted(str(path) for path in (folder / "报送").iterdir())
    costs = bench.compete(
        # It looks into every text; that takes long, and is long enough for one run to tell.
        frozenset({"cold"}),
        evcli=bench.own(folder, "verify", *packages),
        cold=bench.own(folder, "verify", "--no-cache", *packages),
        openssl=Contestant(("openssl", "dgst", "-sha256", *packages), folder),
        sha256sum=Contestant(("sha256sum", *packages), folder),
    )
    parts = seconds_of(costs)
    yield Figure("verify", "evcli verify ÷ openssl dgst -sha256", ratio(costs, "openssl"), "×", 1.3, parts)
    title = "evcli verify, content never seen before ÷ openssl dgst -sha256"
    yield Figure("verify-cold", title, ratio(costs, "openssl", "cold"), "×")
    yield Figure("verify-sha256sum", "evcli verify ÷ sha256sum", ratio(costs, "sha256sum"), "×")
    memory = costs["evcli"].memory / _MB
    yield Figure("verify-memory", "peak memory of evcli verify", memory, "MB", MEMORY_LIMIT / _MB)


def pack_small(bench: Bench) -> Iterator[Figure]:
    """Many small files in many packages, start-up included; checked before, and not."""
    with bench.workspace(Workspace(bench.size.questions, EVERYDAY)) as (folder, total):
        costs = _packers(bench, folder)
    parts = {**seconds_of(costs), "bytes": total}
    yield Figure("pack-small-zip", "evcli pack ÷ zip -r -0, small files", ratio(costs, "zip"), "×", 1 / 1.5, parts)
    yield Figure("pack-small-cp", "evcli pack ÷ cp -r, small files", ratio(costs, "cp"), "×")
    title = "evcli pack, never checked before ÷ zip -r -0, small files"
    yield Figure("pack-small-cold", title, ratio(costs, "zip", "cold"), "×")


def pack_one(bench: Bench) -> Iterator[Figure]:
    """A single question with large files: nothing to spread over questions, and yet both cores."""
    with bench.workspace(Workspace(1, HEAVY, bench.size.scale)) as (folder, total):
        costs = _packers(bench, folder)
    parts = {**seconds_of(costs), "bytes": total}
    yield Figure("pack-one-zip", "evcli pack ÷ zip -r -0, one question", ratio(costs, "zip"), "×", 1.0, parts)
    yield Figure("pack-one-cp", "evcli pack ÷ cp -r, one question", ratio(costs, "cp"), "×")
    own = costs["evcli"]
    yield Figure("pack-one-cores", "processors that evcli pack keeps busy, one question", own.work / own.seconds, "")


def pack_growth(bench: Bench) -> Iterator[Figure]:
    """Twice the bytes, at most so much more time."""
    with ExitStack() as made:
        contestants = {}
        for share in (8, 4, 2):
            wanted = Workspace(bench.size.heavy_questions, HEAVY, bench.size.scale / share)
            folder, total = made.enter_context(bench.workspace(wanted, f"share-{share}"))
            own = bench.own(folder, "pack", before=partial(empty, folder / "报送"))
            contestants[f"{total / _MB:.0f} MB"] = own
        parts = seconds_of(bench.compete(**contestants))
    worst = growth(list(parts.values()))
    yield Figure("pack-growth", "evcli pack, twice the bytes", worst, "×", GROWTH_LIMIT, parts)


def _packers(bench: Bench, folder: Path) -> dict[str, Cost]:
    zipped, copy = bench.root / "peer.zip", bench.root / "copy"
    again = partial(afresh, bench, folder)

    def never_seen() -> None:
        bench.forget()
        again()

    def checked() -> None:
        # First: a check of packages that were written just now keeps nothing.
        again()
        bench.checked(folder)
        os.sync()

    costs = bench.compete(
        cold=bench.own(folder, "pack", before=never_seen),
        evcli=bench.own(folder, "pack", before=checked),
        zip=Contestant(("zip", "-q", "-r", "-0", str(zipped), "指标"), folder, again),
        cp=Contestant(("cp", "-r", "指标", str(copy)), folder, again),
    )
    again()
    return costs

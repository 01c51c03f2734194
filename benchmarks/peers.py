"""Everything that archives, copies or hashes, beside `evcli pack` in the same run."""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench import Bench, Figure, afresh
from measuring import Contestant, Cost
from trees import EVERYDAY, HEAVY, Workspace

_MB = 1000**2
_ARCHIVE = "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', '.', '指标')"
_BAGIT = (sys.executable, "-m", "bagit", "--sha256", "--quiet")
_EVERY = ("find", "指标", "-type", "f", "-exec")
# What takes minutes over gigabytes.
_SLOW = frozenset({"zip -r", "7z -mx=1", "bsdtar", "shutil.make_archive"})


def small(bench: Bench) -> Iterator[Figure]:
    """Many small files in many packages, checked before."""
    with bench.workspace(Workspace(bench.size.questions, EVERYDAY)) as (folder, total):
        yield from _compared("peers-small", _contest(bench, folder, frozenset()), total)


def large(bench: Bench) -> Iterator[Figure]:
    """Gigabytes. The slow ones run once."""
    with bench.workspace(Workspace(bench.size.heavy_questions, HEAVY, bench.size.scale)) as (folder, total):
        yield from _compared("peers-large", _contest(bench, folder, _SLOW), total)


def _compared(group: str, costs: dict[str, Cost], total: int) -> Iterator[Figure]:
    own = costs["evcli"].seconds
    for name, cost in costs.items():
        if name != "evcli":
            parts = {"evcli": own, name: cost.seconds, "MB/s": total / _MB / cost.seconds}
            yield Figure(f"{group} {name}", f"evcli pack ÷ {name}", own / cost.seconds, "×", None, parts)


def _contest(bench: Bench, folder: Path, once: frozenset[str]) -> dict[str, Cost]:
    zipped, copy = str(bench.root / "peer.zip"), str(bench.root / "copy")
    again = partial(afresh, bench, folder)

    def peer(*command: str) -> Contestant:
        return Contestant(command, folder, again)

    archivers = {
        "zip -r": ("zip", "-q", "-r", zipped, "指标"),
        "zip -r -0": ("zip", "-q", "-r", "-0", zipped, "指标"),
        "7z -mx=0": ("7z", "a", "-tzip", "-mx=0", "-bso0", "-bsp0", zipped, "指标"),
        "7z -mx=1": ("7z", "a", "-tzip", "-mx=1", "-bso0", "-bsp0", zipped, "指标"),
        "bsdtar stored": ("bsdtar", "--format=zip", "--options=zip:compression=store", "-cf", zipped, "指标"),
        "bsdtar": ("bsdtar", "--format=zip", "-cf", zipped, "指标"),
        "shutil.make_archive": (sys.executable, "-c", _ARCHIVE, zipped.removesuffix(".zip")),
        "cp -r": ("cp", "-r", "指标", copy),
        "cat": (*_EVERY, "cat", "{}", "+"),
        "sha256sum": (*_EVERY, "sha256sum", "{}", "+"),
        "openssl sha256": (*_EVERY, "openssl", "dgst", "-sha256", "{}", "+"),
    }
    contestants = {name: peer(*command) for name, command in archivers.items()}
    if importlib.util.find_spec("bagit"):
        contestants |= _bags(bench, folder)
    bench.checked(folder)
    costs = bench.compete(once, evcli=bench.own(folder, "pack", before=again), **contestants)
    again()
    return costs


def _bags(bench: Bench, folder: Path) -> dict[str, Contestant]:
    """bagit.py on the whole tree as one bag. It moves the files into the bag, so it gets copies: a link to a file would
    change the time that tells evcli whether it is still the same."""
    bag = bench.root / "copy"

    def copied() -> None:
        afresh(bench, folder)
        shutil.copytree(folder / "指标", bag)

    def made() -> None:
        copied()
        bench.quietly(*_BAGIT, str(bag))

    create, validate = (*_BAGIT, str(bag)), (*_BAGIT, "--validate", str(bag))
    two = ("--processes", "2")
    return {
        "bagit create": Contestant(create, folder, copied),
        "bagit create, 2 processes": Contestant((*_BAGIT, *two, str(bag)), folder, copied),
        "bagit validate": Contestant(validate, folder, made),
        "bagit validate, 2 processes": Contestant((*validate, *two), folder, made),
    }

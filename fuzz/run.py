"""Look at thousands of damaged files: python fuzz/run.py [LOOKER …] [--count 10000] [--corpus DIR] [--show NUMBER].

Every looker gets its own process. An exception that escapes, a look over 5 s or 300 MB and a process that dies are
failures; so is a look that ended as “crashed”, since an inspector should know its own format's faults.
The number that is shown makes the same file again: `python fuzz/run.py pdf --show 4711 > bad.pdf`.
"""

import argparse
import os
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from mutating import mutated
from seeds import SEEDS, gate

from evidence_cli.looks.look import look
from evidence_cli.looks.wanted import Wanted

_SECONDS = 5.0
_MEGABYTES = 300.0
_LARGEST = 2_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen lookers; 1 if one failed."""
    options = _parser().parse_args(arguments)
    names = options.lookers or list(SEEDS)
    if options.show is not None:
        sys.stdout.buffer.write(mutated(_seeds(names[0], options.corpus), options.show))
        return 0
    return int(sum(_apart(name, options) for name in names) > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lookers", nargs="*", metavar="LOOKER", help=f"some of: {', '.join(SEEDS)}")
    parser.add_argument("--count", type=int, default=10_000, help="how many files for each looker")
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    parser.add_argument(
        "--corpus", type=Path, help="a folder of real files; those with a looker's extensions are seeds"
    )
    parser.add_argument("--show", type=int, metavar="NUMBER", help="write the damaged file of this number and end")
    return parser


def _seeds(name: str, corpus: Path | None) -> list[bytes]:
    extensions, make = SEEDS[name]
    real = [path for path in sorted(corpus.rglob("*")) if path.is_file()] if corpus else []
    named = [path for path in real if path.suffix.lower().lstrip(".") in extensions]
    seeds = [*make(), *(path.read_bytes() for path in named if path.stat().st_size < _LARGEST)]
    return [seed for seed in seeds if seed]


def _apart(name: str, options: argparse.Namespace) -> int:
    """One looker in a process of its own, begun anew behind a file that ends it; the number of failures."""
    failures, first, last = 0, options.first, options.first + options.count
    while first < last:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                _run(name, options.corpus, range(first, last), writing)
            except BaseException:  # noqa: BLE001 - the parent only sees how it ended
                traceback.print_exc()
                os._exit(3)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            lines = stream.read().decode().splitlines()
        status = os.waitpid(child, 0)[1]
        failures += sum(line.startswith("FAIL") for line in lines)
        print("\n".join(line for line in lines if not line.startswith("at ")), flush=True)
        if status == 0:
            break
        at = max((int(line[3:]) for line in lines if line.startswith("at ")), default=first)
        print(f"FAIL {name} {at}: the process died, status {status}", flush=True)
        failures, first = failures + 1, at + 1
    return failures


def _run(name: str, corpus: Path | None, numbers: range, pipe: int) -> None:
    seeds, wanted = _seeds(name, corpus), Wanted(gate())
    extension = SEEDS[name][0][0]

    def say(line: str) -> None:
        os.write(pipe, f"{line}\n".encode())

    for seed in seeds:  # libraries are loaded before memory counts
        look(BytesIO(seed), size=len(seed), extension=extension, wanted=wanted)
    start = _peak()
    health: Counter[str] = Counter()
    slowest, total = 0.0, 0.0
    for number in numbers:
        data = mutated(seeds, number)
        say(f"at {number}")
        before, began = _peak(), time.process_time()
        try:
            facts = look(BytesIO(data), size=len(data), extension=extension, wanted=wanted)
        except Exception as problem:  # noqa: BLE001 - that is what is looked for
            where = traceback.extract_tb(problem.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            say(f"FAIL {name} {number}: {type(problem).__name__} in {where.name}, {place}")
            continue
        took = time.process_time() - began
        slowest, total = max(slowest, took), total + took
        health[f"{facts.format} {facts.health}" if facts.format in name else str(facts.health)] += 1
        if any(gap.reason == "crashed" for gap in facts.gaps):
            say(f"FAIL {name} {number}: an inspector let {facts.detail} through")
        if took > _SECONDS:
            say(f"FAIL {name} {number}: {took:.1f} s")
        if _peak() - before > _MEGABYTES:
            say(f"FAIL {name} {number}: {_peak() - before:.0f} MB")
    found = ", ".join(f"{key} {count}" for key, count in health.most_common())
    speed = len(numbers) / total if total else 0
    say(f"{name}: {len(numbers)} files, slowest {slowest:.2f} s, {_peak() - start:.0f} MB, {speed:.0f}/s: {found}")


def _peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())

"""Measure evcli against its peers in one run: python benchmarks/run.py [--quick] [--only NAME] [--json FILE]."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import SIZES, Bench, Figure
from figures import GROUPS
from measuring import CommandFailedError

_MARKS = {True: "pass", False: "FAIL", None: "-"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen groups; 1 if a goal was missed, 2 if a command failed."""
    options = _parser().parse_args(arguments)
    size = "quick" if options.quick else options.size
    found: list[Figure] = []
    machine = _machine()
    _say(", ".join(f"{name} {value}" for name, value in machine.items()) + f", size {size}\n")
    if machine["load"] > machine["cores"] / 2:
        _say("The machine is busy: differences mean nothing now, ratios little.\n")
    if options.dir:
        Path(options.dir).mkdir(parents=True, exist_ok=True)
    try:
        # Resolved: a command may be told the folder under another name than it asks for itself.
        with tempfile.TemporaryDirectory(prefix="evcli-bench-", dir=options.dir) as folder:
            wanted = replace(SIZES[size], rounds=options.rounds) if options.rounds else SIZES[size]
            bench = Bench(Path(folder).resolve(), wanted)
            for name in options.only or GROUPS:
                for figure in GROUPS[name](bench):
                    # Of trees so small the figures mean nothing.
                    found.append(replace(figure, goal=None) if size == "tiny" else figure)
                    _say(_row(found[-1]))
    except CommandFailedError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.json:
        options.json.write_text(_document(found, size, machine), encoding="utf-8")
    return int(any(figure.passed is False for figure in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller trees, fewer rounds (--size quick)")
    parser.add_argument("--size", choices=list(SIZES), default="full", help="tiny only shows that everything runs")
    parser.add_argument("--rounds", type=int, metavar="N", help="counted runs of each command")
    parser.add_argument("--only", action="append", choices=list(GROUPS), help="this group; may be repeated")
    parser.add_argument("--dir", help="where to make the trees: 12 GB, in a temporary folder that is removed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser


def _machine() -> dict[str, Any]:
    """`load` is how many programs wanted a processor in the last minute, before anything is measured."""
    return {
        "cores": os.cpu_count() or 1,
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def _row(figure: Figure) -> str:
    value = "not measured" if figure.value is None else f"{figure.value:.2f} {figure.unit}"
    goal = "" if figure.goal is None else f"≤ {figure.goal:g} {figure.unit}"
    parts = ", ".join(f"{name} {_number(value)}" for name, value in figure.parts.items())
    return f"{_MARKS[figure.passed]:4}  {figure.title:58} {value:>12}  {goal:10}  {parts}".rstrip()


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 1000 else f"{value:,.0f}"


def _document(found: Sequence[Figure], size: str, machine: dict[str, Any]) -> str:
    figures = [
        {
            "name": figure.name,
            "title": figure.title,
            "value": figure.value,
            "unit": figure.unit,
            "goal": figure.goal,
            "passed": figure.passed,
            "parts": figure.parts,
        }
        for figure in found
    ]
    document = {"schema": "evcli.benchmarks/1", "machine": machine, "size": size, "figures": figures}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

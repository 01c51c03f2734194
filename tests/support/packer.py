"""A program that packs in child processes which are killed, or have no rights, at a moment that is counted, not timed.

It reads one order per line from standard input, as JSON, and answers with one line: how the child ended, how often it
asked the operating system for something, and what it printed. The modules are loaded once, so that a child without
rights needs none to load them.
"""

import contextlib
import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from evidence_cli import pack
from evidence_cli.cli.main import run
from evidence_cli.vocabulary.progress import Progress
from support.rights import give_up

# What changes something on disk, or asks about it.
_EVENTS = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.scandir", "os.listdir"}


class _Ends:
    """Sends this process a signal at the n-th event."""

    def __init__(self, at: int, number: int) -> None:
        self.at, self.number, self.seen = at, number, 0

    def count(self, amount: int = 1) -> None:
        before, self.seen = self.seen, self.seen + amount
        if before < self.at <= self.seen:
            os.kill(os.getpid(), self.number)

    def hook(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS:
            self.count()


class _Bytes(Progress):
    def __init__(self, ends: _Ends) -> None:
        self.ends, self.packing = ends, False

    def begin(self, stage: str, total: int) -> None:
        self.packing = stage == "pack"

    def advance(self, amount: int) -> None:
        if self.packing:
            self.ends.count(amount)


def _child(order: dict[str, Any], answer: int) -> None:
    ends = _Ends(order.get("at", 0), order.get("signal", signal.SIGKILL))
    if order.get("ordinary"):
        give_up()
    if umask := order.get("umask"):
        os.umask(umask)
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        if order.get("count") == "bytes":
            pack(Path(order["root"]), jobs=order.get("jobs", 1), progress=_Bytes(ends))
            code = 0
        else:
            sys.addaudithook(ends.hook)
            code = run(order["command"])
    os.write(answer, json.dumps({"code": code, "events": ends.seen, "text": text.getvalue()}).encode())
    os._exit(0)


def _obey(order: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _child(order, writing)
        finally:
            os._exit(70)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"status": status, **(json.loads(said) if said else {})}


def main() -> None:
    """Load everything by packing once, then obey."""
    with contextlib.redirect_stdout(io.StringIO()):
        run(["pack", "-w", sys.argv[1]])
        run(["verify", *map(str, Path(sys.argv[1], "报送").glob("*.zip"))])
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_obey(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

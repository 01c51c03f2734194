"""A program that works in child processes which are killed, or have no rights, at a moment that is counted, not timed.

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

from evidence_cli import pack, receive
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


class _Calls:
    """Counts every call into C: between any two of them lies a moment."""

    def __init__(self, ends: _Ends) -> None:
        self.ends = ends

    def begin(self) -> None:
        sys.setprofile(self._profile)

    def _profile(self, _frame: Any, event: str, _argument: Any) -> None:
        if event == "c_call":
            self.ends.count()


class _Bytes(Progress):
    def __init__(self, ends: _Ends) -> None:
        self.ends, self.packing = ends, False

    def begin(self, stage: str, total: int) -> None:
        self.packing = stage == "pack"

    def advance(self, amount: int) -> None:
        if self.packing:
            self.ends.count(amount)


class _Held(Progress):
    """Holds a run where everything is read and judged, which takes long, and nothing is written yet; lets a child go on
    from there each time it is told to, until it is told to end."""

    def __init__(self) -> None:
        self.answer = -1

    def serve(self) -> None:
        """Hold the run here."""
        _say({"status": 0})
        for line in sys.stdin:
            order = json.loads(line)
            if order.get("end"):
                os._exit(0)
            if "command" in order:
                _say(_obey(order))
                continue
            reading, self.answer = os.pipe()
            child = os.fork()
            if child == 0:
                self.ends = _Ends(order.get("at", 0), signal.SIGKILL)
                _Calls(self.ends).begin()
                return
            os.close(self.answer)
            _say(_ending(child, reading))


class _Judged(_Held):
    def __init__(self, packages: int) -> None:
        super().__init__()
        self.left = packages

    def advance(self, amount: int) -> None:
        self.left -= amount
        if self.left == 0:
            self.serve()


class _Planned(_Held):
    def begin(self, stage: str, total: int) -> None:
        if stage == "pack":
            self.serve()


def _hold(order: dict[str, Any]) -> None:
    root, held = Path(order["root"]), _Planned()
    if order["hold"] == "receive":
        packages = [Path(path) for path in order["packages"]]
        held = _Judged(len(packages))
        report = receive(packages, root, repack=order["repack"], jobs=1, progress=held)
    else:
        report = pack(root, jobs=1, progress=held)
    sys.setprofile(None)
    outcomes = [str(result.outcome) for result in report.results]
    os.write(held.answer, json.dumps({"events": held.ends.seen, "outcomes": outcomes}).encode())
    os._exit(0)


def _child(order: dict[str, Any], answer: int) -> None:
    if "hold" in order:
        _hold(order)
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
    return _ending(child, reading)


def _ending(child: int, reading: int) -> dict[str, Any]:
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"status": status, **(json.loads(said) if said else {})}


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Load everything by packing and receiving once, then obey."""
    silent = io.StringIO()
    with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
        run(["pack", "-w", sys.argv[1]])
        packages = sorted(map(str, Path(sys.argv[1], "报送").glob("*.zip")))
        run(["verify", *packages])
        run(["receive", "-w", sys.argv[1], *packages])
    for line in sys.stdin:
        _say(_obey(json.loads(line)))


if __name__ == "__main__":
    main()

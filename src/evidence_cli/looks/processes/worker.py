"""A process that looks at files for another one, which `workers` starts.

Whatever a file does to a library (crash, hang, take all memory) ends this process and nothing else. It reads requests
from standard input and writes facts to standard output; see `wire` and `workers`.
"""

import os
import signal
import sys
from io import BytesIO
from typing import Any, BinaryIO

from evidence_cli.looks.cells import cells, cells_out
from evidence_cli.looks.codec import facts_out, wanted_in
from evidence_cli.looks.look import identify, look_inside
from evidence_cli.looks.opening import Window, open_regular
from evidence_cli.looks.processes.wire import receive, send
from evidence_cli.looks.sample import sample_of
from evidence_cli.looks.transcript import transcript
from evidence_cli.looks.wanted import Wanted
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.gate import Gate

# What one look may take; of the memory, Python and the libraries need some 40 MB themselves.
_MEMORY = 300 * 1000 * 1000  # bytes
_SECONDS = 5.0  # of the processor
_SECONDS_PER_BYTE = 1 / 50_000_000


def main() -> None:
    """Answer requests until standard input ends."""
    requests, replies = _take_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    gate: dict[str, Any] = {}
    while (request := receive(requests)) is not None:
        if "gate" in request:
            gate = request["gate"]
            send(replies, {"ready": True})
            continue
        for file in request["files"]:
            data = requests.read(file["data"]) if "data" in file else b""
            _limit_time(file["size"])
            wanted = wanted_in(gate, file["template"], file["name"])
            if request["depth"] == "unsearched":
                wanted = Wanted(Gate(position=wanted.gate.position))
            reply = _reply(file, data, wanted, request["depth"])
            _limit_time(None)
            send(replies, reply)


def _reply(file: Any, data: bytes, wanted: Wanted, depth: str) -> Any:
    try:
        with _open(file, data) as stream:
            sample = sample_of(stream, size=file["size"], extension=file["extension"])
            facts = identify(sample)
            if depth == "transcribed":
                return dict(transcript(sample, facts)._asdict())
            if depth == "cells":
                return {"cells": cells_out(cells(sample, facts))}
            return {"facts": facts_out(facts if depth == "identified" else look_inside(sample, facts, wanted))}
    except EnvironmentFailure as failure:
        return {"failure": failure.key, "detail": str(failure.params.get("detail", ""))}
    except OSError as error:
        return {"error": error.strerror or str(error), "vanished": isinstance(error, FileNotFoundError)}


def _open(request: Any, data: bytes) -> BinaryIO:
    if "data" in request:
        return BytesIO(data)
    # A name that is no Unicode crosses as the surrogates that stand for its bytes.
    file = open_regular(request["path"])
    if request["offset"] is None:
        return file
    return Window(file, request["offset"], request["size"])  # type: ignore[return-value]


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """The two streams for messages; what a library prints must not get among them."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    sys.stdout = sys.stderr
    return requests, replies


def _limit_memory() -> None:
    """Where the system can: an allocation beyond the limit fails instead of making the computer swap."""
    if sys.platform == "linux":
        # Not on every platform.
        import resource  # late: start-up time

        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time(size: int | None) -> None:
    """Where the system can: end this process when a look has used its processor time. None lifts the limit."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, 0.0 if size is None else _SECONDS + size * _SECONDS_PER_BYTE)

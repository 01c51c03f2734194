"""Look at files in processes of their own, as many at once as there are jobs.

Not a pool of `multiprocessing`: those hang where a worker dies, and start the program anew on Windows. A worker that
crashes, hangs or takes too much memory costs one look, and that look says so.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import Any, NamedTuple, Self

from evidence_cli.looks.cells import Cells, cells_in
from evidence_cli.looks.codec import facts_in, gate_out
from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.processes.wire import receive, send
from evidence_cli.looks.transcript import MAX_CHARACTERS, Transcript
from evidence_cli.looks.tree import Location
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.gate import Gate

# How long a look may take by the clock: a slow share is no hostile file, so this is generous. Processor time is
# limited more strictly in the worker itself, where the system can.
_PATIENCE = 30.0  # seconds
_SLOWEST = 1_000_000  # bytes a second
# A library that leaks a little with every file must not make the last ones fail.
_LOOKS_OF_ONE = 2000
# How far a look goes: everything; all but the search of the text; what the file is.
_SEARCHED, _UNSEARCHED, _IDENTIFIED = "searched", "unsearched", "identified"
# Instead of a look: the text for people to copy; the cells of a workbook.
_TRANSCRIBED, _CELLS = "transcribed", "cells"
# What a worker may say of its environment.
_FAILURES = ("libmagic",)
_HOME = str(Path(__file__).parents[3])
_PROGRAM = "import sys; sys.path.append(sys.argv.pop()); from evidence_cli.looks.processes.worker import main; main()"


class Request(NamedTuple):
    """A file to look at: its place or its bytes, how many they are, its extension (lower case, no dot), the lines of
    its template if it is an answer, and its name where that is to be searched."""

    source: Location | bytes
    size: int
    extension: str
    template: Sequence[str] | None = None
    name: str = ""


_Seen = Facts | OSError | Transcript | Cells


class Workers:
    """Up to `jobs` worker processes, started when they are needed. Close it after use; threads may share it."""

    def __init__(self, gate: Gate, jobs: int) -> None:
        self._gate = gate_out(gate)
        self._idle: LifoQueue[_Worker | None] = LifoQueue()
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None
        for _ in range(jobs):
            self._idle.put(None)

    def look(
        self, source: Location | bytes, *, size: int, extension: str, template: Sequence[str] | None = None
    ) -> Facts:
        """The facts of one file, from its place or its bytes; as `look` does, but in a worker.

        What the worker does not survive is in the facts' gaps. Raises OSError as opening and reading do,
        EnvironmentFailure when a worker cannot be started or a library is missing.
        """
        [seen] = self.look_at([Request(source, size, extension, template)])
        if isinstance(seen, OSError):
            raise seen
        return seen

    def look_at(self, requests: Sequence[Request]) -> list[Facts | OSError]:
        """As `look`, of several files: one worker takes them one after the other and waits for nobody between them.

        What cannot be opened or read has its error in the place of its facts. Raises EnvironmentFailure.
        """
        results: list[_Seen] = []
        while len(results) < len(requests):
            rest = requests[len(results) :]
            # Bytes go alone: a worker that answers while more are sent would wait for us, and we for it.
            places = list(takewhile(lambda request: not isinstance(request.source, bytes), rest))
            try:
                self._look(places or rest[:1], results)
            except _DiedError as died:
                results.append(self._again(requests[len(results)], died.reason))
        return [seen for seen in results if isinstance(seen, Facts | OSError)]

    def transcribe(self, request: Request) -> Transcript:
        """The text of one file. Raises OSError as opening and reading do, EnvironmentFailure without a worker."""
        found = self._instead(request, _TRANSCRIBED)
        return found if isinstance(found, Transcript) else Transcript("", str(found))

    def cells(self, request: Request) -> Cells:
        """The cells of one file. Raises OSError as opening and reading do, EnvironmentFailure without a worker."""
        found = self._instead(request, _CELLS)
        return found if isinstance(found, Cells) else Cells(lacking=str(found))

    def _instead(self, request: Request, depth: str) -> Transcript | Cells | str:
        """What is asked for instead of a look, or the reason why it did not come. Raises OSError."""
        results: list[_Seen] = []
        try:
            self._look([request], results, depth=depth)
        except _DiedError as died:
            return died.reason
        [found] = results
        if isinstance(found, OSError):
            raise found
        return "crashed" if isinstance(found, Facts) else found

    def _again(self, request: Request, reason: str) -> _Seen:
        """Of a file whose look ended a worker: whether it was this file or those before it, a fresh worker tells."""
        found: list[_Seen] = []
        if reason == "crashed":
            try:
                self._look([request], found, fresh=True)
            except _DiedError as died:
                reason = died.reason
            else:
                return found[0]
        # What it is, and perhaps whether it is whole, may still be told.
        for depth in (_UNSEARCHED, _IDENTIFIED) if reason == "time" else (_IDENTIFIED,):
            with suppress(_DiedError):
                self._look([request], found, fresh=True, depth=depth)
                break
        seen = found[0] if found else Facts("other")
        if not isinstance(seen, Facts):
            return seen
        gap = Gap("text" if seen.writing is not None else "inside", reason)
        return replace(seen, writing=None, gaps=(*seen.gaps, gap))

    def _look(
        self,
        requests: Sequence[Request],
        results: list[_Seen],
        *,
        fresh: bool = False,
        depth: str = _SEARCHED,
    ) -> None:
        """Add results as they come; raises _DiedError when the worker ends before its next one."""
        worker = self._idle.get()
        try:
            if worker is None or worker.looks >= (1 if fresh else _LOOKS_OF_ONE) or not worker.alive:
                self._end(worker)
                worker = None
                worker = self._start()
            for seen in worker.look_at(requests, depth):
                # Of an old worker's memory, all that came before may have taken its share.
                short = isinstance(seen, Facts) and any(gap.reason == "memory" for gap in seen.gaps)
                if not short or worker.looks == 1:
                    results.append(seen)
                if short:
                    self._end(worker)
                    worker = None
                    return
        except BaseException:
            # Answers to what it was asked beside may still come.
            self._end(worker)
            worker = None
            raise
        finally:
            self._idle.put(worker)

    def _start(self) -> "_Worker":
        worker = _Worker(self._gate)
        with self._lock:
            if self._closed.is_set():
                worker.end()
                raise EnvironmentFailure("no_worker", detail="closed")
            self._all.add(worker)
            if self._watch is None:
                self._watch = threading.Thread(target=self._end_the_late, daemon=True)
                self._watch.start()
        return worker

    def _end(self, worker: "_Worker | None") -> None:
        if worker is not None:
            with self._lock:
                self._all.discard(worker)
            worker.end()

    def _end_the_late(self) -> None:
        while not self._closed.wait(0.25):
            with self._lock:
                late = [worker for worker in self._all if worker.deadline < time.monotonic()]
            for worker in late:
                worker.late = True
                worker.kill()

    def close(self) -> None:
        """End all workers, also those that still look."""
        self._closed.set()
        with self._lock:
            workers, self._all = self._all, set()
        for worker in workers:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _DiedError(Exception):
    """The worker did not survive the look, for this reason of a Gap."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Worker:
    def __init__(self, gate: dict[str, Any]) -> None:
        self.looks = 0
        self.deadline = float("inf")
        self.late = False
        self._greeted = False
        self._inside = False
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            # `-P`: what lies in the current folder is evidence, never a module. This package need not be installed,
            # and must come last: beside it may lie what has the name of a module of Python.
            self._process = subprocess.Popen(  # noqa: S603 - this program itself, by a path of Python's own
                [sys.executable, "-P", "-c", _PROGRAM, _HOME],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if os.environ.get("EVCLI_DEBUG") == "1" else subprocess.DEVNULL,
                creationflags=flags,
            )
        except OSError as error:
            raise EnvironmentFailure("no_worker", detail=error.strerror or str(error)) from error
        self._send({"gate": gate})

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def looking(self) -> bool:
        """Whether it looks inside a file just now."""
        return self._greeted and self._inside and self.deadline != float("inf")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def look_at(self, requests: Sequence[Request], depth: str) -> Iterator[_Seen]:
        """One result after the other. Raises _DiedError instead of the next one."""
        self._inside = depth != _IDENTIFIED
        self._be_patient(requests[0])
        try:
            self._greet()
            files, data = zip(*map(_message, requests), strict=True)
            self._send({"files": files, "depth": depth}, b"".join(data))
            for request in requests:
                self._be_patient(request)
                self.looks += 1
                yield self._result()
        finally:
            self.deadline = float("inf")

    def _be_patient(self, request: Request) -> None:
        self.deadline = time.monotonic() + _PATIENCE + request.size / _SLOWEST

    def _result(self) -> _Seen:
        # A process that read hostile bytes may answer anything; what makes no sense is no answer.
        try:
            reply = self._receive()
            if "facts" in reply:
                return facts_in(reply["facts"])
            if "text" in reply:
                return Transcript(str(reply["text"])[:MAX_CHARACTERS], str(reply["lacking"]))
            if "cells" in reply:
                return cells_in(reply["cells"])
            if "error" in reply:
                vanished, detail = bool(reply["vanished"]), str(reply["error"])
                return FileNotFoundError(None, detail) if vanished else OSError(None, detail)
            if reply["failure"] in _FAILURES:
                raise EnvironmentFailure(reply["failure"], detail=str(reply["detail"]))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            pass
        raise _DiedError(self._reason())

    def _greet(self) -> None:
        """See that it runs at all: a broken installation is no fault of a file."""
        if not self._greeted and self._receive() is None:
            self.kill()
            raise EnvironmentFailure("no_worker", detail=f"exit {self._process.wait()}")
        self._greeted = True

    def _reason(self) -> str:
        """Why it is gone: SIGPROF tells that its processor time was used up."""
        self.kill()
        ended = self._process.wait()
        if self.late or ended == -getattr(signal, "SIGPROF", 0):
            return "time"
        return "crashed"

    def _send(self, message: Any, data: bytes = b"") -> None:
        stream = self._process.stdin
        with suppress(OSError):  # the answer that does not come tells more
            if stream is not None:
                send(stream, message, data)

    def _receive(self) -> Any:
        stream = self._process.stdout
        return None if stream is None else receive(stream)

    def kill(self) -> None:
        if self.alive:
            self._process.kill()

    def end(self) -> None:
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was not sent any more is of no use
                    stream.close()


def _message(request: Request) -> tuple[dict[str, Any], bytes]:
    message: dict[str, Any] = {"size": request.size, "extension": request.extension, "name": request.name}
    message["template"] = None if request.template is None else list(request.template)
    if isinstance(request.source, bytes):
        return message | {"data": len(request.source)}, request.source
    return message | {"path": request.source.path, "offset": request.source.offset or None}, b""

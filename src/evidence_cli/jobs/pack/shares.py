"""Fill many small packages in several processes, where the system can fork: threads of one interpreter would wait for
each other at every call to the system.
"""

import os
import pickle
import signal
import struct
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Advance = Callable[[int], None]

# What a child sends: how many bytes it has filled; less than nothing announces its results, so many bytes of them.
_MESSAGE = struct.Struct("<q")
_SOME_BYTES = 4 * 1024 * 1024


class Orphaned(BaseException):
    """Whoever began this is gone: what is not in its place yet is of no use to anybody."""


def in_shares(
    write: Callable[[Sequence[Item], Advance], Sequence[Result]],
    items: Sequence[Item],
    count: int,
    advance: Advance,
    lost: Callable[[Item], Result],
) -> list[Result]:
    """The results of `write` for the items in their order, each of `count` processes with its share.

    `write` gets a share and what to tell progress (bytes); it runs here and in forked processes, and what it returns
    must fit pickle. `lost` makes the results of a process that died. An exception here ends the others too.
    """
    shares = [items[number::count] for number in range(count)]
    children: list[_Child[Item, Result]] = []
    try:
        children.extend(_Child(write, share) for share in shares[1:])
        # Only now: a process that has threads should not fork.
        for child in children:
            child.listen(advance)
        done = [list(write(shares[0], advance))]
    except BaseException:
        for child in children:
            child.interrupt()
        raise
    finally:
        for child in children:
            child.wait()
    for child, share in zip(children, shares[1:], strict=True):
        done.append(list(child.results) if child.results is not None else [lost(item) for item in share])
    return [done[number % count][number // count] for number in range(len(items))]


class _Child(Generic[Item, Result]):
    """A forked process with its share; `results` are None unless it came to its end."""

    def __init__(self, write: Callable[[Sequence[Item], Advance], Sequence[Result]], share: Sequence[Item]) -> None:
        self.results: Sequence[Result] | None = None
        parent = os.getpid()
        self._reading, writing = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            code = 1
            try:
                os.close(self._reading)
                _work(write, share, writing, parent)
                code = 0
            finally:
                # Nothing that is shared with the parent is flushed or closed a second time.
                os._exit(code)
        os.close(writing)
        self._listener: threading.Thread | None = None

    def listen(self, advance: Advance) -> None:
        """Pass on what it tells, in a thread, to its end."""
        self._listener = threading.Thread(target=self._pass_on, args=(advance,))
        self._listener.start()

    def _pass_on(self, advance: Advance) -> None:
        with os.fdopen(self._reading, "rb") as stream:
            while len(header := stream.read(_MESSAGE.size)) == _MESSAGE.size:
                [number] = _MESSAGE.unpack(header)
                if number >= 0:
                    advance(number)
                    continue
                data = stream.read(-number)
                if len(data) == -number:
                    self.results = pickle.loads(data)  # noqa: S301 - from this very program

    def interrupt(self) -> None:
        """Let it stop, and clean up behind itself."""
        os.kill(self._process, signal.SIGINT)

    def wait(self) -> None:
        """Wait for its end, and for what it told."""
        os.waitpid(self._process, 0)
        if self._listener is not None:
            self._listener.join()


def _work(
    write: Callable[[Sequence[Item], Advance], Sequence[Result]], share: Sequence[Item], writing: int, parent: int
) -> None:
    told = 0

    def advance(amount: int) -> None:
        nonlocal told
        if os.getppid() != parent:
            raise Orphaned
        told += amount
        if told >= _SOME_BYTES:
            os.write(writing, _MESSAGE.pack(told))
            told = 0

    results = pickle.dumps(list(write(share, advance)))
    message = memoryview(_MESSAGE.pack(told) + _MESSAGE.pack(-len(results)) + results)
    while message:
        message = message[os.write(writing, message) :]

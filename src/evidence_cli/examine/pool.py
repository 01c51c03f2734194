"""Work on several things at once, with threads: reading and hashing release the interpreter's lock."""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def default_jobs() -> int:
    """How many threads to use unless told: one per processor this process may use, eight at most."""
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:
        usable = os.cpu_count() or 1
    return max(1, min(8, usable))


def in_parallel(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int, *, stop: threading.Event | None = None
) -> Sequence[Result]:
    """The results in the order of the items. The first exception stops what has not begun and is raised.

    `stop` is set when that happens, for work that can end early: an interruption waits for what is going on.
    """
    todo = list(items)
    if jobs <= 1 or len(todo) <= 1:
        return [work(item) for item in todo]
    from concurrent.futures import ThreadPoolExecutor  # late: start-up time

    with ThreadPoolExecutor(max_workers=min(jobs, len(todo))) as pool:
        try:
            # Submitting too may be interrupted, when the first ones already run.
            futures = [pool.submit(work, item) for item in todo]
            return [future.result() for future in futures]
        except BaseException:
            if stop is not None:
                stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise

"""One worker for the runs of many cases: starting one takes longer than looking at all files of a small workspace."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from evidence_cli.looks.cells import Cells
from evidence_cli.looks.facts import Facts
from evidence_cli.looks.processes import workers
from evidence_cli.looks.processes.workers import Request, Workers
from evidence_cli.vocabulary.gate import Gate

_Key = tuple[Any, ...]


class _Shared:
    """Looks at the same bytes once. Of no use where workers end, hang or must not see a file."""

    def __init__(self, gate: Gate) -> None:
        self.workers = Workers(gate, 1)
        self._seen: dict[_Key, Facts] = {}

    def look_at(self, requests: Sequence[Request]) -> list[Facts | OSError]:
        return [self._one(request) for request in requests]

    def cells(self, request: Request) -> Cells:
        return self.workers.cells(request)

    def close(self) -> None:
        """The next run goes on with it."""

    def _one(self, request: Request) -> Facts | OSError:
        try:
            key = _key(request)
        except OSError as error:
            return error
        if key not in self._seen:
            [found] = self.workers.look_at([request])
            if isinstance(found, OSError):
                return found
            self._seen[key] = found
        return self._seen[key]


def _key(request: Request) -> _Key:
    source = request.source
    if isinstance(source, bytes):
        data = source
    else:
        with Path(source.path).open("rb") as stream:
            stream.seek(source.offset or 0)
            data = stream.read(request.size)
    return data, request.extension, tuple(request.template or ()), request.name


@contextmanager
def shared_looks() -> Iterator[None]:
    """Inside the block every run looks through the same workers, one for each gate."""
    there: dict[str, _Shared] = {}

    def shared(gate: Gate, jobs: int) -> _Shared:
        return there.setdefault(repr(gate), _Shared(gate))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "Workers", shared)
        try:
            yield
        finally:
            for one in there.values():
                one.workers.close()

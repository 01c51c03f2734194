"""Somebody who changes the workspace while evcli works on it, at a moment that is counted, not timed."""

from collections.abc import Callable

from evidence_cli.vocabulary.progress import Progress


class Meddler(Progress):
    """Does something to the workspace when a stage begins, or when so many bytes are packed."""

    def __init__(self, stage: str, action: Callable[[], object], *, after: int = 0) -> None:
        self.stage, self.action, self.left, self.done = stage, action, after, False
        self.now = ""

    def begin(self, stage: str, total: int) -> None:
        self.now = stage
        self._act()

    def advance(self, amount: int) -> None:
        if self.now == self.stage:
            self.left -= amount
            self._act()

    def _act(self) -> None:
        if self.now == self.stage and self.left <= 0 and not self.done:
            self.done = True
            self.action()

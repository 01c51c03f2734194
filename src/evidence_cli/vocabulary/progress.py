"""How a long job tells what it is doing; silent unless somebody listens."""


class Progress:
    """The listener that does nothing. A terminal's progress bar overrides both methods; threads may call them."""

    def begin(self, stage: str, total: int) -> None:
        """A stage begins: `stage` is a catalogue key (`progress.<stage>`), `total` its questions, files or bytes."""

    def advance(self, amount: int) -> None:
        """So many more are done."""


SILENT = Progress()

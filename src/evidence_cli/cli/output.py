"""Standard output: the report and nothing else goes there, and losing it is an error of its own."""

import sys


class StdoutFailure(Exception):  # noqa: N818 - the word of the field for what the environment does
    """Standard output cannot be written to."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(cause)
        self.cause = cause


def say(text: str) -> None:
    """Write to standard output. Raises StdoutFailure."""
    try:
        sys.stdout.write(text)
    except OSError as error:
        raise StdoutFailure(error) from error

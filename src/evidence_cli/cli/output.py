"""Standard output: the report and nothing else goes there, and losing it is an error of its own."""

import errno
import io
import os
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


class _Closed(io.TextIOBase):
    """Standard output of a process that was started without one."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        """There is nowhere to write to. Raises OSError."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def prepare_streams() -> None:
    """Make both streams fit to write any text to: what a console of another code page cannot show becomes an escape."""
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

"""Looking at a file's bytes: what it is, and whether it is whole. It never judges.

Our own look comes first; libmagic names the rest. At most the head, a container's directory, two small
members and, for an answer, its text are read.
"""

from collections.abc import Callable
from typing import BinaryIO

from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.ole import look_at_ole
from evidence_cli.looks.ooxml import look_at_zip
from evidence_cli.looks.plain import look_at_rest
from evidence_cli.looks.recordings import recording_of
from evidence_cli.looks.sample import Sample, sample_of
from evidence_cli.looks.signatures import signature_of


def _look_at_signature(sample: Sample) -> Facts | None:
    name = signature_of(sample.head)
    return Facts(name) if name else None


def _look_at_recording(sample: Sample) -> Facts | None:
    name = recording_of(sample)
    return Facts(name) if name else None


# In this order, the first that answers. A new kind of container is one row here.
_LOOKERS: tuple[Callable[[Sample], Facts | None], ...] = (
    look_at_zip,
    look_at_ole,
    _look_at_signature,
    _look_at_recording,
)


def look(stream: BinaryIO, *, size: int, extension: str, want_text: bool = False) -> Facts:
    """The facts of one file.

    `stream` is seekable and stands at its start, `size` is the file's length in bytes. `extension` (no dot,
    lower case) only refines plain text and names an Office file whose content is out of sight. `want_text`
    asks for the readable text of an answer.

    Raises OSError when reading fails, EnvironmentFailure("libmagic", detail=…) when libmagic is missing.
    """
    if size == 0:
        return Facts("empty", Health.EMPTY)
    sample = sample_of(stream, size=size, extension=extension, want_text=want_text)
    if not sample.head:
        return Facts("empty", Health.EMPTY)
    for looker in _LOOKERS:
        facts = looker(sample)
        if facts is not None:
            return facts
    return look_at_rest(sample)

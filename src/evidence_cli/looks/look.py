"""Looking at a file's bytes: what it is, whether it is whole, what it holds. It never judges.

Our own look comes first; libmagic names the rest. What a format has inside is the business of `looks.inside`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from evidence_cli.looks.facts import Facts, Gap, Health
from evidence_cli.looks.identify.ole import look_at_ole
from evidence_cli.looks.identify.ooxml import look_at_zip
from evidence_cli.looks.identify.plain import look_at_rest
from evidence_cli.looks.identify.recordings import recording_of
from evidence_cli.looks.identify.signatures import signature_of
from evidence_cli.looks.inside import Inside, inspector
from evidence_cli.looks.sample import BombError, LockedError, Sample, TornError, sample_of
from evidence_cli.looks.text.gate_search import found_in_name
from evidence_cli.looks.text.writing import write_up
from evidence_cli.looks.wanted import Wanted
from evidence_cli.vocabulary.kinds import Kind


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


def look(stream: BinaryIO, *, size: int, extension: str, wanted: Wanted | None = None) -> Facts:
    """The facts of one file.

    `stream` is seekable and stands at its start, `size` is the file's length in bytes. `extension` (no dot,
    lower case) only refines plain text and names an Office file whose content is out of sight.

    Raises OSError when reading fails, EnvironmentFailure("libmagic", detail=…) when libmagic is missing.
    """
    if size == 0:
        return Facts("empty", Health.EMPTY)
    sample = sample_of(stream, size=size, extension=extension)
    return look_inside(sample, identify(sample), wanted or Wanted())


def identify(sample: Sample) -> Facts:
    """What the file is, from its head and a container's directory. Raises as `look` does."""
    if not sample.head:
        return Facts("empty", Health.EMPTY)
    for looker in _LOOKERS:
        facts = looker(sample)
        if facts is not None:
            return facts
    return look_at_rest(sample)


def look_inside(sample: Sample, facts: Facts, wanted: Wanted) -> Facts:
    """What the file holds, and what its name gives away. Raises OSError when reading fails."""
    facts = _inside(sample, facts, wanted)
    named = found_in_name(wanted.gate, wanted.name).spotted() if wanted.name else ()
    return replace(facts, named=named) if named else facts


def _inside(sample: Sample, facts: Facts, wanted: Wanted) -> Facts:
    """Looks only where nothing is known to be wrong yet, and there is an inspector of the format."""
    if facts.health is not Health.OK or facts.gaps:
        return facts
    inspect = inspector(facts.format)
    if inspect is None:
        # Of a program or something unknown, no one expects that it is whole.
        expected = facts.kind not in (Kind.EXECUTABLE, Kind.OTHER)
        return replace(facts, gaps=(Gap("inside", "format"),)) if expected else facts
    try:
        return _with_writing(inspect(sample, facts), wanted)
    except TornError as torn:
        return replace(facts, health=Health.DAMAGED, detail=str(torn))
    except LockedError as locked:
        return replace(facts, health=Health.ENCRYPTED, detail=str(locked))
    except BombError as bomb:
        return replace(facts, health=Health.BOMB, detail=str(bomb))
    except OSError:
        raise
    except MemoryError:
        return replace(facts, gaps=(Gap("inside", "memory"),))
    except ImportError as problem:
        return replace(facts, gaps=(Gap("inside", "library"),), detail=str(problem))
    except Exception as problem:  # noqa: BLE001 - whatever a library raises over hostile bytes
        return replace(facts, gaps=(Gap("inside", "crashed"),), detail=type(problem).__name__)


def _with_writing(inside: Inside, wanted: Wanted) -> Facts:
    if not wanted.gate.position:
        inside = replace(inside, facts=replace(inside.facts, position=False))
    if inside.passages is None or inside.facts.health is not Health.OK:
        return inside.facts
    writing, gaps = write_up(inside.passages, wanted)
    if inside.pictures and writing.length == 0:
        gaps = (*gaps, Gap("text", "scan"))
    return replace(inside.facts, writing=writing, gaps=(*inside.facts.gaps, *gaps))

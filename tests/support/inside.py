"""Look inside bytes as one inspector does, without identifying them first."""

from dataclasses import replace
from io import BytesIO

from evidence_cli.looks.facts import Facts, Gap, Health, Passage
from evidence_cli.looks.inside import inspector
from evidence_cli.looks.sample import BombError, LockedError, TornError, sample_of


def look_inside(data: bytes, format_name: str) -> tuple[Facts, list[Passage | Gap]]:
    """The facts and the passages that a format's inspector finds, with the exceptions of the contract as health."""
    sample = sample_of(BytesIO(data), size=len(data), extension=format_name)
    facts = Facts(format_name)
    inspect = inspector(format_name)
    assert inspect is not None
    try:
        inside = inspect(sample, facts)
        return inside.facts, list(inside.passages or ())
    except TornError as torn:
        return replace(facts, health=Health.DAMAGED, detail=str(torn)), []
    except LockedError as locked:
        return replace(facts, health=Health.ENCRYPTED, detail=str(locked)), []
    except BombError as bomb:
        return replace(facts, health=Health.BOMB, detail=str(bomb)), []

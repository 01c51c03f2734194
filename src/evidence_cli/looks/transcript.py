"""The text of a document as people would copy it: a line for each passage, without headers, notes and comments."""

from collections.abc import Iterable
from typing import NamedTuple

from evidence_cli.looks.drawing import lacking_of
from evidence_cli.looks.facts import Facts, Gap, Health, Passage, Unit
from evidence_cli.looks.inside import inspector
from evidence_cli.looks.sample import Sample

# More than any box of a questionnaire takes.
MAX_CHARACTERS = 200_000
_BESIDE = frozenset((Unit.HEADER, Unit.FOOTER, Unit.NOTE, Unit.COMMENT))


class Transcript(NamedTuple):
    """The text, and why it is not all of it: the reason of a Gap (`long`, `scan`, `memory` …), `damaged`, `encrypted`
    or `bomb`; empty where nothing is missing."""

    text: str
    lacking: str = ""


def transcript(sample: Sample, facts: Facts) -> Transcript:
    """The text of a document that was identified as `facts`. Raises OSError when reading fails."""
    inspect = inspector(facts.format)
    if inspect is None or facts.health is not Health.OK:
        return Transcript("", "format" if facts.health is Health.OK else facts.health.value)
    lines: list[str] = []
    lacking = lacking_of(lambda: _draw(inspect(sample, facts).passages or (), lines))
    text = "\n".join(lines).strip()
    return Transcript(text, lacking or ("" if text else "scan"))


def _draw(passages: Iterable[Passage | Gap], lines: list[str]) -> str:
    """Adds the lines; why some are missing. Raises what drawing raises."""
    left, lacking = MAX_CHARACTERS, ""
    for passage in passages:
        if isinstance(passage, Gap):
            lacking = lacking or passage.reason
            continue
        if passage.place.unit in _BESIDE:
            continue
        lines.append(passage.text[:left])
        left -= len(passage.text) + 1
        if left <= 0:
            return "long"
    return lacking

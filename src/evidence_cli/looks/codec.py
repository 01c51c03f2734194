"""Facts and what is wanted as JSON values: for worker processes and for the cache. Nothing in it is ever executed."""

from dataclasses import fields
from typing import Any

from evidence_cli.looks.facts import Active, Dating, Facts, Gap, Health, Place, Reference, Spotted, Unit, Writing
from evidence_cli.looks.wanted import Wanted
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.gate import Gate, Search
from evidence_cli.vocabulary.kinds import FORMATS

_PLAIN = ("detail", "restricted", "pages", "width", "height", "seconds", "picture_track", "position")


def facts_out(facts: Facts) -> dict[str, Any]:
    """A value that JSON can hold; what has its default is left out."""
    value: dict[str, Any] = {"format": facts.format, "health": facts.health}
    value |= {name: getattr(facts, name) for name in _PLAIN if getattr(facts, name) not in ("", None, False)}
    if facts.picture_track is False:
        value["picture_track"] = False
    if facts.active:
        value["active"] = facts.active
    if facts.named:
        value["named"] = facts.named
    if facts.gaps:
        value["gaps"] = facts.gaps
    if facts.writing is not None:
        value["writing"] = {field.name: getattr(facts.writing, field.name) for field in fields(Writing)}
    return value


def facts_in(value: Any) -> Facts:
    """The facts again. Raises ValueError, TypeError, LookupError or AttributeError for anything else."""
    if value["format"] not in FORMATS:
        raise ValueError(value["format"])
    writing = value.get("writing")
    return Facts(
        value["format"],
        Health(value["health"]),
        active=tuple(map(Active, value.get("active", ()))),
        gaps=tuple(Gap(*gap) for gap in value.get("gaps", ())),
        named=_spotted(value.get("named", ())),
        writing=None if writing is None else _writing(writing),
        **{name: value[name] for name in _PLAIN if name in value},
    )


def _writing(value: Any) -> Writing:
    return Writing(
        value["length"],
        value["own"],
        _spotted(value["spotted"]),
        tuple((code, count) for code, count in value["counts"]),
        tuple(Dating(*dating) for dating in value["dates"]),
        tuple(Reference(*reference) for reference in value["references"]),
    )


def _spotted(values: Any) -> tuple[Spotted, ...]:
    return tuple(Spotted(code, shown, Place(Unit(place[0]), place[1])) for code, shown, place in values)


def gate_out(gate: Gate) -> dict[str, Any]:
    """The gate as a value that JSON can hold."""
    searches = [
        [search.code, list(search.patterns), list(search.exceptions), search.proof, search.masked]
        for search in gate.searches
    ]
    return {"searches": searches, "position": gate.position}


def wanted_in(gate: dict[str, Any], template: list[str] | None, name: str = "") -> Wanted:
    """What is wanted, from what `gate_out` made of the gate and the lines of an answer's template."""
    searches = tuple(
        Search(Code(code), tuple(patterns), tuple(exceptions), proof, masked)
        for code, patterns, exceptions, proof, masked in gate["searches"]
    )
    return Wanted(Gate(searches, position=gate["position"]), None if template is None else tuple(template), name)

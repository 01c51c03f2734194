"""What the milestones ask of a question, and what passes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from evidence_cli.table import Milestones
from evidence_cli.vocabulary.process import State

# What a question must have come to when a milestone passes; before the questions are known nothing is due.
_NEEDED = {
    "pack": State.PACKED,
    "review": State.APPROVED,
    "recheck": State.CONFIRMED,
    "submit": State.SUBMITTED,
}
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A milestone by its key in the table, when it passes, and the state that it asks for."""

    milestone: str
    moment: datetime
    needed: State


def deadlines(milestones: Milestones) -> list[Deadline]:
    """The milestones that ask something of every question, in their order."""
    return [Deadline(name, moment, _NEEDED[name]) for name, moment in _moments(milestones) if name in _NEEDED]


def owed(milestones: Milestones, state: State) -> Iterator[Deadline]:
    """What a question in this state has not come to, the earliest first."""
    return (deadline for deadline in deadlines(milestones) if not state.reaches(deadline.needed))


def next_milestone(milestones: Milestones, now: datetime) -> tuple[str, datetime] | None:
    """The milestone that passes next, of all that the table has."""
    coming = [(name, moment) for name, moment in _moments(milestones) if moment >= now]
    return min(coming, key=lambda item: item[1], default=None)


def turning_points(milestones: Milestones) -> list[datetime]:
    """When time alone changes what is due or soon."""
    moments = [deadline.moment for deadline in deadlines(milestones)]
    return [moment + timedelta(microseconds=1) for moment in moments] + [moment - SOON for moment in moments]


def _moments(milestones: Milestones) -> Iterator[tuple[str, datetime]]:
    """In UTC: a day is 24 hours then, also where the clocks are changed."""
    for name in type(milestones).model_fields:
        moment: datetime | None = getattr(milestones, name)
        if moment is not None:
            yield name, moment.astimezone(UTC)

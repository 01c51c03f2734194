"""The process after packing: where a question stands, and what people decide about it."""

from enum import StrEnum


class State(StrEnum):
    """Where a question stands. Nobody sets it: it follows from table, folder, package and records."""

    EMPTY = "empty"
    DRAFTING = "drafting"
    READY = "ready"
    RETURNED = "returned"
    CHANGED = "changed"
    PACKED = "packed"
    APPROVED = "approved"
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    SUBMITTED = "submitted"
    ARCHIVED = "archived"

    def reaches(self, other: "State") -> bool:
        """Whether a question in this state is as far as one in the other. Returned or changed is not packed."""
        return _ORDER[self] >= _ORDER[other]


_ORDER = {state: number for number, state in enumerate(State)}


class Action(StrEnum):
    """What was done, in an event that is recorded."""

    RECEIVE = "receive"
    APPROVE = "approve"
    RETURN = "return"
    ENTER = "enter"
    CONFIRM = "confirm"
    SUBMIT = "submit"
    REOPEN = "reopen"
    ARCHIVE = "archive"


# Those about one question's content; a return takes the others back.
FORWARD = (Action.APPROVE, Action.ENTER, Action.CONFIRM)
DECISIONS = frozenset({*FORWARD, Action.RETURN})

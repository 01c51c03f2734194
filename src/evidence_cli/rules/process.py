"""Rules about the process: what is late, what changed after a decision, what was decided as it must not be."""

from datetime import datetime

from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.process import Action, State


def missed(question: str, path: str, milestone: str, moment: datetime, state: State, needed: State) -> Hit:
    """A milestone passed, and the question is not in the state that it needs. `moment` is in the evaluation's zone."""
    params = {"milestone": milestone, "moment": _shown(moment), "state": state.value, "needed": needed.value}
    return Hit(Code.DEADLINE_MISSED, question, path, params=params)


def near(question: str, path: str, milestone: str, moment: datetime, state: State, needed: State) -> Hit:
    """Less than a day is left to come to the state that a milestone needs."""
    params = {"milestone": milestone, "moment": _shown(moment), "state": state.value, "needed": needed.value}
    return Hit(Code.DEADLINE_NEAR, question, path, params=params)


def changed(question: str, path: str, action: Action, by: str, moment: datetime) -> Hit:
    """The content is no longer what was approved, entered or confirmed."""
    return Hit(Code.CHANGED_SINCE, question, path, params={"reason": action.value, "by": by, "moment": _shown(moment)})


def changed_after_submission(question: str | None, path: str, reason: str) -> Hit:
    """Something is no longer what was submitted. `reason`: `content`, `missing`, `table`, `record`, `added`, `seal` or
    `gone`."""
    return Hit(Code.CHANGED_AFTER_SUBMISSION, question, path, params={"reason": reason})


def returned(question: str, path: str, by: str, moment: datetime, note: str) -> Hit:
    """A package was returned, and not packed again since."""
    return Hit(Code.RETURNED, question, path, params={"by": by, "moment": _shown(moment), "note": note})


def damaged(question: str | None, path: str, reason: str) -> Hit:
    """A record is not what was written. `reason`: `name`, `content`, `seal` or `missing`."""
    return Hit(Code.RECORD_DAMAGED, question, path, params={"reason": reason})


def same_person(question: str, path: str, by: str) -> Hit:
    """Whoever approved confirmed too."""
    return Hit(Code.SAME_PERSON, question, path, params={"by": by})


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"

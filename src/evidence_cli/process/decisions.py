"""Whether something may be decided now: an EvcliError with what to do instead, or nothing."""

from collections.abc import Sequence

from evidence_cli.process.standing import Content, Standing, decisions_about, is_alone
from evidence_cli.vocabulary.errors import EvcliError
from evidence_cli.vocabulary.findings import PackageState
from evidence_cli.vocabulary.process import DECISIONS, Action, State
from evidence_cli.workspace.records import Event


def is_done(action: Action, standing: Standing, note: str = "") -> bool:
    """Whether it was decided already of the content that lies there, for the same reason: to say it again would change
    nothing."""
    after = {Action.APPROVE: State.APPROVED, Action.ENTER: State.ENTERED, Action.CONFIRM: State.CONFIRMED}
    if action is Action.RETURN:
        record = standing.record
        return standing.state is State.RETURNED and record is not None and record.note == note
    return standing.state in _DECIDED and standing.state.reaches(after[action])


def refusal(
    action: Action, content: Content, standing: Standing, events: Sequence[Event], by: str, *, four_eyes: bool
) -> EvcliError | None:
    """Why this may not be decided about what lies there. `events` are those about the question, in their order."""
    if action is Action.RETURN:
        return None if content.held else EvcliError("decide_no_package", code=content.code)
    if content.package is not PackageState.CURRENT or content.held is None:
        return EvcliError(_NOT_CURRENT.get(content.package, "decide_broken"), code=content.code)
    if action is Action.APPROVE:
        return None if content.passes and content.sound else EvcliError("decide_findings", code=content.code)
    needed = State.APPROVED if action is Action.ENTER else State.ENTERED
    if standing.state not in _DECIDED or not standing.state.reaches(needed):
        key = "decide_not_approved" if needed is State.APPROVED else "decide_not_entered"
        return EvcliError(key, code=content.code, state=standing.state.value)
    if action is Action.CONFIRM and four_eyes:
        decided = [event.record for event in events if event.record.action in DECISIONS]
        about = decisions_about(decided, content.held)
        if is_alone(by, [record.by for record in about if record.action is Action.APPROVE]):
            return EvcliError("decide_same_person", code=content.code, by=by)
    return None


_NOT_CURRENT = {PackageState.MISSING: "decide_missing", PackageState.STALE: "decide_stale"}
_DECIDED = (State.APPROVED, State.ENTERED, State.CONFIRMED)

"""Where a question stands: derived from what lies there and from what was decided about which content."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from evidence_cli.vocabulary.findings import PackageState
from evidence_cli.vocabulary.names import without_invisible
from evidence_cli.vocabulary.process import DECISIONS, FORWARD, Action, State
from evidence_cli.workspace.records import Event, EventRecord
from evidence_cli.workspace.submission import Submission


@dataclass(frozen=True, slots=True)
class Content:
    """What lies there of a question now.

    `material` says whether its folder holds an answer or evidence, `passes` whether the check finds no error in it.
    `package` is how its package stands, `sound` whether the check finds no error in that, and `held` the content digest
    of what is in it, None where there is none that is whole.
    """

    code: str
    material: bool = False
    passes: bool = False
    package: PackageState = PackageState.MISSING
    sound: bool = True
    held: str | None = None

    def is_about(self, digest: str) -> bool:
        """Whether this content is what lies there, in the folder and in the package."""
        return self.package is PackageState.CURRENT and self.held == digest


@dataclass(frozen=True, slots=True)
class Standing:
    """A question's state, and the record that it rests on or that no longer fits. `doubled` is a confirmation that does
    not count: it is by whoever approved."""

    state: State
    record: EventRecord | None = None
    doubled: EventRecord | None = None


def standing_of(
    content: Content, events: Sequence[Event], submission: Submission | None = None, *, four_eyes: bool = True
) -> Standing:
    """Where a question stands. `events` are those about it in their order, and about all questions.

    A decision counts for the content that it names and for no other. With `four_eyes` a confirmation by whoever
    approved does not count.
    """
    decided = [event.record for event in events if event.record.action in DECISIONS]
    last = decided[-1] if decided else None
    if submission is not None:
        sealed = submission.digest_of(content.code)
        if sealed is None or not content.is_about(sealed):
            return Standing(State.CHANGED, last)
        archived = any(_archives(event.record, submission) for event in events)
        return Standing(State.ARCHIVED if archived else State.SUBMITTED, last)
    if last is None:
        return Standing(_of_content(content))
    if last.action is Action.RETURN:
        return Standing(State.RETURNED if content.held == last.digest else _of_content(content), last)
    if not content.is_about(last.digest):
        return Standing(State.CHANGED, last)
    return _furthest(decided, last.digest, four_eyes=four_eyes)


def decisions_about(decided: Sequence[EventRecord], digest: str) -> list[EventRecord]:
    """What was decided about a content since it was last returned."""
    about = [record for record in decided if record.digest == digest]
    returns = [number for number, record in enumerate(about) if record.action is Action.RETURN]
    return about[returns[-1] + 1 :] if returns else about


def is_alone(name: str, approvers: Sequence[str]) -> bool:
    """Whether whoever has this name, however it is written, is the only one who approved."""
    return {_plain(approver) for approver in approvers} <= {_plain(name)}


def _furthest(decided: Sequence[EventRecord], digest: str, *, four_eyes: bool) -> Standing:
    """How far this content has come: each step needs the one before it."""
    state, record, doubled = State.PACKED, None, None
    approvers: list[str] = []
    for made in decisions_about(decided, digest):
        number = FORWARD.index(made.action)
        if number > 0 and not state.reaches(_AFTER[number - 1]):
            continue
        if made.action is Action.APPROVE:
            approvers.append(made.by)
        if made.action is Action.CONFIRM and four_eyes and is_alone(made.by, approvers):
            doubled = made
            continue
        if not state.reaches(_AFTER[number]):
            state, record = _AFTER[number], made
    return Standing(state, record, None if state is State.CONFIRMED else doubled)


_AFTER = (State.APPROVED, State.ENTERED, State.CONFIRMED)


def _of_content(content: Content) -> State:
    if content.package is PackageState.CURRENT and content.passes and content.sound:
        return State.PACKED
    if content.passes:
        return State.READY
    return State.DRAFTING if content.material else State.EMPTY


def _archives(record: EventRecord, submission: Submission) -> bool:
    return record.action is Action.ARCHIVE and record.digest == submission.digest


def _plain(name: str) -> str:
    return "".join(without_invisible(normalize("NFKC", name).casefold()).split())

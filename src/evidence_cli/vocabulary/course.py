"""What status, decisions, submission and log tell: data for the reporters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from evidence_cli.vocabulary.catalogue import Aspect, Code
from evidence_cli.vocabulary.errors import EvcliError
from evidence_cli.vocabulary.findings import Finding
from evidence_cli.vocabulary.process import Action, State


@dataclass(frozen=True, slots=True)
class Due:
    """What is asked next of a question: the milestone, its moment in the evaluation's zone, the state it asks for, and
    how long it is till then; less than nothing where it has passed."""

    milestone: str
    moment: datetime
    needed: State
    left: timedelta


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One question: where it stands, who owes it, what is lacking, and by when.

    `lacking` are the rules whose errors keep it from passing, each once; `note` is the reason of a return; `by` and
    `since` tell who brought it into this state, where somebody did.
    """

    code: str
    title: str
    indicator: str
    indicator_name: str
    owner: str
    unit: str
    state: State
    lacking: tuple[Code, ...] = ()
    note: str = ""
    by: str = ""
    since: datetime | None = None
    due: Due | None = None
    package: str = ""
    digest: str | None = None


class Given(StrEnum):
    """What became of a contribution of one unit."""

    MISSING = "missing"
    THERE = "there"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """What one unit sends for an indicator: `path` is the unit's folder, `due` in the evaluation's zone, `late` whether
    that has passed."""

    id: str
    title: str
    indicator: str
    unit: str
    state: Given
    path: str
    due: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Who owes what by when. `next` is the milestone that passes next and its moment; `findings` are those that belong
    to no question; `check_code` that of the submission, empty while nothing is submitted. `contributions` has a row for
    each unit that sends something for a chosen indicator."""

    evaluation: str
    title: str
    generated: datetime
    rows: tuple[StatusRow, ...]
    next: tuple[str, datetime] | None = None
    findings: tuple[Finding, ...] = ()
    check_code: str = ""
    contributions: tuple[ContributionRow, ...] = ()


class Verdict(StrEnum):
    """What became of a decision."""

    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """A decision about one question. `state` is the one after it, `digest` the content that it is about; `errors` and
    `failure` say why it was refused or failed."""

    code: str
    title: str
    verdict: Verdict
    state: State
    digest: str | None = None
    errors: tuple[Finding, ...] = ()
    failure: EvcliError | None = None


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """What was decided, by whom, about which questions."""

    action: Action
    by: str
    results: tuple[DecisionResult, ...]

    @property
    def refused(self) -> bool:
        """Whether any was refused."""
        return any(result.verdict is Verdict.REFUSED for result in self.results)

    @property
    def failed(self) -> bool:
        """Whether the environment failed for any."""
        return any(result.verdict is Verdict.FAILED for result in self.results)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event as it is told: `changed` says whether it is about other content than the one before it about the same
    question. `path` is its record's."""

    time: datetime
    action: Action
    question: str
    by: str
    note: str
    digest: str
    changed: bool
    path: str


@dataclass(frozen=True, slots=True)
class Unready:
    """A question that keeps everything from being submitted, who owes it, and where it stands."""

    code: str
    title: str
    owner: str
    state: State


@dataclass(frozen=True, slots=True)
class SubmitReport:
    """What became of a submission: how many questions there are, which are not confirmed, how many records cannot be
    believed. `check_code` and `digest` are those of the submission that stands; `done` says that it was made now."""

    questions: int
    unready: tuple[Unready, ...]
    damaged: int
    check_code: str = ""
    digest: str = ""
    dry_run: bool = False
    done: bool = False

    @property
    def refused(self) -> bool:
        """Whether it cannot be submitted as it is."""
        return not self.check_code and (bool(self.unready) or bool(self.damaged) or not self.questions)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """What the operator enters for one question: the answer's text to paste, and the package to upload.

    `question` is its text in the table. `size` is in bytes, None like `digest` where there is no package to upload;
    `lacking` says why the text is missing or not whole: a reason of a Transcript, `package` where there is none,
    `answer` where the package has not exactly one.
    """

    code: str
    title: str
    question: str
    indicator: str
    state: State
    package: str
    size: int | None = None
    digest: str | None = None
    answer: str = ""
    text: str = ""
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The entry sheet: the questions in the table's order."""

    evaluation: str
    title: str
    generated: datetime
    rows: tuple[SheetRow, ...]


class CheckState(StrEnum):
    """How a check of the four aspects (DA/T 70-2018) ended. What nobody did is never passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class AspectCheck:
    """One check of the four aspects: a rule by its code, or one that evcli cannot do (`virus`, `seals`, `media`).

    `findings` are the rule's, waived ones included; `gaps` are pairs of why something was not checked (a check and a
    reason of `not_done`), and of how many files; `off` says that the table switched the rule off, `later` that it is
    about the archive itself and so comes after this. `note` was given with the result.
    """

    id: str
    aspect: Aspect
    state: CheckState
    findings: tuple[Finding, ...] = ()
    gaps: tuple[tuple[str, str, int], ...] = ()
    off: bool = False
    later: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """An archive that was made: its folder, payload files and their bytes, and the questions in it.

    `missing` are questions that a draft leaves out; `check_code` is the submission's, empty in a draft.
    """

    path: str
    files: int
    bytes: int
    questions: int
    checks: tuple[AspectCheck, ...]
    missing: tuple[Unready, ...] = ()
    check_code: str = ""

    @property
    def draft(self) -> bool:
        """Whether nothing was submitted when it was made."""
        return not self.check_code

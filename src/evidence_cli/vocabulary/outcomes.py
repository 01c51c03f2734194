"""What the jobs that change something have done: data for the reporters."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from evidence_cli.vocabulary.course import Given
from evidence_cli.vocabulary.errors import EvcliError
from evidence_cli.vocabulary.findings import Finding, NotDone, QuestionResult, Report


class Outcome(StrEnum):
    """What became of a question."""

    PACKED = "packed"
    RECEIVED = "received"
    REPACKED = "repacked"
    CURRENT = "current"
    REFUSED = "refused"
    FAILED = "failed"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class PackResult:
    """One question's line in the closing table.

    `files` and `bytes` are what goes in; `size` is the package's, None where there is none. `errors` say why it was
    refused, `failure` what went wrong while writing, `kept` where a package that evcli did not make was put aside.
    """

    code: str
    title: str
    path: str
    outcome: Outcome
    files: int
    bytes: int
    size: int | None = None
    digest: str | None = None
    errors: tuple[Finding, ...] = ()
    failure: EvcliError | None = None
    kept: str | None = None


class PackReport(NamedTuple):
    """What `pack` did: a line for each question, and the report of the check before it."""

    results: tuple[PackResult, ...]
    report: Report
    dry_run: bool = False

    @property
    def refused(self) -> bool:
        """Whether any question was refused."""
        return any(result.outcome is Outcome.REFUSED for result in self.results)

    @property
    def failed(self) -> bool:
        """Whether the environment failed for any question."""
        return any(result.outcome is Outcome.FAILED for result in self.results)


@dataclass(frozen=True, slots=True)
class ReceiveResult:
    """One delivered package's line in the closing table.

    `question` names the question it is for, and its `path` is the delivered file; `path` is where the package is filed
    (empty where nobody knows its question), `size` and `digest` are the filed package's. `errors` and `failure` say
    why it stays where it is, `kept` where the package went that stood there; `renamed` is true where the delivered file
    lay among the packages under a wrong name, and has the right one now.
    """

    question: QuestionResult
    path: str
    outcome: Outcome
    size: int
    digest: str | None = None
    errors: tuple[Finding, ...] = ()
    failure: EvcliError | None = None
    kept: str | None = None
    renamed: bool = False


class ReceiveReport(NamedTuple):
    """What `receive` did: a line for each package in the order given, and what nobody could check."""

    results: tuple[ReceiveResult, ...]
    not_done: tuple[NotDone, ...] = ()
    warnings: int = 0
    dry_run: bool = False

    @property
    def refused(self) -> bool:
        """Whether any package was refused."""
        return any(result.outcome is Outcome.REFUSED for result in self.results)

    @property
    def failed(self) -> bool:
        """Whether the environment failed for any package."""
        return any(result.outcome is Outcome.FAILED for result in self.results)


class Made(StrEnum):
    """What `init` makes."""

    FOLDER = "folder"
    FILE = "file"


class Step(NamedTuple):
    """One thing to make: its path relative to the workspace, and a file's bytes."""

    made: Made
    path: str
    data: bytes = b""


class ScaffoldReport(NamedTuple):
    """What was made, or would be in a dry run; `skipped` are places that need a person first (twice, or a
    link). `outdated` are notes that no longer agree with the table. `questions` is how many questions the table has."""

    steps: tuple[Step, ...]
    skipped: tuple[str, ...]
    outdated: tuple[str, ...]
    questions: int
    dry_run: bool


class UnitResult(NamedTuple):
    """What became of one unit's form in a summary: `findings` say what is wrong in it, `policies` how many of its rows
    went in."""

    unit: str
    state: Given
    findings: tuple[Finding, ...] = ()
    policies: int = 0


@dataclass(frozen=True, slots=True)
class CollectResult:
    """One contribution that was merged into a summary at `path`; `written` is false where it was there already.

    `entitled` and `received` are enterprises, `coverage` is in percent with two decimal places.
    """

    id: str
    title: str
    indicator: str
    path: str
    units: tuple[UnitResult, ...]
    entitled: int
    received: int
    coverage: Decimal | None
    written: bool

    def count(self, state: Given) -> int:
        """How many units are in this state."""
        return sum(1 for unit in self.units if unit.state is state)


class CollectReport(NamedTuple):
    """What `collect` did: one summary for each contribution with a form."""

    results: tuple[CollectResult, ...]

    @property
    def complete(self) -> bool:
        """Whether every unit has sent a form in which nothing is wrong."""
        return all(unit.state is Given.THERE for result in self.results for unit in result.units)

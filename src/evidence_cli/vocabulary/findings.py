"""Findings and reports: data only. Words are looked up when they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from evidence_cli.vocabulary.catalogue import Aspect, Code, Severity


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule saw, before the table's severities and waivers.

    `path` is relative to the workspace (or names the package); `place` is relative to the question folder and is what
    a waiver's glob is compared with.
    """

    code: Code
    question: str | None
    path: str
    place: str = ""
    line: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit that was graded: the unit of a report. See the contract of `--format json` in docs/."""

    code: Code
    severity: Severity
    aspect: Aspect
    question: str | None
    path: str
    line: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    waived: bool = False


class PackageState(StrEnum):
    """How a question's package stands against its folder."""

    MISSING = "missing"
    CURRENT = "current"
    STALE = "stale"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """One question in a report. `bytes` are those of answer and evidence; `digest` is None where nothing needed it.

    `path` is the question folder, or the package that was judged; None where there is no single one. `received` says
    that its folder holds nothing, and the package that was received for it was judged in the folder's place.
    """

    code: str
    title: str
    indicator: str | None
    owner: str | None
    files: int
    bytes: int
    digest: str | None
    passed: bool
    package: PackageState
    path: str | None = None
    received: bool = False


@dataclass(frozen=True, slots=True)
class NotDone:
    """A check that could not be done, and why (`reason` is a catalogue key): never reported as passed."""

    path: str
    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run of `check` or `verify` found, in a fixed order: question, path, code.

    `switched_off` counts what the table's `off` kept out of it.
    """

    evaluation: str | None
    generated: datetime
    questions: tuple[QuestionResult, ...]
    findings: tuple[Finding, ...]
    not_done: tuple[NotDone, ...] = ()
    switched_off: int = 0

    def count(self, severity: Severity) -> int:
        """How many findings of this severity are not waived."""
        return sum(1 for f in self.findings if f.severity is severity and not f.waived)

    @property
    def waived(self) -> int:
        """How many findings a waiver covers."""
        return sum(1 for f in self.findings if f.waived)

    def fails(self, threshold: Severity | None) -> bool:
        """Whether any finding that is not waived reaches the threshold; None means that nothing fails."""
        if threshold is None:
            return False
        return any(f.severity.weight >= threshold.weight for f in self.findings if not f.waived)

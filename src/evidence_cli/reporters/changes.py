"""What changed since an earlier report: which findings are new, which are gone, how many stayed."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evidence_cli.reporters.json import SCHEMA
from evidence_cli.vocabulary.errors import EnvironmentFailure, UsageError
from evidence_cli.vocabulary.findings import Finding, Report
from evidence_cli.vocabulary.printable import printable

_LARGEST = 256 * 1024 * 1024

Identity = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The findings of an earlier report that are not waived, and which evaluation it was about."""

    evaluation: str | None
    findings: frozenset[Identity]


@dataclass(frozen=True, slots=True)
class Changes:
    """`new` holds the identities of new findings, `fixed` those that are gone; `unchanged` is a count."""

    new: frozenset[Identity]
    fixed: tuple[Identity, ...]
    unchanged: int

    def __bool__(self) -> bool:
        """Whether anything is new or fixed."""
        return bool(self.new or self.fixed)

    def is_new(self, finding: Finding) -> bool:
        """Whether the earlier report did not have this finding."""
        return identity(finding) in self.new


def identity(finding: Finding) -> Identity:
    """What makes a finding the same in two reports: rule, question and path."""
    return finding.code.value, finding.question, printable(finding.path)


def read_baseline(path: str) -> Baseline | None:
    """What an earlier JSON report found; None where there is no such file yet.

    Raises UsageError for a file that is no report of evcli, EnvironmentFailure when it cannot be read.
    """
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EnvironmentFailure("read", path=path, detail=error.strerror or str(error)) from error
    try:
        if len(data) > _LARGEST:
            raise ValueError(len(data))
        document = json.loads(data)
        if document["schema"] != SCHEMA:
            raise ValueError(document["schema"])
        found = [(one["code"], one["question"], one["path"]) for one in document["findings"] if not one["waived"]]
        if not all(isinstance(code, str) and isinstance(path, str) for code, _, path in found):
            raise TypeError(found)
        findings = frozenset((code, question, printable(path)) for code, question, path in found)
        return Baseline(document["evaluation"], findings)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UsageError("no_baseline", path=path) from error


def changes_since(report: Report, before: Iterable[Identity]) -> Changes:
    """Compare a report with the findings of an earlier one. Questions that this one is not about are left alone."""
    known = frozenset(before)
    now = Counter(identity(finding) for finding in report.findings if not finding.waived)
    codes = {question.code for question in report.questions}
    gone = (one for one in known - now.keys() if one[1] is None or one[1] in codes)
    unchanged = sum(count for one, count in now.items() if one in known)
    fixed = sorted(gone, key=lambda one: (one[1] or "", one[2], one[0]))
    return Changes(frozenset(now.keys() - known), tuple(fixed), unchanged)

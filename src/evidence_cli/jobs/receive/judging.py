"""Judge a delivered package: may it be filed as its question's package, and does it have to be packed again first?"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from evidence_cli.examine.delivered import Delivered, Deliveries
from evidence_cli.examine.settling import Settling
from evidence_cli.looks.packages.digests import content_digest, hash_stream
from evidence_cli.looks.packages.package import PackageFacts
from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.making.package import unpackable
from evidence_cli.rules.entries import UNRIPE
from evidence_cli.rules.grade import grade
from evidence_cli.schema.contents import content_paths
from evidence_cli.schema.view import Subject
from evidence_cli.table import QuestionSpec
from evidence_cli.vocabulary.catalogue import Code, Severity
from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError
from evidence_cli.vocabulary.findings import Finding, Hit, NotDone, QuestionResult
from evidence_cli.workspace.open import Workspace

# What makes a package hard to open or to prove, and is gone once evcli has packed it again.
_GONE_WHEN_REPACKED = frozenset({Code.NAMES_NOT_UTF8, Code.PACKAGE_FOREIGN, Code.PACKAGE_WRAPPED})


@dataclass(slots=True)
class Incoming:
    """A delivered package that was judged.

    `state` is the file's size, time and number when it was read. `digest` is the content digest that its question's
    package will have. `subject` is there where it is to be packed again: what was seen of its files, by entry, whose
    digests are in `digests`. `errors` and `obstacle` say why it is not filed.
    """

    path: Path
    result: QuestionResult
    state: tuple[int, ...]
    known: QuestionSpec | None = None
    digest: str | None = None
    subject: Subject | None = None
    digests: dict[str, str] = field(default_factory=dict)
    errors: tuple[Finding, ...] = ()
    obstacle: EvcliError | None = None
    warnings: int = 0
    not_done: tuple[NotDone, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether it stays where it is."""
        return bool(self.errors) or self.obstacle is not None


def state_of(path: Path) -> tuple[int, ...]:
    """What tells whether a file is still the one that was read. Raises OSError."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the packages of one run. `unit` delivered them, where it was said."""

    space: Workspace
    deliveries: Deliveries
    settling: Settling
    moment: datetime
    unit: str | None
    repack: bool

    def judge(self, path: Path) -> Incoming:
        """Read a package whole and judge it."""
        before = _state_or_none(path)
        try:
            with self.deliveries.open(path) as found:
                incoming = self._judge(path, before or (), found)
        except EnvironmentFailure as failure:
            # It is gone: the others are received all the same.
            return Incoming(path, self.deliveries.unopened(path), before or (), obstacle=failure)
        if self._changes(incoming, before):
            incoming.errors, incoming.obstacle = (), EvcliError("receive_changed")
        return incoming

    def _changes(self, incoming: Incoming, before: tuple[int, ...] | None) -> bool:
        """Whether somebody is writing the file: then what was found in it says nothing."""
        if before is None or not incoming.refused:
            return _state_or_none(incoming.path) != before
        size, time, _ = before
        entry = Entry(incoming.path.name, incoming.path.name, EntryType.FILE, size, time)
        torn = any(finding.code in UNRIPE for finding in incoming.errors)
        return torn and bool(self.settling.changing([(entry, str(incoming.path))]))

    def _judge(self, path: Path, state: tuple[int, ...], found: Delivered) -> Incoming:
        hits = [hit for hit in found.hits if not _only_the_name(hit)]
        findings, _ = grade(hits, self.space.table, self.moment)
        standing = [finding for finding in findings if not finding.waived]
        errors = tuple(finding for finding in standing if finding.severity is Severity.ERROR)
        incoming = Incoming(path, found.result, state, found.known, errors=errors, not_done=tuple(found.not_done))
        incoming.obstacle = self._obstacle(found)
        if incoming.refused or found.package is None or found.package.subject is None or found.known is None:
            return incoming
        facts, subject = found.package.facts, found.package.subject
        again = facts.record is None or any(hit.code in _GONE_WHEN_REPACKED for hit in hits)
        if again and not self.repack:
            incoming.obstacle = EvcliError("receive_repack")
            return incoming
        incoming.digest = self._digest_to_be(subject, facts) if again else found.package.digest
        if again:
            incoming.subject, incoming.digests = subject, dict(facts.digests)
        left = [finding for finding in standing if not (again and finding.code in _GONE_WHEN_REPACKED)]
        incoming.warnings = sum(1 for finding in left if finding.severity is Severity.WARNING)
        return incoming

    def _obstacle(self, found: Delivered) -> EvcliError | None:
        """What keeps a package from being filed, however the table grades it."""
        package, known = found.package, found.known
        if package is None or package.broken or package.subject is None:
            return EvcliError("receive_broken")
        if known is None:
            return EvcliError("receive_nobodys")
        if any(hit.code is Code.PACKAGE_UNKNOWN and not _only_the_name(hit) for hit in found.hits):
            return EvcliError("receive_other")
        if self.unit and known.unit and known.unit != self.unit:
            return EvcliError("receive_unit", code=known.code, unit=known.unit, given=self.unit)
        return unpackable(package.subject, self.space.table.layout.answer)

    def _digest_to_be(self, subject: Subject, facts: PackageFacts) -> str:
        question, layout = subject.question, self.space.table.layout
        algorithm = question.requirements.package.digest.value
        renamed = replace(subject, evidence_name=layout.evidence)
        pairs = []
        for path, entry in content_paths(renamed, answer_name=layout.answer):
            if facts.algorithm == algorithm:
                pairs.append((facts.digests[entry.path], path))
            else:
                with subject.tree.open(entry) as stream:
                    pairs.append((hash_stream(stream, algorithm)[0], path))
        return content_digest(pairs, algorithm)


def _only_the_name(hit: Hit) -> bool:
    """A wrong file name is no hindrance: the package is filed under the right one."""
    return hit.code is Code.PACKAGE_UNKNOWN and hit.params.get("reason") == "name"


def _state_or_none(path: Path) -> tuple[int, ...] | None:
    try:
        return state_of(path)
    except OSError:
        return None

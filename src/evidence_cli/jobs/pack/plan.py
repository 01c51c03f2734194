"""What is to be done for each question: refuse it, leave its package alone, or write a new one."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from evidence_cli.examine.question import Examination
from evidence_cli.examine.shelved import Shelved, examine_shelved
from evidence_cli.looks.tree import Entry
from evidence_cli.making.package import unpackable
from evidence_cli.rules.grade import grade
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.errors import EvcliError
from evidence_cli.vocabulary.findings import Finding, PackageState
from evidence_cli.vocabulary.names import twin_key
from evidence_cli.vocabulary.outcomes import Outcome
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.records import Received


class Plan(NamedTuple):
    """One question before anything is written.

    `errors` are the findings that refuse it. `obstacle` is what makes a package impossible although no finding says
    so: the table may waive a finding, but nothing can be packed that is not there. `standing` is the package of the
    right name as it lies there now; `keep` says that it is not evcli's own, or that somebody delivered it.
    """

    found: Examination
    errors: tuple[Finding, ...]
    obstacle: EvcliError | None
    standing: Shelved
    keep: bool = False

    @property
    def code(self) -> str:
        """The question's code."""
        return self.found.code

    @property
    def outcome(self) -> Outcome:
        """What will become of it."""
        if self.errors or self.obstacle:
            return Outcome.REFUSED
        current = self.standing.state is PackageState.CURRENT and not self.standing.hits
        # Where the folder holds nothing, there is nothing that could take the place of what was received.
        return Outcome.CURRENT if current or self.found.package else Outcome.PLANNED


def plan_one(
    space: Workspace,
    found: Examination,
    errors: Sequence[Finding],
    packages: tuple[Entry, ...],
    received: Received,
    *,
    moment: datetime,
    jobs: int = 1,
) -> Plan:
    """Plan one question. `packages` is what lies in the folder of packages for it, whatever the name; `received` says
    what was delivered; `moment` (aware) decides whether waivers still count; `jobs` is the number of threads that read
    one package."""
    question = found.place.question
    expected = package_name(space.table, question)
    right = [entry for entry in packages if twin_key(entry.name) == twin_key(expected)]
    # Where the file system takes two spellings for two names, the exact one is the package.
    right.sort(key=lambda entry: entry.raw.rpartition("/")[2] != expected)
    one = tuple(right[:1] or packages[:1])
    standing = examine_shelved(space, question, one, found.subject, jobs, received=received)
    if not right and not found.package and (len(packages) > 1 or not standing.ours):
        # Only its own package under a former name is evcli's to replace; the rest is a person's to sort out.
        standing = Shelved(PackageState.MISSING)
    keep = not standing.ours or received.holds(found.code, standing.held)
    obstacle = _obstacle(found, space.table.layout.answer)
    if found.package:
        findings, _ = grade(standing.hits, space.table, moment)
        errors = [*errors, *(error for error in findings if error.severity is Severity.ERROR and not error.waived)]
        if standing.state is not PackageState.CURRENT:
            obstacle = EvcliError("changed_while_packing", path=found.package)
    return Plan(found, tuple(errors), obstacle, standing, keep)


def _obstacle(found: Examination, answer_name: str) -> EvcliError | None:
    subject = found.subject
    if found.place.blocked:
        return EvcliError("unpackable_blocked")
    if subject is None:
        return EvcliError("unpackable_folder")
    if found.growing:
        return EvcliError("unpackable_growing", path=found.growing[0])
    return unpackable(subject, answer_name)

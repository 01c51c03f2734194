"""A package and the folder it was made from give the same findings: after the steps of every golden case.

What evcli packs is compared as packed; what it refuses, as a plain zip of the folder.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import evidence_cli
from evidence_cli.vocabulary.outcomes import Outcome
from support import zips
from support.golden import Case, load_case, perform
from support.rights import can_give_up, without_rights
from support.shared_looks import shared_looks
from support.workspace import NOW, build

# What people decided is about the workspace; no package knows of it.
_DECIDED = {"decide", "record", "submit"}
CASES = {
    case.name: case
    for case in map(load_case, sorted((Path(__file__).parent / "golden").glob("*.yaml")))
    if not any(_DECIDED & set(step) for step in case.do)
}
FOLDER, PACKAGE = "folder", "package"
PACKED, ZIPPED = "packed", "zipped"
ITSELF, INSIDE = "itself", "inside"


class Line(NamedTuple):
    """What must be the same of a finding; `path` begins below the question folder or the package."""

    code: str
    path: str
    severity: str
    waived: bool
    params: str


class Difference(NamedTuple):
    """A finding that only one of the two has: `side`. `how` the package was made."""

    side: str
    how: str
    line: Line


class Rightly(NamedTuple):
    """A finding that only one of the two may have, as `case` shows; perhaps in one sort of package, or only about the
    question folder itself, or only about what is in it."""

    code: str
    side: str
    case: str
    how: str = ""
    where: str = ""

    def explains(self, difference: Difference) -> bool:
        line = difference.line
        return (
            (self.code, self.side) == (line.code, difference.side)
            and self.how in ("", difference.how)
            and self.where in ("", INSIDE if line.path else ITSELF)
        )


# Each reason, and what it explains.
RIGHTLY = {
    "the question folder's own place and name, which no package carries": (
        Rightly("E113", FOLDER, "E113-title-changed", where=ITSELF),
        Rightly("E201", FOLDER, "E201-question-folder-trailing-space", where=ITSELF),
        Rightly("E206", FOLDER, "E206-question-folder", where=ITSELF),
        Rightly("E208", FOLDER, "E208-question-folder", where=ITSELF),
        Rightly("E209", FOLDER, "E209-question-folder", where=ITSELF),
        Rightly("E210", FOLDER, "E210-question-folder", where=ITSELF),
    ),
    "of a package one rule says that it holds no or more than one answer or evidence set": (
        Rightly("E103", FOLDER, "E103-answer-missing", ZIPPED),
        Rightly("E104", FOLDER, "E104-two-answers", ZIPPED),
        Rightly("E105", FOLDER, "E105-evidence-missing", ZIPPED),
        Rightly("E106", FOLDER, "E106-copy", ZIPPED),
        Rightly("E513", PACKAGE, "E103-answer-missing", ZIPPED),
    ),
    "evcli leaves it out of the package": (
        Rightly("E114", FOLDER, "E114-extra-folder", PACKED),
        Rightly("E205", FOLDER, "E205-thumbs", PACKED),
        Rightly("E207", FOLDER, "E207-empty-folder", PACKED),
    ),
    "links and what cannot be read get into no package; what they stood for is missing there": (
        Rightly("E206", FOLDER, "E206-file", ZIPPED, INSIDE),
        Rightly("E208", FOLDER, "E208-file", ZIPPED, INSIDE),
        Rightly("E107", PACKAGE, "E206-required-category", ZIPPED),
        Rightly("E110", PACKAGE, "E206-explains-too-few", ZIPPED),
        Rightly("E112", PACKAGE, "E208-after-packing", ZIPPED),
    ),
    "an entry with such a name is unsafe in a zip, and then nothing more is said": (
        Rightly("E201", FOLDER, "E201-backslash", ZIPPED, INSIDE),
        Rightly("E204", FOLDER, "E204-nfc-nfd", ZIPPED),
        Rightly("E209", FOLDER, "E209-escape", ZIPPED, INSIDE),
        Rightly("E507", PACKAGE, "E209-escape", ZIPPED),
    ),
    "a path that is no Unicode is read as GBK, its folders too": (
        Rightly("E210", FOLDER, "E210-file", ZIPPED, INSIDE),
        Rightly("E510", PACKAGE, "E210-file", ZIPPED),
        Rightly("E114", PACKAGE, "E210-file", ZIPPED),
    ),
    "a path is measured from the workspace, or inside the package": (
        Rightly("E202", FOLDER, "E202-long-path", ZIPPED),
        Rightly("E202", PACKAGE, "E202-long-path", ZIPPED),
    ),
    "other questions are not in the package": (Rightly("E412", FOLDER, "E412-two-questions", PACKED),),
    "the packages that stood there before": (
        Rightly("E502", FOLDER, "E103-received-and-evidence", ZIPPED),
        Rightly("E503", FOLDER, "E503-two-packages"),
        Rightly("E504", FOLDER, "E103-received-and-cut", ZIPPED),
        Rightly("E511", FOLDER, "E511-too-large"),
    ),
    "how the package was made": (
        Rightly("E511", PACKAGE, "E511-too-large"),
        Rightly("E515", PACKAGE, "E104-two-answers", ZIPPED),
        Rightly("E516", PACKAGE, "E103-nested", ZIPPED),
    ),
}
EXEMPTIONS = [one for some in RIGHTLY.values() for one in some]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with shared_looks():
        yield build(tmp_path_factory.mktemp("clean"))


@pytest.mark.parametrize("name", CASES)
def test_the_package_and_its_folder_give_the_same_findings(name: str, workspace: Path) -> None:
    def compare() -> None:
        unexplained = [one for one in differences(workspace) if not any(each.explains(one) for each in EXEMPTIONS)]
        assert unexplained == []

    _after_steps(CASES[name], workspace, compare)


@pytest.mark.parametrize("exemption", EXEMPTIONS, ids=lambda one: f"{one.code}-{one.side}-{one.case}")
def test_an_exemption_is_needed(exemption: Rightly, workspace: Path) -> None:
    _after_steps(CASES[exemption.case], workspace, lambda: _needed(exemption, workspace))


def _needed(exemption: Rightly, workspace: Path) -> None:
    others = [one for one in EXEMPTIONS if one != exemption]
    assert any(
        exemption.explains(one) and not any(other.explains(one) for other in others) for one in differences(workspace)
    )


def _after_steps(case: Case, root: Path, work: Callable[[], None]) -> None:
    if case.needs in ("linux", "user") and sys.platform != "linux":
        pytest.skip("needs names, pipes or permissions as Linux has them")
    if case.needs == "windows_names" and os.name == "nt":
        pytest.skip("Windows cannot even make such a name")
    if case.needs == "user" and not can_give_up():
        pytest.skip("root cannot become an ordinary user here")
    perform(root, case.do)
    if case.needs == "user":
        without_rights(work)
    else:
        work()


def differences(root: Path) -> list[Difference]:
    """Pack every question that has one folder, and tell what only its folder or only its package is said to have."""
    packed = {one.code: one for one in evidence_cli.pack(root, now=NOW, jobs=1).results}
    checked = evidence_cli.check(root, now=NOW, jobs=1)
    found = []
    for question in checked.questions:
        if question.path is None:
            continue
        done = packed[question.code]
        # What was received is judged itself where the folder holds nothing.
        shown = question.path if question.received else done.path
        package = root / shown
        how = PACKED if question.received or done.outcome in (Outcome.PACKED, Outcome.CURRENT) else ZIPPED
        if how == ZIPPED:
            _zip(root / question.path, package)
        verified = evidence_cli.verify([package], workspace=root, now=NOW, jobs=1)
        of_folder = [one for one in checked.findings if one.question == question.code]
        judged = f"{shown}!/" if question.received else f"{question.path}/"
        in_folder = Counter(_line(one, judged) for one in of_folder)
        in_package = Counter(_line(one, f"{shown}!/") for one in verified.findings)
        for side, lines in ((FOLDER, in_folder - in_package), (PACKAGE, in_package - in_folder)):
            found += [Difference(side, how, line) for line in lines]
    return found


def _line(finding: evidence_cli.Finding, root: str) -> Line:
    inside = finding.path.removeprefix(root) if finding.path.startswith(root) else ""
    params = str(sorted(finding.params.items()))
    return Line(finding.code.value, inside, finding.severity.value, finding.waived, params)


def _zip(folder: Path, package: Path) -> None:
    package.parent.mkdir(exist_ok=True)
    package.unlink(missing_ok=True)
    zips.zip_folder(folder, package)

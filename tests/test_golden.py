"""Every rule has golden cases on disk, and each case gives exactly the findings it lists, no more and no fewer."""

import os
import sys
from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError

import evidence_cli
from evidence_cli.looks.facts import Facts
from evidence_cli.schema.validators import fit_recording
from evidence_cli.vocabulary.catalogue import RULES
from support.golden import Case, agree, found, load_case, perform
from support.meddling import Meddler
from support.rights import can_give_up, without_rights
from support.workspace import NOW, PACKAGES

FOLDER = Path(__file__).parent / "golden"
CASES = {path.stem: load_case(path) for path in sorted(FOLDER.glob("*.yaml"))}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.needs != "user"])
def test_case(name: str, workspace: Path) -> None:
    case = CASES[name]
    _skip_where_impossible(case)
    perform(workspace, case.do)
    _judge(case, workspace)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.needs == "user"])
def test_case_of_an_ordinary_user(name: str, workspace: Path) -> None:
    case = CASES[name]
    _skip_where_impossible(case)
    if not can_give_up():
        pytest.skip("root cannot become an ordinary user here")
    perform(workspace, case.do)
    without_rights(lambda: agree(evidence_cli.check(workspace, now=NOW, jobs=1), case.expect or ()))


def _judge(case: Case, root: Path) -> None:
    if case.expect is not None:
        others = Meddler("look", lambda: perform(root, case.meanwhile))
        report = evidence_cli.check(root, case.codes, packages=case.packages, now=case.now, jobs=1, progress=others)
        agree(report, case.expect)
    paths = sorted(path for path in (root / "报送").glob("*") if path.is_file())
    if case.verify is not None:
        agree(evidence_cli.verify(paths, workspace=root, now=NOW, jobs=1), case.verify)
    if case.archived is not None:
        agree(evidence_cli.verify(root / "归档", workspace=root, now=NOW, jobs=1), case.archived)
    if case.alone is not None:
        report = evidence_cli.verify([path.absolute() for path in paths], now=NOW, jobs=1)
        prefix = f"{root.as_posix()}/"
        lines = [(code, question, path.removeprefix(prefix)) for code, question, path in found(report.findings)]
        assert sorted(lines, key=str) == sorted((one.line for one in case.alone), key=str)


def _skip_where_impossible(case: Case) -> None:
    if case.needs in ("linux", "user") and sys.platform != "linux":
        pytest.skip("needs names, pipes or permissions as Linux has them")
    if case.needs == "windows_names" and os.name == "nt":
        pytest.skip("Windows cannot even make such a name")


def test_a_clean_workspace_gives_no_finding(clean: Path, workspace: Path) -> None:
    report = evidence_cli.check(workspace, now=NOW)
    assert (found(report.findings), report.switched_off) == ([], 0)
    assert [(one.code, one.passed, one.files) for one in report.questions] == [
        ("1.1-01", True, 6),
        ("1.1-02", True, 4),
        ("1.2-01", True, 4),
    ]
    evidence_cli.pack(workspace, now=NOW)
    assert found(evidence_cli.check(workspace, packages=True, now=NOW).findings) == []
    packages = [workspace / path for path in PACKAGES.values()]
    assert found(evidence_cli.verify(packages, workspace=workspace, now=NOW).findings) == []
    assert found(evidence_cli.verify(packages, now=NOW).findings) == []


def test_every_rule_has_a_case() -> None:
    covered = {code for case in CASES.values() for code in case.checked_codes}
    assert sorted(code.value for code in RULES if code.value not in covered) == []


def test_a_case_is_named_after_what_it_finds() -> None:
    wrong = [
        name
        for name, case in CASES.items()
        if not name.startswith("none-") and name[:4] not in {code.lstrip("~") for code in case.checked_codes}
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("seconds", "shown"), [(1.98, 1.9), (0.04, 0.0), (2.0, None), (3600.0, None), (3600.2, 3601), (7300.0, 7300)]
)
def test_a_length_is_never_rounded_to_the_limit(seconds: float, shown: float | None) -> None:
    film = Facts("mp4", seconds=seconds, picture_track=True)
    if shown is None:
        assert fit_recording(film, minimum=2, maximum=3600) is film
        return
    with pytest.raises(PydanticCustomError) as caught:
        fit_recording(film, minimum=2, maximum=3600)
    assert (caught.value.context or {})["seconds"] == shown

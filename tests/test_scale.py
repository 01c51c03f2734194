"""However little of a workspace memory may hold at once, a check says the same; and what did not change is not read."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.examine import workspace as examining
from evidence_cli.looks import cache as caching
from evidence_cli.vocabulary.findings import PackageState, Report
from support.golden import Case, found, load_case, perform
from support.workspace import NOW, PACKAGES, QUESTIONS

pytestmark = pytest.mark.usefixtures("own_cache")

FOLDER = Path(__file__).parent / "golden"
# What is said of links, of several files and questions, and of packages.
_GROUPS = ("E202", "E209", "E41", "E50", "E51")
CASES = [load_case(path) for path in sorted(FOLDER.glob("*.yaml")) if path.name.startswith(_GROUPS)]
LARGE = 100_000
FIRST, SECOND, THIRD = (f"{folder}/佐证材料/01-政策文件" for folder in QUESTIONS.values())


def check(root: Path, codes: tuple[str, ...] = (), *, packages: bool = False, cache: bool = True) -> Report:
    return evidence_cli.check(root, codes, packages=packages, cache=cache, now=NOW, jobs=2)


def say_the_same(root: Path, monkeypatch: pytest.MonkeyPatch, case: Case | None = None) -> Report:
    """The report of a check that may hold everything, after it was held against those that may hold nothing."""
    codes, packages = (case.codes, case.packages) if case else ((), False)
    whole = check(root, codes, packages=packages, cache=False)
    with monkeypatch.context() as patch:
        patch.setattr(examining, "_WINDOW", 0)
        patch.setattr(caching, "_MOST_NEW", 0)
        for cache in (False, True, True):
            assert check(root, codes, packages=packages, cache=cache) == whole
    return whole


@pytest.mark.parametrize("case", [case for case in CASES if case.needs == ""], ids=lambda case: case.name)
def test_a_small_window_and_a_warm_cache_change_nothing(
    case: Case, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform(workspace, case.do)
    say_the_same(workspace, monkeypatch, case)


# Files that are alike


def write_large(root: Path, *paths: str, end: bytes = b"") -> None:
    """Files that no look finds anything in, larger than their heads."""
    for path in paths:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(b"%PDF-1.4\n" + bytes(LARGE) + end)


def same(report: Report) -> list[tuple[str, str | None, str]]:
    return [line for line in found(report.findings) if line[0] in ("E411", "E412")]


def test_large_files_that_are_alike_are_found_in_one_question_and_in_several(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_large(workspace, f"{FIRST}/03-甲.pdf", f"{FIRST}/04-乙.pdf", f"{THIRD}/03-丙.pdf", end=b"1")
    write_large(workspace, f"{SECOND}/03-丁.pdf", end=b"2")
    report = say_the_same(workspace, monkeypatch)
    assert same(report) == [
        ("E412", "1.1-01", f"{FIRST}/03-甲.pdf"),
        ("E411", "1.1-01", f"{FIRST}/04-乙.pdf"),
        ("E412", "1.1-01", f"{FIRST}/04-乙.pdf"),
        ("E412", "1.2-01", f"{THIRD}/03-丙.pdf"),
    ]


def test_a_large_file_is_compared_with_one_whose_digest_is_known(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_large(workspace, f"{FIRST}/03-甲.pdf", f"{FIRST}/04-乙.pdf")
    assert same(check(workspace)) == [("E411", "1.1-01", f"{FIRST}/04-乙.pdf")]
    write_large(workspace, f"{FIRST}/05-丙.pdf", f"{THIRD}/03-丁.pdf")
    lines = [("E411", "1.1-01", f"{FIRST}/04-乙.pdf"), ("E411", "1.1-01", f"{FIRST}/05-丙.pdf")]
    lines += [("E412", "1.1-01", f"{FIRST}/{name}.pdf") for name in ("03-甲", "04-乙", "05-丙")]
    lines += [("E412", "1.2-01", f"{THIRD}/03-丁.pdf")]
    assert sorted(same(check(workspace))) == sorted(lines)
    assert sorted(same(check(workspace, codes=("1.2-01",)))) == lines[-1:]
    assert sorted(same(say_the_same(workspace, monkeypatch))) == sorted(lines)


# Packages


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the packages that are opened from now on, by whatever way."""
    _opened.clear()
    _listening.append(True)
    yield _opened
    _listening.clear()


_opened: list[str] = []
_listening: list[bool] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _listening and event == "open" and str(arguments[0]).endswith(".zip"):
        _opened.append(Path(str(arguments[0])).name)


# There is no way to take a hook away again.
sys.addaudithook(_hear)


def test_a_second_check_opens_no_package_but_those_that_changed(workspace: Path, opened: list[str]) -> None:
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    _opened.clear()
    names = {code: Path(path).name for code, path in PACKAGES.items()}
    first = check(workspace, packages=True)
    assert set(opened) == set(names.values())
    _opened.clear()
    assert replace(check(workspace, packages=True), generated=first.generated) == first
    assert opened == []
    changed = workspace / PACKAGES["1.1-02"]
    data = bytearray(changed.read_bytes())
    data[100] ^= 1
    changed.write_bytes(data)
    for expected in ([names["1.1-02"]], []):
        _opened.clear()
        report = check(workspace, packages=True)
        assert sorted(set(opened)) == expected
        states = {question.code: question.package for question in report.questions}
        assert states == dict.fromkeys(QUESTIONS, PackageState.CURRENT) | {"1.1-02": PackageState.BROKEN}


def test_pack_opens_every_package_whatever_is_known_of_it(workspace: Path, opened: list[str]) -> None:
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    check(workspace, packages=True)
    _opened.clear()
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    assert set(opened) == {Path(path).name for path in PACKAGES.values()}


def test_a_small_window_packs_the_same(
    workspace: Path, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = shutil.copytree(clean, tmp_path / "v")
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    monkeypatch.setattr(examining, "_WINDOW", 0)
    done = evidence_cli.pack(other, now=NOW, jobs=1)
    assert [result.outcome.value for result in done.results] == ["packed"] * len(PACKAGES)
    for path in PACKAGES.values():
        assert (other / path).read_bytes() == (workspace / path).read_bytes()

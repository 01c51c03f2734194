"""A question whose folder holds nothing is judged by the package that was received for it, and never packed."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.examine.looking import Looking
from evidence_cli.jobs.recall import recall
from evidence_cli.looks import cache as caching
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.findings import QuestionResult, Report
from support.golden import found
from support.packing import command, outcomes, pack, shelf
from support.workspace import NOW, PACKAGES, QUESTIONS, build, write_table

CODE = "1.1-01"
PACKAGE, FOLDER = PACKAGES[CODE], QUESTIONS[CODE]
MISSING = [("E502", CODE, PACKAGE), ("E103", CODE, FOLDER), ("E105", CODE, f"{FOLDER}/佐证材料")]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, which also keeps what was written just now."""
    monkeypatch.setenv("EVCLI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(caching, "_YOUNG", 0)


@pytest.fixture
def share(packed: Path, tmp_path: Path) -> Path:
    """The liaison's workspace: every package was received, and the folders hold what `init` made."""
    root = tmp_path / "联络员"
    write_table(root)
    assert command("init", "-w", root).returncode == 0
    done = evidence_cli.receive([packed / path for path in PACKAGES.values()], root, now=NOW)
    assert not (done.refused or done.failed)
    return root


def check(root: Path, *codes: str, **how: Any) -> Report:
    return evidence_cli.check(root, codes, **{"now": NOW, "jobs": 1, "packages": True, **how})


def line(report: Report, code: str = CODE) -> QuestionResult:
    [one] = [one for one in report.questions if one.code == code]
    return one


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("codes", [(), ("1.1",), (CODE,)])
def test_what_was_received_makes_the_share_green(
    share: Path, packed: Path, codes: tuple[str, ...], cache: bool
) -> None:
    before = line(check(packed))
    for _ in range(2):
        report = check(share, *codes, cache=cache)
        assert report.findings == ()
        assert report.not_done == ()
        one = line(report)
        assert (one.path, one.received, one.passed, str(one.package)) == (PACKAGE, True, True, "current")
        assert (one.files, one.bytes, one.digest) == (before.files, before.bytes, before.digest)


def test_people_are_told_what_was_checked(share: Path) -> None:
    said = command("check", "-w", share, "--lang", "zh").stdout
    assert said.count("题目文件夹里没有材料，检查的是接收来的压缩包。") == 3
    assert f"合格 {PACKAGE.rpartition('/')[2]}" in said


def test_pack_leaves_it_alone(share: Path) -> None:
    before = shelf(share)
    for dry_run in (True, False):
        report = pack(share, dry_run=dry_run)
        assert set(outcomes(report).values()) == {"current"}
        assert [(one.path, one.size) for one in report.results] == [
            (path, (share / path).stat().st_size) for path in PACKAGES.values()
        ]
        assert report.report.findings == ()
    check(share)
    assert set(outcomes(pack(share)).values()) == {"current"}
    assert shelf(share) == before


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"evidence": {"required": ["case"]}}, "E107"),
        ({"package": {"max_size": "2kB"}}, "E511"),
        ({"title": "政务事项清单"}, "E512"),
    ],
)
def test_pack_refuses_what_does_not_pass_and_says_so_of_the_package(
    share: Path, table: dict[str, Any], code: str
) -> None:
    write_table(share, {"indicators": {0: {"children": {0: {"questions": {0: table}}}}}})
    before = shelf(share)
    said = [(one.code.value, one.path) for one in check(share, CODE).findings]
    assert [one for one, _ in said] == [code]
    for _ in range(2):
        [result] = pack(share, CODE).results
        assert (result.outcome, [(one.code.value, one.path) for one in result.errors]) == ("refused", said)
        assert result.failure is None
    assert shelf(share) == before


def test_an_answer_in_the_folder_counts_again(share: Path) -> None:
    (share / FOLDER / "答案.txt").write_text("答案", encoding="utf-8")
    assert line(check(share)).path == FOLDER
    [result] = pack(share, CODE).results
    assert (result.outcome, "E105" in {one.code.value for one in result.errors}) == ("refused", True)


def test_a_full_folder_is_packed_and_what_was_received_is_kept(share: Path, packed: Path) -> None:
    received = (share / PACKAGE).read_bytes()
    shutil.rmtree(share / FOLDER)
    shutil.copytree(packed / FOLDER, share / FOLDER)
    assert check(share).findings == ()
    (share / FOLDER / "佐证材料/04-网站截图/02-查询页面.jpg").unlink()
    [stale] = check(share).findings
    assert (stale.code.value, stale.params["reason"]) == ("E502", "received")
    [result] = pack(share, CODE).results
    assert result.outcome == "packed"
    assert (share / (result.kept or "")).read_bytes() == received
    assert check(share).findings == ()


def _taken_away(root: Path) -> None:
    (root / PACKAGE).unlink()


def _not_received(root: Path) -> None:
    other = build(root.parent / "别处")
    (other / FOLDER / "佐证材料/04-网站截图/02-查询页面.jpg").unlink()
    pack(other, CODE)
    shutil.copy(other / PACKAGE, root / PACKAGE)


def _forgotten(root: Path) -> None:
    shutil.rmtree(root / ".evcli/records")


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (_taken_away, ["E103", "E105"]),
        (_not_received, ["E502", "E103", "E105"]),
        (_forgotten, ["E502", "E103", "E105"]),
    ],
)
def test_a_kept_report_does_not_outlive_what_was_received(
    share: Path, change: Callable[[Path], None], codes: list[str]
) -> None:
    check(share)
    change(share)
    assert recall(share, packages=True, now=NOW) is None
    [result] = pack(share, CODE).results
    assert (result.outcome, [one.code.value for one in result.errors]) == ("refused", ["E103", "E105"])
    assert [one.code.value for one in check(share).findings if one.question == CODE] == codes


def test_receiving_what_lies_there_already_changes_the_report(packed: Path) -> None:
    (packed / FOLDER / "答案.docx").unlink()
    shutil.rmtree(packed / FOLDER / "佐证材料")
    report = check(packed)
    assert found(report.findings) == MISSING
    assert recall(packed, packages=True, now=NOW) is not None
    [result] = evidence_cli.receive([packed / PACKAGE], packed, now=NOW).results
    assert result.outcome == "current"
    assert recall(packed, packages=True, now=NOW) is None
    assert outcomes(pack(packed, CODE)) == {CODE: "current"}
    assert check(packed).findings == ()


def test_the_second_check_looks_into_nothing(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(share)
    (share / QUESTIONS["1.1-02"] / "Thumbs.db").write_bytes(b"x")
    looked: list[object] = []
    monkeypatch.setattr(Looking, "look", lambda _, batch: looked.extend(batch))
    assert check(share).findings == ()
    assert looked == []


def test_what_changes_while_it_is_looked_into_is_not_relied_on(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Looking.look

    def look(looking: Looking, batch: Any) -> Any:
        os.utime(share / PACKAGE, (1, 1))
        return real(looking, batch)

    monkeypatch.setattr(Looking, "look", look)
    assert {one.code.value for one in check(share, CODE).findings} == {"E208"}
    assert recall(share, (CODE,), packages=True, now=NOW) is None
    monkeypatch.undo()
    assert check(share, CODE).findings == ()


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files as Linux shows them")
def test_no_package_stays_open(share: Path) -> None:
    check(share, cache=False)
    targets = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert [target for target in targets if target.suffix == ".zip"] == []


def test_records_that_cannot_be_read_are_no_reason_to_guess(share: Path) -> None:
    shutil.rmtree(share / ".evcli")
    (share / ".evcli").write_bytes(b"")
    with pytest.raises(EnvironmentFailure) as caught:
        check(share)
    assert (caught.value.key, caught.value.params["path"]) == ("read", ".evcli/records")

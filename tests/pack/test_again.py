"""Packing again: the same bytes everywhere, nothing touched without need, everything renewed that is not right."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from support import zips
from support.packing import command, outcomes, pack, shelf
from support.workspace import PACKAGES, QUESTIONS, build, files, write_table

CODE = "1.1-01"
NAME = PACKAGES[CODE].rpartition("/")[2]


def identity(path: Path) -> tuple[Any, ...]:
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, path.read_bytes()


def test_the_same_content_gives_the_same_bytes_wherever_and_however(packed: Path, tmp_path: Path) -> None:
    other = tmp_path / "另一处" / "更深" / "workspace"
    for number, (path, data) in enumerate(reversed(files().items())):
        name = path.replace("答案.docx", "终稿.DOCX")
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes(data)
        os.utime(other / name, (number * 10**8, number * 10**8))
    write_table(other)
    done = command("pack", "-q", "-j", "3", cwd=other, env={"TZ": "America/Lima", "LC_ALL": "C"}, **umask(0o077))
    assert done.returncode == 0, done.stderr
    assert shelf(other) == shelf(packed)


def umask(mask: int) -> dict[str, int]:
    return {} if os.name == "nt" else {"umask": mask}


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_the_number_of_jobs_changes_nothing(clean: Path, packed_once: Path, jobs: int) -> None:
    pack(clean, jobs=jobs)
    assert shelf(clean) == shelf(packed_once)


def test_one_question_alone_is_hashed_beside_and_is_the_same(clean: Path) -> None:
    recording = clean / QUESTIONS["1.2-01"] / "佐证材料/05-操作演示录屏/01-办理演示.mp4"
    with recording.open("ab") as stream:  # a free box at the end is good MP4
        stream.write((3_000_008).to_bytes(4, "big") + b"free" + bytes(range(256)) * 11718 + bytes(192))
    assert outcomes(pack(clean, "1.2-01", jobs=8)) == {"1.2-01": "packed"}
    alone = (clean / PACKAGES["1.2-01"]).read_bytes()
    shutil.rmtree(clean / "报送")
    pack(clean, jobs=2)
    assert (clean / PACKAGES["1.2-01"]).read_bytes() == alone


def test_a_current_package_is_left_alone(packed: Path) -> None:
    before = {code: identity(packed / path) for code, path in PACKAGES.items()}
    report = pack(packed)
    assert set(outcomes(report).values()) == {"current"}
    assert {code: identity(packed / path) for code, path in PACKAGES.items()} == before
    assert [(r.size, r.path) for r in report.results] == [
        ((packed / path).stat().st_size, path) for path in PACKAGES.values()
    ]
    assert all(result.digest for result in report.results)


def test_other_times_alone_are_no_change(packed: Path) -> None:
    before = identity(packed / PACKAGES[CODE])
    for path in (packed / QUESTIONS[CODE]).rglob("*"):
        os.utime(path, (time.time(), 10**9))
    assert outcomes(pack(packed, CODE)) == {CODE: "current"}
    assert identity(packed / PACKAGES[CODE]) == before


def swap(root: Path) -> None:
    path = root / QUESTIONS[CODE] / "佐证材料/02-办事指南/01-办事指南.html"
    data = path.read_bytes()
    assert b"</html>" in data
    path.write_bytes(data.replace("时限".encode(), "期限".encode()))
    assert len(path.read_bytes()) == len(data)


def add(root: Path) -> None:
    shutil.copy(root / QUESTIONS["1.2-01"] / "佐证材料/03-流程图/01-办理流程.png",
                root / QUESTIONS[CODE] / "佐证材料/04-网站截图/03-新.png")  # fmt: skip


def remove(root: Path) -> None:
    (root / QUESTIONS[CODE] / "佐证材料/04-网站截图/02-查询页面.jpg").unlink()


def rename(root: Path) -> None:
    path = root / QUESTIONS[CODE] / "佐证材料/04-网站截图/02-查询页面.jpg"
    path.rename(path.with_name("02-查询.jpg"))


def title(root: Path) -> None:
    write_table(root, {"indicators": {0: {"children": {0: {"questions": {0: {"title": "事项目录"}}}}}}})


def digest(root: Path) -> None:
    write_table(root, {"defaults": {"package": {"digest": "sha512"}}})


@pytest.mark.parametrize("change", [swap, add, remove, rename, title, digest])
def test_a_change_gives_a_new_package_and_then_rest(packed: Path, change: Callable[[Path], None]) -> None:
    before = shelf(packed)
    change(packed)
    [result] = pack(packed, CODE).results
    assert result.outcome == "packed"
    assert result.kept is None
    assert shelf(packed)[result.path.rpartition("/")[2]] != before[NAME]
    report = evidence_cli.verify([packed / result.path], workspace=packed)
    assert [f.code for f in report.findings if f.severity == "error"] == []
    assert outcomes(pack(packed, CODE)) == {CODE: "current"}


def test_a_changed_title_renews_the_package_under_its_new_name(packed: Path) -> None:
    title(packed)
    pack(packed, CODE)
    assert [name for name in shelf(packed) if name.startswith(CODE)] == ["1.1-01-事项目录.zip"]
    assert [f.code for f in evidence_cli.check(packed, [CODE]).findings] == ["E113"]


def test_a_package_by_another_hand_and_name_is_left_to_the_user(packed: Path) -> None:
    other = packed / "报送/1.1-01-别人做的.zip"
    (packed / PACKAGES[CODE]).unlink()
    other.write_bytes(b"PK\3\4 not ours")
    pack(packed, CODE)
    assert other.read_bytes() == b"PK\3\4 not ours"
    assert [f.code for f in evidence_cli.check(packed, [CODE]).findings] == ["E503"]
    (packed / PACKAGES[CODE]).write_bytes(b"torn")
    assert outcomes(pack(packed, CODE)) == {CODE: "packed"}
    assert [f.code for f in evidence_cli.check(packed, [CODE]).findings] == ["E503"]


def garbage(root: Path) -> None:
    (root / PACKAGES[CODE]).write_bytes(b"PK\3\4 not a package")


def cut(root: Path) -> None:
    path = root / PACKAGES[CODE]
    path.write_bytes(path.read_bytes()[:-100])


def foreign(root: Path) -> None:
    (root / PACKAGES[CODE]).unlink()
    zips.zip_folder(root / QUESTIONS[CODE], root / PACKAGES[CODE])


def wrapped(root: Path) -> None:
    (root / PACKAGES[CODE]).unlink()
    zips.zip_folder(root / QUESTIONS[CODE], root / PACKAGES[CODE], inside=QUESTIONS[CODE].rpartition("/")[2])


def of_another_question(root: Path) -> None:
    shutil.copy(root / PACKAGES["1.1-02"], root / PACKAGES[CODE])


def of_another_year(root: Path) -> None:
    zips.tamper(root / PACKAGES[CODE], edit="package.json", find='"test-2099"', by='"test-2098"')


@pytest.mark.parametrize("put", [garbage, cut, foreign, wrapped, of_another_question, of_another_year])
def test_what_evcli_did_not_make_for_this_question_is_kept(packed: Path, put: Callable[[Path], None]) -> None:
    right = shelf(packed)[NAME]
    put(packed)
    there = (packed / PACKAGES[CODE]).read_bytes()
    [result] = pack(packed, CODE).results
    assert (result.outcome, result.kept) == ("packed", f"报送/历史/{CODE}-事项清单-1.zip")
    assert shelf(packed) == {**shelf(packed), NAME: right, f"历史/{CODE}-事项清单-1.zip": there}
    assert len(shelf(packed)) == 4
    put(packed)
    if (packed / PACKAGES[CODE]).read_bytes() == there:
        assert pack(packed, CODE).results[0].kept == result.kept
        assert len(shelf(packed)) == 4
    done = command("check", CODE, cwd=packed)
    assert done.returncode == 0, done.stdout


def extra(root: Path) -> None:
    zips.tamper(root / PACKAGES[CODE], add="佐证材料/04-网站截图/09-多.png", as_="png")


def flipped(root: Path) -> None:
    zips.tamper(root / PACKAGES[CODE], flip="答案.docx")


@pytest.mark.parametrize("change", [extra, flipped])
def test_a_package_of_ours_that_was_spoilt_is_renewed(packed: Path, change: Callable[[Path], None]) -> None:
    before = shelf(packed)
    change(packed)
    assert shelf(packed) != before
    assert [(r.outcome, r.kept) for r in pack(packed, CODE).results] == [("packed", None)]
    assert shelf(packed) == before


def test_the_command_says_what_it_kept(packed: Path) -> None:
    foreign(packed)
    done = command("pack", CODE, "--lang", "zh", cwd=packed)
    assert done.returncode == 0
    assert f"报送/历史/{CODE}-事项清单-1.zip" in done.stdout.replace("\n  ", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows takes both names for one")
def test_another_spelling_of_the_name(packed: Path) -> None:
    right = shelf(packed)
    other = packed / PACKAGES[CODE].replace(".zip", ".ZIP")
    (packed / PACKAGES[CODE]).rename(other)
    [result] = pack(packed, CODE).results
    assert (result.outcome, result.path) == ("current", PACKAGES[CODE].replace(".zip", ".ZIP"))
    swap(packed)
    assert pack(packed, CODE).results[0].path == PACKAGES[CODE]
    assert sorted(shelf(packed)) == sorted(right)
    (packed / PACKAGES[CODE]).rename(other)
    shutil.copy(packed / PACKAGES["1.1-02"], packed / PACKAGES[CODE])
    assert pack(packed, CODE).results[0].kept == f"报送/历史/{CODE}-事项清单-1.zip"
    assert sorted(shelf(packed)) == sorted([*right, other.name, f"历史/{CODE}-事项清单-1.zip"])


def test_a_dry_run_touches_nothing(packed: Path, tmp_path: Path) -> None:
    swap(packed)
    remove_package = packed / PACKAGES["1.2-01"]
    remove_package.unlink()
    litter = packed / "报送/.evcli-00000000-1-1.tmp"
    litter.write_bytes(b"x")
    os.utime(litter, (1, 1))
    before = shelf(packed)
    report = pack(packed, dry_run=True)
    assert outcomes(report) == {CODE: "planned", "1.1-02": "current", "1.2-01": "planned"}
    assert [(q.code, q.package) for q in report.report.questions] == [
        (CODE, "stale"), ("1.1-02", "current"), ("1.2-01", "missing"),
    ]  # fmt: skip
    assert shelf(packed) == before
    fresh = build(tmp_path / "neu")
    assert set(outcomes(pack(fresh, dry_run=True)).values()) == {"planned"}
    assert not (fresh / "报送").exists()

"""A check that was done before: what is believed, what is looked at anew, and what nobody may believe.

To see where facts came from, the tests change what the cache holds: a file that was seen as whole is then remembered as
damaged, and only who believes the cache reports it.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.cli.main import run
from evidence_cli.looks import cache as caching
from evidence_cli.vocabulary.findings import PackageState, Report
from support.golden import found, perform
from support.remembering import REPORTS, rewrite
from support.workspace import NOW, PACKAGES, QUESTIONS, build, files, table, write_table

FIRST = QUESTIONS["1.1-01"]
PDF = f"{FIRST}/佐证材料/01-政策文件/01-清单管理办法.pdf"
ANSWER = f"{FIRST}/答案.docx"
PACKAGE = PACKAGES["1.1-01"]
BELIEVED = [("E304", "1.1-01", PDF)]

linux = pytest.mark.skipif(sys.platform == "win32", reason="no time of a file's last change of any sort there")


@pytest.fixture
def file(own_cache: Path) -> Path:
    """The cache, as it lies on disk."""
    return own_cache


@pytest.fixture
def workspace(tmp_path: Path, file: Path) -> Path:
    """A clean one that was checked once."""
    root = build(tmp_path / "w")
    assert found(check(root).findings) == []
    return root


def check(root: Path, **how: Any) -> Report:
    return evidence_cli.check(root, now=NOW, jobs=1, **how)


def names(file: Path) -> set[str]:
    """The files that the cache has rows of."""
    database = sqlite3.connect(file)
    rows = [
        name.decode()
        for (name,) in database.execute(f"SELECT name FROM looks WHERE CAST(name AS TEXT) NOT LIKE '{REPORTS}'")
    ]
    database.close()
    return set(rows)


def remember_as_damaged(file: Path, *paths: str) -> None:
    def change(name: str, row: caching.Row) -> caching.Row | None:
        facts = json.dumps(json.loads(row.facts) | {"health": "damaged"}) if row.facts else ""
        return row._replace(facts=facts) if name in paths else None

    assert rewrite(file, change) == len(paths)


def damaged(report: Report) -> set[str]:
    assert {finding.code.value for finding in report.findings} <= {"E304"}
    return {finding.path for finding in report.findings}


# What is believed


def test_every_file_is_remembered(workspace: Path, file: Path) -> None:
    assert names(file) == set(files())


def test_a_second_check_does_not_look_again(workspace: Path, file: Path) -> None:
    remember_as_damaged(file, PDF)
    assert found(check(workspace).findings) == BELIEVED
    assert found(check(workspace, codes=["1.1-01"]).findings) == BELIEVED


def test_a_warm_report_is_a_cold_one(workspace: Path) -> None:
    steps = [
        {"write": f"{FIRST}/佐证材料/01-政策文件/03-批复.pdf", "as": "scanned-pdf"},
        {"write": f"{FIRST}/佐证材料/01-政策文件/04-通知.docx", "as": "docx", "lines": ["2019年通知", "{id}"]},
        {"write": f"{FIRST}/佐证材料/04-网站截图/03-首页.jpg", "as": "placed-jpeg"},
        {"write": f"{FIRST}/答案.docx", "as": "docx", "lines": ["本市已公布清单，见佐证材料19。"]},
        {"write": f"{QUESTIONS['1.2-01']}/佐证材料/05-操作演示录屏/02-查询.mp4", "as": "mp4", "count": 1},
    ]
    perform(workspace, steps)
    cold = check(workspace)
    assert [finding.code.value for finding in cold.findings] == ["E402", "E413", "E405", "E414", "E311"]
    assert len(cold.not_done) == 1
    assert check(workspace) == cold
    assert check(workspace, cache=False) == cold


def test_without_the_cache_it_looks_again(workspace: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember_as_damaged(file, PDF)
    before = file.read_bytes()
    assert found(check(workspace, cache=False).findings) == []
    assert run(["check", "-q", "--no-cache", "-w", str(workspace)]) == 0
    # Neither read nor written.
    assert file.read_bytes() == before
    assert run(["check", "-q", "-w", str(workspace)]) == 1
    capsys.readouterr()


def test_another_workspace_believes_nothing_of_it(workspace: Path, file: Path, tmp_path: Path) -> None:
    remember_as_damaged(file, PDF)
    moved = workspace.rename(tmp_path / "v")
    assert found(check(moved).findings) == []


def test_what_was_written_just_now_is_not_remembered(
    workspace: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.unlink()
    monkeypatch.setattr(caching, "_YOUNG", 10**18)
    assert found(check(workspace).findings) == []
    assert names(file) == set()


# What is looked at anew


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def date_back(path: Path) -> None:
    os.utime(path, (1_600_000_000, 1_600_000_000))


def rewrite_and_put_the_time_back(path: Path) -> None:
    before = path.stat()
    path.write_bytes(path.read_bytes())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_another(path: Path) -> None:
    before, other = path.stat(), path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [grow, date_back])
def test_a_file_of_another_size_or_time(workspace: Path, file: Path, change: Callable[[Path], None]) -> None:
    remember_as_damaged(file, PDF, ANSWER)
    change(workspace / PDF)
    assert damaged(check(workspace)) == {ANSWER}


@linux
@pytest.mark.parametrize("change", [rewrite_and_put_the_time_back, replace_by_another])
def test_a_file_whose_size_and_time_were_put_back(workspace: Path, file: Path, change: Callable[[Path], None]) -> None:
    remember_as_damaged(file, PDF, ANSWER)
    change(workspace / PDF)
    assert damaged(check(workspace)) == {ANSWER}


def test_a_file_under_another_name(workspace: Path, file: Path) -> None:
    remember_as_damaged(file, PDF)
    (workspace / PDF).rename((workspace / PDF).with_name("01-管理办法.pdf"))
    assert damaged(check(workspace)) == set()


@pytest.mark.parametrize("gate", [{"mobile": "off"}, {"position": "off"}, {"secrecy": {"also": ["某某字样"]}}])
def test_everything_once_the_gate_changed(workspace: Path, file: Path, gate: dict[str, Any]) -> None:
    remember_as_damaged(file, PDF, ANSWER)
    write_table(workspace, {"gate": gate})
    assert damaged(check(workspace)) == set()
    # And back: what was looked at last counts.
    write_table(workspace)
    assert damaged(check(workspace)) == set()


def test_the_answer_once_the_text_of_its_question_changed(workspace: Path, file: Path) -> None:
    others = [ANSWER.replace(FIRST, QUESTIONS[code]) for code in ("1.1-02", "1.2-01")]
    remember_as_damaged(file, PDF, ANSWER, *others)
    asked = table()["indicators"][0]["children"][0]["questions"][0]["text"]
    question = {"text": f"{asked}请附清单。"}
    write_table(workspace, {"indicators": {"0": {"children": {"0": {"questions": {"0": question}}}}}})
    assert damaged(check(workspace)) == {PDF, *others}


def test_nothing_once_only_demands_changed(workspace: Path, file: Path) -> None:
    remember_as_damaged(file, PDF)
    write_table(workspace, {"defaults": {"answer": {"min_chars": 11}}, "rules": {"severity": {"E203": "off"}}})
    assert damaged(check(workspace)) == {PDF}


def test_everything_once_the_looker_changed(workspace: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember_as_damaged(file, PDF)
    monkeypatch.setattr("evidence_cli.examine.looking.looker_version", lambda: "another")
    assert damaged(check(workspace)) == set()


# A cache that somebody broke


def test_a_row_that_nobody_can_read_is_passed_over(workspace: Path, file: Path) -> None:
    cold = check(workspace, cache=False)
    for nonsense in ('{"format": "no such"}', "[]", "null", "{", '{"format": "pdf", "health": "fine"}'):
        assert rewrite(file, lambda name, row, facts=nonsense: row._replace(facts=facts)) == len(files())  # type: ignore[misc]
        assert check(workspace) == cold, nonsense


def test_a_row_that_evcli_did_not_write_is_passed_over(workspace: Path, file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("UPDATE looks SET facts = replace(facts, '\"ok\"', '\"damaged\"')")
    database.commit()
    database.close()
    assert found(check(workspace).findings) == []


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_cache_that_is_no_database(workspace: Path, file: Path, content: bytes) -> None:
    cold = check(workspace, cache=False)
    file.write_bytes(content)
    assert check(workspace) == cold
    # Thrown away, and begun anew.
    assert names(file) == set(files())


def test_a_cache_with_holes_gives_the_same_report(workspace: Path, file: Path) -> None:
    cold, whole, chance = check(workspace, cache=False), file.read_bytes(), random.Random(7)
    for _ in range(4):
        data = bytearray(whole)
        for _ in range(8):
            at = chance.randrange(len(data) - 64)
            data[at : at + 64] = chance.randbytes(64)
        file.write_bytes(data)
        assert check(workspace) == cold


def test_a_place_where_nothing_can_be_written(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = check(workspace, cache=False)
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("EVCLI_CACHE", str(tmp_path / "file"))
    assert check(workspace) == cold


# Packages


@pytest.fixture
def packed(workspace: Path) -> Path:
    """With all its packages, which were checked once."""
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    assert states(check(workspace)) == dict.fromkeys(QUESTIONS, PackageState.CURRENT)
    return workspace


def states(report: Report) -> dict[str, PackageState]:
    return {question.code: question.package for question in report.questions}


def misremember_package(file: Path) -> None:
    """What the cache has of a package: that its entries have other digests."""

    def change(name: str, row: caching.Row) -> caching.Row | None:
        if name != PACKAGE:
            return None
        value = json.loads(row.facts)
        for entry in value["entries"]:
            entry[-1] = "0" * len(entry[-1])
        return row._replace(facts=json.dumps(value))

    assert rewrite(file, change) == 1


def test_packages_that_did_not_change_are_not_read_again(packed: Path, file: Path) -> None:
    assert names(file) == {*files(), *PACKAGES.values()}
    misremember_package(file)
    report = check(packed)
    assert {finding.path.partition("!")[0] for finding in report.findings} == {PACKAGE}
    assert states(report)["1.1-01"] is PackageState.BROKEN
    assert states(check(packed, cache=False)) == dict.fromkeys(QUESTIONS, PackageState.CURRENT)


@linux
def test_a_package_that_changed_is_read_whole(packed: Path, file: Path) -> None:
    misremember_package(file)
    rewrite_and_put_the_time_back(packed / PACKAGE)
    assert states(check(packed)) == dict.fromkeys(QUESTIONS, PackageState.CURRENT)


@linux
def test_a_flipped_bit_in_a_package_is_found_whatever_its_time_says(packed: Path) -> None:
    path = packed / PACKAGE
    before, data = path.stat(), bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("佐证材料/04-网站截图/01-清单页面.png")
    data[info.header_offset + 200] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert states(check(packed))["1.1-01"] is PackageState.BROKEN


def test_verify_reads_everything(packed: Path, file: Path) -> None:
    misremember_package(file)
    remember_as_damaged(file, PDF)
    report = evidence_cli.verify(packed / PACKAGE, workspace=packed, now=NOW, jobs=1)
    assert found(report.findings) == []


# What pack may not believe


def swap_the_bytes(path: Path) -> bytes:
    """Other content of the same length and time; gives the new content."""
    before, data = path.stat(), path.read_bytes()
    changed = data.replace(b"STSong", b"STKong")
    assert (len(changed), changed != data) == (len(data), True)
    path.write_bytes(changed)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return changed


def outcomes(done: evidence_cli.PackReport) -> list[str]:
    return [result.outcome.value for result in done.results]


def claim_nothing_changed(root: Path, file: Path, path: str, old: str) -> None:
    """Put the old digest into the cache for the new state, as a system would that shows no change."""
    status = (root / path).stat()
    stamp = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
    assert rewrite(file, lambda name, row: row._replace(stamp=stamp, digest=old) if name == path else None) == 1


def test_pack_never_trusts_a_digest_of_the_cache(packed: Path, file: Path) -> None:
    path = packed / PDF
    old = {row[0].decode(): row[1] for row in _digests(file)}[PDF]
    assert len(old) == 64
    changed = swap_the_bytes(path)
    claim_nothing_changed(packed, file, PDF, old)
    assert states(check(packed))["1.1-01"] is PackageState.CURRENT
    done = evidence_cli.pack(packed, now=NOW, jobs=1)
    assert outcomes(done) == ["packed", "current", "current"]
    with zipfile.ZipFile(packed / PACKAGE) as archive:
        assert archive.read(PDF.removeprefix(f"{FIRST}/")) == changed


@linux
def test_check_sees_a_change_whose_size_and_time_were_put_back(packed: Path) -> None:
    swap_the_bytes(packed / PDF)
    report = check(packed)
    assert states(report)["1.1-01"] is PackageState.STALE
    assert found(report.findings) == [("E502", "1.1-01", PACKAGE)]


def test_pack_never_trusts_what_the_cache_says_of_a_package(packed: Path, file: Path) -> None:
    misremember_package(file)
    done = evidence_cli.pack(packed, now=NOW, jobs=1)
    assert outcomes(done) == ["current", "current", "current"]


def _digests(file: Path) -> list[tuple[bytes, str]]:
    database = sqlite3.connect(file)
    rows = database.execute("SELECT name, digest FROM looks").fetchall()
    database.close()
    return rows


# Several at once

_PROGRAM = """
import sys
from evidence_cli.looks import cache
from evidence_cli.cli.main import run
cache._YOUNG = 0
sys.exit(run(["check", "-q", "--format", "json", "-j", "1", "-w", sys.argv[1]]))
"""


def start(root: Path) -> subprocess.Popen[bytes]:
    home = str(Path(evidence_cli.__path__[0]).parent)
    environment = os.environ | {"PYTHONPATH": home, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", _PROGRAM, str(root)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def test_two_processes_at_once(workspace: Path, file: Path) -> None:
    file.unlink()
    running = [start(workspace), start(workspace)]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], [error for _, error in said]
    reports = [json.loads(out) for out, _ in said]
    assert [report["findings"] for report in reports] == [[], []]
    assert reports[0]["questions"] == reports[1]["questions"]
    assert names(file) == set(files())
    remember_as_damaged(file, PDF)
    third = start(workspace)
    out, error = third.communicate(timeout=120)
    assert third.returncode == 1, error
    assert [(finding["code"], finding["path"]) for finding in json.loads(out)["findings"]] == [("E304", PDF)]


def test_a_cache_that_another_program_holds(workspace: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "_BUSY", 0.0)
    cold = check(workspace, cache=False)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert replace(check(workspace), generated=cold.generated) == cold
    finally:
        other.close()
    assert names(file) == set(files())

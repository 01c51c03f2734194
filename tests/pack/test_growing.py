"""A file that somebody is still copying is no damaged file: it is named, not judged, and not packed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

import evidence_cli
from evidence_cli.examine import settling
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import NotDone, PackageState
from support.golden import found
from support.meddling import Meddler
from support.packing import command, environment, outcomes, pack, shelf
from support.workspace import NOW, PACKAGES, QUESTIONS

CODE = "1.2-01"
FILM = f"{QUESTIONS[CODE]}/佐证材料/05-操作演示录屏/01-办理演示.mp4"

# Writes the rest of a file byte by byte, as a slow copy does, until its input ends.
_COPY = """
import select, sys
with open(sys.argv[1], "ab", 0) as stream:
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        stream.write(b"x")
"""


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def tear(path: Path) -> None:
    """Cut a file in half, at the moment of the tests."""
    os.truncate(path, path.stat().st_size // 2)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))


@contextmanager
def copying(path: Path) -> Iterator[None]:
    """Another process goes on writing the file."""
    with subprocess.Popen([sys.executable, "-c", _COPY, str(path)], stdin=subprocess.PIPE, env=environment()) as writer:
        size = path.stat().st_size
        while path.stat().st_size == size:
            assert writer.poll() is None
        yield
        writer.communicate(b"")


@pytest.mark.skipif(os.name == "nt", reason="the copying program waits as POSIX does")
def test_a_slow_copy_by_another_program(clean: Path) -> None:
    tear(clean / FILM)
    with copying(clean / FILM):
        report = evidence_cli.check(clean, now=datetime.now(UTC), cache=False)
        assert command("check", "-w", clean, CODE, "-q", "--no-cache").returncode == 0
    assert found(report.findings) == [("E211", CODE, FILM)]
    assert report.not_done == (NotDone(FILM, "inside", "writing"),)
    assert [question.passed for question in report.questions] == [True] * 3
    after = evidence_cli.check(clean, now=datetime.now(UTC), cache=False)
    assert found(after.findings) == [("E304", CODE, FILM)]


def test_it_is_not_packed_and_the_others_are(clean: Path) -> None:
    tear(clean / FILM)
    report = pack(clean, jobs=1, progress=Meddler("look", lambda: grow(clean / FILM)))
    assert outcomes(report) == {"1.1-01": "packed", "1.1-02": "packed", CODE: "refused"}
    failure = report.results[2].failure
    assert failure is not None
    assert (failure.key, failure.params) == ("unpackable_growing", {"path": FILM})
    assert set(shelf(clean)) == {Path(PACKAGES[code]).name for code in ("1.1-01", "1.1-02")}


def test_a_file_that_stopped_growing_is_judged(clean: Path) -> None:
    tear(clean / FILM)
    report = evidence_cli.check(clean, now=NOW, jobs=1)
    assert found(report.findings) == [("E304", CODE, FILM)]


def test_a_package_that_is_copied_into_its_place(packed: Path) -> None:
    package = packed / PACKAGES[CODE]
    tear(package)
    meddler = Meddler("packages", lambda: grow(package))
    report = evidence_cli.check(packed, packages=True, now=NOW, jobs=1, progress=meddler)
    assert found(report.findings) == [("E211", CODE, PACKAGES[CODE])]
    assert [question.package for question in report.questions][2] is PackageState.MISSING
    assert report.not_done == (NotDone(PACKAGES[CODE], "inside", "writing"),)
    report = evidence_cli.check(packed, packages=True, now=NOW, jobs=1)
    assert found(report.findings) == [("E504", CODE, PACKAGES[CODE])]


def test_files_and_packages_are_waited_for_once(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        time.sleep(seconds)

    monkeypatch.setattr(settling, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    for torn in (packed / FILM, packed / PACKAGES["1.1-01"], packed / PACKAGES["1.1-02"]):
        tear(torn)
    report = evidence_cli.check(packed, now=NOW, jobs=1)
    assert {code for code, _, path in found(report.findings) if path != PACKAGES[CODE]} == {"E304", "E504"}
    assert sum(waited) <= 1.0


@pytest.mark.skipif(os.name == "nt", reason="the copying program waits as POSIX does")
@pytest.mark.parametrize("place", ["inside", "outside"])
def test_a_package_that_is_verified_too_early(packed: Path, place: str) -> None:
    package = packed / PACKAGES[CODE]
    workspace, shown = (packed, PACKAGES[CODE]) if place == "inside" else (None, package.as_posix())
    good = packed / PACKAGES["1.1-01"]
    tear(package)
    with copying(package):
        report = evidence_cli.verify([package, good], workspace=workspace, now=datetime.now(UTC))
        done = command("verify", package, "--format", "json", "--lang", "en")
    assert found(report.findings) == [("E211", CODE, shown)]
    assert [note for note in report.not_done if note.check != "table"] == [NotDone(shown, "inside", "writing")]
    states = [(question.passed, question.package) for question in report.questions]
    assert states == [(True, PackageState.MISSING), (True, PackageState.CURRENT)]
    assert (done.returncode, '"E211"' in done.stdout) == (0, True)
    report = evidence_cli.verify([package, good], workspace=workspace, now=datetime.now(UTC))
    assert found(report.findings) == [("E504", CODE, shown)]


@pytest.mark.skipif(os.name == "nt", reason="the copying program waits as POSIX does")
def test_a_package_that_is_received_too_early(packed: Path, tmp_path: Path) -> None:
    package = tmp_path / Path(PACKAGES[CODE]).name
    (packed / PACKAGES[CODE]).rename(package)
    tear(package)
    with copying(package):
        done = evidence_cli.receive([package], workspace=packed, now=datetime.now(UTC))
    [result] = done.results
    assert (str(result.outcome), result.errors) == ("refused", ())
    assert result.failure is not None
    assert result.failure.key == "receive_changed"
    done = evidence_cli.receive([package], workspace=packed, now=datetime.now(UTC))
    assert [error.code for error in done.results[0].errors] == [Code.PACKAGE_BROKEN]

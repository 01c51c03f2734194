"""Whatever interrupts archiving leaves no archive or a whole one, and the next run cleans up."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import evidence_cli
from support.archiving import archive, held
from support.disks import small_disk
from support.interrupting import moments
from support.packing import Packer, environment
from support.workspace import NOW


def order(root: Path, target: Path) -> list[str]:
    return ["archive", str(target), "-w", str(root), "--by", "指标联络员", "--now", NOW.isoformat(), "-j", "1"]


def litter(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".evcli-")]


def test_killed_at_any_call(workspace: Path, tmp_path: Path, program: Packer) -> None:
    place = tmp_path / "放在这里"
    place.mkdir()
    records = held(workspace / ".evcli/records")
    program.run(*order(workspace, place / "先"))
    whole = program.run(*order(workspace, place / "归档"))
    assert (whole["status"], whole["code"]) == (0, 0), whole["text"]
    expected = held(place / "归档")
    seen = set()
    # What comes after the name is given takes a few calls only.
    last = range(whole["events"] - 8, whole["events"], 3)
    for moment in [*moments(whole["events"], 14, seed=23), *last]:
        shutil.rmtree(place)
        place.mkdir()
        shutil.rmtree(workspace / ".evcli/records")
        for name, data in records.items():
            (workspace / ".evcli/records").mkdir(exist_ok=True)
            (workspace / ".evcli/records" / name).write_bytes(data)
        assert program.run(*order(workspace, place / "归档"), at=moment)["status"] in (-signal.SIGKILL, 0)
        there = (place / "归档").exists()
        seen |= {"whole" if there else "absent", "litter" if litter(place) else "clean"}
        if there:
            assert held(place / "归档") == expected
        assert archive(place / "再来", workspace).questions == 3
        assert litter(place) == []
        assert held(place / "再来") == expected
    assert seen == {"whole", "absent", "litter", "clean"}


def test_asked_to_stop(workspace: Path, tmp_path: Path, program: Packer) -> None:
    # The first run may look at files that the others take from the cache.
    events = min(program.run(*order(workspace, tmp_path / name))["events"] for name in ("一", "另一"))
    done = program.run(*order(workspace, tmp_path / "二"), at=events * 3 // 4, signal=signal.SIGINT)
    assert (done["status"], done["code"]) == (0, 3)
    assert not (tmp_path / "二").exists()
    assert litter(tmp_path) == []


def test_a_run_that_goes_on_is_left_alone(workspace: Path, tmp_path: Path) -> None:
    from evidence_cli.workspace.building import building

    with building(tmp_path / "一") as folder:
        (folder / "文件").write_bytes(b"being written")
        archive(tmp_path / "二", workspace)
        assert (folder / "文件").read_bytes() == b"being written"
    assert held(tmp_path / "一") == {"文件": b"being written"}


def test_two_at_once_for_one_place(workspace: Path, tmp_path: Path) -> None:
    """One makes it, the other hears that it is taken."""
    command = [sys.executable, "-m", "evidence_cli", *order(workspace, tmp_path / "归档")]
    running = [subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE) for _ in range(2)]
    ended = sorted((one.communicate(timeout=120), one.returncode)[1] for one in running)
    assert ended in ([0, 2], [0, 3])
    assert evidence_cli.verify(tmp_path / "归档", now=NOW).findings == ()
    assert litter(tmp_path) == []


@pytest.fixture
def full_soon(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "1m") as disk:
        yield disk


@pytest.mark.parametrize("share", range(5, 80, 12))
def test_a_full_disk(workspace: Path, full_soon: Path, tmp_path: Path, share: int) -> None:
    archive(tmp_path / "归档", workspace)
    needed = sum(-(-path.stat().st_size // 4096) * 4096 for path in (tmp_path / "归档").rglob("*"))
    room = os.statvfs(full_soon)
    filler = full_soon / "filler"
    filler.write_bytes(bytes(room.f_bavail * room.f_frsize - needed * share // 100))
    before = evidence_cli.history(workspace)
    with pytest.raises(evidence_cli.EnvironmentFailure, match="write"):
        archive(full_soon / "归档", workspace)
    assert [path.name for path in full_soon.iterdir()] == ["filler"]
    assert evidence_cli.history(workspace) == before

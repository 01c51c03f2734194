"""Files are replaced whole or not at all; temporary files of interrupted runs are cleaned up, those of others not."""

import contextlib
import errno
import os
import platform
import signal
import stat
import subprocess
import sys
import time
from hashlib import blake2b
from pathlib import Path

import pytest

from evidence_cli.workspace import store
from evidence_cli.workspace.store import create_only, keep_aside, replacing, sweep, with_patience

HOST = blake2b(platform.node().encode("utf-8", "replace"), digest_size=4).hexdigest()


def put(target: Path, data: bytes) -> None:
    with replacing(target) as stream:
        stream.write(data)


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_and_its_replacement(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    put(target, b"old")
    put(target, b"new")
    assert target.read_bytes() == b"new"
    assert listing(tmp_path) == ["a.zip"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o002, 0o664)])
def test_the_umask_decides_who_may_read(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        put(tmp_path / "a.zip", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a.zip").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), ValueError()])
def test_whatever_goes_wrong_the_old_file_stays(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.zip"
    target.write_bytes(b"old")
    with pytest.raises(type(error)), replacing(target) as stream:
        stream.write(b"half")
        raise error

    def refuse(temporary: Path) -> None:
        assert temporary.read_bytes() == b"whole"
        assert target.read_bytes() == b"old"
        raise error

    with pytest.raises(type(error)), replacing(target, check=refuse) as stream:
        stream.write(b"whole")
    assert (target.read_bytes(), listing(tmp_path)) == (b"old", ["a.zip"])


def test_two_long_names_that_begin_alike_are_written_at_once(tmp_path: Path) -> None:
    first, second = (tmp_path / f"{'营' * 80}{end}.zip" for end in "一二")
    with replacing(first) as one, replacing(second) as other:
        one.write(b"first")
        other.write(b"second")
    assert (first.read_bytes(), second.read_bytes()) == (b"first", b"second")
    assert listing(tmp_path) == sorted([first.name, second.name])


def test_a_folder_in_the_way_is_told_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.zip").mkdir()
    with pytest.raises(IsADirectoryError):
        put(tmp_path / "a.zip", b"x")
    assert listing(tmp_path) == ["a.zip"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.zip"
    outside.write_bytes(b"outside")
    (tmp_path / "a.zip").symlink_to(outside)
    put(tmp_path / "a.zip", b"new")
    assert outside.read_bytes() == b"outside"
    assert not (tmp_path / "a.zip").is_symlink()
    assert (tmp_path / "a.zip").read_bytes() == b"new"


def test_create_only_never_overwrites(tmp_path: Path) -> None:
    assert create_only(tmp_path / "a", b"one")
    assert not create_only(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"


def test_patience_is_for_files_that_somebody_has_open() -> None:
    tries: list[int] = []

    def opened_elsewhere() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise PermissionError(13, "sharing violation")

    with_patience(opened_elsewhere)
    assert len(tries) == 3

    def hopeless() -> None:
        tries.append(1)
        raise PermissionError(1, "not permitted")

    with pytest.raises(PermissionError):
        with_patience(hopeless)
    assert len(tries) == 4


def temporary(host: str, process: int, number: int = 1) -> str:
    return f".evcli-{host}-{process}-{number}.tmp"


def ended_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


@pytest.mark.skipif(sys.platform != "linux", reason="needs the moment this machine started")
def test_sweep_takes_what_no_run_writes_any_more(tmp_path: Path) -> None:
    dead, alive, own = ended_process(), os.getppid(), os.getpid()
    long_ago = time.time() - 48 * 3600
    before_boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) - 60
    files = {
        temporary(HOST, dead): None,
        temporary(HOST, alive): None,
        temporary(HOST, own, 10**6): None,
        temporary("00000000", dead): None,
        temporary("00000000", alive): long_ago,
        temporary(HOST, alive, 2): before_boot,
        temporary(HOST, 10**30): None,
        "1.1-01-事项清单.zip": long_ago,
        ".evcli-notes.tmp": long_ago,
        "report.tmp": long_ago,
    }
    for name, moment in files.items():
        (tmp_path / name).write_bytes(b"x")
        if moment is not None:
            os.utime(tmp_path / name, (moment, moment))
    with replacing(tmp_path / "b.zip") as stream:
        stream.write(b"being written")
        sweep(tmp_path)
    assert listing(tmp_path) == sorted(
        [
            temporary(HOST, alive),
            temporary("00000000", dead),
            "1.1-01-事项清单.zip",
            ".evcli-notes.tmp",
            "report.tmp",
            "b.zip",
        ]
    )
    sweep(tmp_path / "missing")


def test_a_name_that_a_killed_run_left_is_not_used_again(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.zip"):
        [name] = [path.name for path in tmp_path.iterdir()]
    number = int(name.removesuffix(".tmp").rpartition("-")[2])
    left = tmp_path / temporary(HOST, os.getpid(), number + 1)
    left.write_bytes(b"left")
    put(tmp_path / "a.zip", b"new")
    assert left.read_bytes() == b"left"
    assert (tmp_path / "a.zip").read_bytes() == b"new"


def test_what_is_kept_aside_is_kept_once(tmp_path: Path) -> None:
    path, history = tmp_path / "a.zip", tmp_path / "历史"
    path.write_bytes(b"foreign")
    assert keep_aside(path, history) == keep_aside(path, history) == history / "a-1.zip"
    path.unlink()
    path.write_bytes(b"another")
    assert keep_aside(path, history) == history / "a-2.zip"
    assert {p.name: p.read_bytes() for p in history.iterdir()} == {"a-1.zip": b"foreign", "a-2.zip": b"another"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_nothing_is_kept_behind_a_link(tmp_path: Path) -> None:
    outside, history = tmp_path / "outside", tmp_path / "历史"
    outside.mkdir()
    history.symlink_to(outside)
    (tmp_path / "a.zip").write_bytes(b"foreign")
    with pytest.raises(OSError, match="历史"):
        keep_aside(tmp_path / "a.zip", history)
    assert listing(outside) == []


def test_files_being_written_are_forgotten_afterwards(tmp_path: Path) -> None:
    put(tmp_path / "a.zip", b"x")
    assert store._being_written == set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_create_only_leaves_a_whole_file_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies while it writes: nobody finds half a table under its name."""
    target = tmp_path / "indicators.yaml"
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(os, "fsync", lambda _: os.kill(os.getpid(), signal.SIGKILL))
        with contextlib.suppress(BaseException):
            create_only(target, b"whole")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert not target.exists()
    assert create_only(target, b"whole")
    sweep(tmp_path)
    assert listing(tmp_path) == [target.name]


@pytest.mark.parametrize("hard_links", [True, False])
def test_two_runs_that_keep_different_files_lose_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hard_links: bool
) -> None:
    """The other run takes the name after this one has seen that it is free."""
    history, real = tmp_path / "历史", os.link

    def link(source: Path, target: Path) -> None:
        if target.name == "a-1.zip" and not target.exists():
            target.write_bytes(b"theirs")
        if not hard_links:
            raise OSError(errno.EOPNOTSUPP, "no hard links")
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    (tmp_path / "a.zip").write_bytes(b"ours")
    assert keep_aside(tmp_path / "a.zip", history) == history / "a-2.zip"
    assert {p.name: p.read_bytes() for p in history.iterdir()} == {"a-1.zip": b"theirs", "a-2.zip": b"ours"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_the_umask_decides_about_everything(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        create_only(tmp_path / "note", b"x")
        put(tmp_path / "a.zip", b"x")
        keep_aside(tmp_path / "a.zip", tmp_path / "历史")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"note": 0o640, "a.zip": 0o640, "历史": 0o750, "a-1.zip": 0o640}


@pytest.mark.parametrize("links", [True, False])
def test_what_will_stand_there_anyway_is_not_kept(tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    path, new, history = tmp_path / "a.zip", tmp_path / "new", tmp_path / "历史"
    path.write_bytes(b"same")
    new.write_bytes(b"same")
    assert keep_aside(path, history, unless=new) is None
    assert list(history.iterdir()) == []
    new.write_bytes(b"samf")
    assert keep_aside(path, history, unless=new) == history / "a-1.zip"
    assert [kept.read_bytes() for kept in history.iterdir()] == [b"same"]


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="nobody to tell here")
def test_a_large_file_is_sent_on_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(store, "_SENT_ON", 10)
    monkeypatch.setattr(store, "_ADVISE", lambda _file, start, length, _advice: sent.append((start, length)))
    with replacing(tmp_path / "x.zip") as stream:
        for piece in (b"x" * 6, b"y" * 6, b"z" * 3, b"z" * 9):
            stream.write(piece)
    assert sent == [(0, 12), (12, 12)]
    assert (tmp_path / "x.zip").read_bytes() == b"x" * 6 + b"y" * 6 + b"z" * 12

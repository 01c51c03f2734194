"""A file that somebody has open for himself alone: waited for a moment, and named if that was not enough."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.packing import command, environment, shelf
from support.workspace import QUESTIONS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs leases of files")

PICTURE = f"{QUESTIONS['1.1-01']}/佐证材料/04-网站截图/02-查询页面.jpg"
# As smbd does for its clients: whoever opens the file is told to come again, and the holder that he is awaited.
_HOLDER = """\
import fcntl, signal, sys
stream = open(sys.argv[1], "r+b")
def let_go(*_):
    if sys.argv[2] == "soon":
        fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_UNLCK)
signal.signal(signal.SIGIO, let_go)
fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print(flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def held(path: Path, until: str) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path), until],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        if holder.stdout.readline() != b"\n":
            pytest.skip("no leases on this file system")
        yield
        holder.communicate(b"")


@pytest.fixture
def unpacked(packed: Path) -> Path:
    shutil.rmtree(packed / "报送")
    return packed


def test_who_lets_go_is_waited_for(unpacked: Path) -> None:
    with held(unpacked / PICTURE, "soon"):
        done = command("pack", "-w", unpacked, "--lang", "zh")
    assert done.returncode == 0, done.stdout + done.stderr


def test_who_does_not_is_named(unpacked: Path) -> None:
    # Longer ago than anybody copies.
    os.utime(unpacked / PICTURE, (1_600_000_000, 1_600_000_000))
    with held(unpacked / PICTURE, "never"):
        checked = command("check", "-w", unpacked, "--lang", "zh")
        done = command("pack", "-w", unpacked, "--lang", "zh")
    for one in (checked, done):
        assert one.returncode == 1, one.stdout + one.stderr
        assert "E208" in one.stdout
        assert "02-查询页面.jpg" in one.stdout
        assert "正在被占用" in one.stdout
    assert "已打包 2，无变化 0，被拒绝 1，失败 0。" in done.stdout
    assert len(shelf(unpacked)) == 2


def test_who_has_just_begun_is_taken_for_writing(unpacked: Path) -> None:
    with held(unpacked / PICTURE, "never"):
        checked = command("check", "-w", unpacked, "--lang", "zh")
        done = command("pack", "-w", unpacked, "--lang", "zh")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "E211 佐证材料/04-网站截图/02-查询页面.jpg" in checked.stdout
    assert done.returncode == 1, done.stdout + done.stderr
    assert "有文件正在写入" in done.stdout
    assert len(shelf(unpacked)) == 2

"""A share that goes away, files that change or are held while evcli works on them, on a real share."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support import smb_holder
from support.interrupting import LONG_ENOUGH, start
from support.packing import command, environment, outcomes, pack, shelf
from support.share import Share
from support.workspace import PACKAGES, QUESTIONS, build

pytestmark = pytest.mark.share

CODE = "1.2-01"
NAME = PACKAGES[CODE].rpartition("/")[2]
MEGABYTES = 24


@pytest.fixture
def large(both: Share) -> Share:
    """A workspace whose recording takes a while to pack, with the package from before it was that long."""
    build(both.served)
    pack(both.served)
    with recording(both.served).open("ab") as stream:
        stream.write((MEGABYTES << 20).to_bytes(4, "big") + b"free" + os.urandom((MEGABYTES << 20) - 8))
    return both


def recording(root: Path) -> Path:
    return root / QUESTIONS[CODE] / "佐证材料/05-操作演示录屏/01-办理演示.mp4"


def in_the_middle(root: Path, served: Path, arguments: Sequence[str], action: Callable[[], object]) -> tuple[int, str]:
    """Run a command in a workspace, and do something as soon as a part of a package is on the server's disk."""
    process = start([*arguments, "-w", str(root), "--lang", "zh"])
    while process.poll() is None:
        if any(size(path) for path in (served / "报送").glob(".evcli-*.tmp")):
            action()
            break
    else:
        raise AssertionError("it ended before it wrote anything")
    said, _ = process.communicate(timeout=LONG_ENOUGH)
    return process.returncode, said


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@pytest.mark.parametrize("what", ["pack", "receive"])
def test_the_server_dies_in_the_middle(large: Share, tmp_path: Path, what: str) -> None:
    old = shelf(large.served)
    local = Path(shutil.copytree(large.served, tmp_path / "工作区"))
    pack(local)
    arguments = ["pack"] if what == "pack" else ["receive", str(local / PACKAGES[CODE])]
    with large.without_server() as away:
        code, said = in_the_middle(large.mounted, large.served, arguments, away)
    assert (code, "Traceback" in said) == (3, False), said
    assert f"写不了 {PACKAGES[CODE]}：磁盘或网络读写出错" in said
    left = shelf(large.served)
    assert {name: data for name, data in left.items() if ".evcli-" not in name} == old
    done = command(*arguments, "-w", large.mounted, "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    after = shelf(large.served)
    assert {name: data for name, data in after.items() if "/" not in name} == shelf(local)
    assert [data for name, data in after.items() if "/" in name] == ([old[NAME]] if what == "receive" else [])


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def replace(path: Path) -> None:
    path.with_name("new").write_bytes(b"another")
    path.with_name("new").replace(path)


@pytest.mark.parametrize("change", [grow, replace, Path.unlink], ids=["grows", "is replaced", "is deleted"])
def test_a_file_changes_in_the_middle(large: Share, change: Callable[[Path], None]) -> None:
    """Another PC changes it, about which nobody tells this one."""
    old = shelf(large.served)
    code, said = in_the_middle(large.mounted, large.served, ["pack", CODE], lambda: change(recording(large.served)))
    assert (code, "Traceback" in said) == (1, False), said
    assert "打包时文件变了" in said
    assert shelf(large.served) == old


def test_a_file_that_somebody_has_for_himself(both: Share, tmp_path: Path) -> None:
    """What this client makes of a sharing violation: it gives up the connection, and takes it up again."""
    build(both.served)
    pack(both.served)
    before = shelf(both.served)
    picture = f"{QUESTIONS['1.1-01']}/佐证材料/04-网站截图/02-查询页面.jpg"
    said: list[str] = []
    codes: set[int] = set()
    with both.held(picture):
        refused = subprocess.run(
            [sys.executable, "-m", smb_holder.__name__, both.url(picture)],
            env=environment(HOME=str(both.home)),
            capture_output=True,
            text=True,
            timeout=LONG_ENOUGH,
            check=False,
        )
        for order in ("check", "pack"):
            done = command(order, "-w", both.mounted, "--lang", "zh", env={"EVCLI_CACHE": str(tmp_path / "cache")})
            codes.add(done.returncode)
            said.append(done.stdout + done.stderr)
    both.reached()
    assert codes <= {0, 1, 3}
    assert all("磁盘或网络读写出错" in one or "E208" in one or "E211" in one for one in said), said
    # What the server answers is what evcli waits for: to open, and to replace.
    assert f"[Errno {errno.EBUSY}]" in refused.stderr
    assert shelf(both.served) == before
    assert set(outcomes(pack(both.mounted)).values()) == {"current"}

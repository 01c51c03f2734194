"""What evcli itself cannot help: broken libraries, its own bugs, interruptions. Exit code 3, one message, no litter."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import COMMAND, LONG_ENOUGH, environment, evcli, tree_of

from support.workspace import QUESTIONS, build

GUIDE = QUESTIONS["1.1-01"] + "/佐证材料/02-办事指南/02-说明.html"

# On a line of its own: a terminal has just shown ^C.
INTERRUPTED = "\nevcli: 已中断。原有的文件没有受影响，可以再运行一次。\n"


@pytest.fixture
def unknown(workspace: Path) -> Path:
    """A workspace with a file that only libmagic can name."""
    (workspace / GUIDE).write_bytes(b"\x8b\x1f\x03 what is this" * 40)
    return workspace


def broken(folder: Path, module: str, text: str) -> str:
    """A folder to put before all others on the import path."""
    target = folder / "kaputt"
    target.mkdir(exist_ok=True)
    (target / f"{module}.py").write_text(text, encoding="utf-8")
    return str(target)


@pytest.mark.parametrize("command", ["check", "pack"])
def test_a_library_that_does_not_load_is_three(command: str, unknown: Path, tmp_path: Path) -> None:
    path = broken(tmp_path, "magic", "raise ImportError('failed to find libmagic')\n")
    before = tree_of(unknown)
    result = evcli(command, cwd=unknown, path=path)
    assert (result.code, result.out) == (3, "")
    assert result.err == (
        "evcli: 文件识别库 libmagic 无法加载：ImportError: failed to find libmagic。"
        "请重新安装 evcli，或请信息技术人员处理。\n"
    )
    assert tree_of(unknown) == before


def test_a_bug_is_three_and_one_message(unknown: Path, tmp_path: Path) -> None:
    path = broken(tmp_path, "yaml", "def __getattr__(name): raise ZeroDivisionError('[red]\\x1b[31m')\n")
    result = evcli("check", cwd=unknown, path=path)
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith(r"evcli: 程序内部出错：ZeroDivisionError: [red]\x1b[31m。")
    assert result.err.count("\n") == 1
    debug = evcli("check", cwd=unknown, path=path, env={"EVCLI_DEBUG": "1"})
    assert debug.code == 3
    assert "Traceback (most recent call last)" in debug.err
    assert debug.err.splitlines()[-1].startswith("evcli: 程序内部出错：")
    english = evcli("check", "--lang", "en", cwd=unknown, path=path)
    assert english.err.startswith("evcli: evcli itself went wrong: ZeroDivisionError")


def test_a_library_that_is_half_there_is_three(workspace: Path, tmp_path: Path) -> None:
    result = evcli("check", cwd=workspace, path=broken(tmp_path, "yaml", "raise ImportError('no libyaml')\n"))
    assert (result.code, result.out) == (3, "")
    assert "ImportError: no libyaml" in result.err
    assert "Traceback" not in result.err


def test_a_working_directory_that_is_gone_is_no_bug(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    if shutil.which("rmdir") is None:
        pytest.skip("rmdir is not installed")
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", gone, *COMMAND, "check"],
        env=environment(),
        capture_output=True,
        timeout=LONG_ENOUGH,
        check=False,
    )
    assert (done.returncode, done.stdout) in ((3, b""), (2, b""))
    assert b"Traceback" not in done.stderr
    assert "结果写不出去" not in done.stderr.decode()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start a run that is to be interrupted; whatever is left of it is ended."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, cwd: Path, path: str = "") -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            env=environment(path=path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Where the tests themselves run with SIGINT ignored, a child would ignore it too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(seen: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + LONG_ENOUGH
    while not seen():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another thing there")
class TestInterrupted:
    """Ctrl-C at a moment that the run itself tells of."""

    def test_while_checking(
        self, unknown: Path, tmp_path: Path, begin: Callable[..., "subprocess.Popen[bytes]"]
    ) -> None:
        text = "import pathlib, time\npathlib.Path({!r}).touch()\ntime.sleep(600)\n"
        mark = tmp_path / "in the middle"
        before = tree_of(unknown)
        process = begin("check", "1.1-01", cwd=unknown, path=broken(tmp_path, "magic", text.format(str(mark))))
        until(mark.exists, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONG_ENOUGH)
        assert (process.returncode, out) == (3, b"")
        assert err.decode() == INTERRUPTED
        assert tree_of(unknown) == before

    @pytest.mark.parametrize("codes", [["1.2-01"], []], ids=["one package", "several packages"])
    def test_while_packing(
        self, codes: list[str], tmp_path: Path, begin: Callable[..., "subprocess.Popen[bytes]"]
    ) -> None:
        root = build(
            tmp_path / "w", {"defaults": {"evidence": {"max_file_size": "9GB"}, "package": {"max_size": "9GB"}}}
        )
        for number, code in enumerate(QUESTIONS):
            film = root / QUESTIONS[code] / "佐证材料/05-操作演示录屏/02-很长.mp4"
            film.parent.mkdir(exist_ok=True)
            film.write_bytes((root / QUESTIONS["1.2-01"] / "佐证材料/05-操作演示录屏/01-办理演示.mp4").read_bytes())
            # A hole that costs no disk; packing it takes long enough to be interrupted.
            with film.open("r+b") as stream:
                stream.seek(0, os.SEEK_END)
                hole = 2_000_000_000 + number
                stream.write(hole.to_bytes(4, "big") + b"free")
                stream.truncate(stream.tell() + hole - 8)
        before = names(root)
        process = begin("pack", *codes, "-j", "2", cwd=root)
        until(lambda: (root / "报送").is_dir() and any((root / "报送").iterdir()), process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONG_ENOUGH)
        assert (process.returncode, out) == (3, b"")
        assert err.decode() == INTERRUPTED
        assert names(root) - before == {"报送"}


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}

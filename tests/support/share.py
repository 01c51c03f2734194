"""An SMB share of this machine's own, mounted the way a desktop mounts one: smbd behind, smbnetfs in front."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from support.packing import environment

_SCRIPT = Path(__file__).parents[2] / "scripts" / "share.sh"
_PROGRAMS = ("bash", "smbd", "smbnetfs", "fusermount")
# capabilities(7): mounting, which root in a container may lack.
_MAY_MOUNT = 1 << 21
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Share:
    """One that is running: the folder as its users see it, the same folder on the server's disk, and where all of it
    lies. `path` is the folder's place on the share."""

    mounted: Path
    served: Path
    home: Path
    path: str = ""

    def folder(self, name: str) -> "Share":
        """A folder on it, made where it is missing, seen from both sides."""
        (self.served / name).mkdir(exist_ok=True)
        return replace(self, mounted=self.mounted / name, served=self.served / name, path=f"{self.path}/{name}")

    def other_pc(self) -> "Share":
        """The same folder as one more client sees it, with a connection and a memory of its own."""
        return replace(self, mounted=Path(_run("mount", self.home) + self.path))

    @contextmanager
    def without_server(self) -> Iterator[Callable[[], object]]:
        """Gives what lets the server die; after the block it is there again, and everybody reaches it."""
        try:
            yield lambda: _run("down", self.home)
        finally:
            _run("up", self.home)

    def reached(self) -> None:
        """Wait until this PC has its connection back."""
        _run("reach", self.home)

    def url(self, name: str) -> str:
        """Where a client that is no mount finds a file of this folder."""
        host = self.mounted.relative_to(self.home).parts[1]
        return f"smb://{host}/share{self.path}/{name}"

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Somebody has a file open for himself alone."""
        holder = subprocess.Popen(
            [sys.executable, "-m", "support.smb_holder", self.url(name)],
            env=environment(HOME=str(self.home)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            yield
            assert holder.stdin is not None
            holder.stdin.close()
            assert holder.wait(_SECONDS) == 0


def missing() -> str:
    """Why there can be no share here; empty where there can."""
    if sys.platform != "linux":
        return "needs Linux"
    if absent := [program for program in _PROGRAMS if not shutil.which(program)]:
        return f"not installed: {', '.join(absent)}"
    if os.geteuid() != 0 or not _rights() & _MAY_MOUNT:
        return "needs root that may mount"
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        return f"/dev/fuse: {error.strerror}"
    return ""


def _rights() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff"))


@contextmanager
def share() -> Iterator[Share]:
    """Start a share in a folder of its own; end it and take everything away again."""
    # Not a folder of pytest's: the sockets of smbd need a short path.
    folder = Path(tempfile.mkdtemp(prefix="evshare-", dir="/tmp"))
    try:
        yield Share(Path(_run("start", folder)), folder / "export", folder)
    finally:
        # A folder that could not be ended stays: removing it would go through what is still mounted.
        _run("stop", folder)
        shutil.rmtree(folder)


def _run(order: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", _SCRIPT, order, folder],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"share.sh {order}: {done.returncode}\n{done.stderr}"
    return done.stdout.removesuffix("\n")

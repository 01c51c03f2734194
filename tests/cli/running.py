"""Run the real command from outside, in an environment that says nothing but what a test puts into it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import evidence_cli

# Where the package under test is: installed, or in a source tree.
_HOME = str(Path(evidence_cli.__path__[0]).parent)
_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "VIRTUAL_ENV")
COMMAND = (sys.executable, "-m", "evidence_cli")
LONG_ENOUGH = 120


@dataclass(frozen=True, slots=True)
class Result:
    """What a run left: exit code and both streams, as bytes and as UTF-8."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        return self.stdout.decode("utf-8")

    @property
    def err(self) -> str:
        return self.stderr.decode("utf-8")

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report on standard output."""
        document: dict[str, Any] = json.loads(self.stdout)
        return document


def environment(env: Mapping[str, str] | None = None, *, path: str = "") -> dict[str, str]:
    """The environment of a run: a Chinese one unless `env` says otherwise; `path` goes before the package."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    search = os.pathsep.join(filter(None, [path, _HOME]))
    return kept | {"PYTHONPATH": search, "PYTHONIOENCODING": "utf-8", "LANG": "zh_CN.UTF-8"} | dict(env or {})


def evcli(
    *arguments: str | bytes | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    path: str = "",
    stdout: Any = subprocess.PIPE,
) -> Result:
    """Run `evcli` to its end."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(env, path=path),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=LONG_ENOUGH,
        check=False,
    )
    return Result(done.returncode, done.stdout or b"", done.stderr)


def tree_of(root: Path) -> dict[str, str]:
    """Every name below a folder with a digest of its content; folders and links have none of their own."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        found[name] = sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
    return found

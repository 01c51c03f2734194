"""Draw docs/pictures: what a terminal shows while somebody works in the demo workspace. Linux and macOS.

python scripts/pictures.py
"""

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from evidence_cli.reporters.terminal import picture

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 80
PICTURES = {"zh": "demo.svg", "en": "demo.en.svg"}


def evcli(*arguments: str, language: str, folder: Path) -> str:
    """What evcli writes to a terminal of 80 columns, colours included."""
    master, slave = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "EVCLI_LANG": language}
    environment["PYTHONPATH"] = str(ROOT / "src")
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "evidence_cli", *arguments]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=slave)
    os.close(slave)
    written = bytearray()
    while chunk := _read(master):
        written += chunk
    os.close(master)
    if process.wait() > 1:
        raise RuntimeError(f"evcli {' '.join(arguments)}: exit code {process.returncode}")
    return written.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        # Linux says that the other side closed by an error, macOS by an empty read.
        return b""


def session(language: str, folder: Path) -> str:
    """The commands of the picture with their output."""
    evcli("demo", "demo", language=language, folder=folder)
    workspace = folder / "demo"
    for package in workspace.glob("报送/*.zip"):
        package.unlink()
    parts = []
    for command in ("check 1.1", "pack 1.1-01 1.1-02"):
        output = evcli(*command.split(), language=language, folder=workspace)
        parts.append(f"\x1b[1m$ evcli {command}\x1b[0m\n{output.rstrip()}\n")
    return "\n".join(parts)


def main() -> int:
    """Write both pictures."""
    target = ROOT / "docs" / "pictures"
    target.mkdir(parents=True, exist_ok=True)
    for language, name in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            drawn = picture(session(language, Path(folder)).rstrip(), "evcli", COLUMNS)
        (target / name).write_text(drawn, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What a run asks the file system for: each folder listed once, no file asked about that the listing told of."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.jobs.scaffold import scaffold
from evidence_cli.messages import words
from evidence_cli.workspace.open import open_workspace
from support.packing import environment
from support.workspace import NOW, PACKAGES, QUESTIONS, files, write_table

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]
LISTED, ASKED, OPENED = "listed", "asked", "opened"
_STRACE = ("strace", "-f", "-qq", "-s", "1000", "-e", "trace=%file", "-o")
_CALL = re.compile(r'\d+ +(?P<name>\w+)\([^"]*"(?P<path>[^"]+)"(?P<rest>.*)')


def traced(root: Path, log: Path, *arguments: str) -> Counter[tuple[str, str]]:
    """How often a run did what with which path of the workspace."""
    done = subprocess.run(
        [*_STRACE, str(log), sys.executable, "-m", "evidence_cli", *arguments, "-w", str(root), "-q"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "ptrace" in done.stderr:
        pytest.skip("nobody may be traced here")
    assert done.returncode == 0, done.stdout + done.stderr
    seen: Counter[tuple[str, str]] = Counter()
    for line in log.read_text(encoding="ascii").splitlines():
        if call := _CALL.match(line):
            path = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), call["path"]).encode("latin-1").decode()
            if Path(path).is_relative_to(root):
                seen[Path(path).relative_to(root).as_posix(), _what(call["name"], call["rest"])] += 1
    return seen


def _what(name: str, rest: str) -> str:
    if name != "openat":
        return ASKED if "stat" in name or name in ("access", "faccessat2", "readlink") else name
    return LISTED if "O_DIRECTORY" in rest else OPENED


def folders_of_evidence() -> set[str]:
    return {parent.as_posix() for path in files() for parent in Path(path).parents[:-1]}


def test_check_lists_each_folder_once_and_asks_about_no_file_twice(packed: Path, tmp_path: Path) -> None:
    seen = traced(packed, tmp_path / "log", "check")
    listed = {path: count for (path, what), count in seen.items() if what == LISTED and path != "."}
    assert listed == dict.fromkeys(folders_of_evidence() | {"报送", ".evcli", ".evcli/records"}, 1)
    # One question about each is the listing's own: on Windows and on a share the listing brings the answer along.
    asked = {path: seen[path, ASKED] for path in [*files(), *PACKAGES.values()]}
    assert asked == dict.fromkeys(asked, 1)
    assert not {what for _, what in seen} - {LISTED, ASKED, OPENED}


def test_what_was_received_and_what_units_sent_is_listed_once_too(packed: Path, tmp_path: Path) -> None:
    one = {"id": "policies", "title": "惠企政策", "indicator": "1.1", "units": ["市财政局", "市税务局"]}
    write_table(packed, {"contributions": [one]})
    scaffold(open_workspace(packed), words=words("zh"))
    evidence_cli.receive([packed / PACKAGES["1.1-01"]], packed, now=NOW, jobs=1)
    shutil.rmtree(packed / QUESTIONS["1.1-01"])
    (packed / QUESTIONS["1.1-01"]).mkdir()
    seen = traced(packed, tmp_path / "log", "check", "--fail-on", "never")
    twice = {path: count for (path, what), count in seen.items() if what == LISTED and count > 1 and path != "."}
    assert twice == {}
    assert seen["指标/1.1-事项梳理/汇总报送/01-惠企政策/市财政局", LISTED] == 1


def test_pack_looks_once_more_before_a_package_gets_its_name(packed: Path, tmp_path: Path) -> None:
    """The second look is what notices a file that changed meanwhile; one whose package is current has none."""
    (packed / PACKAGES["1.1-01"]).unlink()
    seen = traced(packed, tmp_path / "log", "pack")
    asked = {path: seen[path, ASKED] for path in files()}
    assert asked == {path: 2 if "1.1-01" in path else 1 for path in asked}
    assert all(seen[path, LISTED] <= 2 for path in folders_of_evidence())

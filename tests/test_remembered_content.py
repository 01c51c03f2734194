"""What was seen of the bytes in a package is true wherever they lie: it is not looked for again, and never of others.

To see where facts came from, the tests change what the cache holds: what was seen as whole is then remembered as
damaged, and only who believes the cache reports it.
"""

import random
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.cli.main import run
from evidence_cli.vocabulary.findings import Report
from support.golden import found
from support.packing import outcomes, pack
from support.remembering import rewrite
from support.workspace import NOW, PACKAGES, QUESTIONS, build

CODE = "1.1-01"
LARGE = "佐证材料/08-案例/01-办件明细.csv"
INSIDE = f"{PACKAGES[CODE]}!/{LARGE}"
SMALL = f"{PACKAGES[CODE]}!/佐证材料/01-政策文件/01-清单管理办法.pdf"

linux = pytest.mark.skipif(sys.platform == "win32", reason="no time of a file's last change of any sort there")


@pytest.fixture
def file(own_cache: Path) -> Path:
    """The cache, as it lies on disk."""
    return own_cache


@pytest.fixture
def packed(tmp_path: Path, file: Path) -> Path:
    """A workspace with one package, in which a list of cases is large."""
    root = build(tmp_path / "w")
    large = root / QUESTIONS[CODE] / LARGE
    large.parent.mkdir(exist_ok=True)
    numbers = random.Random(1)
    large.write_text(
        "编号,件数\r\n" + "".join(f"{n},{numbers.random():.3f}\r\n" for n in range(100_000)), encoding="utf-8"
    )
    assert outcomes(pack(root, CODE)) == {CODE: "packed"}
    return root


def verify(root: Path, **how: Any) -> Report:
    return evidence_cli.verify([root / PACKAGES[CODE]], workspace=root, now=NOW, jobs=1, **how)


def codes(report: Report) -> set[str]:
    return {finding.code.value for finding in report.findings}


def rezip(root: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    """Make the package anew as another program would, of answer and evidence alone."""
    with zipfile.ZipFile(root / PACKAGES[CODE]) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist() if name.startswith(("答案", "佐证材料/"))]
    with zipfile.ZipFile(root / PACKAGES[CODE], "w") as archive:
        for name, data in entries:
            archive.writestr(*change(name, data))


def damaged(file: Path, which: Callable[[str], bool]) -> int:
    """Let the cache say of what lies in packages that it is damaged."""
    text = '{"format":"csv","health":"damaged"}'
    return rewrite(file, lambda name, row: row._replace(facts=text) if which(name) else None, place="contents")


@linux
def test_what_pack_put_into_a_package_is_not_looked_at_again(packed: Path, file: Path) -> None:
    assert damaged(file, lambda name: True) == 1
    assert found(verify(packed).findings) == [("E304", CODE, INSIDE)]
    assert found(verify(packed, cache=False).findings) == []


def test_what_was_verified_is_not_looked_at_again(packed: Path, file: Path) -> None:
    assert found(verify(packed).findings) == []
    assert damaged(file, lambda name: name.endswith(" 01-清单管理办法.pdf")) == 1
    assert found(verify(packed).findings) == [("E304", CODE, SMALL)]


def test_it_is_known_in_another_place_and_without_a_workspace(packed: Path, file: Path, tmp_path: Path) -> None:
    assert found(verify(packed).findings) == []
    assert damaged(file, lambda name: name.endswith(" 01-办件明细.csv")) == 1
    elsewhere = Path(shutil.copy(packed / PACKAGES[CODE], tmp_path))
    report = evidence_cli.verify([elsewhere], now=NOW)
    assert found(report.findings) == [("E304", CODE, f"{elsewhere.as_posix()}!/{LARGE}")]


def test_other_bytes_of_the_same_size_are_looked_at(packed: Path, file: Path) -> None:
    assert found(verify(packed).findings) == []
    assert damaged(file, lambda name: name.endswith(" 01-办件明细.csv")) == 1
    rezip(packed, lambda name, data: (name, data.replace(b"7", b"8") if name == LARGE else data))
    assert codes(verify(packed)) == {"E515"}


def test_another_name_is_searched_too(packed: Path, file: Path) -> None:
    assert found(verify(packed).findings) == []
    rezip(packed, lambda name, data: (name.replace("明细.csv", "明细13800000000.csv"), data))
    assert codes(verify(packed)) == {"E403", "E515"}


def test_the_command_can_do_without(packed: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-w", str(packed), "verify", str(packed / PACKAGES[CODE])]) == 0
    assert damaged(file, lambda name: True) > 3
    assert run(["-w", str(packed), "verify", str(packed / PACKAGES[CODE])]) == 1
    assert run(["-w", str(packed), "verify", "--no-cache", str(packed / PACKAGES[CODE])]) == 0
    capsys.readouterr()

"""A package is looked at once more before it takes its name: it must lie there as it was written."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_cli.looks.folder import read_folder
from evidence_cli.looks.packages.package_write import Content, Written, write_package
from evidence_cli.looks.packages.record import RecordedLayout, RecordedQuestion
from evidence_cli.making.package import read_back
from evidence_cli.vocabulary.errors import EnvironmentFailure


def written(folder: Path, package: Path) -> Written:
    tree = read_folder(folder, "指标/x")
    with package.open("xb", buffering=0) as stream:
        return write_package(
            stream,
            tree,
            [Content(entry.path, entry, "", "text") for entry in tree.files()],
            evaluation="e",
            question=RecordedQuestion(code="1.1-01", title="t"),
            layout=RecordedLayout(answer="答案", evidence="佐证材料"),
            algorithm="sha256",
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/答案.txt").write_bytes(b"answer")
    return tmp_path / "x"


def cut(package: Path) -> None:
    os.truncate(package, package.stat().st_size - 1)


def lengthen(package: Path) -> None:
    with package.open("ab") as stream:
        stream.write(b"\0")


def empty(package: Path) -> None:
    os.truncate(package, 0)


def damage(package: Path) -> None:
    data = bytearray(package.read_bytes())
    data[data.rindex(b"PK\1\2") + 16] ^= 1
    package.write_bytes(data)


def test_a_whole_one(folder: Path, tmp_path: Path) -> None:
    package = tmp_path / "a.zip"
    one = written(folder, package)
    assert (one.size, package.read_bytes()[-len(one.ending) :]) == (package.stat().st_size, one.ending)
    read_back(package, "报送/a.zip", one)


@pytest.mark.parametrize("change", [cut, lengthen, empty, damage])
def test_one_that_did_not_reach_the_disk_as_it_is(folder: Path, tmp_path: Path, change: Callable[[Path], None]) -> None:
    package = tmp_path / "a.zip"
    one = written(folder, package)
    change(package)
    with pytest.raises(EnvironmentFailure) as caught:
        read_back(package, "报送/a.zip", one)
    assert (caught.value.key, caught.value.params) == ("read_back", {"path": "报送/a.zip"})


def test_one_that_its_receiver_would_take_for_a_bomb(folder: Path, tmp_path: Path) -> None:
    with (folder / "空白.txt").open("wb") as stream:
        stream.truncate(257 * 1024 * 1024)
    package = tmp_path / "a.zip"
    one = written(folder, package)
    with pytest.raises(EnvironmentFailure):
        read_back(package, "报送/a.zip", one)

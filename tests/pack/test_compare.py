"""A package is held against its folder with as little reading as possible: sizes before digests."""

import dataclasses
from pathlib import Path
from typing import BinaryIO

import pytest

from evidence_cli.examine.package import compare, open_package
from evidence_cli.examine.question import find_question
from evidence_cli.looks.tree import Entry
from evidence_cli.schema.view import Subject
from evidence_cli.workspace.open import open_workspace
from evidence_cli.workspace.survey import survey
from support.workspace import PACKAGES, QUESTIONS

CODE = "1.1-01"


class Held:
    """The first question's folder and package, with a count of what is read of the folder."""

    def __init__(self, root: Path) -> None:
        self.space = open_workspace(root)
        self.question = self.space.table.question(CODE)
        self.read: list[str] = []
        found = find_question(survey(root, self.space.table).places[CODE], root, self.space.table).subject
        assert found is not None
        real = found.tree

        def counted(entry: Entry) -> BinaryIO:
            self.read.append(entry.path)
            return real.open(entry)

        self.folder: Subject = dataclasses.replace(found, tree=dataclasses.replace(real, opener=counted))

    def compare(self) -> tuple[str, dict[str, int] | None]:
        assert self.question is not None
        path = self.space.root / PACKAGES[CODE]
        with open_package(path, PACKAGES[CODE], table=self.space.table, question=self.question) as package:
            result = compare(package, self.folder, "答案")
        return result.state, result.difference


def test_equal_sizes_are_read(packed: Path) -> None:
    held = Held(packed)
    assert held.compare() == ("current", None)
    assert len(held.read) == len(set(held.read)) == 6


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("grow", {"changed": 1, "added": 0, "removed": 0}),
        ("add", {"changed": 0, "added": 1, "removed": 0}),
        ("remove", {"changed": 0, "added": 0, "removed": 1}),
        ("rename", {"changed": 0, "added": 1, "removed": 1}),
    ],
)
def test_unequal_sizes_and_names_need_no_reading(packed: Path, change: str, difference: dict[str, int]) -> None:
    path = packed / QUESTIONS[CODE] / "佐证材料/02-办事指南/01-办事指南.html"
    if change == "grow":
        path.write_bytes(path.read_bytes() + b"\n")
    elif change == "add":
        path.with_name("02-新.html").write_bytes(path.read_bytes())
    elif change == "remove":
        path.unlink()
    else:
        path.rename(path.with_name("01-指南.html"))
    held = Held(packed)
    assert held.compare() == ("stale", difference)
    assert held.read == []


def test_a_change_of_the_same_size_is_found(packed: Path) -> None:
    path = packed / QUESTIONS[CODE] / "佐证材料/02-办事指南/01-办事指南.html"
    path.write_bytes(path.read_bytes().replace("时限".encode(), "期限".encode()))
    assert Held(packed).compare() == ("stale", {"changed": 1, "added": 0, "removed": 0})
    (packed / PACKAGES[CODE]).write_bytes(b"torn")
    held = Held(packed)
    assert held.compare() == ("broken", None)
    assert held.read == []

"""A package written from another package's own tree, as from the folder it was made from."""

import dataclasses
import io
import zipfile
from pathlib import Path

import pytest

from evidence_cli.examine.delivered import Deliveries
from evidence_cli.examine.looking import Looking
from evidence_cli.looks.packages.package_write import SourceUnreadable
from evidence_cli.making.package import contents_of, write_question
from evidence_cli.workspace.open import open_workspace
from support.packing import outcomes, pack
from support.workspace import PACKAGES, QUESTIONS

CODE = "1.1-01"
FOLDER = f"{QUESTIONS[CODE]}/佐证材料/02-办事指南"


def written_again(root: Path, package: Path) -> bytes:
    """The package of the question, made from this package's files."""
    space = open_workspace(root)
    table = space.table
    stream = io.BytesIO()
    looking = Looking(table.effective_gate, 1)
    with looking, Deliveries(space, looking).open(package) as found:
        assert found.package is not None
        assert found.package.subject is not None
        subject = dataclasses.replace(found.package.subject, evidence_name=table.layout.evidence)
        write_question(stream, subject, contents_of(subject, table.layout.answer), table)
    return stream.getvalue()


def test_it_is_the_same_to_the_byte(packed: Path) -> None:
    package = packed / PACKAGES[CODE]
    assert written_again(packed, package) == package.read_bytes()


def test_whatever_the_sizes_and_the_packing(clean: Path) -> None:
    guide = "<!DOCTYPE html><html lang=zh><meta charset=utf-8><title>指南</title><p>办理地点：一楼大厅。".encode()
    for number, size in enumerate((262_142, 262_143, 262_144, 2_500_000), start=2):
        lines = b"".join(b"<p>%d.</p>\n" % line for line in range(number, size, number))
        (clean / FOLDER / f"0{number}-指南.html").write_bytes((guide + lines)[:size])
    assert outcomes(pack(clean, CODE)) == {CODE: "packed"}
    package = clean / PACKAGES[CODE]
    data = package.read_bytes()
    assert written_again(clean, package) == data
    foreign = clean.parent / f"{CODE}-外来.zip"
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(foreign, "w") as target:
        for number, name in enumerate(reversed(source.namelist())):
            target.writestr(name, source.read(name), zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED)
    assert written_again(clean, foreign) == data


def test_bytes_that_are_not_as_its_directory_says(packed: Path) -> None:
    space = open_workspace(packed)
    package = packed / PACKAGES[CODE]
    looking = Looking(space.table.effective_gate, 1)
    with looking, Deliveries(space, looking).open(package) as found:
        assert found.package is not None
        subject = found.package.subject
        assert subject is not None
        [picture] = [entry for entry in subject.tree.files() if entry.name == "01-清单页面.png"]
        where = subject.tree.locate(picture)
        assert where is not None
        with package.open("r+b") as stream:
            stream.seek(where.offset + 100)
            stream.write(b"damage")
        with pytest.raises(SourceUnreadable) as caught:
            write_question(io.BytesIO(), subject, contents_of(subject, "答案"), space.table)
    assert caught.value.path == f"{PACKAGES[CODE]}!/{picture.path}"

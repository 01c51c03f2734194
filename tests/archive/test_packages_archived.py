"""A package that changes between the check and the archive: nothing of it is believed."""

import io
import zipfile
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.archiving.bag import BagWriter
from evidence_cli.archiving.packages import Archived, Wanted, archive_package
from evidence_cli.archiving.places import Places
from evidence_cli.vocabulary.errors import RefusedError
from support.archiving import unpacked
from support.workspace import PACKAGES

CODE = "1.1-01"


def take(root: Path, folder: Path, **wanted: str) -> list[Archived]:
    """Archive one package as it lies there now."""
    space = evidence_cli.open_workspace(root)
    question = space.table.question(CODE)
    assert question is not None
    digest = evidence_cli.status(root, CODE, jobs=1).rows[0].digest or ""
    folder.mkdir()
    bag = BagWriter(folder, ("sha256", "sha512"), lambda _: None)
    return archive_package(
        bag, root, space.table, Wanted(question, PACKAGES[CODE], **{"digest": digest, **wanted}), Places()
    )


def rewrite(package: Path, changes: dict[str, bytes]) -> None:
    """The package with other bytes in some entries, in a zip that is sound in itself."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in (unpacked(package.read_bytes()) | changes).items():
            archive.writestr(name, content)
    package.write_bytes(data.getvalue())


def test_the_answer_comes_first(workspace: Path, tmp_path: Path) -> None:
    files = take(workspace, tmp_path / "b")
    assert [file.path for file in files][:2] == ["答案.docx", "佐证材料/01-政策文件/01-清单管理办法.pdf"]
    assert [file.category for file in files][:2] == ["", "政策文件"]


@pytest.mark.parametrize(
    "changes",
    [
        {"佐证材料/01-政策文件/01-清单管理办法.pdf": b"%PDF-1.4 other"},
        {"佐证材料目录.csv": b""},
        {"../outside.txt": b""},
        {"/etc/outside.txt": b""},
        {"package.json": b"{}"},
    ],
    ids=["content", "contents list", "above", "absolute", "record"],
)
def test_bytes_that_its_manifest_does_not_list(workspace: Path, tmp_path: Path, changes: dict[str, bytes]) -> None:
    digest = evidence_cli.status(workspace, CODE, jobs=1).rows[0].digest or ""
    rewrite(workspace / PACKAGES[CODE], changes)
    with pytest.raises(RefusedError, match="archive_altered"):
        take(workspace, tmp_path / "b", digest=digest)
    assert not (tmp_path / "outside.txt").exists()


def test_another_package_of_the_question(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="archive_altered"):
        take(workspace, tmp_path / "b", digest="sha256:" + "0" * 64)


def test_one_that_is_cut_off(workspace: Path, tmp_path: Path) -> None:
    digest = evidence_cli.status(workspace, CODE, jobs=1).rows[0].digest or ""
    package = workspace / PACKAGES[CODE]
    package.write_bytes(package.read_bytes()[:-100])
    with pytest.raises(RefusedError, match="archive_altered"):
        take(workspace, tmp_path / "b", digest=digest)


def test_an_entry_that_fails_its_crc(workspace: Path, tmp_path: Path) -> None:
    digest = evidence_cli.status(workspace, CODE, jobs=1).rows[0].digest or ""
    package = workspace / PACKAGES[CODE]
    data = bytearray(package.read_bytes())
    data[len(data) // 3] ^= 1
    package.write_bytes(bytes(data))
    with pytest.raises(RefusedError, match="archive_altered"):
        take(workspace, tmp_path / "b", digest=digest)


def test_one_that_is_gone(workspace: Path, tmp_path: Path) -> None:
    digest = evidence_cli.status(workspace, CODE, jobs=1).rows[0].digest or ""
    (workspace / PACKAGES[CODE]).unlink()
    with pytest.raises(evidence_cli.EnvironmentFailure, match="read"):
        take(workspace, tmp_path / "b", digest=digest)

"""Packing again what another program packed: the result is the package that the folder itself would have given."""

import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evidence_cli
from evidence_cli.vocabulary.outcomes import ReceiveReport, ReceiveResult
from support import zips
from support.packing import command, shelf
from support.workspace import NOW, PACKAGES, QUESTIONS, build, write_table

CODE = "1.1-01"
NAME = PACKAGES[CODE].rpartition("/")[2]


def receive(root: Path, *paths: Path, repack: bool = True, **options: Any) -> ReceiveReport:
    return evidence_cli.receive(paths, root, repack=repack, now=NOW, **options)


def one(report: ReceiveReport) -> ReceiveResult:
    [result] = report.results
    return result


def with_zipfile(folder: Path, target: Path, **how: Any) -> None:
    zips.zip_folder(folder, target, **how)


def with_tool(folder: Path, target: Path, *tool: str) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"needs {tool[0]}")
    subprocess.run([*tool, str(target), "."], cwd=folder, check=True, capture_output=True)


MAKERS = {
    "zipfile": lambda folder, target: with_zipfile(folder, target),
    "wrapped": lambda folder, target: with_zipfile(folder, target, inside="1.1-01-事项清单"),
    "gbk": lambda folder, target: with_zipfile(folder, target, gbk=True),
    "wrapped in gbk": lambda folder, target: with_zipfile(folder, target, inside="材料", gbk=True),
    "Info-ZIP": lambda folder, target: with_tool(folder, target, "zip", "-qr"),
    "7-Zip": lambda folder, target: with_tool(folder, target, "7z", "a", "-tzip"),
    "bsdtar": lambda folder, target: with_tool(folder, target, "bsdtar", "--format=zip", "-cf"),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_whoever_packed_it_the_result_is_what_pack_would_have_made(
    clean: Path, packed_once: Path, tmp_path: Path, maker: str
) -> None:
    sent = tmp_path / f"{CODE}.zip"
    MAKERS[maker](clean / QUESTIONS[CODE], sent)
    before = sent.read_bytes()
    assert one(receive(clean, sent, repack=False)).outcome == "refused"
    assert shelf(clean) == {}
    assert one(receive(clean, sent, dry_run=True)).outcome == "planned"
    assert one(receive(clean, sent)).outcome == "repacked"
    assert shelf(clean) == {NAME: (packed_once / PACKAGES[CODE]).read_bytes()}
    assert sent.read_bytes() == before
    assert one(receive(clean, sent, dry_run=True)).outcome == "current"
    assert one(receive(clean, sent)).outcome == "current"


_stems = st.text(st.sampled_from("材料清单通知abc123（）-_·"), min_size=1, max_size=12)
_contents = st.binary(min_size=1, max_size=2000).map(lambda data: "材料\n".encode() + data.hex().encode())


@settings(max_examples=8, deadline=None)
@given(
    stems=st.lists(_stems, max_size=5, unique_by=str.casefold),
    contents=st.lists(_contents, min_size=5, max_size=5, unique=True),
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    inside=st.sampled_from(["", "1.1-02-事项归集", "新建文件夹"]),
)
def test_any_folder_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, stems: list[str], contents: list[bytes], method: int, inside: str
) -> None:
    code = "1.1-02"
    root = build(tmp_path_factory.mktemp("any") / "工作区")
    folder = root / QUESTIONS[code]
    (folder / "佐证材料/02-办事指南").mkdir(exist_ok=True)
    for stem, data in zip(stems, contents, strict=False):
        (folder / "佐证材料/02-办事指南" / f"{stem}.html").write_bytes(b"<!DOCTYPE html><p>" + data)
    sent = root / "送来.zip"
    zips.zip_folder(folder, sent, inside=inside or code, method=method)
    sent = sent.rename(root / f"{code}.zip")
    report = evidence_cli.pack(root, code, now=NOW)
    if report.refused:
        assert one(receive(root, sent)).outcome == "refused"
        return
    packed = (root / PACKAGES[code]).read_bytes()
    assert one(receive(root, sent)).outcome == "current"
    (root / PACKAGES[code]).unlink()
    assert one(receive(root, sent)).outcome == "repacked"
    assert (root / PACKAGES[code]).read_bytes() == packed


def test_a_conforming_package_is_filed_as_it_is(packed: Path, tmp_path: Path) -> None:
    sent = Path(shutil.copy(packed / PACKAGES[CODE], tmp_path))
    (packed / PACKAGES[CODE]).unlink()
    assert one(receive(packed, sent)).outcome == "received"
    assert (packed / PACKAGES[CODE]).read_bytes() == sent.read_bytes()


def test_a_foreign_package_among_the_others_becomes_a_conforming_one(packed: Path) -> None:
    right = shelf(packed)
    (packed / PACKAGES[CODE]).unlink()
    foreign = packed / f"报送/{CODE}-终稿.zip"
    zips.zip_folder(packed / QUESTIONS[CODE], foreign)
    data = foreign.read_bytes()
    result = one(receive(packed, foreign))
    assert (result.outcome, result.renamed) == ("repacked", True)
    assert shelf(packed) == {**right, f"历史/{CODE}-终稿-1.zip": data}


def test_a_foreign_package_in_its_right_place_is_kept(packed: Path) -> None:
    right = shelf(packed)
    foreign = packed / PACKAGES[CODE]
    foreign.unlink()
    zips.zip_folder(packed / QUESTIONS[CODE], foreign)
    data = foreign.read_bytes()
    result = one(receive(packed, foreign))
    kept = f"历史/{CODE}-事项清单-1.zip"
    assert (result.outcome, result.kept) == ("repacked", f"报送/{kept}")
    assert shelf(packed) == {**right, kept: data}


@pytest.mark.parametrize(("missing", "said"), [("答案.docx", "no_answer"), ("佐证材料", "no_evidence")])
def test_without_one_answer_and_one_evidence_set_it_is_refused(
    clean: Path, tmp_path: Path, missing: str, said: str
) -> None:
    gone = clean / QUESTIONS[CODE] / missing
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    sent = tmp_path / f"{CODE}.zip"
    zips.zip_folder(clean / QUESTIONS[CODE], sent)
    result = one(receive(clean, sent))
    assert result.outcome == "refused"
    assert [f.params["reason"] for f in result.errors if f.code.value == "E513"] == [said]
    assert shelf(clean) == {}


def test_junk_beside_the_content_is_left_out(clean: Path, packed_once: Path, tmp_path: Path) -> None:
    sent = tmp_path / f"{CODE}.zip"
    zips.zip_folder(clean / QUESTIONS[CODE], sent)
    with zipfile.ZipFile(sent, "a") as archive:
        archive.writestr("__MACOSX/._答案.docx", b"\0\5\x16\7")
        archive.writestr(".DS_Store", b"\0\0\0\1Bud1")
    assert one(receive(clean, sent)).outcome == "repacked"
    assert shelf(clean) == {NAME: (packed_once / PACKAGES[CODE]).read_bytes()}


def test_what_does_not_fit_into_a_conforming_package(clean: Path, tmp_path: Path) -> None:
    sent = tmp_path / f"{CODE}.zip"
    zips.zip_folder(clean / QUESTIONS[CODE], sent)
    write_table(clean, {"defaults": {"package": {"max_size": f"{sent.stat().st_size}B"}}})
    result = one(receive(clean, sent))
    assert ([f.code.value for f in result.errors], shelf(clean)) == (["E511"], {})


def test_the_advice_can_be_followed(clean: Path, tmp_path: Path) -> None:
    sent = tmp_path / f"{CODE}.zip"
    zips.zip_folder(clean / QUESTIONS[CODE], sent)
    refused = command("receive", sent, "-w", clean, "--lang", "zh")
    assert (refused.returncode, "--repack" in refused.stdout) == (1, True)
    done = command("receive", sent, "-w", clean, "--repack", "--lang", "zh")
    assert (done.returncode, "已重新打包" in done.stdout) == (0, True)
    assert set(shelf(clean)) == {NAME}

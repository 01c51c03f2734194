"""Files that change between check and pack, or while they are packed: an error, and no package."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from evidence_cli.looks.folder import read_folder
from evidence_cli.looks.packages.package_write import Content, SourceUnreadable, write_package
from evidence_cli.looks.packages.record import RecordedLayout, RecordedQuestion
from evidence_cli.looks.packages.zip_write import SourceChanged
from evidence_cli.looks.tree import Entry, Origin, Tree
from evidence_cli.messages import words
from evidence_cli.reporters.packing import render
from evidence_cli.vocabulary.outcomes import PackResult
from support.meddling import Meddler
from support.packing import Packer, environment, outcomes, pack, shelf
from support.rights import can_give_up
from support.workspace import QUESTIONS

CODE = "1.1-01"
PICTURE = "佐证材料/04-网站截图/01-清单页面.png"


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def shrink(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 5)


def rewrite(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(path.read_bytes())
    new.replace(path)


def delete(path: Path) -> None:
    path.unlink()


def link(path: Path) -> None:
    other = path.parents[3] / "其他.png"
    path.rename(other)
    path.symlink_to(other)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def parent(path: Path) -> None:
    shutil.rmtree(path.parent)


def lost(path: Path) -> None:
    shutil.rmtree(path.parents[2])


CHANGES = [grow, shrink, rewrite, replace, delete, folder, parent, lost]
if os.name != "nt":
    CHANGES += [link, pipe]


def refused(root: Path, result: PackResult, path: str = PICTURE) -> None:
    assert (result.outcome, result.errors) == ("refused", ())
    assert result.failure is not None
    assert result.failure.key == "changed_while_packing"
    assert result.failure.params == {"path": f"{QUESTIONS[CODE]}/{path}"}


@pytest.mark.parametrize("change", CHANGES)
def test_between_check_and_pack(packed: Path, change: Callable[[Path], None]) -> None:
    (packed / QUESTIONS[CODE] / "佐证材料/04-网站截图/02-查询页面.jpg").unlink()
    before = shelf(packed)
    meddler = Meddler("pack", lambda: change(packed / QUESTIONS[CODE] / PICTURE))
    report = pack(packed, jobs=1, progress=meddler)
    assert outcomes(report) == {CODE: "refused", "1.1-02": "current", "1.2-01": "current"}
    first = "佐证材料/01-政策文件/01-清单管理办法.pdf"
    refused(packed, report.results[0], first if change is lost else PICTURE)
    assert shelf(packed) == before


@pytest.mark.parametrize("change", [grow, rewrite, replace, delete, parent])
def test_after_it_was_packed_but_before_the_package_is_whole(clean: Path, change: Callable[[Path], None]) -> None:
    evidence = clean / QUESTIONS[CODE] / "佐证材料"
    before = sum(path.stat().st_size for path in evidence.rglob("*") if path.is_file())
    meddler = Meddler("pack", lambda: change(clean / QUESTIONS[CODE] / PICTURE), after=before)
    [result] = pack(clean, CODE, jobs=1, progress=meddler).results
    # The last file is still open then, and shows that its folder is gone.
    refused(clean, result, "佐证材料/04-网站截图/02-查询页面.jpg" if change is parent else PICTURE)
    assert shelf(clean) == {}


def test_a_change_that_hides_behind_the_old_time(clean: Path) -> None:
    path = clean / QUESTIONS[CODE] / "佐证材料/04-网站截图/02-查询页面.jpg"

    def rewrite_quietly() -> None:
        status = path.stat()
        with path.open("r+b") as stream:
            stream.write(b"\0\0\0")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    evidence = clean / QUESTIONS[CODE] / "佐证材料"
    whole = sum(file.stat().st_size for file in evidence.rglob("*") if file.is_file())
    [result] = pack(clean, CODE, jobs=1, progress=Meddler("pack", rewrite_quietly, after=whole)).results
    refused(clean, result, "佐证材料/04-网站截图/02-查询页面.jpg")


def test_evidence_that_arrives_meanwhile(clean: Path) -> None:
    arriving = clean / QUESTIONS[CODE] / "佐证材料/04-网站截图/03-新.png"
    data = (clean / QUESTIONS["1.2-01"] / "佐证材料/03-流程图/01-办理流程.png").read_bytes()
    [result] = pack(clean, CODE, jobs=1, progress=Meddler("pack", lambda: arriving.write_bytes(data))).results
    refused(clean, result, "佐证材料/04-网站截图/03-新.png")
    assert outcomes(pack(clean, CODE)) == {CODE: "packed"}


def test_what_never_gets_into_a_package_may_come_and_go(clean: Path) -> None:
    junk = clean / QUESTIONS[CODE] / "~$答案.docx"
    [result] = pack(clean, CODE, jobs=1, progress=Meddler("pack", lambda: junk.write_bytes(b"lock"))).results
    assert result.outcome == "packed"


def test_a_recording_that_somebody_is_still_writing(clean: Path) -> None:
    """Another process has it open and appends to it."""
    path = clean / QUESTIONS["1.2-01"] / "佐证材料/05-操作演示录屏/01-办理演示.mp4"
    with path.open("ab") as stream:
        stream.write((8_000_008).to_bytes(4, "big") + b"free" + bytes(8_000_000))
    program = (
        "import sys\nf = open(sys.argv[1], 'ab', 0)\nsys.stdin.readline()\n"
        "print(f.write(b'x'), flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as writer:

        def go_on() -> None:
            assert writer.stdin is not None
            assert writer.stdout is not None
            writer.stdin.write(b"\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == b"1\n"

        report = pack(clean, "1.2-01", jobs=2, progress=Meddler("compare", go_on))
        writer.communicate(b"")
    assert outcomes(report) == {"1.2-01": "refused"}
    failure = report.results[0].failure
    assert failure is not None
    assert failure.key == "changed_while_packing"
    assert shelf(clean) == {}


def test_a_file_that_may_not_be_read(packed_once: Path, open_folder: Path, program: Packer) -> None:
    if not can_give_up():
        pytest.skip("root cannot become an ordinary user here")
    root = Path(shutil.copytree(packed_once, open_folder / "工作区"))
    shutil.rmtree(root / "报送")
    root.chmod(0o777)
    (root / QUESTIONS[CODE] / PICTURE).chmod(0o000)
    done = program.run("pack", "-w", root, "--lang", "zh", ordinary=True)
    assert (done["status"], done["code"]) == (0, 1)
    assert "E208" in done["text"]
    assert "已打包 2，无变化 0，被拒绝 1，失败 0。" in done["text"]


def write(tree: Tree) -> None:
    contents = [Content(entry.path, entry, "", "other") for entry in tree.files()]
    write_package(
        BytesIO(),
        tree,
        contents,
        evaluation="e",
        question=RecordedQuestion(code="1.1-01", title="t"),
        layout=RecordedLayout(answer="答案", evidence="佐证材料"),
        algorithm="sha256",
    )


def test_errors_of_reading_are_told_from_those_of_writing(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"a" * 1000)
    listed = read_folder(tmp_path, "指标/x")

    def denied(_entry: Entry) -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(SourceUnreadable) as caught:
        write(Tree(listed.root, Origin.FOLDER, listed.entries, denied))
    assert (caught.value.path, caught.value.detail) == ("指标/x/a.bin", "Permission denied")


@pytest.mark.parametrize("size", [0, 1, 1000, 262_143, 262_144, 3_000_000])
@pytest.mark.parametrize("change", [grow, delete])
def test_a_tree_whose_file_changed_after_the_listing(tmp_path: Path, size: int, change: Callable[[Path], None]) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(size))
    listed = read_folder(tmp_path, "指标/x")
    change(tmp_path / "a.bin")
    with pytest.raises(SourceChanged) as caught:
        write(listed)
    assert caught.value.path == "指标/x/a.bin"


def test_its_words_and_its_verdict(clean: Path) -> None:
    meddler = Meddler("pack", lambda: grow(clean / QUESTIONS[CODE] / PICTURE))
    report = pack(clean, CODE, jobs=1, progress=meddler)
    text = render(report, words("zh"), 200)
    assert f"打包时文件变了，没有生成压缩包：{QUESTIONS[CODE]}/{PICTURE}。" in text
    assert (report.refused, report.failed) == (True, False)

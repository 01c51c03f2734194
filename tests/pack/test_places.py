"""Disks and folders that refuse: full, read-only, a file or a link in the way. Nothing is lost, nothing left over."""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.vocabulary.errors import EnvironmentFailure
from support import zips
from support.disks import small_disk
from support.packing import Packer, command, outcomes, pack, shelf
from support.rights import can_give_up
from support.workspace import PACKAGES, QUESTIONS, build, write_table

CODE = "1.1-01"
NOBODY = 65534
links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


def test_the_folder_of_packages_is_a_file(clean: Path) -> None:
    (clean / "报送").write_bytes(b"notes")
    done = command("pack", "--lang", "zh", cwd=clean)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("evcli: 读不到 报送：")
    assert (clean / "报送").read_bytes() == b"notes"


def test_a_folder_lies_where_the_package_should(clean: Path) -> None:
    (clean / PACKAGES[CODE]).mkdir(parents=True)
    (clean / PACKAGES[CODE] / "a.txt").write_bytes(b"a")
    done = command("pack", "--lang", "zh", cwd=clean)
    assert done.returncode == 3
    assert PACKAGES[CODE] in done.stdout
    assert sorted(shelf(clean)) == sorted(
        [f"{CODE}-事项清单.zip/a.txt", *(p.rpartition("/")[2] for code, p in PACKAGES.items() if code != CODE)]
    )


@links
def test_a_linked_folder_of_packages_is_refused(clean: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (clean / "报送").symlink_to(outside)
    with pytest.raises(EnvironmentFailure) as caught:
        pack(clean)
    assert (caught.value.key, caught.value.params) == ("leads_out", {"path": "报送"})
    done = command("pack", "--lang", "zh", cwd=clean)
    assert (done.returncode, done.stderr.startswith("evcli: 报送 是链接")) == (3, True)
    assert list(outside.iterdir()) == []
    found = evidence_cli.check(clean).findings
    assert [(f.code, f.question, f.path, f.params) for f in found] == [("E206", None, "报送", {"reason": "link"})]


@links
def test_a_linked_package_is_replaced_and_what_it_points_to_stays(packed: Path, tmp_path: Path) -> None:
    right = shelf(packed)
    outside = tmp_path / "outside.zip"
    shutil.copy(packed / PACKAGES[CODE], outside)
    (packed / PACKAGES[CODE]).unlink()
    (packed / PACKAGES[CODE]).symlink_to(outside)
    [result] = pack(packed, CODE).results
    assert (result.outcome, result.kept) == ("packed", None)
    assert not (packed / PACKAGES[CODE]).is_symlink()
    assert shelf(packed) == right
    assert outside.read_bytes() == right[f"{CODE}-事项清单.zip"]


@links
def test_nothing_is_kept_behind_a_link(packed: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (packed / "报送/历史").symlink_to(outside)
    (packed / PACKAGES[CODE]).write_bytes(b"torn")
    [result] = pack(packed, CODE).results
    assert (result.outcome, result.failure and result.failure.key) == ("failed", "write")
    assert (packed / PACKAGES[CODE]).read_bytes() == b"torn"
    assert list(outside.iterdir()) == []
    assert not list((packed / "报送").glob(".evcli*"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_place_of_the_package(packed: Path) -> None:
    right = shelf(packed)
    (packed / PACKAGES[CODE]).unlink()
    os.mkfifo(packed / PACKAGES[CODE])
    assert [f.params for f in evidence_cli.check(packed, [CODE]).findings if f.code == "E206"] == [
        {"reason": "special"}
    ]
    assert outcomes(pack(packed, CODE)) == {CODE: "packed"}
    assert shelf(packed) == right


@pytest.fixture
def theirs(open_folder: Path, packed_once: Path) -> Path:
    """A workspace of an ordinary user, where this process can become one."""
    if not can_give_up():
        pytest.skip("root cannot become an ordinary user here")
    return Path(shutil.copytree(packed_once, open_folder / "工作区"))


def test_a_read_only_folder_of_packages(theirs: Path, program: Packer) -> None:
    (theirs / QUESTIONS[CODE] / "佐证材料/04-网站截图/02-查询页面.jpg").unlink()
    before = shelf(theirs)
    (theirs / "报送").chmod(0o555)
    done = program.run("pack", "-w", theirs, "--lang", "zh", ordinary=True)
    assert (done["status"], done["code"]) == (0, 3)
    assert PACKAGES[CODE] in done["text"]
    assert "无变化 2" in done["text"]
    assert shelf(theirs) == before


def test_no_folder_of_packages_and_no_right_to_make_one(theirs: Path, program: Packer) -> None:
    shutil.rmtree(theirs / "报送")
    theirs.chmod(0o555)
    (theirs / QUESTIONS["1.1-02"] / "答案.docx").unlink()
    done = program.run("pack", "-w", theirs, "--lang", "zh", ordinary=True)
    assert (done["status"], done["code"]) == (0, 3)
    assert "E103" in done["text"]
    assert "失败 2" in done["text"]


def test_a_package_that_cannot_be_read_is_renewed_and_kept(theirs: Path, program: Packer) -> None:
    right = shelf(theirs)
    (theirs / PACKAGES[CODE]).chmod(0)
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to somebody else")
    os.chown(theirs / PACKAGES[CODE], NOBODY, NOBODY)
    done = program.run("pack", "-w", theirs, ordinary=True)
    assert (done["status"], done["code"]) == (0, 3 if kept_links_are_protected() else 0)
    if not kept_links_are_protected():
        assert shelf(theirs) == {**right, f"历史/{CODE}-事项清单-1.zip": right[f"{CODE}-事项清单.zip"]}


def kept_links_are_protected() -> bool:
    """Whether this system lets nobody link to what he may not read: then there is no way to keep it."""
    setting = Path("/proc/sys/fs/protected_hardlinks")
    return setting.exists() and setting.read_text().strip() == "1"


@pytest.fixture
def full_soon(tmp_path: Path, packed_once: Path) -> Iterator[Path]:
    """A workspace on a disk of 2 MB."""
    with small_disk(tmp_path / "disk", "2m") as disk:
        yield Path(shutil.copytree(packed_once, disk / "工作区"))


def fill(disk: Path, *, leave: int) -> Path:
    """Take the room on a disk but for so many bytes; the file that does."""
    filler = disk / "filler"
    filler.write_bytes(bytes(free(disk) - leave))
    return filler


@pytest.mark.parametrize("absent", [True, False], ids=["first time", "over an old one"])
@pytest.mark.parametrize("again", [False, True], ids=["as it is", "packed again"])
def test_a_full_disk_while_receiving(full_soon: Path, tmp_path: Path, absent: bool, again: bool) -> None:
    other = build(tmp_path / "别处")
    (other / QUESTIONS[CODE] / "佐证材料/01-政策文件/03-附件.html").write_bytes(
        f"<html><!-- {base64.b64encode(os.urandom(60_000)).decode()} --><p>办事指南的附件。</p></html>".encode()
    )
    write_table(full_soon, {"rules": {"severity": {"E302": "info"}}})
    sent = tmp_path / f"{CODE}.zip"
    if again:
        zips.zip_folder(other / QUESTIONS[CODE], sent)
    else:
        write_table(other, {"rules": {"severity": {"E302": "info"}}})
        pack(other)
        shutil.copy(other / PACKAGES[CODE], sent)
    if absent:
        (full_soon / PACKAGES[CODE]).unlink()
    before = shelf(full_soon)
    filler = fill(full_soon, leave=20_000)
    order = ["receive", str(sent), "-w", str(full_soon), "--lang", "zh", *["--repack"] * again]
    done = command(*order)
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"写不了 {PACKAGES[CODE]}：磁盘已满" in done.stdout
    assert shelf(full_soon) == before
    assert not (full_soon / ".evcli").exists()
    filler.unlink()
    done = command(*order)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_full_disk_for_the_record_alone(full_soon: Path, packed_once: Path) -> None:
    """The package is filed, but nothing says so yet: the next run says it."""
    (full_soon / PACKAGES[CODE]).unlink()
    (full_soon / ".evcli/records").mkdir(parents=True)
    size = (packed_once / PACKAGES[CODE]).stat().st_size
    filler = fill(full_soon, leave=-(-size // 4096) * 4096)
    order = ["receive", str(packed_once / PACKAGES[CODE]), "-w", str(full_soon), "--lang", "zh"]
    done = command(*order)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "写不了 .evcli/records：磁盘已满" in done.stdout
    assert shelf(full_soon) == shelf(packed_once)
    assert list((full_soon / ".evcli/records").iterdir()) == []
    filler.unlink()
    assert command(*order).returncode == 0
    assert len(list((full_soon / ".evcli/records").iterdir())) == 1


@pytest.mark.parametrize("option", ["-o", "--report"])
def test_a_full_disk_for_the_report(full_soon: Path, option: str) -> None:
    target = full_soon / "报告.json"
    target.write_bytes(b"yesterday's")
    filler = fill(full_soon, leave=0)
    wanted = ["--format", "json", "-o", str(target)] if option == "-o" else ["--report", f"json={target}"]
    order = ["check", "-w", str(full_soon), "--lang", "zh", *wanted]
    done = command(*order)
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"evcli: 写不了 {target}：磁盘已满" in done.stderr
    assert target.read_bytes() == b"yesterday's"
    assert sorted(path.name for path in full_soon.iterdir() if path.is_file()) == ["filler", target.name]
    filler.unlink()
    assert command(*order).returncode == 0
    assert json.loads(target.read_bytes())["summary"]["errors"] == 0


def test_a_full_disk(full_soon: Path) -> None:
    right = shelf(full_soon)
    (full_soon / PACKAGES["1.1-02"]).unlink()
    big = full_soon / QUESTIONS[CODE] / "佐证材料/04-网站截图/03-大图.bmp"
    size = 700_000
    big.write_bytes(b"BM" + (54 + size).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
                    + (40).to_bytes(4, "little") + (500).to_bytes(4, "little") + (466).to_bytes(4, "little")
                    + b"\1\0\x18\0" + bytes(24) + os.urandom(size))  # fmt: skip
    filler = fill(full_soon, leave=300_000)
    done = command("pack", "--lang", "zh", "-j", "1", cwd=full_soon)
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"写不了 {PACKAGES[CODE]}" in done.stdout
    assert "已打包 1，无变化 1，被拒绝 0，失败 1。" in done.stdout
    assert shelf(full_soon) == right
    filler.unlink()
    assert command("pack", cwd=full_soon).returncode == 0


def free(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def test_the_umask_decides_who_may_read_a_package(packed: Path, program: Packer) -> None:
    (packed / PACKAGES[CODE]).unlink()
    assert program.run("pack", "-w", packed, umask=0o027)["code"] == 0
    assert (packed / PACKAGES[CODE]).stat().st_mode & 0o777 == 0o640


def test_a_workspace_reached_through_a_link_is_the_same(clean: Path, tmp_path: Path, packed_once: Path) -> None:
    if os.name == "nt":
        pytest.skip("links need rights on Windows")
    (tmp_path / "link").symlink_to(clean)
    assert set(outcomes(pack(tmp_path / "link")).values()) == {"packed"}
    assert shelf(clean) == shelf(packed_once)


def test_a_package_is_made_where_no_folder_is_yet(tmp_path: Path) -> None:
    root = build(tmp_path, {"layout": {"packages": "压缩包"}})
    assert set(outcomes(pack(root)).values()) == {"packed"}
    assert len(list((root / "压缩包").iterdir())) == 3

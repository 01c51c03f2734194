"""What an archive holds, that everybody can verify it, and that the same submission always gives the same one."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.vocabulary.errors import RefusedError, UsageError
from evidence_cli.vocabulary.process import Action, State
from support.archiving import archive, entries, held, submitted, unpacked
from support.golden import perform
from support.packing import environment
from support.workspace import NOW, PACKAGES, QUESTIONS, build

RECORDS = "data/电子档案"
FOLDERS = {code: f"{RECORDS}/{path.removeprefix('指标/')}" for code, path in QUESTIONS.items()}
OTHERS = "data/其他"
FIXED = {
    *("data/说明文件.TXT", "data/文件目录.XML", f"{OTHERS}/任务分解表.yaml", f"{OTHERS}/submission.json"),
    *(f"{OTHERS}/检查报告.json", f"{OTHERS}/办理状态.json"),
    *(f"{OTHERS}/四性检测报告.json", f"{OTHERS}/四性检测报告.html"),
}
TAGS = {"bagit.txt", "bag-info.txt"} | {
    f"{sort}manifest-{algorithm}.txt" for sort in ("", "tag") for algorithm in ("sha256", "sha512")
}


def test_it_holds_everything_and_nothing_else(workspace: Path, tmp_path: Path) -> None:
    packages = {code: (workspace / path).read_bytes() for code, path in PACKAGES.items()}
    records = held(workspace / ".evcli/records")
    report = archive(tmp_path / "归档", workspace)
    found = held(tmp_path / "归档")
    expected = {f"{OTHERS}/压缩包/{Path(PACKAGES[code]).name}": data for code, data in packages.items()}
    for code, data in packages.items():
        expected |= {f"{FOLDERS[code]}/{name}": content for name, content in unpacked(data).items()}
    expected |= {f"{OTHERS}/办理记录/{name}": data for name, data in records.items()}
    assert set(found) == set(expected) | FIXED | TAGS
    assert {name: found[name] for name in expected} == expected
    assert found[f"{OTHERS}/任务分解表.yaml"] == (workspace / "config/indicators.yaml").read_bytes()
    assert found[f"{OTHERS}/submission.json"] == (workspace / ".evcli/submission.json").read_bytes()
    payload = [data for name, data in found.items() if name.startswith("data/")]
    assert (report.files, report.bytes) == (len(payload), sum(map(len, payload)))
    assert (report.questions, report.missing, report.draft) == (3, (), False)


def test_what_is_said_of_it(bag: Path, submitted_once: Path) -> None:
    submission = json.loads((submitted_once / ".evcli/submission.json").read_bytes())
    info = dict(line.split(": ", 1) for line in (bag / "bag-info.txt").read_text(encoding="utf-8").splitlines())
    payload = [path for path in (bag / "data").rglob("*") if path.is_file()]
    assert info == {
        "Bag-Software-Agent": f"evcli {evidence_cli.__version__}",
        "Bagging-Date": "2026-06-01",
        "External-Description": "测试评价",
        "External-Identifier": "test-2099",
        "Internal-Sender-Description": submission["digest"],
        "Internal-Sender-Identifier": submission["check"],
        "Payload-Oxum": f"{sum(path.stat().st_size for path in payload)}.{len(payload)}",
        "Source-Organization": "市行政审批服务局",
    }
    assert (bag / "bagit.txt").read_bytes() == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    text = (bag / "data/说明文件.TXT").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert submission["check"] in text.decode("utf-8-sig")
    assert "草稿" not in text.decode("utf-8-sig")


def test_the_directory_has_an_entry_for_each_record(bag: Path) -> None:
    found = entries(bag)
    names = {path for path in held(bag) if path.startswith(f"{RECORDS}/")}
    own = ("manifest-sha256.txt", "package.json", "佐证材料目录.csv")
    assert {f"data/{one['电子档案名称']}" for one in found} == {one for one in names if not one.endswith(own)}
    assert [one["顺序号"] for one in found] == [str(number) for number in range(1, len(found) + 1)]
    assert found[0] == {
        "顺序号": "1",
        "档号": "",
        "责任者": "市行政审批服务局",
        "题名": "1.1-01 事项清单 答案",
        "日期": "20260601",
        "密级": "未标注",
        "电子档案名称": "电子档案/1.1-事项梳理/1.1-01-事项清单/答案.docx",
        "备注": "答案",
    }
    assert found[1]["备注"] == "政策文件"


def test_a_secrecy_mark_that_was_waived_is_left_to_a_person(tmp_path: Path) -> None:
    waiver = {"rule": "E401", "question": "1.1-01", "reason": "已脱密", "by": "副组长"}
    root = build(tmp_path / "w", {"waivers": [waiver]})
    path = f"{QUESTIONS['1.1-01']}/佐证材料/02-办事指南/02-内部.html"
    (root / path).write_text("<p>机密★10年</p><p>这是一份办事指南。</p>", encoding="utf-8")
    perform(root, [{"pack": []}])
    report = archive(tmp_path / "归档", root, draft=True)
    marked = [one["电子档案名称"] for one in entries(tmp_path / "归档") if one["密级"] != "未标注"]
    assert marked == ["电子档案/1.1-事项梳理/1.1-01-事项清单/佐证材料/02-办事指南/02-内部.html"]
    assert {check.id: check.state for check in report.checks}["E401"] == "person"


def test_the_library_validates_it(bag: Path) -> None:
    command = [sys.executable, "-m", "bagit", "--validate", str(bag)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_tag_manifests_are_in_order(bag: Path) -> None:
    """The library writes them as the disk lists the files."""
    for name in ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt"):
        lines = [line.split("  ", 1) for line in (bag / name).read_text(encoding="utf-8").splitlines()]
        assert [path for _, path in lines] == [
            "bag-info.txt",
            "bagit.txt",
            "manifest-sha256.txt",
            "manifest-sha512.txt",
        ]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
@pytest.mark.parametrize("name", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_sha256sum_alone_verifies_it(bag: Path, name: str) -> None:
    done = subprocess.run(["sha256sum", "-c", "--strict", "--quiet", name], cwd=bag, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_evcli_verifies_it_with_and_without_a_workspace(bag: Path, workspace: Path) -> None:
    for space in (None, workspace):
        report = evidence_cli.verify(bag, workspace=space, now=NOW, jobs=1)
        [line] = report.questions
        assert (report.findings, report.not_done) == ((), ())
        assert (line.title, line.passed, line.package) == ("归档", True, "current")


def test_archives_and_packages_are_verified_together(bag: Path, workspace: Path) -> None:
    paths = [bag, workspace / PACKAGES["1.1-01"]]
    (bag / "bagit.txt").unlink()
    report = evidence_cli.verify(paths, workspace=workspace, now=NOW, jobs=1)
    assert [(one.code, one.passed) for one in report.questions] == [("", False), ("1.1-01", True)]


def test_the_same_submission_gives_the_same_bytes(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(tmp_path / "一", workspace)
    monkeypatch.chdir("/")
    before = os.umask(0o077)
    try:
        (tmp_path / "二").mkdir()
        archive(tmp_path / "二", workspace, now=NOW + timedelta(days=400), by="档案员", jobs=2)
    finally:
        os.umask(before)
    assert held(tmp_path / "一") == held(tmp_path / "二")
    assert Path.cwd() == Path("/")


def test_the_status_is_archived_then(workspace: Path, tmp_path: Path) -> None:
    assert {row.state for row in evidence_cli.status(workspace, now=NOW, jobs=1).rows} == {State.SUBMITTED}
    archive(tmp_path / "归档", workspace, by="档案员", now=NOW + timedelta(hours=1))
    assert {row.state for row in evidence_cli.status(workspace, now=NOW, jobs=1).rows} == {State.ARCHIVED}
    last = evidence_cli.history(workspace)[-1]
    assert (last.action, last.by, last.time, last.question) == (Action.ARCHIVE, "档案员", NOW + timedelta(hours=1), "")


def test_sm3_where_the_table_asks_for_it(tmp_path: Path) -> None:
    pytest.importorskip("hashlib").new("sm3")
    root = submitted(tmp_path / "w", {"defaults": {"package": {"digest": "sm3"}}})
    archive(tmp_path / "归档", root)
    lines = (tmp_path / "归档/manifest-sm3.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        digest, path = line.split("  ", 1)
        assert hashlib.new("sm3", (tmp_path / "归档" / path).read_bytes()).hexdigest() == digest
    assert len(lines) == len((tmp_path / "归档/manifest-sha256.txt").read_text(encoding="utf-8").splitlines())
    assert evidence_cli.verify(tmp_path / "归档", now=NOW).findings == ()
    altered = (tmp_path / "归档/manifest-sm3.txt").read_text(encoding="utf-8").replace(lines[0][:8], "0" * 8, 1)
    (tmp_path / "归档/manifest-sm3.txt").write_text(altered, encoding="utf-8")
    found = {(one.code, Path(one.path).name) for one in evidence_cli.verify(tmp_path / "归档", now=NOW).findings}
    assert found == {("E703", "manifest-sm3.txt"), ("E703", Path(lines[0].split("  ", 1)[1]).name)}


def test_names_that_a_manifest_cannot_hold_are_changed(tmp_path: Path) -> None:
    root = build(tmp_path / "w")
    folder = root / QUESTIONS["1.1-01"] / "佐证材料/02-办事指南"
    # RFC 8493 wants a percent sign encoded, which neither bagit nor sha256sum decodes.
    for number, name in enumerate(("02-覆盖率95%.html", "02-覆盖率95％.html")):
        (folder / name).write_text(f"<p>第 {number} 份</p>", encoding="utf-8")
    perform(root, [{"pack": []}])
    archive(tmp_path / "归档", root, draft=True)
    place = tmp_path / "归档" / FOLDERS["1.1-01"] / "佐证材料/02-办事指南"
    assert sorted(path.name for path in place.iterdir()) == [
        "01-办事指南.html",
        "02-覆盖率95％-2.html",
        "02-覆盖率95％.html",
    ]
    assert evidence_cli.verify(tmp_path / "归档", now=NOW).findings == ()
    command = [sys.executable, "-m", "bagit", "--validate", "--quiet", str(tmp_path / "归档")]
    assert subprocess.run(command, env=environment(), check=False, timeout=60).returncode == 0


class TestDraft:
    """Before the submission, from the packages that are current and pass."""

    def test_what_is_not_ready_is_left_out_and_said(self, tmp_path: Path) -> None:
        root = build(tmp_path / "w")
        perform(root, [{"pack": ["1.1-01", "1.1-02"]}, {"delete": "<1.1-02>/答案.docx"}])
        report = archive(tmp_path / "归档", root, draft=True, by="")
        assert (report.draft, report.questions) == (True, 1)
        assert [(one.code, one.state) for one in report.missing] == [("1.1-02", "drafting"), ("1.2-01", "ready")]
        names = {path.name for path in (tmp_path / "归档" / OTHERS / "压缩包").iterdir()}
        assert names == {Path(PACKAGES["1.1-01"]).name}
        assert not (tmp_path / "归档" / OTHERS / "submission.json").exists()
        text = (tmp_path / "归档/data/说明文件.TXT").read_text(encoding="utf-8-sig")
        assert "【草稿】" in text
        assert "另有 2 道题" in text
        assert "草稿" in (tmp_path / "归档/bag-info.txt").read_text(encoding="utf-8")
        assert evidence_cli.verify(tmp_path / "归档", now=NOW).findings == ()

    def test_it_leaves_no_record(self, tmp_path: Path) -> None:
        root = build(tmp_path / "w")
        perform(root, [{"pack": []}])
        archive(tmp_path / "归档", root, draft=True)
        assert not (root / ".evcli/records").exists()
        assert {row.state for row in evidence_cli.status(root, now=NOW, jobs=1).rows} == {State.PACKED}

    def test_now_decides_its_bytes(self, tmp_path: Path) -> None:
        root = build(tmp_path / "w")
        perform(root, [{"pack": []}])
        for name in ("一", "二"):
            archive(tmp_path / name, root, draft=True)
        assert held(tmp_path / "一") == held(tmp_path / "二")

    def test_what_passes_no_more_is_left_out(self, tmp_path: Path) -> None:
        root = build(tmp_path / "w")
        page = root / QUESTIONS["1.1-01"] / "佐证材料/02-办事指南/02-电话.html"
        page.write_text("<p>咨询电话 13800138000，请在工作时间拨打。</p>", encoding="utf-8")
        perform(root, [{"pack": []}, {"table": {"rules": {"severity": {"E403": "error"}}}}])
        report = archive(tmp_path / "归档", root, draft=True)
        assert [one.code for one in report.missing] == ["1.1-01"]

    def test_none_without_a_package(self, tmp_path: Path) -> None:
        root = build(tmp_path / "w")
        with pytest.raises(RefusedError, match="archive_nothing"):
            archive(tmp_path / "归档", root, draft=True)

    def test_none_after_the_submission(self, workspace: Path, tmp_path: Path) -> None:
        with pytest.raises(RefusedError, match="archive_not_draft"):
            archive(tmp_path / "归档", workspace, draft=True)


class TestRefused:
    """Nothing is left behind, and nothing is overwritten."""

    @pytest.fixture(autouse=True)
    def nothing_left(self, tmp_path: Path) -> object:
        yield
        assert not (tmp_path / "归档").exists()
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".evcli-")] == []

    def test_before_the_submission(self, tmp_path: Path) -> None:
        root = build(tmp_path / "w")
        perform(root, [{"pack": []}])
        with pytest.raises(RefusedError, match="archive_not_submitted"):
            archive(tmp_path / "归档", root)

    def test_a_package_that_changed_since(self, workspace: Path, tmp_path: Path) -> None:
        perform(workspace, [{"patch": PACKAGES["1.2-01"]}])
        with pytest.raises(RefusedError, match=r"archive_altered path=报送/1\.2-01"):
            archive(tmp_path / "归档", workspace)

    def test_a_package_of_the_same_content_but_other_bytes(self, workspace: Path, tmp_path: Path) -> None:
        perform(workspace, [{"grow": PACKAGES["1.1-02"]}])
        with pytest.raises(RefusedError, match=r"archive_altered path=报送/1\.1-02"):
            archive(tmp_path / "归档", workspace)

    def test_a_table_that_changed_since(self, workspace: Path, tmp_path: Path) -> None:
        perform(workspace, [{"alter": "config/indicators.yaml", "old": "测试评价", "new": "别的评价"}])
        with pytest.raises(RefusedError, match=r"archive_altered path=config/indicators\.yaml"):
            archive(tmp_path / "归档", workspace)

    def test_a_record_that_is_gone(self, workspace: Path, tmp_path: Path) -> None:
        perform(workspace, [{"discard": ".evcli/records/*1.1-01-approve*"}])
        with pytest.raises(RefusedError, match=r"archive_altered path=\.evcli/records/"):
            archive(tmp_path / "归档", workspace)

    def test_a_submission_that_cannot_be_believed(self, workspace: Path, tmp_path: Path) -> None:
        perform(workspace, [{"alter": ".evcli/submission.json", "old": "指标联络员", "new": "某人"}])
        perform(workspace, [{"alter": ".evcli/submission.json", "old": '"check": "', "new": '"check": "9'}])
        with pytest.raises(RefusedError, match="submission_damaged"):
            archive(tmp_path / "归档", workspace)

    def test_without_a_name(self, workspace: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="nobody"):
            archive(tmp_path / "归档", workspace, by=" ")

    def test_an_unknown_check(self, workspace: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="unknown_result"):
            archive(tmp_path / "归档", workspace, results={"disk": (True, "")})

    @pytest.mark.parametrize(
        "folder", ["指标", "指标/归档", "报送/归档", "config/归档", ".evcli/归档", "报送/../指标/归档"]
    )
    def test_inside_what_is_the_workspaces(self, workspace: Path, folder: str) -> None:
        before = held(workspace)
        with pytest.raises(UsageError, match="archive_inside"):
            archive(workspace / folder, workspace)
        assert held(workspace) == before

    def test_where_something_is(self, workspace: Path, tmp_path: Path) -> None:
        (tmp_path / "满").mkdir()
        (tmp_path / "满/文件.txt").write_bytes(b"keep")
        (tmp_path / "文件").write_bytes(b"keep")
        (tmp_path / "空").mkdir()
        (tmp_path / "链接").symlink_to(tmp_path / "空")
        (tmp_path / "断").symlink_to(tmp_path / "无")
        for name in ("满", "文件", "链接", "断"):
            with pytest.raises(UsageError, match="archive_taken"):
                archive(tmp_path / name, workspace)
        assert held(tmp_path / "满") == {"文件.txt": b"keep"}
        assert list((tmp_path / "空").iterdir()) == []

    def test_below_a_folder_that_is_not_there(self, workspace: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="archive_parent"):
            archive(tmp_path / "无/归档", workspace)

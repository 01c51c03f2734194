"""Packages verified with and without a workspace: what is said, what is left unsaid, whose they are."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.findings import NotDone
from support import zips
from support.packing import command, pack
from support.workspace import NOW, PACKAGES, QUESTIONS, build, write_table

CODE = "1.1-01"
NAME = PACKAGES[CODE].rpartition("/")[2]


@pytest.fixture
def bare(packed: Path, tmp_path: Path) -> Path:
    """A package far from any workspace, of a folder that breaks what only the table asks for."""
    folder = packed / QUESTIONS[CODE]
    shutil.rmtree(folder / "佐证材料/04-网站截图")
    (folder / "佐证材料/02-办事指南").rename(folder / "佐证材料/别的类别")
    shutil.copy(packed / QUESTIONS["1.1-02"] / "佐证材料/03-流程图/01-归集流程.xlsx", folder / "佐证材料/01-政策文件")
    (folder / "佐证材料/01-政策文件/01-归集流程.xlsx").rename(folder / "佐证材料/01-政策文件/03-归集流程.xlsx")
    (folder / "佐证材料/散落.txt").write_text("没有放进类别的说明。", encoding="utf-8")
    (folder / "答案.docx").unlink()
    (folder / "答案.txt").write_text("短", encoding="utf-8")
    severity = {"E107": "info", "E108": "info", "E110": "info", "E302": "info", "E312": "info"}
    write_table(packed, {"rules": {"severity": severity}, "defaults": {"evidence": {"min_files": 9}}})
    assert [result.outcome for result in pack(packed, CODE).results] == ["packed"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    return Path(shutil.copy(packed / PACKAGES[CODE], elsewhere / NAME))


def test_without_a_workspace_nothing_is_said_that_only_the_table_knows(bare: Path, packed: Path) -> None:
    report = evidence_cli.verify([bare])
    assert report.findings == ()
    assert report.not_done == (NotDone(bare.as_posix(), "table", "no_workspace"),)
    assert report.evaluation is None
    codes = {str(finding.code) for finding in evidence_cli.verify([bare], workspace=packed).findings}
    assert codes == {"E107", "E108", "E109", "E302", "E312"}


def test_the_command_without_a_workspace(bare: Path) -> None:
    done = command("verify", NAME, "--format", "json", cwd=bare.parent)
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["evaluation"] is None
    [question] = report["questions"]
    assert (question["code"], question["title"], question["indicator"]) == (CODE, "事项清单", None)
    with zipfile.ZipFile(bare) as archive:
        assert question["digest"] == json.loads(archive.read("package.json"))["digest"]
    assert (question["package"], question["passed"], question["files"]) == ("current", True, 6)
    assert report["summary"]["questions"] == report["summary"]["passed"] == 1
    assert [(note["path"], note["check"]) for note in report["not_done"]] == [(NAME, "table")]
    assert "evidence" not in done.stderr


def test_a_package_outside_the_workspace_is_held_against_its_table(packed: Path, tmp_path: Path) -> None:
    shutil.copy(packed / PACKAGES[CODE], tmp_path / NAME)
    [question] = evidence_cli.verify([tmp_path / NAME], workspace=packed).questions
    assert (question.code, question.indicator, question.owner) == (CODE, "1.1", "三级指标责任人")
    shutil.copy(packed / PACKAGES[CODE], tmp_path / "收到的.zip")
    report = evidence_cli.verify([tmp_path / "收到的.zip"], workspace=packed)
    assert [(f.code, f.question, f.params["reason"]) for f in report.findings] == [("E512", CODE, "name")]
    shutil.copy(packed / PACKAGES["1.1-02"], tmp_path / NAME)
    report = evidence_cli.verify([tmp_path / NAME], workspace=packed)
    assert [(f.code, f.question, f.params) for f in report.findings] == [
        ("E512", CODE, {"reason": "question", "other": "1.1-02"})
    ]


def test_a_package_of_another_evaluation(packed: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "other", {"evaluation": {"id": "test-2098"}})
    pack(other, CODE)
    report = evidence_cli.verify([other / PACKAGES[CODE]], workspace=packed)
    assert [(f.code, f.params) for f in report.findings] == [("E512", {"reason": "evaluation", "other": "test-2098"})]


def test_nobodys_package(packed: Path, tmp_path: Path) -> None:
    zips.zip_folder(packed / QUESTIONS[CODE], tmp_path / "材料.zip")
    report = evidence_cli.verify([tmp_path / "材料.zip"], workspace=packed)
    assert [(f.code, f.question) for f in report.findings] == [("E512", None), ("E515", None)]
    alone = evidence_cli.verify([tmp_path / "材料.zip"])
    assert [(f.code, f.question) for f in alone.findings] == [("E515", None)]


def test_the_same_content_twice_is_seen_in_a_package_too(packed: Path) -> None:
    folder = packed / QUESTIONS[CODE] / "佐证材料/04-网站截图"
    shutil.copy(folder / "01-清单页面.png", folder / "03-清单页面.png")
    pack(packed, CODE)
    inside = evidence_cli.verify([packed / PACKAGES[CODE]], workspace=packed, now=NOW)
    beside = evidence_cli.check(packed, [CODE], now=NOW)
    assert [str(f.code) for f in inside.findings] == [str(f.code) for f in beside.findings] == ["E411"]


def test_each_package_of_a_question_is_judged_for_itself(packed: Path, tmp_path: Path) -> None:
    spoilt = Path(shutil.copy(packed / PACKAGES[CODE], tmp_path / NAME))
    zips.tamper(spoilt, flip="答案.docx")
    report = evidence_cli.verify([spoilt, packed / PACKAGES[CODE]], workspace=packed)
    assert [(q.code, q.passed, q.package) for q in report.questions] == [
        (CODE, False, "broken"),
        (CODE, True, "current"),
    ]
    assert [(str(f.code), f.path) for f in report.findings] == [("E504", f"{spoilt.as_posix()}!/答案.docx")]


def test_people_see_which_package_each_finding_is_of(packed: Path, tmp_path: Path) -> None:
    for name in ("1.1-01-甲.zip", "1.1-01-乙.zip"):
        (tmp_path / name).write_bytes(b"")
    # Named from where they lie: a long path would be broken into lines.
    done = command("verify", "1.1-01-甲.zip", "1.1-01-乙.zip", "-w", packed, "--lang", "zh", cwd=tmp_path)
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert [line for line in lines if line.endswith(".zip")] == ["1.1-01-甲.zip", "1.1-01-乙.zip"]
    assert sum(line.startswith("1.1-01 ") for line in lines) == 2
    assert "共核验 2 份：0 份合格，2 份不合格。" in lines


def test_what_is_not_there_is_wrong_usage(packed: Path, tmp_path: Path) -> None:
    done = command("verify", "missing.zip", "--lang", "zh", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "missing.zip" in done.stderr
    (tmp_path / "empty").mkdir()
    assert command("verify", "empty", cwd=tmp_path).returncode == 2
    with pytest.raises(EnvironmentFailure):
        evidence_cli.verify([tmp_path / "missing.zip"])
    assert [str(f.code) for f in evidence_cli.verify([tmp_path]).findings] == ["E208"]


def test_a_folder_means_the_packages_in_it(packed: Path) -> None:
    done = command("verify", "报送", "--format", "json", cwd=packed)
    assert done.returncode == 0, done.stdout
    assert [question["code"] for question in json.loads(done.stdout)["questions"]] == list(QUESTIONS)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.zip")
    done = command("verify", "a.zip", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("a.zip  ")
    assert "E208" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_to_a_package_is_that_package(packed: Path, tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to(packed / PACKAGES[CODE])
    assert evidence_cli.verify([tmp_path / NAME], workspace=packed).findings == ()

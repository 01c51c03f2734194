"""Exit codes of every command: 0 fine, 1 findings, 2 usage or table, 3 environment; and the verdict's filters."""

import os
import sys
from pathlib import Path

import pytest
from running import Result, evcli

from support.workspace import PACKAGES, QUESTIONS

ON_WORKSPACES = ("check", "pack", "init", "table show")


def run(command: str, *arguments: str, cwd: Path) -> Result:
    return evcli(*command.split(), *arguments, cwd=cwd)


@pytest.mark.parametrize(
    "command",
    ["init", "check", "pack", "verify 报送", "rules", "rules E103", "table show", "table schema", "demo ../d"],
)
def test_all_is_well(command: str, packed: Path) -> None:
    result = run(command, cwd=packed)
    assert (result.code, result.err) == (0, "")
    assert result.out


def test_findings_and_refusals_are_one(graded: Path, packed_once: Path) -> None:
    assert evcli("check", cwd=graded).code == 1
    assert evcli("pack", cwd=graded).code == 1
    assert evcli("pack", "--dry-run", cwd=graded).code == 1
    broken = graded / "破损.zip"
    broken.write_bytes((packed_once / PACKAGES["1.1-01"]).read_bytes()[:-200])
    assert evcli("verify", broken, cwd=graded).code == 1


@pytest.mark.parametrize(
    ("code", "threshold", "expected"),
    [
        *[("1.1-01", threshold, int(threshold != "never")) for threshold in ("error", "warning", "never")],
        *[("1.1-02", threshold, int(threshold == "warning")) for threshold in ("error", "warning", "never")],
        ("1.2-01", "warning", 0),
    ],
)
def test_the_threshold_decides(code: str, threshold: str, expected: int, graded: Path) -> None:
    result = evcli("check", code, "--fail-on", threshold, cwd=graded)
    assert (result.code, result.err) == (expected, "")


def test_errors_are_the_threshold_unless_told(graded: Path) -> None:
    assert [evcli("check", code, cwd=graded).code for code in QUESTIONS] == [1, 0, 0]


def test_a_display_filter_changes_neither_verdict_nor_summary(graded: Path) -> None:
    plain = evcli("check", "--format", "json", cwd=graded)
    assert [finding["code"] for finding in plain.report["findings"]] == ["E103", "E109", "E205"]
    for filters, shown in (
        (["--select", "E2"], ["E205"]),
        (["--select", "E103，E205"], ["E103", "E205"]),
        (["--select", "e1", "--ignore", "E109"], ["E103"]),
        (["--ignore", "E1", "--ignore", "E2"], []),
    ):
        result = evcli("check", "--format", "json", *filters, cwd=graded)
        assert result.code == plain.code == 1
        assert [finding["code"] for finding in result.report["findings"]] == shown
        for part in ("summary", "questions"):
            assert result.report[part] == plain.report[part]
    text = evcli("check", "--ignore", "E", cwd=graded)
    assert text.code == 1
    assert "隐藏了 3 条" in text.out


@pytest.mark.parametrize("command", ON_WORKSPACES)
def test_a_wrong_table_is_two(command: str, workspace: Path) -> None:
    (workspace / "config/indicators.yaml").write_text("version: 7\n", encoding="utf-8")
    result = run(command, cwd=workspace)
    assert (result.code, result.out) == (2, "")


@pytest.mark.parametrize("command", ["check", "pack", "table show"])
def test_no_workspace_is_two(command: str, tmp_path: Path) -> None:
    result = run(command, cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "这里不是工作区" in result.err


@pytest.mark.parametrize("command", ON_WORKSPACES)
def test_an_unknown_code_is_two_and_names_the_nearest(command: str, workspace: Path) -> None:
    result = run(command, "1.1-10", cwd=workspace)
    assert (result.code, result.out) == (2, "")
    assert result.err == "evcli: 任务分解表里没有“1.1-10”，您是不是想写 1.1-01？\n"
    assert not (workspace / "报送").exists()


@pytest.mark.parametrize(
    "arguments", [["rules", "E3O3"], ["check", "--select", "E3O3"], ["verify", "x.zip", "--ignore", "E3O3"]]
)
def test_an_unknown_rule_is_two_and_names_the_nearest(arguments: list[str], workspace: Path) -> None:
    result = evcli(*arguments, cwd=workspace)
    assert (result.code, result.out) == (2, "")
    assert result.err == "evcli: 没有规则“E3O3”，您是不是想写 E303？\n"


def test_a_package_that_is_not_there_is_two(workspace: Path, tmp_path: Path) -> None:
    assert evcli("verify", "没有.zip", cwd=workspace).code == 2
    assert evcli("verify", "config", cwd=workspace).code == 2
    assert evcli("verify", tmp_path / "没有.zip", cwd=tmp_path).code == 2


def test_a_demo_never_writes_into_a_folder_in_use(workspace: Path) -> None:
    result = evcli("demo", ".", cwd=workspace)
    assert (result.code, result.out) == (2, "")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("command", ON_WORKSPACES)
def test_a_table_that_cannot_be_read_is_three(command: str, workspace: Path) -> None:
    table = workspace / "config/indicators.yaml"
    table.unlink()
    # Reading a process's memory from its beginning is an I/O error whoever asks.
    table.symlink_to("/proc/self/mem")
    result = run(command, cwd=workspace)
    assert (result.code, result.out) == (3, "")
    assert "读不到" in result.err
    assert "Traceback" not in result.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_table_without_permission_is_three(workspace: Path) -> None:
    (workspace / "config/indicators.yaml").chmod(0)
    result = evcli("check", cwd=workspace)
    assert (result.code, result.out) == (3, "")
    assert "读不到" in result.err


@pytest.mark.parametrize("command", ["pack", "init"])
def test_a_folder_that_cannot_be_made_is_three(command: str, workspace: Path) -> None:
    (workspace / "报送").write_text("一个文件", encoding="utf-8")
    result = evcli(command, cwd=workspace)
    assert (result.code, result.out) == (3, "")
    assert "报送" in result.err
    assert "Traceback" not in result.err


def test_one_package_that_cannot_be_written_is_three_and_the_others_are_written(workspace: Path) -> None:
    (workspace / PACKAGES["1.1-01"]).mkdir(parents=True)
    result = evcli("pack", cwd=workspace)
    assert result.code == 3
    assert sorted(p.name for p in (workspace / "报送").iterdir() if p.is_file()) == [
        PACKAGES[code].rpartition("/")[2] for code in ("1.1-02", "1.2-01")
    ]


def test_the_version(tmp_path: Path) -> None:
    for arguments in (["--version"], ["--lang", "en", "--version"]):
        result = evcli(*arguments, cwd=tmp_path)
        assert (result.code, result.out, result.err) == (0, "evcli 0.1.0\n", "")


def test_every_report_option_is_taken_by_check_and_verify(packed: Path) -> None:
    options = ["--format", "json", "--fail-on", "warning", "--select", "E", "--ignore", "E3", "--no-cache", "-j", "2"]
    for command in (["check", *options], ["verify", *options, "报送"]):
        result = evcli(*command, "-q", "--no-color", "--lang", "en", "-w", packed, cwd=packed)
        assert (result.code, result.err) == (0, "")
        assert result.report["language"] == "en"

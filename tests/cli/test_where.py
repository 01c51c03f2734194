"""Where the workspace is, which questions are meant, and what the shell completes."""

from pathlib import Path

import pytest
from running import Result, evcli

from support.workspace import FIRST, QUESTIONS

CODES = list(QUESTIONS)


def checked(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> list[str]:
    result = evcli("check", "--format", "json", *arguments, cwd=cwd, env=env)
    assert (result.code, result.err) == (0, "")
    return [question["code"] for question in result.report["questions"]]


@pytest.mark.parametrize(
    "inside", ["", "config", "指标", QUESTIONS["1.1-01"], QUESTIONS["1.1-01"] + "/佐证材料/01-政策文件"]
)
def test_a_command_means_the_same_anywhere_inside(inside: str, workspace: Path) -> None:
    assert checked(cwd=workspace / inside) == CODES


def test_the_option_wins_over_the_variable_and_that_over_the_place(workspace: Path, tmp_path: Path) -> None:
    nowhere = {"EVCLI_WORKSPACE": str(tmp_path / "没有")}
    assert checked(cwd=tmp_path, env={"EVCLI_WORKSPACE": str(workspace)}) == CODES
    assert checked("-w", workspace, cwd=tmp_path, env=nowhere) == CODES
    assert checked("-w", workspace.name, cwd=tmp_path) == CODES
    result = evcli("check", cwd=workspace, env=nowhere)
    assert (result.code, result.out) == (2, "")
    assert "不是工作区" in result.err
    assert checked(cwd=workspace, env={"EVCLI_WORKSPACE": ""}) == CODES


def test_codes_may_be_written_in_full_width(workspace: Path) -> None:
    assert checked("１．１-０１", "１。２", cwd=workspace) == ["1.1-01", "1.2-01"]


def test_the_option_may_stand_before_the_command(workspace: Path, tmp_path: Path) -> None:
    for arguments in (
        ["-w", workspace, "check"],
        ["-w", workspace, "table", "show"],
        ["table", "-w", workspace, "show"],
    ):
        result = evcli(*arguments, cwd=tmp_path)
        assert (result.code, result.err) == (0, "")
    assert evcli("-w", tmp_path, "check", "-w", workspace, cwd=tmp_path).code == 0


def test_a_folder_without_a_table_is_no_workspace(tmp_path: Path) -> None:
    result = evcli("check", "-w", tmp_path, cwd=tmp_path)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert f"evcli init -w {tmp_path}" in result.err


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["1"], CODES),
        (["1.1"], CODES[:2]),
        (["1.2"], CODES[2:]),
        (["1.1-01"], CODES[:1]),
        (["1.2-01", "1.1-02"], CODES[1:]),
        (["1.1", "1.1-01"], CODES[:2]),
    ],
)
def test_codes_of_every_level(codes: list[str], expected: list[str], workspace: Path) -> None:
    assert checked(*codes, cwd=workspace) == expected


def test_pack_and_show_mean_the_same_codes(workspace: Path) -> None:
    result = evcli("pack", "1.1", cwd=workspace)
    assert result.code == 0
    assert len(list((workspace / "报送").iterdir())) == 2
    shown = evcli("table", "show", "1.1", cwd=workspace)
    assert [line.split()[0] for line in shown.out.splitlines() if line.startswith("1.")] == CODES[:2]


def test_what_lies_beside_belongs_to_the_indicator(workspace: Path) -> None:
    (workspace / FIRST / "放错的文件夹").mkdir()
    found = [
        len(evcli("check", *codes, "--format", "json", cwd=workspace).report["findings"])
        for codes in ([], ["1.1"], ["1.2"], ["1.1-01"])
    ]
    assert found == [1, 1, 0, 0]


def test_verify_needs_no_workspace(packed: Path, tmp_path: Path) -> None:
    outside = evcli("verify", packed / "报送", "--format", "json", cwd=tmp_path)
    inside = evcli("verify", "报送", "--format", "json", cwd=packed)
    assert (outside.code, inside.code) == (0, 0)
    assert outside.report["evaluation"] is None
    assert outside.report["summary"]["not_done"] == 3
    assert [q["digest"] for q in outside.report["questions"]] == [q["digest"] for q in inside.report["questions"]]
    assert "没有检查：" in evcli("verify", packed / "报送", cwd=tmp_path).out


def complete(line: str, cwd: Path, **env: str) -> list[str]:
    words = line.split(" ")
    settings = {"_EVCLI_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    result: Result = evcli(cwd=cwd, env=settings | env)
    assert (result.code, result.err) == (0, "")
    return [row.partition(",")[2] for row in result.out.splitlines() if row]


def test_the_shell_completes_codes_and_words(workspace: Path, tmp_path: Path) -> None:
    assert complete("evcli check 1.1", workspace) == ["1.1", *CODES[:2]]
    assert complete("evcli pack 1.2-", workspace) == ["1.2-01"]
    assert complete("evcli init ", workspace) == ["1.1", "1.2", *CODES]
    assert complete("evcli table show 1.2", workspace) == ["1.2", "1.2-01"]
    assert complete("evcli rules e51", workspace) == [f"E51{n}" for n in range(7)]
    assert complete("evcli ver", workspace) == ["verify"]
    assert complete("evcli check --fail-on w", workspace) == ["warning"]
    assert complete("evcli check 1.1", tmp_path) == []
    assert complete(f"evcli -w {workspace} check 1.2-", tmp_path) == ["1.2-01"]
    assert complete(f"evcli check -w {workspace} 1.2-", tmp_path) == ["1.2-01"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_the_shell(shell: str, tmp_path: Path) -> None:
    result = evcli(cwd=tmp_path, env={"_EVCLI_COMPLETE": f"{shell}_source"})
    assert result.code == 0
    assert "_EVCLI_COMPLETE" in result.out

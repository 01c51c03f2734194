"""`evcli init` on real folders: makes what is missing and touches nothing else, however often it runs."""

import shlex
import shutil
from pathlib import Path

import pytest
from running import evcli, tree_of

from support.workspace import FIRST, QUESTIONS, SECOND, build, write_table


def test_a_new_workspace_gets_the_shipped_table(tmp_path: Path) -> None:
    result = evcli("init", cwd=tmp_path)
    assert (result.code, result.err) == (0, "")
    made = tree_of(tmp_path)
    leaves = [name for name in made if name.startswith("指标/") and name.count("/") == 1]
    assert len(leaves) == 15
    assert "3-" not in "".join(leaf.partition("/")[2][:2] for leaf in leaves)
    assert {"config/indicators.yaml", "config/indicators.schema.json", "报送"} <= set(made)
    assert all(
        f"{leaf}/填报说明.txt" in made and len(list((tmp_path / leaf / "素材库").iterdir())) == 9 for leaf in leaves
    )
    assert evcli("check", cwd=tmp_path).code == 0
    assert evcli("init", cwd=tmp_path).out.count("+ ") == 0
    assert tree_of(tmp_path) == made


def test_a_dry_run_makes_nothing_and_names_everything(tmp_path: Path) -> None:
    dry = evcli("init", "--dry-run", cwd=tmp_path)
    assert (dry.code, list(tmp_path.iterdir())) == (0, [])
    evcli("init", cwd=tmp_path)
    named = {line.removeprefix("+ ").rstrip("/") for line in dry.out.splitlines() if line.startswith("+ ")}
    # A folder that only holds others is not named beside them.
    assert named <= set(tree_of(tmp_path))
    deepest = {n for n in tree_of(tmp_path) if not any(o.startswith(n + "/") for o in tree_of(tmp_path))}
    assert deepest - named == set()


def test_a_workspace_anywhere(tmp_path: Path) -> None:
    target = tmp_path / "新/工作区"
    assert evcli("init", "-w", target, cwd=tmp_path).code == 0
    assert (target / "config/indicators.yaml").is_file()
    other = tmp_path / "另一个"
    assert evcli("init", cwd=tmp_path, env={"EVCLI_WORKSPACE": str(other)}).code == 0
    assert (other / "config/indicators.yaml").is_file()


@pytest.mark.parametrize("arguments", [[], ["--answers"], ["1.1"], ["1.1-01", "--answers"]], ids=str)
def test_what_is_there_stays_byte_for_byte(arguments: list[str], workspace: Path) -> None:
    (workspace / FIRST / "填报说明.txt").write_text("我们自己的说明", encoding="utf-8")
    (workspace / QUESTIONS["1.1-01"] / "佐证材料/备注").mkdir()
    (workspace / "指标/别的文件夹").mkdir()
    before = tree_of(workspace)
    assert evcli("init", *arguments, cwd=workspace).code == 0
    after = tree_of(workspace)
    assert {name: after[name] for name in before} == before
    second = evcli("init", *arguments, cwd=workspace)
    assert (second.code, "+ " in second.out) == (0, False)
    assert tree_of(workspace) == after


def test_new_questions_get_folders_and_nothing_else_is_made(tmp_path: Path) -> None:
    root = build(tmp_path / "w", {"indicators": {"0": {"children": {"1": {"questions": None}}}}}, skip=("1.2-01",))
    assert evcli("init", cwd=root).code == 0
    before = tree_of(root)
    assert not any("1.2-01" in name for name in before)
    write_table(root)
    result = evcli("init", cwd=root)
    after = tree_of(root)
    new = set(after) - set(before)
    assert result.code == 0
    assert all(name.startswith(QUESTIONS["1.2-01"]) for name in new)
    assert QUESTIONS["1.2-01"] in new
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"config/indicators.yaml"}


def test_a_changed_title_renames_nothing_and_makes_no_second_folder(packed: Path) -> None:
    assert evcli("init", cwd=packed).code == 0
    before = tree_of(packed)
    title = {
        "indicators": {
            "0": {"name": "别的", "children": {"0": {"name": "新名", "questions": {"0": {"title": "新题目"}}}}}
        }
    }
    write_table(packed, title)
    result = evcli("init", cwd=packed)
    after = tree_of(packed)
    assert result.code == 0
    assert after | {"config/indicators.yaml": ""} == before | {"config/indicators.yaml": ""}
    report = evcli("check", "--format", "json", cwd=packed).report
    assert [finding["code"] for finding in report["findings"] if finding["path"] == QUESTIONS["1.1-01"]] == ["E113"]


def test_chosen_codes_only(tmp_path: Path) -> None:
    write_table(tmp_path)
    assert evcli("init", "1.2", cwd=tmp_path).code == 0
    assert [path.name for path in (tmp_path / "指标").iterdir()] == [SECOND.rpartition("/")[2]]
    assert evcli("init", "1.1-02", cwd=tmp_path).code == 0
    assert sorted(p.name for p in (tmp_path / FIRST).iterdir() if p.name.startswith("1.1-")) == ["1.1-02-事项归集"]


def test_a_note_that_no_longer_agrees_with_the_table_is_named_and_left(tmp_path: Path) -> None:
    write_table(tmp_path)
    assert "不一致" not in evcli("init", cwd=tmp_path).out
    assert "no longer agrees" not in evcli("init", "--lang", "en", cwd=tmp_path).out
    note = tmp_path / FIRST / "填报说明.txt"
    before = note.read_bytes()
    write_table(tmp_path, {"milestones": {"pack": "2099-12-14T15:04"}})
    out = evcli("init", cwd=tmp_path).out
    assert f"填报说明与任务分解表不一致：{FIRST}/填报说明.txt" in out.replace("\n  ", "")
    assert note.read_bytes() == before
    note.unlink()
    assert "不一致" not in evcli("init", "1.1", cwd=tmp_path).out
    assert "2099-12-14 15:04" in note.read_text(encoding="utf-8-sig")


def test_an_answer_template_is_no_answer_until_somebody_writes(tmp_path: Path) -> None:
    write_table(tmp_path)
    assert evcli("init", "--answers", cwd=tmp_path).code == 0
    answer = tmp_path / QUESTIONS["1.2-01"] / "答案.docx"
    shutil.copy(answer, tmp_path / "模板.docx")
    report = evcli("check", "1.2-01", "--select", "E3", "--format", "json", cwd=tmp_path).report
    assert [(f["code"], f["params"]["reason"]) for f in report["findings"]] == [("E312", "untouched")]
    # An answer of any kind is enough, and none is ever replaced.
    answer.unlink()
    answer.with_name("我们的答案.txt").write_text("在线办理", encoding="utf-8")
    before = tree_of(tmp_path)
    assert evcli("init", "--answers", cwd=tmp_path).code == 0
    assert tree_of(tmp_path) == before


def test_two_folders_for_one_code_are_left_to_a_person(workspace: Path) -> None:
    (workspace / FIRST / "1.1-01-另一个").mkdir()
    evcli("init", cwd=workspace)
    before = tree_of(workspace)
    shutil.rmtree(workspace / QUESTIONS["1.1-01"] / "佐证材料")
    result = evcli("init", cwd=workspace)
    assert result.code == 0
    assert result.out.count("跳过") == 2
    assert not any("1.1-01-另一个/" in name for name in before)
    assert not (workspace / QUESTIONS["1.1-01"] / "佐证材料").exists()


def test_links_lead_nowhere(workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "外面"
    outside.mkdir()
    shutil.rmtree(workspace / SECOND)
    (workspace / SECOND).symlink_to(outside, target_is_directory=True)
    result = evcli("init", cwd=workspace)
    assert result.code == 0
    assert "跳过" in result.out
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("place", ["佐证材料", "素材库", "指标", "config"])
def test_nothing_is_made_behind_a_link(place: str, workspace: Path, tmp_path: Path) -> None:
    inside = {"佐证材料": workspace / QUESTIONS["1.1-01"], "素材库": workspace / FIRST}.get(place, workspace) / place
    outside = tmp_path / "外面"
    if place == "素材库":
        outside.mkdir()
    else:
        shutil.move(inside, outside)
    inside.symlink_to(outside, target_is_directory=True)
    before = tree_of(outside)
    result = evcli("init", cwd=workspace)
    assert result.code == (3 if place == "指标" else 0)
    assert tree_of(outside) == before


def test_no_table_is_written_behind_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "外面"
    outside.mkdir()
    root = tmp_path / "工作区"
    root.mkdir()
    (root / "config").symlink_to(outside, target_is_directory=True)
    result = evcli("init", "-w", root, cwd=tmp_path)
    assert (result.code, result.out) == (3, "")
    assert list(outside.iterdir()) == []


def test_the_demo_shows_what_it_promises_in_both_languages(tmp_path: Path) -> None:
    for language in ("zh", "en"):
        result = evcli("demo", language, "--lang", language, cwd=tmp_path)
        assert (result.code, result.err) == (0, "")
        report = evcli("check", "--format", "json", cwd=tmp_path / language).report
        assert report["language"] == language
        assert [(q["code"], q["passed"], q["package"]) for q in report["questions"]] == [
            ("1.1-01", True, "current"),
            ("1.1-02", True, "current"),
            ("1.1-03", False, "missing"),
        ]
        assert sorted(finding["code"] for finding in report["findings"]) == ["E104", "E107", "E303"]
        assert evcli("verify", "报送", cwd=tmp_path / language).code == 0
    assert evcli("demo", "zh", cwd=tmp_path).code == 2


def hints(out: str) -> list[list[str]]:
    """The commands that the demo ends with, each as it is split by a shell."""
    return [shlex.split(line.partition(":  ")[2]) for line in out.splitlines() if ":  " in line]


def test_the_demo_works_beside_a_table_and_so_do_its_hints(tmp_path: Path) -> None:
    write_table(tmp_path)
    result = evcli("demo", "my demo", cwd=tmp_path, env={"LANG": "en_US.UTF-8"})
    assert (result.code, result.err) == (0, "")
    enter, *commands = hints(result.out)
    assert enter == ["cd", "my demo"]
    assert [command[:2] for command in commands] == [["evcli", name] for name in ("check", "pack", "verify", "rules")]
    assert [evcli(*command[1:], cwd=tmp_path / "my demo").code for command in commands] == [1, 1, 0, 0]


def test_the_hints_name_the_workspace_where_a_variable_names_another(workspace: Path, tmp_path: Path) -> None:
    env = {"LANG": "en_US.UTF-8", "EVCLI_WORKSPACE": str(workspace)}
    result = evcli("demo", "my demo", cwd=tmp_path, env=env)
    assert (result.code, result.err) == (0, "")
    commands = hints(result.out)
    assert [command[1] for command in commands] == ["check", "pack", "verify", "rules"]
    assert [evcli(*command[1:], cwd=tmp_path, env=env).code for command in commands] == [1, 1, 0, 0]


@pytest.mark.parametrize("table", ["good", "wrong"])
def test_no_demo_is_made_inside_a_workspace_in_use(table: str, workspace: Path) -> None:
    if table == "wrong":
        (workspace / "config/indicators.yaml").write_text("version: 7\n", encoding="utf-8")
    for cwd, arguments in ((workspace, []), (workspace / "指标", ["a/b"]), (workspace.parent, [workspace / "练习"])):
        result = evcli("demo", *arguments, cwd=cwd)
        assert (result.code, result.out) == (2, "")
        assert f"{workspace} 是正在使用的工作区" in result.err
    assert sorted(path.name for path in workspace.iterdir()) == ["config", "指标"]
    assert evcli("demo", "../练习", cwd=workspace).code == 0

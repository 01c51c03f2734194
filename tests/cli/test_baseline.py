"""`check --baseline`: only what changed since an earlier report, and never another verdict."""

import json
from pathlib import Path

import pytest
from running import evcli

from support.workspace import QUESTIONS


def run(root: Path, baseline: Path, *arguments: str) -> tuple[int, list[str], str]:
    """Exit code, the lines of the report, and its line of changes."""
    result = evcli("check", "--baseline", baseline, "--report", f"json={baseline}", *arguments, cwd=root)
    lines = result.out.splitlines()
    [changes] = [line for line in lines if line.startswith("与上次相比")]
    return result.code, lines, changes


def test_only_what_changed_is_shown(graded: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "报告.json"
    first = run(graded, baseline)
    assert (first[0], first[2]) == (1, "与上次相比：新增 3，已改好 0，未变 0。")
    again = run(graded, baseline)
    assert (again[0], again[2]) == (1, "与上次相比：新增 0，已改好 0，未变 3。")
    assert not any("E1" in line or "E2" in line for line in again[1])
    junk = graded / QUESTIONS["1.2-01"] / "Thumbs.db"
    junk.rename(graded / QUESTIONS["1.1-02"] / "Thumbs.db")
    moved = run(graded, baseline)
    assert (moved[0], moved[2]) == (1, "与上次相比：新增 1，已改好 1，未变 2。")
    assert f"已改好 E205 {QUESTIONS['1.2-01']}/Thumbs.db" in moved[1]
    assert [line.strip() for line in moved[1] if line.startswith("  ") and "E" in line] == ["提示 E205 Thumbs.db"]


def test_a_quiet_check_says_nothing_where_nothing_changed(graded: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "报告.json"
    asked = ("check", "-q", "--baseline", baseline, "--report", f"json={baseline}")
    assert evcli(*asked, cwd=graded).out != ""
    again = evcli(*asked, "--report", f"text={tmp_path / '全部.txt'}", cwd=graded)
    assert (again.code, again.out, again.err) == (1, "", "")
    assert "E103" in (tmp_path / "全部.txt").read_text(encoding="utf-8")
    (graded / QUESTIONS["1.2-01"] / "Thumbs.db").unlink()
    fixed = evcli(*asked, cwd=graded)
    assert (fixed.code, fixed.err) == (1, "")
    assert "已改好 E205" in fixed.out


def test_a_report_of_another_evaluation_tells_nothing(graded: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "报告.json"
    run(graded, baseline)
    document = json.loads(baseline.read_bytes())
    baseline.write_text(json.dumps(document | {"evaluation": "2020-zwfw"}), encoding="utf-8")
    result = evcli("check", "--baseline", baseline, cwd=graded)
    assert result.err == f"上次的报告 {baseline} 是另一次评价（2020-zwfw）的，全部按新增显示。\n"
    assert "新增 3，已改好 0，未变 0。" in result.out


def test_a_question_that_was_not_asked_for_is_not_fixed(graded: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "报告.json"
    run(graded, baseline)
    assert run(graded, baseline, "1.2")[2] == "与上次相比：新增 0，已改好 0，未变 1。"


def test_without_an_earlier_report_everything_is_new_and_a_note_says_so(graded: Path, tmp_path: Path) -> None:
    result = evcli("check", "--baseline", tmp_path / "没有.json", cwd=graded)
    assert result.code == 1
    assert result.err == f"还没有上次的报告 {tmp_path / '没有.json'}，全部按新增显示。\n"
    assert "E103" in result.out


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b'{"schema": "evcli.report/1", "findings": [1]}', b"\xff", b"[" * 100_000],
    ids=range(7),
)
def test_what_is_no_report_is_two(content: bytes, graded: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "x.json"
    baseline.write_bytes(content)
    result = evcli("check", "--baseline", baseline, cwd=graded)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"evcli: {baseline} 不是 evcli 的 JSON 报告。")
    assert baseline.read_bytes() == content


def test_other_formats_stay_whole(graded: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "报告.json"
    run(graded, baseline)
    whole = evcli("check", "--format", "json", cwd=graded).report["findings"]
    assert evcli("check", "--format", "json", "--baseline", baseline, cwd=graded).report["findings"] == whole
    assert json.loads(baseline.read_bytes())["findings"] == whole


def test_names_that_are_no_unicode_stay_the_same_finding(graded: Path, tmp_path: Path) -> None:
    name = bytes(graded / QUESTIONS["1.1-02"] / "佐证材料/01-政策文件") + b"/\xd5\xfe.txt"
    with open(name, "wb") as stream:  # noqa: PTH123 - a name in bytes
        stream.write("办理事项".encode())
    baseline = tmp_path / "报告.json"
    run(graded, baseline)
    assert run(graded, baseline)[2].startswith("与上次相比：新增 0，已改好 0，")


def test_a_report_that_cannot_be_written_leaves_the_earlier_one(graded: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "报告.json"
    run(graded, baseline)
    before = baseline.read_bytes()
    missing = tmp_path / "没有" / "报告.xml"
    asked = ["--report", f"junit={missing}", "--report", f"json={baseline}"]
    assert evcli("check", "--baseline", baseline, *asked, cwd=graded).code == 3
    assert json.loads(baseline.read_bytes())["findings"] == json.loads(before)["findings"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != "") == ["报告.json"]

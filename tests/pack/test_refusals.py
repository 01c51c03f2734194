"""What is not packed, and that it says why: findings, impossible questions, limits."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.making import package as making
from evidence_cli.messages import LANGUAGES, words
from evidence_cli.vocabulary.outcomes import PackResult
from evidence_cli.vocabulary.progress import Progress
from support.packing import command, names, outcomes, pack, shelf
from support.workspace import PACKAGES, QUESTIONS, build, write_table

CODE = "1.1-01"
NAME = PACKAGES[CODE].rpartition("/")[2]


def only(root: Path) -> PackResult:
    [result] = pack(root, CODE).results
    return result


def waived(rule: str, **more: Any) -> dict[str, Any]:
    return {"waivers": [{"rule": rule, "question": CODE, "reason": "盖章后补", "by": "副组长", **more}]}


def test_a_failing_question_keeps_its_old_package_and_the_others_are_packed(packed: Path) -> None:
    before = shelf(packed)
    (packed / QUESTIONS[CODE] / "答案.docx").unlink()
    (packed / PACKAGES["1.1-02"]).unlink()
    report = pack(packed)
    assert outcomes(report) == {CODE: "refused", "1.1-02": "packed", "1.2-01": "current"}
    assert [(e.code, e.path) for e in report.results[0].errors] == [("E103", QUESTIONS[CODE])]
    assert (report.refused, report.failed, report.results[0].failure) == (True, False, None)
    assert [(q.passed, q.package) for q in report.report.questions] == [
        (False, "stale"), (True, "current"), (True, "current"),
    ]  # fmt: skip
    assert shelf(packed) == before
    done = command("pack", "--lang", "zh", cwd=packed)
    assert done.returncode == 1
    assert "E103" in done.stdout


def test_warnings_do_not_block(clean: Path) -> None:
    folder = clean / QUESTIONS[CODE]
    shutil.copy(folder / "佐证材料/04-网站截图/01-清单页面.png", folder / "佐证材料/04-网站截图/03-同样.png")
    (folder / "佐证材料/说明.txt").write_text("说明文字，不在任何类别里。", encoding="utf-8")
    assert outcomes(pack(clean, CODE)) == {CODE: "packed"}


@pytest.mark.parametrize(
    "table",
    [waived("E302"), waived("E302", path="佐证材料/01-政策文件/*.png"), {"rules": {"severity": {"E302": "warning"}}},
     {"rules": {"severity": {"E302": "off"}}}],
    ids=["waived", "waived by path", "warning", "off"],
)  # fmt: skip
def test_an_error_that_does_not_count_does_not_block(tmp_path: Path, table: dict[str, Any]) -> None:
    root = build(tmp_path, table)
    policy = root / QUESTIONS[CODE] / "佐证材料/01-政策文件/03-表.png"
    (root / QUESTIONS["1.1-02"] / "佐证材料/03-流程图/01-归集流程.xlsx").rename(policy.with_suffix(".xlsx"))
    if "path" in str(table):
        assert only(root).outcome == "refused"
        policy.with_suffix(".xlsx").rename(policy)
        assert [error.code for error in only(root).errors] == ["E303"]
    else:
        assert only(root).outcome == "packed"


def no_answer(root: Path) -> None:
    (root / QUESTIONS[CODE] / "答案.docx").unlink()


def two_answers(root: Path) -> None:
    (root / QUESTIONS[CODE] / "答案（修改）.txt").write_text("这是另一份答案，内容也足够长。", encoding="utf-8")


def no_evidence(root: Path) -> None:
    shutil.rmtree(root / QUESTIONS[CODE] / "佐证材料")


def no_folder(root: Path) -> None:
    shutil.rmtree(root / QUESTIONS[CODE])


def two_folders(root: Path) -> None:
    (root / QUESTIONS[CODE]).with_name("1.1-01-副本").mkdir()


def test_more_files_than_a_package_may_hold(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = len(names(packed / PACKAGES[CODE])) - 3
    monkeypatch.setattr(making, "MOST_FILES", held)
    assert only(packed).outcome == "current"
    monkeypatch.setattr(making, "MOST_FILES", held - 1)
    result = only(packed)
    assert result.outcome == "refused"
    assert result.failure is not None
    assert (result.failure.key, result.failure.params) == ("unpackable_count", {"count": held, "maximum": held - 1})
    for language in LANGUAGES:
        assert str(held) in words(language).text("error.unpackable_count", **result.failure.params)


@pytest.mark.parametrize("by", ["waiver", "off"])
@pytest.mark.parametrize(
    ("rule", "make", "reason"),
    [
        ("E103", no_answer, ("unpackable_answer", {"count": 0})),
        ("E104", two_answers, ("unpackable_answer", {"count": 2})),
        ("E105", no_evidence, ("unpackable_evidence", {})),
        ("E101", no_folder, ("unpackable_folder", {})),
        ("E102", two_folders, ("unpackable_folder", {})),
    ],
)
def test_what_is_not_there_cannot_be_packed_whatever_the_table_says(
    packed: Path, rule: str, make: Callable[[Path], None], reason: tuple[str, dict[str, Any]], by: str
) -> None:
    write_table(packed, waived(rule) if by == "waiver" else {"rules": {"severity": {rule: "off"}}})
    make(packed)
    before = shelf(packed)
    result = only(packed)
    assert (result.outcome, result.errors) == ("refused", ())
    assert result.failure is not None
    assert (result.failure.key, result.failure.params) == reason
    done = command("pack", CODE, "--lang", "zh", cwd=packed)
    assert (done.returncode, done.stderr) == (1, "")
    assert words("zh").text(f"error.{reason[0]}", **reason[1])[:12] in done.stdout
    assert shelf(packed) == before


def test_a_blocked_question_says_so(packed: Path) -> None:
    folder = packed / "指标/1.1-事项梳理"
    folder.with_name("1.1-另一个").mkdir()
    report = pack(packed)
    assert outcomes(report) == {CODE: "refused", "1.1-02": "refused", "1.2-01": "current"}
    assert [r.failure and r.failure.key for r in report.results] == ["unpackable_blocked", "unpackable_blocked", None]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize(
    "name", ["03-a\\b.png", "03-a\nb.png", os.fsdecode(b"03-\xff.png")], ids=["backslash", "line break", "no text"]
)
def test_a_name_that_no_package_can_hold(tmp_path: Path, name: str) -> None:
    root = build(tmp_path, {"rules": {"severity": {"E201": "warning", "E209": "warning", "E210": "warning"}}})
    folder = root / QUESTIONS[CODE] / "佐证材料/04-网站截图"
    try:
        shutil.copy(root / QUESTIONS["1.2-01"] / "佐证材料/03-流程图/01-办理流程.png", folder / name)
    except OSError as error:
        pytest.skip(f"this file system refuses the name: {error}")
    result = only(root)
    assert (result.outcome, result.failure and result.failure.key) == ("refused", "unpackable_name")
    assert shelf(root) == {}
    assert command("pack", CODE, cwd=root).returncode == 1


def test_twins_that_were_waived_cannot_be_packed_under_one_name(tmp_path: Path) -> None:
    root = build(tmp_path, waived("E204"))
    folder = root / QUESTIONS[CODE] / "佐证材料/04-网站截图"
    data = (root / QUESTIONS["1.2-01"] / "佐证材料/03-流程图/01-办理流程.png").read_bytes()
    for name in ("03-e\u0301.png", "03-\u00e9.png"):
        (folder / name).write_bytes(data)
    if len(list(folder.iterdir())) < 4:
        pytest.skip("this file system takes both names for one")
    failure = only(root).failure
    assert failure is not None
    assert failure.key == "unpackable_name"


def test_a_package_over_its_limit_is_refused_and_not_left_behind(packed: Path) -> None:
    before = shelf(packed)
    size = (packed / PACKAGES[CODE]).stat().st_size
    write_table(packed, {"defaults": {"package": {"max_size": "1kB"}}})
    (packed / PACKAGES["1.1-02"]).unlink()
    report = pack(packed, CODE, "1.1-02")
    assert outcomes(report) == {CODE: "refused", "1.1-02": "refused"}
    [error] = report.results[0].errors
    assert (error.code, error.path, error.question) == ("E511", PACKAGES[CODE], CODE)
    assert error.params == {"size": size, "maximum": 1000}
    assert (report.refused, report.failed) == (True, False)
    before.pop(PACKAGES["1.1-02"].rpartition("/")[2])
    assert shelf(packed) == before
    assert command("pack", cwd=packed).returncode == 1
    assert shelf(packed) == before


@pytest.mark.parametrize(
    "table", [waived("E511"), {"rules": {"severity": {"E511": "warning"}}}], ids=["waived", "warning"]
)
def test_a_limit_that_does_not_count_does_not_refuse(packed: Path, table: dict[str, Any]) -> None:
    right = shelf(packed)[NAME]
    write_table(packed, {"defaults": {"package": {"max_size": "1kB"}}, **table})
    (packed / PACKAGES[CODE]).unlink()
    assert only(packed).outcome == "packed"
    assert shelf(packed)[NAME] == right
    assert [str(f.code) for f in evidence_cli.check(packed, [CODE]).findings if f.question == CODE] == ["E511"]


class Bar(Progress):
    """Adds up."""

    def __init__(self) -> None:
        self.stages: dict[str, list[int]] = {}
        self.now = ""

    def begin(self, stage: str, total: int) -> None:
        self.now = stage
        self.stages[stage] = [total, 0]

    def advance(self, amount: int) -> None:
        assert amount >= 0
        self.stages[self.now][1] += amount


def test_progress_adds_up(clean: Path) -> None:
    bar = Bar()
    report = pack(clean, progress=bar, jobs=1)
    assert list(bar.stages) == ["look", "compare", "pack"]
    assert bar.stages["look"] == [14, 14]
    assert bar.stages["compare"] == [3, 3]
    assert bar.stages["pack"] == [sum(result.bytes for result in report.results)] * 2
    again = Bar()
    pack(clean, progress=again)
    assert "pack" not in again.stages


def test_progress_adds_up_when_a_question_fails(clean: Path) -> None:
    bar = Bar()
    (clean / PACKAGES[CODE]).mkdir(parents=True)
    report = pack(clean, progress=bar, jobs=1)
    assert outcomes(report)[CODE] == "failed"
    assert bar.stages["pack"] == [sum(result.bytes for result in report.results)] * 2

"""What `init` makes for contributions, and that a check sees what became of it although its report was kept."""

import io
import json
import os
from pathlib import Path

import openpyxl
import pytest
from contributing import DUE, FINANCE, FOLDER, LATE, NOW, POLICIES, SUMMARY, TAXES, prepare, put

import evidence_cli
from evidence_cli.cli.main import run
from evidence_cli.jobs.recall import recall
from support import forms
from support.workspace import FIRST, write_table


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_folder_for_each_unit_with_note_and_form(workspace: Path) -> None:
    before = set(tree(workspace))
    free = {"id": "free", "title": "做法: 报送?", "indicator": "1.2", "units": ["CON", "某/局", "b. "]}
    prepare(workspace, [POLICIES, free])
    second = "指标/1.2-网上办理/汇总报送/01-做法- 报送"
    made = {path for path in set(tree(workspace)) - before if "汇总报送" in path}
    assert made == {
        f"{FOLDER}/填报说明.txt",
        f"{FINANCE}/惠企政策.xlsx",
        f"{TAXES}/惠企政策.xlsx",
        f"{second}/填报说明.txt",
    }
    assert sorted(path.name for path in (workspace / second).iterdir() if path.is_dir()) == ["_CON", "b", "某-局"]
    assert (workspace / FINANCE / "惠企政策.xlsx").read_bytes() == forms.empty()
    note = (workspace / FOLDER / "填报说明.txt").read_text("utf-8-sig")
    assert all(part in note for part in ("惠企政策", "市财政局", "市税务局", f"{DUE:%Y-%m-%d %H:%M}", "惠企政策.xlsx"))
    assert evidence_cli.check(workspace, now=NOW, jobs=1).findings == ()


def test_again_nothing_is_made_or_changed(workspace: Path) -> None:
    assert run(["init", "-w", str(prepare(workspace)), "-q"]) == 0
    put(workspace, f"{FINANCE}/惠企政策.xlsx", b"what somebody wrote")
    (workspace / TAXES / "惠企政策.xlsx").rename(workspace / TAXES / "税务.xlsx")
    before = tree(workspace)
    assert run(["init", "-w", str(workspace), "-q"]) == 0
    assert tree(workspace) == before


def test_a_changed_table_is_told_by_the_note(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(workspace)
    write_table(workspace, {"contributions": [POLICIES | {"collect": "另有要求"}]})
    assert run(["init", "-w", str(workspace), "--no-color"]) == 0
    assert f"{FOLDER}/填报说明.txt" in capsys.readouterr().out.replace("\n  ", "")


def test_the_form_is_for_people() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(forms.empty())).active
    assert [sheet.cell(2, column).value for column in range(1, 7)] == list(forms.HEADINGS)
    assert (sheet.freeze_panes, sheet.max_row) == ("A3", 32)
    assert all(sheet.column_dimensions[letter].width >= 14 for letter in "ABCDEF")
    rules = {str(rule.sqref): (rule.type, rule.formula1) for rule in sheet.data_validations.dataValidation}
    assert rules == {"D3:E5000": ("whole", "0"), "F3:F5000": ("decimal", "0")}
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_kept_report_sees_a_changed_form(workspace: Path, own_cache: Path) -> None:
    prepare(workspace)
    for path in [*workspace.rglob("*")]:
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    put(workspace, f"{FINANCE}/惠企政策.xlsx", forms.filled([["补贴", "", "", 10, 5, 50]]))

    def kept() -> bool:
        return recall(workspace, now=NOW) is not None

    assert evidence_cli.check(workspace, now=NOW, jobs=1).findings == ()
    assert kept()
    # Before the due time the report holds, after it another one is right.
    assert recall(workspace, now=DUE) is not None
    assert recall(workspace, now=LATE) is None
    put(workspace, f"{FINANCE}/惠企政策.xlsx", forms.filled([["补贴", "", "", 10, 11, ""]]))
    assert not kept()
    [finding] = evidence_cli.check(workspace, now=NOW, jobs=1).findings
    assert finding.code.value == "E609"
    assert kept()
    put(workspace, f"{TAXES}/附件/a.txt", b"x")
    assert not kept()
    evidence_cli.check(workspace, now=NOW, jobs=1)
    (workspace / FIRST / "汇总报送").rename(workspace / "away")
    assert not kept()


def test_every_format_of_status_lists_what_is_open(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(workspace)
    put(workspace, f"{FINANCE}/a.csv", forms.as_csv([["补贴", "", "", 10, 11, ""]]))
    shown = {}
    for name in ("text", "json", "csv", "markdown"):
        where = ["-w", str(workspace), "--lang", "zh", "--no-color"]
        assert run(["status", "--format", name, "--now", LATE.isoformat(), *where]) == 0
        shown[name] = capsys.readouterr().out
    shown["markdown"] = shown["markdown"].replace("\\", "")
    document = json.loads(shown["json"])
    assert [(row["unit"], row["state"], row["late"], row["due"]) for row in document["contributions"]] == [
        ("市财政局", "faulty", True, DUE.isoformat()),
        ("市税务局", "missing", True, DUE.isoformat()),
    ]
    assert [finding["code"] for finding in document["findings"]] == ["E609"]
    assert f"policies,惠企政策,1.1,市税务局,,未报送,,{DUE:%Y-%m-%d %H:%M},{TAXES}" in shown["csv"]
    assert f"- 市税务局：惠企政策（1.1），未报送，已过截止时间 {DUE:%m-%d %H:%M}" in shown["markdown"]
    assert all("汇总报送：共 2 份，未报送 1、有错误 1。" in shown[name] for name in ("text", "markdown"))
    assert "E2 已享受多于应享受（11）" in shown["text"].replace("\n      ", "")


def test_a_summary_is_no_stray(workspace: Path) -> None:
    evidence_cli.collect(prepare(workspace), "policies", now=NOW, jobs=1)
    assert (workspace / SUMMARY).is_file()
    assert evidence_cli.check(workspace, now=NOW, jobs=1).findings == ()

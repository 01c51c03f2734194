"""`evcli archive` and `evcli verify` of an archive on the command line: words, streams and exit codes."""

import json
from pathlib import Path

import pytest

from evidence_cli.cli.main import run
from support.golden import perform
from support.workspace import NOW, build


def evcli(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def order(root: Path, target: Path, *more: str) -> list[str | Path]:
    return ["archive", target, "-w", root, "--by", "指标联络员", "--now", NOW.isoformat(), *more]


def test_it_is_made_and_verified(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check = json.loads((workspace / ".evcli/submission.json").read_bytes())["check"]
    code, out, err = evcli(capsys, *order(workspace, tmp_path / "归档", "--result", "virus=passed：没有发现病毒"))
    assert (code, err) == (0, "")
    assert "归档已完成" in out
    assert f"校验码：{check}" in out
    assert "草稿" not in out
    assert "没有发现病毒" in (tmp_path / "归档/data/其他/四性检测报告.html").read_text(encoding="utf-8")
    code, out, err = evcli(capsys, "verify", tmp_path / "归档", "--format", "json")
    assert (code, err, json.loads(out)["findings"]) == (0, "", [])
    (tmp_path / "归档/data/说明文件.TXT").write_bytes(b"")
    code, out, _ = evcli(capsys, "verify", tmp_path / "归档", "--lang", "en")
    assert code == 1
    assert "E703" in out


def test_a_draft_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = build(tmp_path / "w")
    perform(root, [{"pack": ["1.1-01"]}])
    code, out, err = evcli(capsys, *order(root, tmp_path / "归档", "--draft", "--lang", "en"))
    assert (code, err) == (0, "")
    assert "1.2-01 在线办理" in out
    assert "2 questions have no current package" in out
    assert "This is a draft" in out


@pytest.mark.parametrize("language", ["zh", "en"])
def test_refusals_have_words_and_exit_codes(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    lang = ("--lang", language)
    assert evcli(capsys, *order(workspace, tmp_path / "归档", "--draft", *lang))[0] == 1
    assert evcli(capsys, *order(workspace, workspace / "报送/归档", *lang))[0] == 2
    assert evcli(capsys, *order(workspace, workspace, *lang))[0] == 2
    assert evcli(capsys, *order(workspace, tmp_path / "归档", "--result", "virus=maybe", *lang))[0] == 2
    assert evcli(capsys, *order(workspace, tmp_path / "归档", "--result", "disk=passed", *lang))[0] == 2
    assert evcli(capsys, "archive", "-w", workspace, *lang)[0] == 2
    perform(workspace, [{"patch": "<1.1-01.zip>"}])
    code, out, err = evcli(capsys, *order(workspace, tmp_path / "归档", *lang))
    assert (code, out) == (1, "")
    assert "报送/1.1-01-事项清单.zip" in err
    assert not (tmp_path / "归档").exists()


def test_receive_takes_no_archive(workspace: Path, bag: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = evcli(capsys, "receive", bag, "-w", workspace)
    assert (code, out) == (2, "")


def test_packages_inside_an_archive_are_verified_as_packages(
    bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = evcli(capsys, "verify", bag, bag / "data/其他/压缩包", "--format", "json")
    assert (code, [one["code"] for one in json.loads(out)["questions"]]) == (0, ["", "1.1-01", "1.1-02", "1.2-01"])

"""The pages that evcli writes, in a real browser: what is shown is text, and nothing runs that came with it."""

import shutil
import subprocess
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.messages import words
from evidence_cli.reporters.sheet.html import render
from support.workspace import NOW, QUESTIONS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = "</textarea><script>document.title='错'</script><img src=x onerror=\"document.title='错'\">"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def shown(page: Path, profile: Path) -> str:
    """What a browser makes of a page, after its scripts ran."""
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(f"--user-data-dir={profile}", "--dump-dom", page.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=True)
    return done.stdout


def test_the_entry_sheet_shows_answers_as_text(workspace: Path, tmp_path: Path) -> None:
    folder = workspace / QUESTIONS["1.1-01"]
    (folder / "答案.docx").unlink()
    (folder / "答案.txt").write_text(f"第一行的答案，写明做法。\n{HOSTILE}\n第三行。", encoding="utf-8")
    evidence_cli.pack(workspace, ["1.1-01"], now=NOW, jobs=1)
    sheet = evidence_cli.sheet(workspace, ["1.1-01"], now=NOW, jobs=1)
    page = tmp_path / "清单.html"
    page.write_text(render(sheet, words("zh"), 80, False), encoding="utf-8")
    document = shown(page, tmp_path / "profile")
    assert "<title>录入清单：测试评价</title>" in document
    [box] = document.split("<textarea")[1:]
    text = box.partition(">")[2].partition("</textarea>")[0]
    assert text.replace("&lt;", "<").replace("&gt;", ">").split("\n") == [
        "第一行的答案，写明做法。",
        HOSTILE,
        "第三行。",
    ]
    assert document.count("<script>") == 1
    assert "<img" not in document


def test_the_report_on_the_four_aspects_opens(workspace: Path, tmp_path: Path) -> None:
    evidence_cli.pack(workspace, now=NOW, jobs=1)
    given = {"virus": (True, "<b>未发现病毒</b>")}
    evidence_cli.archive(tmp_path / "归档", workspace, draft=True, results=given, now=NOW, jobs=1)
    [page] = (tmp_path / "归档").rglob("四性检测报告.html")
    document = shown(page, tmp_path / "profile")
    assert "真实性" in document
    assert "&lt;b&gt;未发现病毒" in document
    assert "<b>未发现病毒" not in document

"""Small packages of very many entries, or that speak of very many: what is said of them, and what that may take."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.examine import package as examining
from evidence_cli.looks.packages.zip_directory import MAX_ENTRIES
from evidence_cli.messages import words
from evidence_cli.reporters import text
from evidence_cli.rules import structure
from evidence_cli.schema import view
from evidence_cli.vocabulary import names
from evidence_cli.vocabulary.findings import Report
from support import raw_zip
from support.packing import environment
from support.raw_zip import member
from support.workspace import NOW

ANSWER = member("答案.txt", "这是一个足够长的答案，用来回答问题。".encode())
SHELF = "佐证材料/01-政策文件"


def verified(folder: Path, members: Iterator[dict[str, object]]) -> Report:
    package = raw_zip.write(folder / "1.1-01-x.zip", ANSWER, *members)
    return evidence_cli.verify([package], now=NOW, jobs=2)


def codes(report: Report) -> list[str]:
    return [str(finding.code) for finding in report.findings]


def test_a_name_that_is_there_a_thousand_times_is_one_mistake(tmp_path: Path) -> None:
    report = verified(tmp_path, (member(f"{SHELF}/a.pdf") for _ in range(1000)))
    assert [(str(f.code), f.path[-5:], f.params) for f in report.findings if f.code == "E507"] == [
        ("E507", "a.pdf", {"reason": "duplicate"})
    ]


def test_missing_numbers_are_told_as_ranges_and_twins_are_looked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    twin_files = structure.twin_files
    monkeypatch.setattr(structure, "twin_files", lambda subject: asked.append(subject) or twin_files(subject))
    report = verified(tmp_path, (member(f"{SHELF}/{n:03}/{k}-x.pdf", b"") for n in range(300) for k in (2, 5, 999)))
    gaps = [finding.params for finding in report.findings if finding.code == "E112"]
    assert gaps == [{"reason": "gap", "missing": ["1", "3", "4", "6-998"], "repeated": []}] * 300
    assert len(asked) == 1


def test_only_some_strange_folders_are_compared_with_the_missing_categories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    resembles = names.resembles
    monkeypatch.setattr(view, "resembles", lambda name, folder: compared.append(name) or resembles(name, folder))
    verified(tmp_path, (member(f"佐证材料/别的{n:04}/a.pdf", b"") for n in range(1000)))
    assert len(set(compared)) == 200


def test_the_text_report_lists_a_thousand_findings_the_gravest_first(tmp_path: Path) -> None:
    report = verified(tmp_path, (member(f"{SHELF}/&{n:04}.pdf", b"") for n in range(1200)))
    assert (codes(report).count("E301"), codes(report).count("E203")) == (1200, 1200)
    for language, more in (("en", "1401 more findings are not listed"), ("zh", "另有 1401 条没有在这里列出")):
        page = text.render(report, words(language), lambda _: True, 120)
        assert (page.count(" E301 "), page.count(" E203 "), page.count(more)) == (1000, 0, 1)


def test_small_entries_are_passed_on_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    handed: list[int] = []
    in_parallel = examining.in_parallel

    def listening(work: object, items: list[object], jobs: int) -> object:
        handed.append(len(items))
        return in_parallel(work, items, jobs)  # type: ignore[arg-type, type-var]

    monkeypatch.setattr(examining, "in_parallel", listening)
    verified(tmp_path, (member(f"{SHELF}/{n:04}.pdf", b"") for n in range(639)))
    assert handed == [10]
    verified(tmp_path, (member(f"{SHELF}/{n}.pdf", bytes(600_000)) for n in range(4)))
    assert handed[1:] == [3]


_MEASURED = """
import re, sys
from pathlib import Path
import evidence_cli
report = evidence_cli.verify([sys.argv[1]], jobs=2)
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(*sorted({str(f.code) for f in report.findings}), len(report.findings), peak)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.parametrize(
    ("members", "said"),
    [
        (lambda: (member(f"佐证材料/{n:05}?.pdf", b"") for n in range(MAX_ENTRIES - 1)), "E201 E301 E515 39999"),
        (lambda: (member(f"{SHELF}/{n:05}/a/a/a/a/a/a/a/a.pdf", b"") for n in range(MAX_ENTRIES - 1)), "E509 1"),
        (lambda: [member("package.json", b"[" + b"1," * 31_000_000 + b"1]", deflate=True)], "E505 1"),
        (lambda: [member("manifest-sha256.txt", "😀".encode() + b"a" * 60_000_000, deflate=True)], "E505 E515 2"),
    ],
    ids=["loose", "folders", "record", "manifest"],
)
def test_what_the_most_entries_take(tmp_path: Path, members: object, said: str) -> None:
    package = raw_zip.write(tmp_path / "1.1-01-x.zip", ANSWER, *members())  # type: ignore[operator]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(package)], env=environment(), capture_output=True, text=True, check=False
    )
    found, _, kilobytes = done.stdout.rpartition(" ")
    assert found == said, done.stderr
    assert int(kilobytes) < 150_000

"""Receiving packages that others made: what is right is filed, what is wrong stays, nothing is lost."""

import json
import os
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.vocabulary.errors import EnvironmentFailure, UsageError
from evidence_cli.vocabulary.outcomes import ReceiveReport
from support import zips
from support.packing import command, pack, shelf
from support.workspace import NOW, PACKAGES, QUESTIONS, build, write_table

CODE = "1.1-01"
NAME = PACKAGES[CODE].rpartition("/")[2]
links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


@pytest.fixture
def delivered(packed_once: Path, tmp_path: Path) -> Path:
    """A folder with the packages of all questions, as somebody sent them."""
    return Path(shutil.copytree(packed_once / "报送", tmp_path / "收件"))


def receive(root: Path, *paths: Path, **options: Any) -> ReceiveReport:
    return evidence_cli.receive(paths, root, now=NOW, **options)


def outcomes(report: ReceiveReport) -> dict[str, str]:
    """What became of each delivered file."""
    return {Path(result.question.path or "").name: str(result.outcome) for result in report.results}


def failures(report: ReceiveReport) -> list[str | None]:
    return [result.failure.key if result.failure else None for result in report.results]


def codes(report: ReceiveReport) -> list[list[str]]:
    return [[finding.code.value for finding in result.errors] for result in report.results]


def states(root: Path) -> dict[Path, tuple[int, ...]]:
    """What would show that something was written, of every file and folder."""
    found = {path: path.stat() for path in root.rglob("*")}
    return {path: (status.st_ino, status.st_size, status.st_mtime_ns) for path, status in found.items()}


def records(root: Path) -> list[dict[str, Any]]:
    folder = root / ".evcli/records"
    return [json.loads(path.read_bytes()) for path in sorted(folder.iterdir())] if folder.exists() else []


def edited(package: Path) -> Path:
    """The package of the same question from a folder in which the answer is another one."""
    other = build(package.parent / "别处")
    (other / QUESTIONS[CODE] / "答案.docx").unlink()
    (other / QUESTIONS[CODE] / "答案.txt").write_text("另一份答案，说明清单已经梳理并且公布。" * 3, encoding="utf-8")
    assert not pack(other, CODE).refused
    shutil.copy(other / PACKAGES[CODE], package)
    shutil.rmtree(other)
    return package


def test_right_packages_are_filed_byte_for_byte_and_stay_where_they_were(clean: Path, delivered: Path) -> None:
    sent = sorted(delivered.iterdir())
    before = {path.name: path.read_bytes() for path in sent}
    report = receive(clean, *sent, unit="市行政审批服务局")
    assert outcomes(report) == {path.name: "received" for path in sent}
    assert shelf(clean) == before
    assert {path.name: path.read_bytes() for path in delivered.iterdir()} == before
    assert [(one["action"], one["question"], one["by"], one["time"]) for one in records(clean)] == [
        ("receive", code, "市行政审批服务局", "2026-06-01T12:00:00+08:00") for code in QUESTIONS
    ]
    assert {one["digest"] for one in records(clean)} == {result.digest for result in report.results}
    assert evidence_cli.check(clean, packages=True, now=NOW).findings == ()


def test_the_same_once_more_changes_nothing(clean: Path, delivered: Path) -> None:
    sent = sorted(delivered.iterdir())
    receive(clean, *sent)
    before = states(clean)
    report = receive(clean, *sent)
    assert set(outcomes(report).values()) == {"current"}
    assert states(clean) == before


def test_another_package_takes_its_place_and_the_old_one_is_kept(packed: Path, delivered: Path) -> None:
    old = (packed / PACKAGES[CODE]).read_bytes()
    sent = edited(delivered / NAME)
    [result] = receive(packed, sent).results
    kept = f"报送/历史/{CODE}-事项清单-1.zip"
    assert (result.outcome, result.kept) == ("received", kept)
    assert (packed / PACKAGES[CODE]).read_bytes() == sent.read_bytes()
    assert (packed / kept).read_bytes() == old
    done = command("receive", sent, "-w", packed, "--lang", "zh")
    assert (done.returncode, "无变化" in done.stdout) == (0, True)


def test_the_report_says_where_the_old_package_is(packed: Path, delivered: Path) -> None:
    done = command("receive", edited(delivered / NAME), "-w", packed, "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert f"{CODE}：原来的压缩包已留存为 报送/历史/{CODE}-事项清单-1.zip" in done.stdout


def test_pack_keeps_what_was_received(packed: Path, delivered: Path) -> None:
    sent = edited(delivered / NAME)
    receive(packed, sent)
    [result] = pack(packed, CODE).results
    kept = f"报送/历史/{CODE}-事项清单-2.zip"
    assert (result.outcome, result.kept) == ("packed", kept)
    assert (packed / kept).read_bytes() == sent.read_bytes()


def test_a_wrong_name_is_put_right(clean: Path, delivered: Path) -> None:
    before = (delivered / NAME).read_bytes()
    sent = (delivered / NAME).rename(delivered / "请查收（最终版）.zip")
    [result] = receive(clean, sent).results
    assert (result.outcome, result.path, result.renamed) == ("received", PACKAGES[CODE], False)
    assert shelf(clean) == {NAME: before}


def test_a_package_among_the_others_under_a_wrong_name_gets_the_right_one(packed: Path) -> None:
    before = shelf(packed)
    wrong = (packed / PACKAGES[CODE]).rename(packed / f"报送/{CODE}-终稿.zip")
    [result] = receive(packed, wrong).results
    assert (result.outcome, result.renamed, result.kept) == ("received", True, None)
    assert shelf(packed) == before


def test_the_folder_of_packages_itself_can_be_received(packed: Path) -> None:
    before = shelf(packed)
    done = command("receive", packed / "报送", "-w", packed, "--lang", "zh")
    assert (done.returncode, "无变化 3" in done.stdout) == (0, True)
    assert shelf(packed) == before


@pytest.mark.parametrize(
    ("how", "codes_said"),
    [
        ({"flip": "佐证材料/01-政策文件/01-清单管理办法.pdf"}, ["E504"]),
        ({"drop": "package.json"}, ["E506"]),
        ({"link": "佐证材料/link.pdf", "to": "/etc/passwd"}, ["E507"]),
    ],
)
def test_a_wrong_package_stays_and_is_named(
    clean: Path, delivered: Path, how: dict[str, Any], codes_said: list[str]
) -> None:
    zips.tamper(delivered / NAME, **how)
    before = (delivered / NAME).read_bytes()
    report = receive(clean, *sorted(delivered.iterdir()))
    assert outcomes(report) == {NAME: "refused"} | {
        path.name: "received" for path in delivered.iterdir() if path.name != NAME
    }
    refused = next(result for result in report.results if result.outcome == "refused")
    assert sorted({finding.code.value for finding in refused.errors}) == codes_said
    assert not (clean / PACKAGES[CODE]).exists()
    assert (delivered / NAME).read_bytes() == before


def test_a_wrong_package_never_replaces_a_right_one(packed: Path, delivered: Path) -> None:
    before = shelf(packed)
    (delivered / NAME).write_bytes((delivered / NAME).read_bytes()[:-30])
    done = command("receive", delivered / NAME, "-w", packed, "--lang", "zh")
    assert (done.returncode, "被拒绝 1" in done.stdout, "E504" in done.stdout) == (1, True, True)
    assert shelf(packed) == before


def test_regrading_does_not_let_a_broken_package_in(packed: Path, delivered: Path) -> None:
    write_table(packed, {"rules": {"severity": {"E504": "info", "E512": "off"}}})
    before = shelf(packed)
    (delivered / NAME).write_bytes((delivered / NAME).read_bytes()[:-30])
    (delivered / PACKAGES["1.2-01"].rpartition("/")[2]).replace(delivered / f"{PACKAGES['1.1-02'].rpartition('/')[2]}")
    report = receive(packed, *sorted(delivered.iterdir()))
    assert failures(report) == ["receive_broken", "receive_other"]
    assert shelf(packed) == before


def test_what_the_question_lacks_refuses_it_as_in_pack(packed: Path, delivered: Path) -> None:
    required = {"indicators": {0: {"children": {0: {"questions": {0: {"evidence": {"required": ["case"]}}}}}}}}
    write_table(packed, required)
    report = receive(packed, delivered / NAME)
    assert (outcomes(report), codes(report)) == ({NAME: "refused"}, [["E107"]])


def test_packages_of_nobody(clean: Path, delivered: Path) -> None:
    other = build(delivered.parent / "去年", {"evaluation": {"id": "test-2098"}})
    pack(other, CODE)
    unknown = shutil.copy(delivered / NAME, delivered.parent / "x.zip")
    zips.tamper(Path(unknown), drop="package.json")
    zips.tamper(Path(unknown), drop="manifest-sha256.txt")
    report = receive(clean, other / PACKAGES[CODE], Path(unknown))
    assert (outcomes(report), codes(report)) == ({NAME: "refused", "x.zip": "refused"}, [["E512"], ["E512"]])
    assert shelf(clean) == {}


def test_two_different_packages_for_one_question_need_a_person(clean: Path, delivered: Path) -> None:
    other = Path(shutil.copy(delivered / NAME, delivered / f"{CODE}-修改.zip"))
    edited(other)
    same = Path(shutil.copy(delivered / PACKAGES["1.2-01"].rpartition("/")[2], delivered / "1.2-01-副本.zip"))
    report = receive(clean, *sorted(delivered.iterdir()))
    assert outcomes(report) == {
        NAME: "refused",
        other.name: "refused",
        PACKAGES["1.1-02"].rpartition("/")[2]: "received",
        same.name: "received",
        PACKAGES["1.2-01"].rpartition("/")[2]: "current",
    }
    assert [key for key in failures(report) if key] == ["receive_rivals"] * 2


def test_the_unit_must_be_one_of_the_table_and_answer_for_the_question(clean: Path, delivered: Path) -> None:
    write_table(clean, {"indicators": {0: {"children": {1: {"unit": "市大数据局"}}}}})
    with pytest.raises(UsageError) as caught:
        receive(clean, delivered / NAME, unit="市大数据")
    assert (caught.value.key, caught.value.params["suggestion"]) == ("unknown_unit_near", "市大数据局")
    report = receive(clean, *sorted(delivered.iterdir()), unit="市大数据局")
    assert list(outcomes(report).values()) == ["refused", "refused", "received"]
    assert failures(report) == ["receive_unit", "receive_unit", None]
    done = command("receive", delivered, "-w", clean, "--from", "局", "--lang", "zh")
    assert (done.returncode, done.stdout) == (2, "")


def test_a_dry_run_writes_nothing(packed: Path, delivered: Path) -> None:
    before = states(packed)
    edited(delivered / NAME)
    (delivered / "坏.zip").write_bytes(b"PK")
    report = receive(packed, *sorted(delivered.iterdir()), dry_run=True)
    assert sorted(outcomes(report).values()) == ["current", "current", "planned", "refused"]
    assert states(packed) == before


def test_a_dry_run_says_what_would_not_change(packed: Path, delivered: Path) -> None:
    (packed / PACKAGES["1.2-01"]).unlink()
    shutil.copy(delivered / PACKAGES["1.2-01"].rpartition("/")[2], delivered / "1.2-01-副本.zip")
    sent = sorted(delivered.iterdir())
    before = states(packed)
    foreseen = receive(packed, *sent, dry_run=True)
    done = command("receive", delivered, "-w", packed, "--dry-run", "--lang", "zh")
    assert (done.returncode, "将接收 1，无变化 3，被拒绝 0。没有写入任何文件。" in done.stdout) == (0, True)
    assert states(packed) == before
    real = receive(packed, *sent)
    assert list(outcomes(real).values()) == ["current", "current", "received", "current"]
    assert [str(one.outcome).replace("planned", "received") for one in foreseen.results] == [*outcomes(real).values()]
    assert [one.size for one in foreseen.results] == [one.size for one in real.results]


def test_rivals_are_named_once(clean: Path, delivered: Path) -> None:
    other = edited(Path(shutil.copy(delivered / NAME, delivered / f"{CODE}-修改.zip")))
    shutil.copy(other, delivered / f"{CODE}-再改.zip")
    done = command("receive", delivered, "-w", clean, "--lang", "zh")
    assert (done.returncode, "被拒绝 3" in done.stdout) == (1, True)
    said = done.stdout.replace("\n", "").replace(" ", "").partition("──")[2]
    assert said.count("请留下正确的一个，再接收一次。") == 1
    assert said.count(f"{NAME}、{CODE}-修改.zip、{CODE}-再改.zip") == 1


def test_rivals_of_one_name_are_told_apart_by_their_folders(clean: Path, delivered: Path) -> None:
    (delivered / "a").mkdir()
    other = edited(Path(shutil.copy(delivered / NAME, delivered / "a" / NAME)))
    report = receive(clean, delivered / NAME, other)
    assert [one.failure.params["names"] for one in report.results if one.failure] == [
        [(delivered / NAME).as_posix(), other.as_posix()]
    ] * 2


def test_a_folder_means_every_archive_in_it(clean: Path, delivered: Path) -> None:
    (delivered / "1.1-01-旧.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")
    (delivered / "说明.txt").write_text("请查收", encoding="utf-8")
    (delivered / f"._{NAME}").write_bytes(b"\0")
    done = command("receive", delivered, "-w", clean, "--lang", "zh")
    assert done.returncode == 1
    assert "已接收 3，重新打包后接收 0，无变化 0，被拒绝 1" in done.stdout
    assert "1.1-01-旧.rar" in done.stdout
    assert "说明.txt" not in done.stdout


@pytest.mark.parametrize("name", ["没有.zip", "空的"])
def test_what_is_not_there_is_a_mistake_of_usage(clean: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "空的").mkdir()
    done = command("receive", tmp_path / name, "-w", clean, "--lang", "zh")
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr


def test_too_large_a_package_is_refused(clean: Path, delivered: Path) -> None:
    write_table(clean, {"defaults": {"package": {"max_size": "1kB"}}})
    report = receive(clean, delivered / NAME)
    assert (outcomes(report), codes(report)) == ({NAME: "refused"}, [["E511"]])


def test_one_that_is_gone_does_not_keep_the_others_away(clean: Path, delivered: Path) -> None:
    gone, *others = sorted(delivered.iterdir())
    gone.unlink()
    report = receive(clean, gone, *others)
    assert list(outcomes(report).values()) == ["failed", "received", "received"]
    assert failures(report) == ["read", None, None]


def test_names_are_found_however_they_are_spelled(clean: Path, delivered: Path) -> None:
    """Where the file system tells them apart, the old spelling is kept and taken away: one package remains."""
    write_table(clean, {"indicators": {0: {"children": {0: {"questions": {0: {"title": "Café清单"}}}}}}})
    receive(clean, delivered / NAME)
    right = clean / f"报送/{CODE}-Café清单.zip"
    old = edited(right.rename(right.with_name(unicodedata.normalize("NFD", right.name).upper())))
    data = old.read_bytes()
    [result] = receive(clean, delivered / NAME).results
    assert result.outcome == "received"
    assert {unicodedata.normalize("NFC", name): content for name, content in shelf(clean).items()} == {
        right.name: (delivered / NAME).read_bytes(),
        f"历史/{unicodedata.normalize('NFC', right.stem).upper()}-1.ZIP": data,
    }


@links
def test_nothing_is_written_through_links(clean: Path, delivered: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (clean / "报送").symlink_to(outside)
    with pytest.raises(EnvironmentFailure) as caught:
        receive(clean, delivered / NAME)
    assert caught.value.key == "leads_out"
    (clean / "报送").unlink()
    (clean / ".evcli").symlink_to(outside)
    done = command("receive", delivered / NAME, "-w", clean, "--lang", "zh")
    assert (done.returncode, list(outside.iterdir())) == (3, [])


def test_a_file_that_changes_meanwhile_is_not_filed(
    clean: Path, delivered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence_cli.jobs.receive import filing

    real = filing.examine_shelved

    def grows(*given: Any) -> Any:
        with (delivered / NAME).open("ab") as stream:
            stream.write(b"more")
        return real(*given)

    monkeypatch.setattr(filing, "examine_shelved", grows)
    report = receive(clean, delivered / NAME)
    assert (outcomes(report), failures(report)) == ({NAME: "refused"}, ["receive_changed"])
    assert shelf(clean) == {}


@pytest.mark.parametrize("there", [True, False], ids=["unchanged", "received"])
def test_what_comes_under_the_wrong_name_meanwhile_stays(
    packed: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """Somebody copies a newer package over the one that is being filed under its right name."""
    from evidence_cli.jobs.receive import filing

    wrong = packed / "报送" / "1.1-01.zip"
    shutil.copy(packed / PACKAGES[CODE], wrong)
    if not there:
        (packed / PACKAGES[CODE]).unlink()
    real = filing._One._record

    def slow(one: Any) -> None:
        real(one)
        wrong.write_bytes(b"newer")

    monkeypatch.setattr(filing._One, "_record", slow)
    [result] = receive(packed, wrong).results
    assert (result.outcome, result.renamed) == ("current" if there else "received", False)
    assert wrong.read_bytes() == b"newer"


def test_who_comes_second_keeps_what_the_first_put_there(
    clean: Path, delivered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run files for the same question after this one has looked: first where there was nothing, then again."""
    from evidence_cli.jobs.receive import filing

    real, quicker = filing.examine_shelved, [b"first", b"second"]

    def slow(*given: Any) -> Any:
        seen = real(*given)
        if quicker:
            (clean / "报送").mkdir(exist_ok=True)
            (clean / PACKAGES[CODE]).write_bytes(quicker.pop(0))
        return seen

    monkeypatch.setattr(filing, "examine_shelved", slow)
    [result] = receive(clean, delivered / NAME).results
    assert result.outcome == "received"
    mine = (delivered / NAME).read_bytes()
    assert (clean / PACKAGES[CODE]).read_bytes() == mine
    kept = [data for name, data in shelf(clean).items() if name.startswith("历史/")]
    assert (result.kept, kept) == (f"报送/历史/{CODE}-事项清单-1.zip", [b"second"])

"""Records: made once, read in the order of what happened, and every change of them seen."""

import json
import os
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from events import CODE, record, written
from hypothesis import given
from hypothesis import strategies as st

import evidence_cli
from evidence_cli.vocabulary.errors import UsageError
from evidence_cli.vocabulary.process import Action
from evidence_cli.workspace.records import (
    RECORDS,
    Damage,
    Event,
    EventRecord,
    in_order,
    read_journal,
    remark,
    signature,
    write_record,
)
from support.workspace import NOW


def files(root: Path) -> list[Path]:
    return sorted((root / RECORDS).iterdir())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    made = [record("receive"), record("approve", minutes=1), record("return", minutes=2)]
    assert [event.record.action for event in written(tmp_path, *made)] == ["receive", "approve", "return"]
    assert read_journal(tmp_path).damages == ()
    assert all("\n" in file.read_text(encoding="utf-8") for file in files(tmp_path))


def test_the_same_event_twice_is_one_file(tmp_path: Path) -> None:
    assert write_record(tmp_path, record("approve")) == write_record(tmp_path, record("approve"))
    assert len(files(tmp_path)) == 1


def test_two_people_at_once_make_two(tmp_path: Path) -> None:
    write_record(tmp_path, record("approve", by="组长"))
    write_record(tmp_path, record("approve", by="副组长"))
    assert len(read_journal(tmp_path).events) == 2


def test_a_clock_that_is_behind_does_not_change_the_order(tmp_path: Path) -> None:
    happened = written(
        tmp_path, record("approve", minutes=30), record("return", minutes=5), record("approve", minutes=31)
    )
    assert [event.record.action for event in happened] == ["approve", "return", "approve"]


@pytest.mark.parametrize("change", ["time", "by", "note", "space", "cut"])
def test_a_record_that_was_changed_does_not_count(tmp_path: Path, change: str) -> None:
    path = write_record(tmp_path, record("approve"))
    text = path.read_text(encoding="utf-8")
    if change == "cut":
        path.write_text(text[:-20], encoding="utf-8")
    elif change == "space":
        path.write_text(text + " ", encoding="utf-8")
    else:
        value = {"time": "2020-01-01T00:00:00Z", "by": "组长", "note": "好"}[change]
        path.write_text(json.dumps(json.loads(text) | {change: value}, ensure_ascii=False), encoding="utf-8")
    shown = f"{RECORDS}/{path.name}"
    seal = path.stem.rpartition("-")[2]
    assert read_journal(tmp_path).damages == (Damage(shown, "seal", CODE, seal),)
    assert read_journal(tmp_path).events == ()


def test_a_record_that_was_renamed_does_not_count(tmp_path: Path) -> None:
    path = write_record(tmp_path, record("return"))
    path.rename(path.with_name(path.name.replace("-return-", "-approve-")))
    assert [(damage.reason, damage.question) for damage in read_journal(tmp_path).damages] == [("name", CODE)]
    [path] = files(tmp_path)
    path.rename(path.with_name("记录.json"))
    assert read_journal(tmp_path).damages == (Damage(f"{RECORDS}/记录.json", "name"),)


def test_one_mistake_is_told_once(tmp_path: Path) -> None:
    written(tmp_path, record("approve"), record("enter", minutes=1))
    first = files(tmp_path)[0]
    first.write_bytes(first.read_bytes() + b" ")
    assert [damage.reason for damage in read_journal(tmp_path).damages] == ["seal"]


def test_what_was_received_under_an_older_name_counts(tmp_path: Path) -> None:
    path = write_record(tmp_path, record("receive"))
    path = path.rename(path.with_name(path.name[: -len("0123456789abcdef.json")] + "00c0ffee.json"))
    journal = read_journal(tmp_path)
    assert ([event.record.action for event in journal.events], journal.damages) == (["receive"], ())
    path.rename(path.with_name(path.name.replace("-receive-", "-approve-")))
    assert [damage.reason for damage in read_journal(tmp_path).damages] == ["seal"]


def test_a_record_that_was_taken_away_is_missed(tmp_path: Path) -> None:
    written(tmp_path, record("approve"), record("return", minutes=1), record("approve", minutes=2))
    files(tmp_path)[1].unlink()
    [damage] = read_journal(tmp_path).damages
    assert (damage.reason, damage.question) == ("missing", CODE)


@pytest.mark.skipif(os.name != "posix", reason="links need a right on Windows")
def test_a_link_among_the_records_is_none(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    elsewhere = write_record(tmp_path / "elsewhere", record("approve"))
    (tmp_path / RECORDS).mkdir(parents=True)
    (tmp_path / RECORDS / elsewhere.name).symlink_to(elsewhere)
    assert [damage.reason for damage in read_journal(tmp_path).damages] == ["content"]


def test_what_systems_leave_there_is_no_record(tmp_path: Path) -> None:
    write_record(tmp_path, record("approve"))
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
        (tmp_path / RECORDS / name).write_bytes(b"x")
    assert read_journal(tmp_path).damages == ()


def test_an_enormous_record_is_not_read(tmp_path: Path) -> None:
    path = write_record(tmp_path, record("approve"))
    with path.open("r+b") as stream:
        stream.truncate(10**12)
    assert [damage.reason for damage in read_journal(tmp_path).damages] == ["seal"]


def test_no_folder_is_no_record(tmp_path: Path) -> None:
    assert read_journal(tmp_path).events == ()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 9)), max_size=10))
def test_every_event_has_its_place_after_the_one_it_names(made: list[tuple[int, int]]) -> None:
    happened = [
        Event(_named(minutes, previous), f"{number}.json", str(number))
        for number, (minutes, previous) in enumerate(made)
    ]
    order = in_order(happened)
    assert sorted(event.path for event in order) == sorted(event.path for event in happened)
    place = {event.seal: number for number, event in enumerate(order)}
    if _has_no_circle(made):
        for event in order:
            assert place.get(event.record.previous, -1) < place[event.seal]


def _named(minutes: int, previous: int) -> EventRecord:
    return record("approve", minutes=minutes, previous="" if previous < 0 else str(previous))


def _has_no_circle(made: list[tuple[int, int]]) -> bool:
    for start in range(len(made)):
        seen = set()
        at = start
        while 0 <= at < len(made):
            if at in seen:
                return False
            seen.add(at)
            at = made[at][1]
    return True


@pytest.mark.parametrize(
    ("by", "note", "key"),
    [
        ("  ", "x", "nobody"),
        ("名" * 101, "x", "said_too_long"),
        ("组长", "因" * 2001, "said_too_long"),
        ("组\udcff长", "x", "said_unreadable"),
        ("组长", "缺\udcff", "said_unreadable"),
    ],
)
def test_what_no_record_can_hold_is_refused_before_anything_is_written(
    by: str, note: str, key: str, workspace: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        evidence_cli.decide(workspace, Action.RETURN, ["1"], by=by, note=note, now=NOW, jobs=1)
    assert caught.value.key == key
    assert not (workspace / RECORDS).exists()


def test_a_reason_is_one_line(tmp_path: Path) -> None:
    assert remark(" 缺少\n\n网站截图 \t") == "缺少 网站截图"
    longest = record("return").model_copy(update={"note": "\U0001f600" * 2000, "by": "\U0001f600" * 100})
    write_record(tmp_path, longest)
    assert read_journal(tmp_path).damages == ()


def test_a_record_under_the_name_of_another_content_does_not_count(tmp_path: Path) -> None:
    path = write_record(tmp_path, record("receive"))
    other = path.name.replace("-aaaaaaaaaaaa-", "-bbbbbbbbbbbb-")
    assert other != path.name
    path.with_name(other).write_bytes(path.read_bytes())
    assert [damage.reason for damage in read_journal(tmp_path).damages] == ["name"]


@pytest.mark.parametrize("name", ["~$记录.json", ".~记录.json", "记录.tmp"])
def test_what_only_looks_like_litter_is_named(name: str, tmp_path: Path) -> None:
    path = write_record(tmp_path, record("return"))
    path.rename(path.with_name(name))
    assert [(damage.reason, damage.question) for damage in read_journal(tmp_path).damages] == [("name", None)]


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_no_clock_has_is_not_believed(time: str, tmp_path: Path) -> None:
    made = record("return").model_copy(update={"time": datetime.fromisoformat(time)})
    data = made.to_bytes()
    (tmp_path / RECORDS).mkdir(parents=True)
    name = f"99991231T235959Z-{CODE}-return-aaaaaaaaaaaa-{sha256(data).hexdigest()[:16]}.json"
    (tmp_path / RECORDS / name).write_bytes(data)
    assert [damage.reason for damage in read_journal(tmp_path).damages] == ["content"]


def test_a_long_chain_backwards_in_time_is_put_in_order_soon() -> None:
    count = 20_000
    chain = [Event(_named(count - number, number - 1), f"{number}.json", str(number)) for number in range(count)]
    assert [event.seal for event in in_order(chain)] == [str(number) for number in range(count)]


def test_signs_that_nobody_sees_make_no_other_name() -> None:
    assert signature("副组长\u200b") == "副组长"
    for nothing in ("\u200b", "\x7f", "\u2060 \ufeff"):
        with pytest.raises(UsageError):
            signature(nothing)

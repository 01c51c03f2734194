"""The cache on the user's disk: what it believes, and what it does when somebody breaks it."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from evidence_cli.looks import cache as caching
from evidence_cli.looks.cache import Cache, default_file, fingerprint, looker_version

OLD = "10 1000000000000000000 1000000000000000000 7"


def filled(file: Path, place: str = "/w", name: str = "a") -> Cache:
    cache = Cache(place, file)
    cache.keep_facts(name, OLD, "v1", '{"format":"pdf"}')
    cache.keep_digest(name, OLD, "aa")
    cache.save()
    return cache


def known(
    file: Path, place: str = "/w", name: str = "a", stamp: str = OLD, looker: str = "v1"
) -> tuple[object, object]:
    cache = Cache(place, file)
    return cache.facts(name, stamp, looker), cache.digest(name, stamp)


def test_what_was_kept_is_known_in_the_next_run(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "facts.sqlite"
    cache = filled(file)
    assert (cache.facts("a", OLD, "v1"), cache.digest("a", OLD)) == ('{"format":"pdf"}', "aa")
    assert known(file) == ('{"format":"pdf"}', "aa")


def test_a_name_that_is_no_unicode_is_a_name(tmp_path: Path) -> None:
    file = tmp_path / "facts.sqlite"
    filled(file, name="a\udcff")
    assert known(file, name="a\udcff") == ('{"format":"pdf"}', "aa")


def test_nothing_is_believed_of_another_state_place_or_looker(tmp_path: Path) -> None:
    file = tmp_path / "facts.sqlite"
    filled(file)
    assert known(file, stamp=OLD.replace("10 ", "11 ")) == (None, None)
    assert known(file, stamp=OLD[:-1] + "8") == (None, None)
    assert known(file, stamp="") == (None, None)
    assert known(file, place="/v") == (None, None)
    assert known(file, name="b") == (None, None)
    assert known(file, looker="v2") == (None, "aa")


def test_what_is_in_focus_is_known_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "facts.sqlite"
    names = ["a/x", "a/y/z", "a/\udcff", "a\uffff", "ab/x", "b/x", "b", "c.zip", "c.zip2"]
    cache = Cache("/w", file)
    for name in names:
        cache.keep_digest(name, OLD, "aa")
    cache.save()
    cache = Cache("/w", file)

    def known_now() -> list[str]:
        return [name for name in names if cache.digest(name, OLD)]

    cache.focus(["a/"])
    assert known_now() == names[:3]
    cache.focus(["a/", "c.zip"])
    assert known_now() == [*names[:3], "c.zip"]
    cache.focus(["b/"])
    assert known_now() == ["b/x"]
    cache.focus([])
    assert known_now() == []


def test_what_was_kept_under_another_focus_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "facts.sqlite"
    for most in (0, 10):
        monkeypatch.setattr(caching, "_MOST_NEW", most)
        cache = Cache("/w", file)
        for folder in ("a", "b", "a"):
            cache.focus([f"{folder}/"])
            cache.keep_facts(f"{folder}/x", OLD, "v1", folder)
            cache.focus([])
            cache.focus([f"{folder}/"])
            assert cache.facts(f"{folder}/x", OLD, "v1") == folder
            cache.keep_digest(f"{folder}/x", OLD, "aa")
        cache.save()
        assert [known(file, name=f"{folder}/x") for folder in ("a", "b")] == [("a", "aa"), ("b", "aa")]
        file.unlink()


@pytest.mark.parametrize(
    ("seconds", "young"), [(-10, False), (-2, True), (0, True), (3600, True), (90_000, False)], ids=str
)
def test_what_counts_as_just_now(seconds: int, young: bool) -> None:
    moment = 1_800_000_000 * 10**9
    assert caching.is_young(moment + seconds * 10**9, moment) is young


def test_old_rows_go_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "facts.sqlite"
    monkeypatch.setattr(caching, "_today", lambda: 20_000)
    filled(file)
    monkeypatch.setattr(caching, "_today", lambda: 20_060)
    filled(file, name="b")
    assert known(file) == ('{"format":"pdf"}', "aa")
    monkeypatch.setattr(caching, "_today", lambda: 20_061)
    filled(file, name="c")
    assert (known(file), known(file, name="b")) == ((None, None), ('{"format":"pdf"}', "aa"))


def test_a_file_that_changed_just_now_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "young"
    path.write_bytes(b"x")
    status = path.stat()
    stamp = f"1 {status.st_mtime_ns} {status.st_ctime_ns} 1"
    cache = Cache("/w", tmp_path / "facts.sqlite")
    cache.keep_digest("young", stamp, "aa")
    cache.save()
    assert cache.digest("young", stamp) is None


@pytest.mark.parametrize("at", range(0, 12288, 512))
def test_a_cache_with_a_hole_is_no_error_and_never_a_lie(tmp_path: Path, at: int) -> None:
    file = tmp_path / "facts.sqlite"
    filled(file)
    data = bytearray(file.read_bytes())
    data[at : at + 512] = os.urandom(len(data[at : at + 512]))
    file.write_bytes(data)
    assert known(file) in ((None, None), ('{"format":"pdf"}', "aa"))
    filled(file)


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_what_is_no_database_is_replaced(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "facts.sqlite"
    file.write_bytes(content)
    assert known(file) == (None, None)
    filled(file)
    assert known(file) == ('{"format":"pdf"}', "aa")


def test_a_database_of_another_form_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "facts.sqlite"
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE looks (name TEXT)")
    database.close()
    assert known(file) == (None, None)
    filled(file)
    assert known(file) == ('{"format":"pdf"}', "aa")


def test_where_nothing_can_be_written_nothing_is_cached(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for file in (tmp_path / "file" / "facts.sqlite", tmp_path):
        filled(file)
        assert known(file) == (None, None)


def test_a_cache_that_another_program_holds_is_not_waited_for_long(tmp_path: Path) -> None:
    file = tmp_path / "facts.sqlite"
    filled(file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert known(file) == (None, None)
    finally:
        other.close()
    assert known(file) == ('{"format":"pdf"}', "aa")


def test_threads_share_a_cache(tmp_path: Path) -> None:
    file = tmp_path / "facts.sqlite"
    cache = Cache("/w", file)
    threads = [threading.Thread(target=cache.keep_digest, args=(str(n), OLD, str(n))) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cache.save()
    again = Cache("/w", file)
    assert [again.digest(str(n), OLD) for n in range(50)] == [str(n) for n in range(50)]


def test_the_place_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVCLI_CACHE", str(tmp_path))
    assert default_file() == tmp_path / "facts.sqlite"
    monkeypatch.delenv("EVCLI_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert default_file().name == "facts.sqlite"


def test_fingerprints_tell_texts_apart() -> None:
    assert len({fingerprint(), fingerprint("a"), fingerprint("a", "b"), fingerprint("ab")}) == 4
    assert looker_version() == looker_version()


def test_a_view_in_the_place_of_the_table_is_no_cache(tmp_path: Path) -> None:
    """Reading it would never end."""
    file = tmp_path / "facts.sqlite"
    columns = "place, name, stamp, looker, facts, digest, proof, day"
    rows = f"SELECT 1, 1, 1, 1, 1, 1, 1, 1 UNION ALL SELECT {columns} + 1 FROM r"
    database = sqlite3.connect(file)
    database.execute(f"CREATE VIEW looks AS WITH RECURSIVE r({columns}) AS ({rows}) SELECT * FROM r")
    database.commit()
    database.close()
    assert known(file) == (None, None)
    filled(file)
    assert known(file) == ('{"format":"pdf"}', "aa")


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).close()
    before = other.read_bytes()
    file = tmp_path / "facts.sqlite"
    file.symlink_to(other)
    filled(file)
    assert known(file) == (None, None)
    assert other.read_bytes() == before


def test_a_relative_place_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVCLI_CACHE", "here")
    assert default_file().is_absolute()
    assert not default_file().is_relative_to(tmp_path)

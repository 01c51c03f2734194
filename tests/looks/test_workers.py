"""Looking in worker processes: what a file does to one of them, and what is known afterwards."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from evidence_cli.looks.facts import Facts, Gap, Health, Writing
from evidence_cli.looks.look import look
from evidence_cli.looks.processes.wire import receive
from evidence_cli.looks.processes.workers import Workers
from evidence_cli.looks.tree import Location
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.gate import Gate, Search

# A pattern that somebody may write into a table, and that never ends on a text made for it.
ENDLESS = Gate((Search(Code.SECRECY_MARK, ("(?:a+)+b",)),))
HOSTILE = b"a" * 60


def location(path: Path) -> Location:
    return Location(str(path), 0, path.stat().st_size)


def write(folder: Path, name: str, data: bytes) -> Location:
    path = folder / name
    path.write_bytes(data)
    return location(path)


def test_a_worker_sees_what_a_look_in_this_process_sees(tmp_path: Path) -> None:
    data = "第一行\n第二行\n".encode()
    place = write(tmp_path, "a.txt", data)
    with Workers(Gate(), 1) as workers:
        seen = workers.look(place, size=place.size, extension="txt")
        assert seen == workers.look(data, size=len(data), extension="txt")
    with (tmp_path / "a.txt").open("rb") as stream:
        assert seen == look(stream, size=len(data), extension="txt")
    assert seen == Facts("text", detail="utf-8", writing=Writing(6, 6))


def test_a_part_of_a_file_is_a_file(tmp_path: Path) -> None:
    place = write(tmp_path, "a.bin", b"\x00" * 100 + "文字".encode() + b"\x00" * 100)
    with Workers(Gate(), 1) as workers:
        seen = workers.look(Location(place.path, 100, 6), size=6, extension="txt")
    assert (seen.format, seen.writing) == ("text", Writing(2, 2))


def test_what_cannot_be_read_is_an_error_of_the_system(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(write(tmp_path, "a.txt", b"text").path)
    with Workers(Gate(), 1) as workers:
        with pytest.raises(FileNotFoundError):
            workers.look(Location(str(tmp_path / "none"), 0, 1), size=1, extension="txt")
        for path in (tmp_path, link):
            with pytest.raises(OSError, match=r".") as caught:
                workers.look(Location(str(path), 0, 1), size=1, extension="txt")
            assert not isinstance(caught.value, FileNotFoundError)
        # And the worker goes on.
        assert workers.look(b"text", size=4, extension="txt").format == "text"


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no limit of processor time on this system")
def test_a_look_that_does_not_end_is_ended_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workers(ENDLESS, 1) as workers:
        seen = workers.look(HOSTILE, size=len(HOSTILE), extension="txt")
        assert seen == Facts("text", detail="utf-8", gaps=(Gap("text", "time"),))
        assert workers.look(b"b", size=1, extension="txt").gaps == ()


def test_a_worker_that_is_killed_costs_one_look_at_most() -> None:
    with Workers(ENDLESS, 1) as workers:
        result: list[Facts] = []
        looking = threading.Thread(
            target=lambda: result.append(workers.look(HOSTILE, size=len(HOSTILE), extension="txt"))
        )
        looking.start()
        # The first is killed, so a fresh one tries; that one is killed too.
        killed: set[int] = set()
        while looking.is_alive():
            for worker in list(workers._all):
                if worker.looking and worker.pid not in killed:
                    killed.add(worker.pid)
                    os.kill(worker.pid, signal.SIGKILL)
            time.sleep(0.01)
        looking.join()
        assert len(killed) == 2
        assert [facts.gaps for facts in result] == [(Gap("inside", "crashed"),)]


def test_facts_of_a_damaged_file_come_across() -> None:
    data = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
    with Workers(Gate(), 1) as workers:
        assert workers.look(data, size=len(data), extension="png").health is Health.DAMAGED


def test_many_threads_share_few_workers() -> None:
    with Workers(Gate(), 2) as workers:
        results: dict[int, Facts] = {}

        def one(number: int) -> None:
            text = "字" * number
            results[number] = workers.look(text.encode(), size=3 * number, extension="txt")

        threads = [threading.Thread(target=one, args=(n,)) for n in range(1, 40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(workers._all) <= 2
    assert {n: facts.writing and facts.writing.length for n, facts in results.items()} == {n: n for n in range(1, 40)}


def test_without_a_python_to_start_it_is_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for executable in ("/nowhere/python", "/bin/false"):
        monkeypatch.setattr("sys.executable", executable)
        with Workers(Gate(), 1) as workers, pytest.raises(EnvironmentFailure) as caught:
            workers.look(b"a", size=1, extension="txt")
        assert caught.value.key == "no_worker"


def test_modules_in_the_current_folder_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json.py", "evidence_cli.py", "struct.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    with Workers(Gate(), 1) as workers:
        assert workers.look(b"text", size=4, extension="txt").format == "text"


def test_a_message_that_is_cut_is_no_message() -> None:
    from io import BytesIO

    assert receive(BytesIO(b"\x05\x00\x00\x00{}")) is None
    assert receive(BytesIO(b"\x05\x00")) is None

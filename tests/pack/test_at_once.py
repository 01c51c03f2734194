"""Runs at the same time, and folders that come and go under a run: normal on a shared drive, and no crash."""

import threading
from pathlib import Path

from support.interrupting import at_once
from support.workspace import QUESTIONS


def test_init_by_several_at_once(tmp_path: Path) -> None:
    root = tmp_path / "新工作区"
    root.mkdir()
    ended = at_once(*[["init", "-w", str(root), "--lang", "zh"]] * 4)
    assert [code for code, _ in ended] == [0] * 4, "".join(said for _, said in ended)
    assert not [path for path in root.rglob("*") if path.name.startswith(".evcli-")]
    made = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert at_once(["init", "-w", str(root), "-q"])[0][0] == 0
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == made


class Mover(threading.Thread):
    """A colleague who renames a question's folder, and back, again and again."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self.over = folder, threading.Event()

    def run(self) -> None:
        away = self.folder.with_name("改名中")
        while not self.over.is_set():
            self.folder.rename(away)
            away.rename(self.folder)


def test_a_folder_is_renamed_under_the_run(clean: Path) -> None:
    mover = Mover(clean / QUESTIONS["1.1-01"])
    mover.start()
    try:
        ended = at_once(*[["check", "-w", str(clean)], ["pack", "-w", str(clean)]] * 3)
    finally:
        mover.over.set()
        mover.join()
    assert all(code in (0, 1) for code, _ in ended), "".join(said for _, said in ended)
    assert at_once(["pack", "-w", str(clean), "-q"])[0][0] == 0

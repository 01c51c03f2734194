"""Several people on one share at once, from two PCs, and runs that are killed there."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from support.interrupting import NEW, Stages, at_once, build_stages, killed_by_the_clock
from support.packing import shelf
from support.share import Share
from support.workspace import QUESTIONS

pytestmark = pytest.mark.share


@pytest.fixture(scope="module")
def first(share: Share) -> Share:
    return share.folder("竞争")


@pytest.fixture(scope="module")
def second(first: Share) -> Share:
    return first.other_pc()


@pytest.fixture(scope="module")
def stages(first: Share) -> Stages:
    """As the server's disk has them: no client's memory is between."""
    return build_stages(first.served)


def on(pc: Share, stages: Stages, *command: str) -> list[str]:
    """The command as somebody gives it at a PC."""
    seen = {"ROOT": pc.mounted / stages.root.name, "SENT": pc.mounted / stages.sent.name}
    seen["FOREIGN"] = pc.mounted / stages.foreign.name
    return [str(seen.get(word, word)) for word in command]


PACK = ("pack", "-w", "ROOT", "-q", "--lang", "zh")
CHECK = ("check", "-w", "ROOT", "-q", "--lang", "zh")
RECEIVE = ("receive", "SENT", "-w", "ROOT", "--lang", "zh")
REPACK = ("receive", "FOREIGN", "-w", "ROOT", "--repack", "--lang", "zh")


@pytest.mark.parametrize("command", [RECEIVE, REPACK], ids=["as it is", "packed again"])
def test_receiving(first: Share, stages: Stages, command: tuple[str, ...]) -> None:
    stages.prepare(absent=False)
    [(code, said)] = at_once(on(first, stages, *command))
    assert code == 0, said
    stages.healed(absent=False, kept=True)
    before = shelf(stages.root)
    [(code, said)] = at_once(on(first, stages, *command))
    assert (code, "无变化 3" in said) == (0, True), said
    assert shelf(stages.root) == before


def test_eight_packers_at_two_pcs(first: Share, second: Share, stages: Stages) -> None:
    stages.prepare(absent=False)
    ended = at_once(*[on(pc, stages, *PACK) for pc in (first, second)] * 4)
    assert [code for code, _ in ended] == [0] * 8, "".join(said for _, said in ended)
    stages.healed(absent=False)


def test_four_receivers_at_two_pcs(first: Share, second: Share, stages: Stages) -> None:
    stages.prepare(absent=False)
    ended = at_once(*[on(pc, stages, *RECEIVE) for pc in (first, second)] * 2)
    assert [code for code, _ in ended] == [0] * 4, "".join(said for _, said in ended)
    assert stages.found(absent=False, kept=True) == {NEW}


class Writer(threading.Thread):
    """A colleague who goes on saving: a file of one question comes, grows and vanishes again."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.folder = root / QUESTIONS["1.2-01"] / "佐证材料/09-案例"
        self.over = threading.Event()

    def run(self) -> None:
        new = self.folder / "08-新案例.txt"
        while not self.over.is_set():
            new.write_text("正在写的案例，说明企业开办。", encoding="utf-8")
            with new.open("a", encoding="utf-8") as stream:
                stream.write("又写了一句。" * 1000)
            new.unlink()


def test_everybody_at_once(first: Share, second: Share, stages: Stages) -> None:
    """Packers, receivers, a check and somebody who writes: nothing crashes, and one more run puts all in order."""
    stages.prepare(absent=False)
    writer = Writer(stages.root)
    writer.start()
    try:
        both = [on(pc, stages, *command) for pc in (first, second) for command in (PACK, RECEIVE)]
        ended = at_once(*both, on(first, stages, *REPACK), on(second, stages, *CHECK))
    finally:
        writer.over.set()
        writer.join()
    # What changes while it is packed is refused.
    assert all(code in (0, 1) and "Traceback" not in said for code, said in ended), ended
    [(code, said)] = at_once(on(first, stages, *PACK))
    assert code == 0, said
    assert stages.renewed()


def test_killed_at_any_time(first: Share, stages: Stages) -> None:
    command = on(first, stages, *RECEIVE)
    for _ in killed_by_the_clock(stages, command, 4, seed=37):
        stages.found(absent=False, kept=True)
    [(code, said)] = at_once(command)
    assert code == 0, said
    stages.healed(absent=False, kept=True)


def test_nothing_is_only_for_whoever_made_it(both: Share, stages: Stages) -> None:
    """What the server says about who may read: the same as for a file that anybody makes there."""
    (both.mounted / "普通文件").write_bytes(b"x")
    (both.mounted / "普通文件夹").mkdir()
    plain = (both.served / "普通文件").stat().st_mode, (both.served / "普通文件夹").stat().st_mode
    here = replace(stages, root=Path(shutil.copytree(stages.root, both.served / "工作区")))
    here.prepare(absent=False)
    before = set(here.root.rglob("*"))
    root = both.mounted / "工作区"
    ended = [at_once([*command, "-w", str(root)]) for command in (["receive", str(stages.sent)], ["init"])]
    assert [code for [(code, _)] in ended] == [0, 0], ended
    made = set(here.root.rglob("*")) - before
    assert len(made) > 10
    assert {path.stat().st_mode for path in made} == set(plain)

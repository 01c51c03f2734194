"""Whatever interrupts packing leaves the old package or the new one, never a torn one, and the next run cleans up.

The moment is the n-th call to the operating system or the n-th byte: it can be repeated, and hits every part.
"""

import signal

import pytest

from support.interrupting import ABSENT, LITTER, NEW, OLD, Stages, at_once, build_stages, killed_by_the_clock, moments
from support.packing import Packer, outcomes, pack, shelf
from support.workspace import PACKAGES

CODE = "1.1-01"
absent_or_not = pytest.mark.parametrize("absent", [True, False], ids=["first time", "over old ones"])


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return build_stages(tmp_path_factory.mktemp("stages"))


def judge(stages: Stages, *, absent: bool) -> set[str]:
    """What became of the packages; nothing may be torn, and the next run ends it."""
    states = stages.found(absent=absent)
    assert not pack(stages.root).failed
    stages.healed(absent=absent)
    return states


@absent_or_not
def test_killed_at_any_call_to_the_system(stages: Stages, program: Packer, absent: bool) -> None:
    order = ["pack", "-w", str(stages.prepare(absent=absent)), "-j", "1"]
    whole = program.run(*order)
    assert (whole["status"], whole["code"]) == (0, 0)
    seen = set()
    for moment in moments(whole["events"], 30, seed=7):
        stages.prepare(absent=absent)
        # The first run may look at files that the others take from the cache: then the last moments never come.
        assert program.run(*order, at=moment)["status"] in (-signal.SIGKILL, 0)
        seen |= judge(stages, absent=absent)
    assert seen >= {LITTER, NEW, ABSENT if absent else OLD}


@absent_or_not
def test_killed_at_any_call_while_files_change(stages: Stages, program: Packer, absent: bool) -> None:
    """Finer: between any two calls into C since all packages were planned; until then nothing is written."""
    assert program.order(hold="pack", root=str(stages.prepare(absent=absent)))["status"] == 0
    whole = program.order()
    assert whole["outcomes"] == ["packed"] * 3
    seen = set()
    for number, moment in enumerate(moments(whole["events"], 85, seed=17)):
        # The held run made the folder itself.
        (stages.prepare(absent=absent) / "报送").mkdir(exist_ok=True)
        assert program.order(at=moment)["status"] == -signal.SIGKILL
        # That the next run ends it is shown often enough.
        seen |= stages.found(absent=absent) if number % 14 else judge(stages, absent=absent)
    assert program.order(end=True)["status"] == 0
    assert seen >= {LITTER, NEW, ABSENT if absent else OLD}


def test_killed_at_any_byte(stages: Stages, program: Packer) -> None:
    root = stages.prepare(absent=False)
    total = program.order(root=str(root), count="bytes")["events"]
    assert total > 1_000_000
    seen = set()
    for moment in moments(total, 20, seed=11):
        stages.prepare(absent=False)
        assert program.order(root=str(root), count="bytes", at=moment, jobs=2)["status"] == -signal.SIGKILL
        seen |= judge(stages, absent=False)
    assert seen >= {LITTER, OLD}


def test_killed_at_any_time(stages: Stages) -> None:
    """The command itself, by the clock: whatever it is doing then."""
    arguments = ["pack", "-w", str(stages.root), "-q"]
    for _ in killed_by_the_clock(stages, arguments, 10, seed=19):
        judge(stages, absent=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop(stages: Stages, program: Packer, number: int) -> None:
    total = program.order(root=str(stages.prepare(absent=False)), count="bytes")["events"]
    for moment in moments(total, 3, seed=13):
        root = stages.prepare(absent=False)
        done = program.order(root=str(root), count="bytes", at=moment, signal=number)
        assert done["status"] == (-signal.SIGTERM if number == signal.SIGTERM else 70)
        if number == signal.SIGINT:
            assert set(shelf(root)) == set(stages.old)
        judge(stages, absent=False)


def test_an_interruption_has_its_words_and_its_exit_code(stages: Stages, program: Packer) -> None:
    root = stages.prepare(absent=False)
    order = ["pack", "-w", str(root), "-j", "1", "--lang", "zh"]
    whole = program.run(*order)
    root = stages.prepare(absent=False)
    done = program.run(*order, at=whole["events"] * 9 // 10, signal=signal.SIGINT)
    assert (done["status"], done["code"]) == (0, 3)
    assert done["text"].lstrip("\n") == "evcli: 已中断。原有的文件没有受影响，可以再运行一次。\n"
    assert set(shelf(root)) == set(stages.old)
    judge(stages, absent=False)


def test_litter_of_a_killed_run_goes_even_when_all_is_current(stages: Stages, program: Packer) -> None:
    root = stages.prepare(absent=False)
    total = program.order(root=str(root), count="bytes")["events"]
    root = stages.prepare(absent=False)
    program.order(root=str(root), count="bytes", at=total - 10_000)
    [litter] = [name for name in shelf(root) if name.startswith(".evcli-")]
    for name, data in stages.new.items():
        (root / "报送" / name).write_bytes(data)
    assert outcomes(pack(root, CODE)) == {CODE: "current"}
    assert litter not in shelf(root)


def test_eight_at_once(stages: Stages) -> None:
    root = stages.prepare(absent=False)
    foreign = b"PK\3\4 made by somebody"
    (root / PACKAGES["1.1-02"]).write_bytes(foreign)
    ended = at_once(*[["pack", "-w", str(root), "-q"]] * 8)
    assert [code for code, _ in ended] == [0] * 8, ended
    assert shelf(root) == {**stages.new, "历史/1.1-02-事项归集-1.zip": foreign}

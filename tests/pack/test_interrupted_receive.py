"""Whatever interrupts receiving leaves the old package or the new one, and no old one is ever lost."""

import signal

import pytest

from support.interrupting import ABSENT, LITTER, NEW, OLD, Stages, at_once, build_stages, killed_by_the_clock, moments
from support.packing import Packer, outcomes, pack

# Where nothing stood, over old packages, and packed again.
CASES = [(True, False), (False, False), (False, True)]
cases = pytest.mark.parametrize(("absent", "again"), CASES, ids=["first time", "over old ones", "packed again"])


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return build_stages(tmp_path_factory.mktemp("stages"))


def order(stages: Stages, *, again: bool) -> list[str]:
    return ["receive", str(stages.foreign if again else stages.sent), "-w", str(stages.root), *["--repack"] * again]


def judge(stages: Stages, program: Packer, command: list[str], *, absent: bool) -> set[str]:
    """What became of the packages; nothing may be torn or lost, and the next run ends it."""
    states = stages.found(absent=absent, kept=True)
    done = program.run(*command)
    assert (done["status"], done["code"]) == (0, 0), done["text"]
    stages.healed(absent=absent, kept=True)
    return states


@cases
def test_killed_at_any_call(stages: Stages, program: Packer, absent: bool, again: bool) -> None:
    """Between any two calls into C since all packages were judged; until then nothing is written."""
    stages.prepare(absent=absent)
    packages = sorted(map(str, (stages.foreign if again else stages.sent).iterdir()))
    assert program.order(hold="receive", packages=packages, root=str(stages.root), repack=again)["status"] == 0
    whole = program.order()
    assert whole["outcomes"] == ["repacked" if again else "received"] * 3
    seen = set()
    for number, moment in enumerate(moments(whole["events"], 70, seed=29)):
        stages.prepare(absent=absent)
        assert program.order(at=moment)["status"] == -signal.SIGKILL
        # A whole run looks at every file anew, which takes longer than all the rest.
        if number % 14:
            seen |= stages.found(absent=absent, kept=True)
        else:
            seen |= judge(stages, program, order(stages, again=again), absent=absent)
    assert program.order(end=True)["status"] == 0
    assert seen >= {LITTER, NEW, ABSENT if absent else OLD}


def test_killed_at_any_time(stages: Stages, program: Packer) -> None:
    """The command itself, by the clock: whatever it is doing then."""
    command = order(stages, again=False)
    for _ in killed_by_the_clock(stages, command, 10, seed=31):
        stages.found(absent=False, kept=True)
    judge(stages, program, command, absent=False)


@cases
def test_four_at_once(stages: Stages, absent: bool, again: bool) -> None:
    stages.prepare(absent=absent)
    ended = at_once(*[order(stages, again=again)] * 4)
    assert [code for code, _ in ended] == [0] * 4, ended
    assert stages.found(absent=absent, kept=True) == {NEW}


def test_packers_and_receivers_at_once(stages: Stages) -> None:
    """What they make is the same, so that whoever is last leaves nothing to do."""
    stages.prepare(absent=False)
    commands = [["pack", "-w", str(stages.root), "-q"], order(stages, again=False), order(stages, again=True)]
    ended = at_once(*commands * 2, ["check", "-w", str(stages.root), "-q"])
    assert [code for code, _ in ended[:6]] == [0] * 6, ended
    # The check may come before the others, when the old packages are stale; no package is ever torn.
    code, said = ended[6]
    assert code == int("E502" in said), said
    assert not any(other in said for other in ("E503", "E504", "E505", "E506", "Traceback")), said
    assert set(outcomes(pack(stages.root)).values()) == {"current"}
    assert stages.renewed()

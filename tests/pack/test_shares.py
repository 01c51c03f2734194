"""Many small files are packed by several processes: the same packages, and no process that outlives its use."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import evidence_cli.jobs.pack as packing
from evidence_cli.jobs.pack.shares import in_shares
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.progress import Progress
from support.interrupting import ABSENT, LITTER, NEW, OLD, Stages, build_stages
from support.packing import environment, outcomes, pack, shelf
from support.workspace import PACKAGES, QUESTIONS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="packages are filled in one process elsewhere")

Advance = Callable[[int], None]
LOST = -1
# A run that says when it has begun to write, and goes on.
SLOW = """
import sys, time
import evidence_cli.jobs.pack as packing
packing._MANY = 0
from evidence_cli.looks.packages import package_write
add = package_write._add
def slowly(*arguments):
    print("begun", flush=True)
    time.sleep(0.05)
    return add(*arguments)
package_write._add = slowly
packing.pack(sys.argv[1], jobs=2)
"""


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run with several packages is shared."""
    monkeypatch.setattr(packing, "_MANY", 0)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return build_stages(tmp_path_factory.mktemp("stages"))


class Counted(Progress):
    def __init__(self) -> None:
        self.total = self.done = 0

    def begin(self, stage: str, total: int) -> None:
        self.total, self.done = total, 0

    def advance(self, amount: int) -> None:
        self.done += amount


def doubled(share: Sequence[int], advance: Advance) -> list[int]:
    for number in share:
        advance(number)
    return [2 * number for number in share]


@pytest.mark.parametrize("count", [2, 3, 8])
def test_results_are_in_the_order_of_the_items(count: int) -> None:
    told: list[int] = []
    assert in_shares(doubled, range(10), count, told.append, lambda _: LOST) == [2 * n for n in range(10)]
    assert sum(told) == sum(range(10))


def test_a_process_that_dies_loses_its_share_alone() -> None:
    parent = os.getpid()

    def write(share: Sequence[int], advance: Advance) -> list[int]:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return doubled(share, advance)

    assert in_shares(write, range(5), 2, lambda _: None, lambda _: LOST) == [0, LOST, 4, LOST, 8]


def test_an_exception_ends_the_other_processes(tmp_path: Path) -> None:
    parent, begun = os.getpid(), tmp_path / "begun"

    def write(share: Sequence[int], advance: Advance) -> list[int]:
        if os.getpid() != parent:
            begun.write_text(str(os.getpid()), encoding="ascii")
            while True:
                time.sleep(0.01)
        while not begun.exists() or not begun.read_text(encoding="ascii"):
            time.sleep(0.01)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_shares(write, range(4), 2, lambda _: None, lambda _: LOST)
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text(encoding="ascii")), 0)


def test_errors_come_back_as_they_are() -> None:
    def write(share: Sequence[int], _advance: Advance) -> list[EnvironmentFailure]:
        return [EnvironmentFailure("write", path=f"{number}.zip", detail="full") for number in share]

    found = in_shares(write, range(3), 2, lambda _: None, lambda _: EnvironmentFailure("lost"))
    assert [(type(error), error.key, error.params["path"]) for error in found] == [
        (EnvironmentFailure, "write", f"{number}.zip") for number in range(3)
    ]


def test_the_packages_are_the_same_bytes(clean: Path, shared: None, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted()
    assert outcomes(pack(clean, jobs=2, progress=counted)) == dict.fromkeys(QUESTIONS, "packed")
    assert counted.done == counted.total > 0
    first = shelf(clean)
    for name in first:
        (clean / "报送" / name).unlink()
    monkeypatch.setattr(packing, "_MANY", 10**9)
    pack(clean, jobs=1)
    assert shelf(clean) == first


def test_what_fails_in_another_process_is_told(clean: Path, shared: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fill = packing._Packer._fill_alone
    parent = os.getpid()

    def change(packer: packing._Packer, todo: Sequence[packing.Plan], advance: Advance) -> Sequence[object]:
        if os.getpid() != parent:
            for path in clean.rglob("*.png"):
                path.write_bytes(path.read_bytes() + b"x")
        return fill(packer, todo, advance)

    monkeypatch.setattr(packing._Packer, "_fill_alone", change)
    report = pack(clean, jobs=2)
    failures = [result.failure.key for result in report.results if result.failure]
    assert failures
    assert set(failures) == {"changed_while_packing"}


def test_a_lost_process_is_a_failure_of_the_environment(
    clean: Path, shared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = packing._Packer._fill_alone
    parent = os.getpid()

    def die(packer: packing._Packer, todo: Sequence[packing.Plan], advance: Advance) -> Sequence[object]:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return fill(packer, todo, advance)

    monkeypatch.setattr(packing._Packer, "_fill_alone", die)
    report = pack(clean, jobs=2)
    assert sorted(outcomes(report).values()) == ["failed", "packed", "packed"]
    assert {result.failure.key for result in report.results if result.failure} == {"process_lost"}


@pytest.mark.parametrize("files", [0, 1, 5, 9])
@pytest.mark.parametrize("absent", [True, False], ids=["first time", "over old ones"])
def test_killed_while_several_processes_write(stages: Stages, files: int, absent: bool) -> None:
    """All of them end, nothing is torn, and the next run ends it."""
    root = stages.prepare(absent=absent)
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(root)], env=environment(), stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        for _ in range(files + 1):
            assert process.stdout.readline() == b"begun\n"
        process.kill()
        # The other end of the pipe is closed when the last of them is gone.
        process.stdout.read()
    assert stages.found(absent=absent) <= {LITTER, NEW, ABSENT if absent else OLD}
    assert not pack(stages.root).failed
    stages.healed(absent=absent)


def test_interrupted_while_several_processes_write(stages: Stages) -> None:
    root = stages.prepare(absent=False)
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(root)], env=environment(), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    # Nobody cleans up behind them: they have done so themselves.
    assert set(shelf(root)) == {Path(path).name for path in PACKAGES.values()}
    assert LITTER not in stages.found(absent=False)

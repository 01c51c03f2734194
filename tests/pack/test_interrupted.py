"""Whatever interrupts packing leaves the old package or the new one, never a torn one, and the next run cleans up.

The moment is the n-th call to the operating system or the n-th byte: it can be repeated, and hits every part.
"""

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.packing import Packer, environment, outcomes, pack, shelf
from support.workspace import PACKAGES, QUESTIONS, build

CODE = "1.1-01"
ABSENT, OLD, NEW = "absent", "old", "new"


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A workspace whose packages are stale, and what is right before and after."""
    root = build(tmp_path_factory.mktemp("stages") / "工作区")
    pack(root)
    old = shelf(root)
    for path in QUESTIONS.values():
        folder = root / path / "佐证材料/09-案例"
        folder.mkdir(exist_ok=True)
        (folder / "09-长文.txt").write_bytes(f"第一行 {path}\n".encode() * 20_000)
    # Text is deflated; what is accepted where does not matter here.
    table = root / "config/indicators.yaml"
    table.write_text(table.read_text(encoding="utf-8") + "rules: {severity: {E302: info}}\n", encoding="utf-8")
    pack(root)
    new = shelf(root)
    assert set(old) == set(new)
    assert all(old[name] != new[name] for name in old)
    return {"root": root, "old": old, "new": new}


def prepare(stages: dict[str, Any], *, absent: bool) -> Path:
    root: Path = stages["root"]
    shutil.rmtree(root / "报送", ignore_errors=True)
    if not absent:
        (root / "报送").mkdir()
        for name, data in stages["old"].items():
            (root / "报送" / name).write_bytes(data)
    return root


def judge(stages: dict[str, Any], root: Path, *, absent: bool) -> set[str]:
    """What became of the packages; nothing may be torn, and the next run ends it."""
    now = shelf(root) if (root / "报送").exists() else {}
    states = set()
    for name in stages["old"]:
        data = now.get(name)
        assert data in (None if absent else stages["old"][name], stages["new"][name])
        states.add(ABSENT if data is None else OLD if data == stages["old"][name] else NEW)
    litter = set(now) - set(stages["old"])
    assert all(name.startswith(".evcli-") for name in litter)
    assert not pack(root).failed
    assert shelf(root) == stages["new"]
    return states | ({"litter"} if litter else set())


def moments(total: int, count: int, seed: int) -> list[int]:
    return sorted(random.Random(seed).sample(range(1, total + 1), count))


@pytest.mark.parametrize("absent", [True, False], ids=["first time", "over old ones"])
def test_killed_at_any_call_to_the_system(stages: dict[str, Any], program: Packer, absent: bool) -> None:
    order = ["pack", "-w", str(prepare(stages, absent=absent)), "-j", "1"]
    whole = program.run(*order)
    assert (whole["status"], whole["code"]) == (0, 0)
    # The last quarter is where files change.
    begin = whole["events"] * 3 // 4
    seen = set()
    for moment in moments(whole["events"] - begin, 8, seed=7):
        root = prepare(stages, absent=absent)
        assert program.run(*order, at=begin + moment)["status"] == -signal.SIGKILL
        seen |= judge(stages, root, absent=absent)
    assert seen >= {"litter", NEW, ABSENT if absent else OLD}


def test_killed_at_any_byte(stages: dict[str, Any], program: Packer) -> None:
    root = prepare(stages, absent=False)
    total = program.order(root=str(root), count="bytes")["events"]
    assert total > 1_000_000
    seen = set()
    for moment in moments(total, 10, seed=11):
        root = prepare(stages, absent=False)
        assert program.order(root=str(root), count="bytes", at=moment, jobs=2)["status"] == -signal.SIGKILL
        seen |= judge(stages, root, absent=False)
    assert seen >= {"litter", OLD}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop(stages: dict[str, Any], program: Packer, number: int) -> None:
    total = program.order(root=str(prepare(stages, absent=False)), count="bytes")["events"]
    for moment in moments(total, 3, seed=13):
        root = prepare(stages, absent=False)
        done = program.order(root=str(root), count="bytes", at=moment, signal=number)
        assert done["status"] == (-signal.SIGTERM if number == signal.SIGTERM else 70)
        if number == signal.SIGINT:
            assert set(shelf(root)) == set(stages["old"])
        judge(stages, root, absent=False)


def test_an_interruption_has_its_words_and_its_exit_code(stages: dict[str, Any], program: Packer) -> None:
    root = prepare(stages, absent=False)
    order = ["pack", "-w", str(root), "-j", "1", "--lang", "zh"]
    whole = program.run(*order)
    root = prepare(stages, absent=False)
    done = program.run(*order, at=whole["events"] * 9 // 10, signal=signal.SIGINT)
    assert (done["status"], done["code"]) == (0, 3)
    assert done["text"].lstrip("\n") == "evcli: 已中断。原有的文件没有受影响，可以再运行一次。\n"
    assert set(shelf(root)) == set(stages["old"])
    judge(stages, root, absent=False)


def test_litter_of_a_killed_run_goes_even_when_all_is_current(stages: dict[str, Any], program: Packer) -> None:
    root = prepare(stages, absent=False)
    total = program.order(root=str(root), count="bytes")["events"]
    root = prepare(stages, absent=False)
    program.order(root=str(root), count="bytes", at=total - 10_000)
    [litter] = [name for name in shelf(root) if name.startswith(".evcli-")]
    for name, data in stages["new"].items():
        (root / "报送" / name).write_bytes(data)
    assert outcomes(pack(root, CODE)) == {CODE: "current"}
    assert litter not in shelf(root)


def test_four_at_once(stages: dict[str, Any]) -> None:
    root = prepare(stages, absent=False)
    foreign = b"PK\3\4 made by somebody"
    (root / PACKAGES["1.1-02"]).write_bytes(foreign)
    arguments = [sys.executable, "-m", "evidence_cli", "pack", "-w", str(root), "-q"]
    running = [
        subprocess.Popen(arguments, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(4)
    ]
    for process in running:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output.decode()
    kept = "历史/1.1-02-事项归集-1.zip"
    assert shelf(root) == {**stages["new"], kept: foreign}

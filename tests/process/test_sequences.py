"""Any sequence of edits, packs, reviews, entries, confirmations and submissions by several people: nothing is ever
submitted that was not approved, entered and confirmed as it is, by two people.
"""

import shutil
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import evidence_cli
from evidence_cli.vocabulary.errors import RefusedError
from evidence_cli.vocabulary.process import Action, State
from support.shared_looks import shared_looks
from support.workspace import NOW, QUESTIONS, build

CODES = st.sampled_from(sorted(QUESTIONS))
PEOPLE = st.sampled_from(["副组长", "组长", "责任人"])


class Process(RuleBasedStateMachine):
    """What people do, and what a model of the rules says must be true of it."""

    root: Path

    @initialize()
    def begin(self) -> None:
        self.root = Path(shutil.copytree(TEMPLATE[0], TEMPLATE[0].parent / f"run-{next(NUMBERS)}"))
        self.minutes = 0
        self.submitted = False
        # What each person did about which content of which question, since it was last returned.
        self.done: dict[tuple[str, str], dict[Action, set[str]]] = defaultdict(lambda: defaultdict(set))

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @property
    def now(self) -> datetime:
        self.minutes += 1
        return NOW + timedelta(minutes=self.minutes)

    def held(self, code: str) -> str | None:
        return evidence_cli.status(self.root, code, now=self.now, jobs=1).rows[0].digest

    @rule(code=CODES, text=st.sampled_from(["一", "二"]))
    def edit(self, code: str, text: str) -> None:
        place = self.root / QUESTIONS[code] / "佐证材料/09-案例/09-说明.txt"
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"{text}：{code} 的补充说明，内容随修改变化。", encoding="utf-8")

    @rule(code=CODES)
    def pack(self, code: str) -> None:
        try:
            evidence_cli.pack(self.root, code, now=self.now, jobs=1)
            assert not self.submitted
        except RefusedError:
            assert self.submitted

    @rule(code=CODES, action=st.sampled_from([Action.APPROVE, Action.RETURN, Action.ENTER, Action.CONFIRM]), by=PEOPLE)
    def decide(self, code: str, action: Action, by: str) -> None:
        try:
            report = evidence_cli.decide(self.root, action, [code], by=by, note="不全", now=self.now, jobs=1)
        except RefusedError:
            assert self.submitted
            return
        assert not self.submitted
        [result] = report.results
        if result.verdict == "recorded":
            assert result.digest
            if action is Action.RETURN:
                self.done.pop((code, result.digest), None)
            else:
                self.done[code, result.digest][action].add(by)

    @rule(approver=PEOPLE, confirmer=PEOPLE)
    def go_on(self, approver: str, confirmer: str) -> None:
        """The usual way of all questions: chance alone would hardly ever come to a submission."""
        for code in sorted(QUESTIONS):
            self.pack(code)
            for action, by in ((Action.APPROVE, approver), (Action.ENTER, "填报操作人员"), (Action.CONFIRM, confirmer)):
                self.decide(code, action, by)

    @rule(by=PEOPLE)
    def submit(self, by: str) -> None:
        before = {row.code: row for row in evidence_cli.status(self.root, now=self.now, jobs=1).rows}
        report = evidence_cli.submit(self.root, by=by, now=self.now, jobs=1)
        if report.done:
            assert not self.submitted
            assert {row.state for row in before.values()} == {State.CONFIRMED}
            for row in before.values():
                self.two_people_saw(row.code, row.digest or "")
            self.submitted = True

    @rule(by=PEOPLE)
    def reopen(self, by: str) -> None:
        try:
            evidence_cli.reopen(self.root, by=by, reason="要补材料", now=self.now)
            assert self.submitted
            self.submitted = False
        except RefusedError:
            assert not self.submitted

    def two_people_saw(self, code: str, digest: str) -> None:
        done = self.done[code, digest]
        assert done[Action.APPROVE]
        assert done[Action.ENTER]
        assert done[Action.CONFIRM]
        assert len(done[Action.APPROVE] | done[Action.CONFIRM]) > 1

    @invariant()
    def nobody_is_further_than_what_was_decided(self) -> None:
        for row in evidence_cli.status(self.root, now=self.now, jobs=1).rows:
            if row.state.reaches(State.CONFIRMED):
                self.two_people_saw(row.code, row.digest or "")
            if row.state.reaches(State.APPROVED):
                assert self.done[row.code, row.digest or ""][Action.APPROVE]


TEMPLATE: list[Path] = []
NUMBERS = iter(range(10**9))


def test_no_sequence_submits_what_was_not_confirmed(tmp_path: Path) -> None:
    TEMPLATE[:] = [build(tmp_path / "w")]
    evidence_cli.pack(TEMPLATE[0], now=NOW, jobs=1)
    limits = settings(max_examples=15, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck))
    with shared_looks():
        run_state_machine_as_test(Process, settings=limits)

"""Several people at two PCs decide and submit at once, without a lock: every decision counts, and one submission."""

import pytest

import evidence_cli
from evidence_cli.vocabulary.process import Action, State
from evidence_cli.workspace.records import read_journal
from evidence_cli.workspace.submission import read_submission
from support.interrupting import at_once
from support.share import Share
from support.workspace import NOW, QUESTIONS, build

pytestmark = pytest.mark.share


@pytest.fixture
def first(share: Share, request: pytest.FixtureRequest) -> Share:
    """A packed workspace on the share."""
    folder = share.folder(f"决定-{request.node.name}")
    build(folder.served)
    evidence_cli.pack(folder.served, now=NOW, jobs=1)
    return folder


@pytest.fixture
def second(first: Share) -> Share:
    return first.other_pc()


def command(pc: Share, *words: str) -> list[str]:
    return [words[0], "-w", str(pc.mounted), *words[1:], "-q", "--lang", "zh"]


def test_reviewers_at_two_pcs(first: Share, second: Share) -> None:
    people = ("组长", "副组长", "审核甲", "审核乙")
    pcs = (first, second, first, second)
    reviews = [command(pc, "review", "1", "--approve", "--by", by) for pc, by in zip(pcs, people, strict=True)]
    ended = at_once(*reviews)
    assert [code for code, _ in ended] == [0] * 4, "".join(said for _, said in ended)
    journal = read_journal(first.served)
    assert journal.damages == ()
    for code in QUESTIONS:
        approved = [event.record.by for event in journal.of(code)]
        # Who comes when somebody approved already changes nothing.
        assert approved
        assert set(approved) <= set(people)
    assert {row.state for row in evidence_cli.status(second.mounted, now=NOW, jobs=1).rows} == {State.APPROVED}


def test_a_return_and_an_approval_at_once_leave_no_doubt(first: Share, second: Share) -> None:
    ended = at_once(
        command(first, "review", "1.1-01", "--approve", "--by", "组长"),
        command(second, "review", "1.1-01", "--return", "缺少网站截图", "--by", "副组长"),
    )
    assert [code for code, _ in ended] == [0, 0], "".join(said for _, said in ended)
    seen = {evidence_cli.status(pc.mounted, ["1.1-01"], now=NOW, jobs=1).rows[0].state for pc in (first, second)}
    assert len(seen) == 1
    assert seen <= {State.APPROVED, State.RETURNED}
    assert read_journal(first.served).damages == ()


def test_one_of_two_submissions_stands(first: Share, second: Share) -> None:
    for action, by in ((Action.APPROVE, "副组长"), (Action.ENTER, "填报操作人员"), (Action.CONFIRM, "责任人")):
        evidence_cli.decide(first.served, action, ["1"], by=by, now=NOW, jobs=1)
    ended = at_once(*[command(pc, "submit", "--by", "指标联络员") for pc in (first, second)])
    assert 0 in [code for code, _ in ended]
    assert {code for code, _ in ended} <= {0, 1}, "".join(said for _, said in ended)
    submission = read_submission(first.served)
    assert submission is not None
    submitted = [event.record.digest for event in read_journal(first.served).of("")]
    assert submitted == [submission.digest]
    assert {row.state for row in evidence_cli.status(second.mounted, now=NOW, jobs=1).rows} == {State.SUBMITTED}

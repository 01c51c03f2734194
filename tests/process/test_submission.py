"""What was submitted: one digest over everything, a code to read over the telephone, and what is refused afterwards."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.jobs import decide as deciding
from evidence_cli.jobs import submit as submitting
from evidence_cli.vocabulary.errors import EnvironmentFailure, RefusedError, UsageError
from evidence_cli.vocabulary.process import Action, State
from evidence_cli.workspace.records import EventRecord, write_record
from evidence_cli.workspace.submission import Submission, write_submission
from support.shared_looks import shared_looks
from support.workspace import NOW, PACKAGES, build, write_table

FILE = ".evcli/submission.json"


@pytest.fixture(scope="module")
def confirmed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything packed, approved, entered and confirmed."""
    root = build(tmp_path_factory.mktemp("confirmed"))
    with shared_looks():
        evidence_cli.pack(root, now=NOW, jobs=1)
        for action, by in ((Action.APPROVE, "副组长"), (Action.ENTER, "填报操作人员"), (Action.CONFIRM, "责任人")):
            report = evidence_cli.decide(root, action, ["1"], by=by, now=NOW, jobs=1)
            assert not report.refused
    return root


@pytest.fixture
def confirmed(confirmed_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(confirmed_once, tmp_path / "w")


def submit(root: Path, **how: bool) -> evidence_cli.SubmitReport:
    return evidence_cli.submit(root, by="指标联络员", now=NOW, jobs=1, **how)


def states(root: Path) -> set[State]:
    return {row.state for row in evidence_cli.status(root, now=NOW, jobs=1).rows}


def test_everything_is_under_one_digest(confirmed: Path) -> None:
    report = submit(confirmed)
    assert (report.done, report.questions, report.unready) == (True, 3, ())
    sealed = json.loads((confirmed / FILE).read_text(encoding="utf-8"))
    files = [sealed["table"], *sealed["packages"], *sealed["records"]]
    assert {file["path"] for file in sealed["packages"]} == set(PACKAGES.values())
    assert len(sealed["records"]) == 9
    for file in files:
        data = (confirmed / file["path"]).read_bytes()
        assert (file["size"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert states(confirmed) == {State.SUBMITTED}


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs the sha256sum of coreutils")
def test_the_digest_can_be_computed_without_evcli(confirmed: Path) -> None:
    report = submit(confirmed)
    sealed = json.loads((confirmed / FILE).read_text(encoding="utf-8"))
    paths = [file["path"] for file in (sealed["table"], *sealed["packages"], *sealed["records"])]
    lines = subprocess.run(["sha256sum", *paths], cwd=confirmed, capture_output=True, check=True).stdout
    digest = hashlib.sha256(b"".join(sorted(lines.splitlines(keepends=True)))).hexdigest()
    assert report.digest == f"sha256:{digest}"
    assert report.check_code.replace("-", "") == f"{int(digest, 16) % 10**12:012}"


def test_a_dry_run_only_tells(confirmed: Path) -> None:
    report = submit(confirmed, dry_run=True)
    assert (report.done, report.refused, report.check_code) == (False, False, "")
    assert not (confirmed / FILE).exists()


def test_what_is_not_confirmed_is_named(confirmed: Path) -> None:
    evidence_cli.decide(confirmed, Action.RETURN, ["1.1-02"], by="副组长", note="缺少截图", now=NOW, jobs=1)
    report = submit(confirmed)
    assert report.refused
    assert [(one.code, one.state) for one in report.unready] == [("1.1-02", State.RETURNED)]
    assert not (confirmed / FILE).exists()


def test_a_damaged_record_keeps_everything_from_being_submitted(confirmed: Path) -> None:
    record = next((confirmed / ".evcli/records").glob("*-1.1-01-enter-*"))
    record.write_text(record.read_text(encoding="utf-8").replace("填报", "别的"), encoding="utf-8")
    report = submit(confirmed)
    assert (report.refused, report.damaged) == (True, 1)
    assert [one.code for one in report.unready] == ["1.1-01"]


def test_twice_is_once(confirmed: Path) -> None:
    first = submit(confirmed)
    before = (confirmed / FILE).read_bytes()
    again = submit(confirmed)
    assert (again.done, again.check_code) == (False, first.check_code)
    assert (confirmed / FILE).read_bytes() == before


@pytest.mark.parametrize(
    "attempt",
    [
        lambda root: evidence_cli.pack(root, now=NOW, jobs=1),
        lambda root: evidence_cli.receive([root / PACKAGES["1.1-01"]], root, now=NOW, jobs=1),
        *(
            lambda root, action=action: evidence_cli.decide(root, action, ["1"], by="组长", note="x", now=NOW, jobs=1)
            for action in (Action.APPROVE, Action.RETURN, Action.ENTER, Action.CONFIRM)
        ),
    ],
    ids=["pack", "receive", "approve", "return", "enter", "confirm"],
)
def test_nothing_goes_on_after_the_submission(confirmed: Path, attempt: Callable[[Path], object]) -> None:
    submit(confirmed)
    before = {path: path.read_bytes() for path in confirmed.rglob("*") if path.is_file()}
    with pytest.raises(RefusedError, match="sealed"):
        attempt(confirmed)
    assert {path: path.read_bytes() for path in confirmed.rglob("*") if path.is_file()} == before


def test_it_can_be_taken_back_until_the_deadline(confirmed: Path) -> None:
    report = submit(confirmed)
    with pytest.raises(UsageError):
        evidence_cli.reopen(confirmed, by="组长", reason=" ", now=NOW)
    assert evidence_cli.reopen(confirmed, by="组长", reason="要补材料", now=NOW) == report.check_code
    assert not (confirmed / FILE).exists()
    assert (confirmed / ".evcli/submission-1.json").exists()
    assert states(confirmed) == {State.CONFIRMED}
    happened = [(entry.action, entry.note) for entry in evidence_cli.history(confirmed) if not entry.question]
    assert happened == [(Action.SUBMIT, ""), (Action.REOPEN, "要补材料")]
    # The records grew meanwhile: another digest.
    assert submit(confirmed).check_code != report.check_code


def test_it_cannot_be_taken_back_afterwards(confirmed: Path) -> None:
    with pytest.raises(RefusedError, match="not_submitted"):
        evidence_cli.reopen(confirmed, by="组长", reason="要补材料", now=NOW)
    names = ("prepare", "questions", "pack", "review", "recheck", "submit")
    write_table(confirmed, {"milestones": dict.fromkeys(names, NOW.strftime("%Y-%m-%dT%H:%M"))})
    # The moment of the tests has passed: a clock that is put back changes nothing.
    for moment in (NOW + timedelta(seconds=1), NOW - timedelta(days=1)):
        with pytest.raises(RefusedError, match="reopen_late"):
            evidence_cli.reopen(confirmed, by="组长", reason="要补材料", now=moment)


@pytest.mark.parametrize("damage", ["cut", "digest", "folder", "link"])
def test_a_submission_that_cannot_be_believed_opens_nothing(confirmed: Path, damage: str) -> None:
    submit(confirmed)
    file = confirmed / FILE
    text = file.read_text(encoding="utf-8")
    if damage in ("folder", "link"):
        file.rename(confirmed / "away.json")
        file.mkdir() if damage == "folder" else file.symlink_to(confirmed / "away.json")
    else:
        file.write_text(text[:-50] if damage == "cut" else text.replace('"check": "', '"check": "0'), encoding="utf-8")
    for attempt in (lambda: submit(confirmed), lambda: evidence_cli.pack(confirmed, now=NOW, jobs=1)):
        with pytest.raises(RefusedError):
            attempt()
    [finding] = evidence_cli.check(confirmed, now=NOW, jobs=1).findings
    assert (finding.code, finding.question, finding.path, finding.params) == ("E604", None, FILE, {"reason": "seal"})


def test_a_decision_while_everything_is_sealed_counts(confirmed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(root: Path, submission: Submission) -> bool:
        write_record(root, _return(root))
        return write_submission(root, submission)

    monkeypatch.setattr(submitting, "write_submission", meanwhile)
    with pytest.raises(RefusedError, match="submit_raced"):
        submit(confirmed)
    assert not (confirmed / FILE).exists()
    assert [row.state for row in evidence_cli.status(confirmed, ["1.1-01"], now=NOW, jobs=1).rows] == [State.RETURNED]


def test_a_decision_just_after_the_seal_is_told_to_be_late(confirmed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(root: Path, record: EventRecord) -> Path:
        monkeypatch.undo()
        submit(root)
        return write_record(root, record)

    monkeypatch.setattr(deciding, "write_record", meanwhile)
    report = evidence_cli.decide(confirmed, Action.RETURN, ["1.1-01"], by="组长", note="x", now=NOW, jobs=1)
    assert [(one.verdict, one.failure.key if one.failure else "") for one in report.results] == [
        ("failed", "sealed_meanwhile")
    ]
    [finding] = evidence_cli.check(confirmed, now=NOW, jobs=1).findings
    assert (finding.code, finding.question, finding.params) == ("E604", "1.1-01", {"reason": "added"})


def _return(root: Path) -> EventRecord:
    [row] = evidence_cli.status(root, ["1.1-01"], now=NOW, jobs=1).rows
    return EventRecord(
        action=Action.RETURN,
        question="1.1-01",
        digest=row.digest or "",
        by="组长",
        time=NOW + timedelta(minutes=1),
        note="缺少截图",
        table="sha256:",
    )


def test_a_record_that_could_not_be_written_is_written_the_next_time(
    confirmed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(root: Path, record: EventRecord) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(submitting, "write_record", full)
    with pytest.raises(EnvironmentFailure, match="submit_unrecorded"):
        submit(confirmed)
    assert states(confirmed) == {State.SUBMITTED}
    monkeypatch.undo()
    again = submit(confirmed)
    assert [entry.action for entry in evidence_cli.history(confirmed) if not entry.question] == [Action.SUBMIT]
    assert submit(confirmed).check_code == again.check_code
    assert len([entry for entry in evidence_cli.history(confirmed) if not entry.question]) == 1


def test_a_submission_that_is_gone_opens_nothing(confirmed: Path) -> None:
    submit(confirmed)
    (confirmed / FILE).unlink()
    for attempt in (
        lambda: submit(confirmed),
        lambda: evidence_cli.decide(confirmed, Action.RETURN, ["1"], by="组长", note="x", now=NOW, jobs=1),
    ):
        with pytest.raises(RefusedError, match="submission_damaged"):
            attempt()


def test_where_a_record_is_damaged_nothing_is_decided(confirmed: Path) -> None:
    returned = evidence_cli.decide(confirmed, Action.RETURN, ["1.1-01"], by="组长", note="不全", now=NOW, jobs=1)
    assert [one.verdict for one in returned.results] == ["recorded"]
    [record] = (confirmed / ".evcli/records").glob("*-1.1-01-return-*")
    record.write_bytes(record.read_bytes() + b" ")
    [row] = evidence_cli.status(confirmed, ["1.1-01"], now=NOW, jobs=1).rows
    assert row.state is State.PACKED
    for action in (Action.APPROVE, Action.ENTER, Action.CONFIRM, Action.RETURN):
        report = evidence_cli.decide(confirmed, action, ["1.1-01"], by="丙", note="x", now=NOW, jobs=1)
        assert [one.failure.key for one in report.results if one.failure] == ["decide_damaged"]
    assert [finding.code for finding in evidence_cli.status(confirmed, now=NOW, jobs=1).findings] == ["E606"]


def test_another_reason_is_another_return(confirmed: Path) -> None:
    for reason in ("原因一", "原因二", "原因二"):
        evidence_cli.decide(confirmed, Action.RETURN, ["1.1-01"], by="组长", note=reason, now=NOW, jobs=1)
    notes = [entry.note for entry in evidence_cli.history(confirmed, ["1.1-01"]) if entry.action is Action.RETURN]
    assert notes == ["原因一", "原因二"]


def test_who_finds_everything_sealed_and_not_recorded_yet_writes_no_second_record(
    confirmed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(root: Path, submission: Submission) -> bool:
        monkeypatch.undo()
        sealed = write_submission(root, submission)
        # Another PC looks between the seal and the record.
        assert submit(root).check_code == submission.check
        return sealed

    monkeypatch.setattr(submitting, "write_submission", overtaken)
    assert submit(confirmed).done
    assert [entry.action for entry in evidence_cli.history(confirmed) if not entry.question] == [Action.SUBMIT]


def test_whoever_finds_a_decision_that_was_not_sealed_takes_the_submission_back_for_both(
    confirmed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(root: Path, record: EventRecord) -> Path:
        monkeypatch.undo()
        write_record(root, _return(confirmed))
        with pytest.raises(RefusedError, match="submit_raced"):
            submit(root)
        return write_record(root, record)

    monkeypatch.setattr(submitting, "write_record", overtaken)
    with pytest.raises(RefusedError, match="submit_raced"):
        submit(confirmed)
    assert not (confirmed / FILE).exists()
    actions = [entry.action for entry in evidence_cli.history(confirmed) if not entry.question]
    assert actions == [Action.SUBMIT, Action.REOPEN]
    assert [row.state for row in evidence_cli.status(confirmed, ["1.1-01"], now=NOW, jobs=1).rows] == [State.RETURNED]
    assert [finding.code for finding in evidence_cli.check(confirmed, now=NOW, jobs=1).findings] == ["E605"]

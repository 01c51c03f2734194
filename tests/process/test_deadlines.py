"""What is due when: in the evaluation's zone, also where clocks are changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from evidence_cli.process.deadlines import next_milestone, owed, turning_points
from evidence_cli.table import Milestones
from evidence_cli.vocabulary.process import State

CHINA = ZoneInfo("Asia/Shanghai")
PACK = datetime(2021, 12, 14, 14, tzinfo=CHINA)
REVIEW = datetime(2021, 12, 15, 8, 30, tzinfo=CHINA)
RECHECK = datetime(2021, 12, 17, 12, tzinfo=CHINA)
SUBMIT = datetime(2021, 12, 17, 17, tzinfo=CHINA)
MILESTONES = Milestones.model_construct(pack=PACK, review=REVIEW, recheck=RECHECK, submit=SUBMIT)


@pytest.mark.parametrize(
    ("state", "milestones"),
    [
        (State.EMPTY, ["pack", "review", "recheck", "submit"]),
        (State.READY, ["pack", "review", "recheck", "submit"]),
        (State.RETURNED, ["pack", "review", "recheck", "submit"]),
        (State.CHANGED, ["pack", "review", "recheck", "submit"]),
        (State.PACKED, ["review", "recheck", "submit"]),
        (State.APPROVED, ["recheck", "submit"]),
        (State.ENTERED, ["recheck", "submit"]),
        (State.CONFIRMED, ["submit"]),
        (State.SUBMITTED, []),
        (State.ARCHIVED, []),
    ],
)
def test_what_a_state_owes(state: State, milestones: list[str]) -> None:
    assert [deadline.milestone for deadline in owed(MILESTONES, state)] == milestones


def test_a_table_without_milestones_asks_for_nothing() -> None:
    assert list(owed(Milestones(), State.EMPTY)) == []
    assert next_milestone(Milestones(), PACK) is None
    assert turning_points(Milestones()) == []


def test_the_next_milestone_is_the_first_that_has_not_passed() -> None:
    assert next_milestone(MILESTONES, PACK) == ("pack", PACK)
    assert next_milestone(MILESTONES, PACK + timedelta(seconds=1)) == ("review", REVIEW)
    assert next_milestone(MILESTONES, SUBMIT + timedelta(seconds=1)) is None


def test_the_clock_of_the_pc_does_not_matter() -> None:
    for zone in (UTC, CHINA, ZoneInfo("America/New_York")):
        assert next_milestone(MILESTONES, PACK.astimezone(zone)) == ("pack", PACK)


def test_a_day_has_24_hours_where_clocks_are_changed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    # In that night the clocks are put forward: by the wall it is 25 hours, by the sun 24.
    due = datetime(2021, 3, 28, 12, tzinfo=berlin)
    points = turning_points(Milestones.model_construct(pack=due))
    assert datetime(2021, 3, 27, 11, tzinfo=berlin) in points
    assert datetime(2021, 3, 27, 12, tzinfo=berlin) not in points

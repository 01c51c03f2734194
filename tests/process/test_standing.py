"""Where a question stands: from what lies there, and from what was decided about which content."""

import pytest
from events import CODE, digest, events, record

from evidence_cli.process.standing import Content, standing_of
from evidence_cli.vocabulary.findings import PackageState
from evidence_cli.vocabulary.process import State
from evidence_cli.workspace.records import Event

PACKED_A = Content(CODE, material=True, passes=True, package=PackageState.CURRENT, held=digest("a"))
PACKED_B = Content(CODE, material=True, passes=True, package=PackageState.CURRENT, held=digest("b"))
STALE_A = Content(CODE, material=True, passes=True, package=PackageState.STALE, held=digest("a"))
FAILING_A = Content(CODE, material=True, passes=False, package=PackageState.CURRENT, held=digest("a"))
BROKEN = Content(CODE, material=True, passes=True, package=PackageState.BROKEN)
GONE = Content(CODE, material=True, passes=True)

CASES: list[tuple[str, Content, tuple[Event, ...], str]] = [
    ("nothing there", Content(CODE), (), "empty"),
    ("material with errors", Content(CODE, material=True), (), "drafting"),
    ("material without errors", Content(CODE, material=True, passes=True), (), "ready"),
    ("an old package", STALE_A, (), "ready"),
    ("a broken package", BROKEN, (), "ready"),
    ("a package", PACKED_A, (), "packed"),
    ("a package of what does not pass", FAILING_A, (), "drafting"),
    ("approved", PACKED_A, events(record("approve")), "approved"),
    ("entered", PACKED_A, events(record("approve"), record("enter")), "entered"),
    ("confirmed", PACKED_A, events(record("approve"), record("enter"), record("confirm", by="责任人")), "confirmed"),
    ("entered without approval", PACKED_A, events(record("enter")), "packed"),
    ("confirmed without entry", PACKED_A, events(record("approve"), record("confirm", by="责任人")), "approved"),
    ("confirmed by who approved", PACKED_A, events(record("approve"), record("enter"), record("confirm")), "entered"),
    (
        "confirmed by who approved, then by another",
        PACKED_A,
        events(record("approve"), record("enter"), record("confirm"), record("confirm", by="责任人")),
        "confirmed",
    ),
    (
        "two approved, one of them confirmed",
        PACKED_A,
        events(record("approve"), record("approve", by="组长"), record("enter"), record("confirm")),
        "confirmed",
    ),
    ("returned", PACKED_A, events(record("return")), "returned"),
    ("returned, and its folder changed", STALE_A, events(record("return")), "returned"),
    ("returned, and packed again", PACKED_B, events(record("return")), "packed"),
    ("returned, and the package taken away", GONE, events(record("return")), "ready"),
    ("approved, then returned", PACKED_A, events(record("approve"), record("return")), "returned"),
    ("returned by mistake", PACKED_A, events(record("return"), record("approve")), "approved"),
    (
        "what came before a return does not count",
        PACKED_A,
        events(record("approve"), record("enter"), record("return"), record("approve")),
        "approved",
    ),
    ("folder changed after approval", STALE_A, events(record("approve")), "changed"),
    ("packed anew after approval", PACKED_B, events(record("approve")), "changed"),
    ("package gone after approval", GONE, events(record("approve")), "changed"),
    ("package broken after approval", BROKEN, events(record("approve")), "changed"),
    ("the new content approved", PACKED_B, events(record("approve"), record("approve", "b")), "approved"),
    (
        "the old content entered, the new one approved",
        PACKED_B,
        events(record("approve"), record("enter"), record("approve", "b")),
        "approved",
    ),
    (
        "the old content put back after another was approved",
        PACKED_A,
        events(record("approve"), record("approve", "b")),
        "changed",
    ),
    ("received only", PACKED_A, events(record("receive")), "packed"),
]


@pytest.mark.parametrize(("content", "happened", "state"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_where_a_question_stands(content: Content, happened: tuple[Event, ...], state: str) -> None:
    assert standing_of(content, happened).state is State(state)


def test_the_table_may_let_one_person_do_both() -> None:
    happened = events(record("approve"), record("enter"), record("confirm"))
    assert standing_of(PACKED_A, happened, four_eyes=False).state is State.CONFIRMED


@pytest.mark.parametrize("name", ["副 组长", " 副组长 ", "副组长"])
def test_a_person_is_one_however_the_name_is_written(name: str) -> None:
    happened = events(record("approve"), record("enter"), record("confirm", by=name))
    standing = standing_of(PACKED_A, happened)
    assert standing.state is State.ENTERED
    assert standing.doubled is not None
    assert standing.doubled.by == name


def test_states_are_in_the_order_of_the_work() -> None:
    assert State.CONFIRMED.reaches(State.APPROVED)
    assert not State.RETURNED.reaches(State.PACKED)
    assert not State.CHANGED.reaches(State.PACKED)

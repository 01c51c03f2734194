"""Contributions in the table: what is refused, each with its place, and what the rest makes of a correct one."""

import pytest
from table_text import GOOD

from evidence_cli.table import Form, default_table
from evidence_cli.table.load import parse_table
from evidence_cli.vocabulary.errors import TableError

Found = tuple[int, int, str, str]
LINES = GOOD.count("\n")


def problems(*rows: str, layout: str = "{indicators: 指标}") -> list[Found]:
    """The problems of a table with these contributions; lines count from the first of them."""
    text = GOOD.replace("{indicators: 指标}", layout) + "contributions:\n" + "".join(f"  - {row}\n" for row in rows)
    with pytest.raises(TableError) as caught:
        parse_table(text.encode(), "t.yaml")
    return [(p.line - LINES - 1, p.column, p.key, str(p.cause)) for p in caught.value.problems]


def row(**changes: str) -> str:
    values = {"id": "a", "title": "材料", "indicator": '"1.1"', "units": "[甲局]"} | changes
    return "{" + ", ".join(f"{key}: {value}" for key, value in values.items() if value) + "}"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(indicator='"1.3"')], [(1, 35, "contributions.0.indicator", "unknown_indicator_near")]),
        ([row(indicator='"9.9.9.9"')], [(1, 35, "contributions.0.indicator", "unknown_indicator")]),
        ([row(indicator='"1"')], [(1, 35, "contributions.0.indicator", "contribution_on_branch")]),
        ([row(indicator='"3"')], [(1, 35, "contributions.0.indicator", "contribution_enterprise")]),
        ([row(indicator="1.1")], [(1, 35, "contributions.0.indicator", "quote_number")]),
        ([row(), row(title="别的")], [(2, 10, "contributions.1.id", "contribution_twice")]),
        ([row(), row(id="b")], [(2, 20, "contributions.1.title", "contribution_title_twice")]),
        ([row(), row(id="b", title="材料?")], [(2, 20, "contributions.1.title", "contribution_title_twice")]),
        ([row(id='"1.1"')], [(1, 10, "contributions.0.id", "contribution_code")]),
        ([row(id="1.1-01")], [(1, 10, "contributions.0.id", "contribution_code")]),
        ([row(id="甲")], [(1, 10, "contributions.0.id", "id")]),
        ([row(title='"?"')], [(1, 20, "contributions.0.title", "folder_unnamed")]),
        ([row(units="[甲局, 乙局, 甲局]")], [(1, 58, "contributions.0.units.2", "item_twice")]),
        ([row(units="[甲/局, 甲-局, 乙局]")], [(1, 55, "contributions.0.units.1", "unit_folder_twice")]),
        ([row(units='[A局, "a局 "]')], [(1, 54, "contributions.0.units.1", "unit_folder_twice")]),
        ([row(units='[甲局, "///"]')], [(1, 54, "contributions.0.units.1", "folder_unnamed")]),
        ([row(units="[]")], [(1, 42, "contributions.0.units", "empty_value")]),
        ([row(units="")], [(1, 5, "contributions.0.units", "missing_key")]),
        ([row(form="coverag")], [(1, 61, "contributions.0.form", "choice_near")]),
        ([row(due="tomorrow")], [(1, 60, "contributions.0.due", "moment")]),
        ([row(whose="x")], [(1, 55, "contributions.0.whose", "unknown_key")]),
    ],
)
def test_what_is_wrong(rows: list[str], expected: list[Found]) -> None:
    assert problems(*rows) == expected


@pytest.mark.parametrize(
    ("layout", "cause"), [("{contributions: 素材库}", "layout_twice"), ("{contributions: 1-a}", "layout_reserved")]
)
def test_the_folder_of_contributions_is_beside_pool_and_questions(layout: str, cause: str) -> None:
    assert problems(row(), layout=layout) == [(11 - LINES - 1, 25, "layout.contributions", cause)]


def test_a_correct_one() -> None:
    text = GOOD + f"contributions:\n  - {row(due='2021-12-01T08:00', form='coverage')}\n  - {row(id='b', title='c')}\n"
    table = parse_table(text.encode(), "t.yaml")
    first, second = table.contributions
    assert (first.id, first.units, first.form, second.form) == ("a", ("甲局",), Form.COVERAGE, None)
    assert f"{table.due_of(first):%Y-%m-%dT%H:%M%z}" == "2021-12-01T08:00+0800"
    assert table.due_of(second) is None
    for codes, count in (((), 2), (("1",), 2), (("1.1",), 2), (("1.1-01",), 0)):
        assert len(table.contributions_of(codes)) == count


def test_the_shipped_table_names_offices_and_the_leaves_they_belong_to() -> None:
    table = default_table()
    assert [(one.id, one.indicator, len(one.units), one.form) for one in table.contributions] == [
        ("townships", "1.4", 3, None),
        ("policies", "2.5", 8, Form.COVERAGE),
    ]
    assert {table.due_of(one) for one in table.contributions} == {table.milestones.prepare}

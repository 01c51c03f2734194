"""What no single value shows: order, repetition, and places that refer to one another.

The checks look at the plain values and not at the models, so that they still speak when another value
is wrong.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations, pairwise
from typing import Any

from pydantic_core import PydanticCustomError

from evidence_cli.table.causes import Cause
from evidence_cli.table.contributions import check_contributions
from evidence_cli.table.fields import parse_date, parse_moment
from evidence_cli.table.problems import Notes
from evidence_cli.table.raw import Path, items, mapping, rows, text
from evidence_cli.table.treecheck import check_tree
from evidence_cli.vocabulary.names import twin_key

MILESTONES = ("prepare", "questions", "pack", "review", "recheck", "submit")
LAYOUT = {
    "indicators": "指标",
    "pool": "素材库",
    "answer": "答案",
    "evidence": "佐证材料",
    "packages": "报送",
    "contributions": "汇总报送",
}
# Neighbours in one folder: equal names would be one and the same.
_NEIGHBOURS = (("indicators", "packages"), ("answer", "evidence"), ("pool", "contributions"))
_WORKSPACE_OWN = frozenset(("config", ".evcli"))


def check_across(table: dict[str, Any], notes: Notes) -> None:
    """Notes every problem between values of the table."""
    _check_period(table, notes)
    _check_milestones(table, notes)
    _check_layout(table, notes)
    _check_categories(table, notes)
    check_contributions(table, notes)
    known = check_tree(table, notes)
    for path, waiver in rows(table, "waivers"):
        question = text(waiver.get("question"))
        if known is not None and question and question not in known and not notes.full:
            notes.unknown((*path, "question"), Cause.UNKNOWN_QUESTION, question, known)


def _check_period(table: dict[str, Any], notes: Notes) -> None:
    period = mapping(mapping(table.get("evaluation")).get("period"))
    try:
        start, end = parse_date(period.get("start")), parse_date(period.get("end"))
    except PydanticCustomError:
        return
    if end < start:
        notes.at_value(("evaluation", "period", "end"), Cause.PERIOD_ORDER, start=start.isoformat())


def _check_milestones(table: dict[str, Any], notes: Notes) -> None:
    written = mapping(table.get("milestones"))
    moments: list[tuple[str, datetime]] = []
    for name in MILESTONES:
        try:
            moments.append((name, parse_moment(written.get(name))))
        except PydanticCustomError:
            continue
    kept = _in_order([moment for _, moment in moments])
    for index, (name, moment) in enumerate(moments):
        if index in kept:
            continue
        before = [moments[at] for at in kept if at < index]
        early = bool(before) and moment < before[-1][1]
        # What is out of line and not too early is too late for the next one that is in line.
        other, limit = before[-1] if early else next(moments[at] for at in kept if at > index)
        cause = Cause.MILESTONE_ORDER if early else Cause.MILESTONE_LATE
        params = {"key": name, "other": other, "moment": limit.isoformat(timespec="minutes")}
        notes.at_value(("milestones", name), cause, **params)


def _in_order(moments: Sequence[datetime]) -> tuple[int, ...]:
    """The most moments that are in order: one mistake is then one problem. Of equals, those written first."""
    count = len(moments)
    choices = (kept for size in range(count, -1, -1) for kept in combinations(range(count), size))
    return next(kept for kept in choices if all(moments[a] <= moments[b] for a, b in pairwise(kept)))


def _check_layout(table: dict[str, Any], notes: Notes) -> None:
    written = mapping(table.get("layout"))
    names = {key: twin_key(text(written.get(key)) or default) for key, default in LAYOUT.items()}
    for first, second in _NEIGHBOURS:
        if names[first] == names[second]:
            key, other = (second, first) if second in written else (first, second)
            notes.at_value(("layout", key), Cause.LAYOUT_TWICE, key=key, other=other)
    reserved = [key for key in ("indicators", "packages") if names[key] in _WORKSPACE_OWN]
    # An answer of these names would overwrite what evcli puts beside it in a package.
    if names["answer"] in ("package", names["evidence"] + "目录") or names["answer"].startswith("manifest-"):
        reserved.append("answer")
    # These lie beside the question folders, which are recognised by their code.
    reserved += [key for key in ("pool", "contributions") if names[key][:1].isdigit() and "-" in names[key]]
    for key in reserved:
        notes.at_value(("layout", key), Cause.LAYOUT_RESERVED, key=key)


def _check_categories(table: dict[str, Any], notes: Notes) -> None:
    ids: dict[str, int] = {}
    names: dict[str, int] = {}
    for path, category in rows(table, "categories"):
        _check_twice(ids, text(category.get("id")), (*path, "id"), Cause.CATEGORY_ID_TWICE, notes)
        number, hyphen, rest = text(category.get("name")).partition("-")
        # `01-x` on the disk is category x with its number.
        name = rest if hyphen and number.isdigit() else text(category.get("name"))
        _check_twice(names, name, (*path, "name"), Cause.CATEGORY_NAME_TWICE, notes)
        _check_repeats(category.get("kinds"), (*path, "kinds"), notes)


def _check_twice(seen: dict[str, int], value: str, path: Path, cause: Cause, notes: Notes) -> None:
    key = twin_key(value)
    if key in seen and not notes.full:
        notes.at_value(path, cause, first=seen[key])
    elif value:
        seen[key] = notes.nearest_node(path).line


def _check_repeats(values: Any, path: Path, notes: Notes) -> None:
    seen: set[str] = set()
    for index, value in enumerate(items(values)):
        if isinstance(value, str) and value in seen and not notes.full:
            notes.at_value((*path, index), Cause.ITEM_TWICE)
        elif isinstance(value, str):
            seen.add(value)

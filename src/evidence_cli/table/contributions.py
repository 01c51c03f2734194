"""Contributions (汇总报送): what other offices send to the responsible person of an indicator."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from evidence_cli.table.causes import Cause
from evidence_cli.table.fields import (
    INDICATOR_CODE,
    QUESTION_CODE,
    FilledBy,
    Identifier,
    IndicatorCode,
    Line,
    Moment,
    NotEmpty,
    Prose,
    choice,
    enum_schema,
)
from evidence_cli.table.parts import Part
from evidence_cli.table.problems import Notes
from evidence_cli.table.raw import Path, items, rows, text
from evidence_cli.vocabulary.names import safe_name, twin_key, windows_fault

_LONGEST = 60  # characters of a folder's name, without its number


class Form(StrEnum):
    """A form that the units fill. COVERAGE: policies that benefit enterprises (惠企政策), how many received them."""

    COVERAGE = "coverage"


FormName = Annotated[Form, choice(Form, Form), enum_schema(Form)]


class Contribution(Part):
    """What some units send for an indicator, and until when."""

    id: Identifier = Field(description="报送代号，如 policies / Id of the contribution, letters and digits")
    title: Line = Field(description="报送名称，用于文件夹名 / Title, used for the folder")
    indicator: IndicatorCode = Field(
        description='所属末级指标的编码，须加引号，如 "2.5" / Code of the leaf indicator it is for, in quotes'
    )
    units: Annotated[tuple[Line, ...], NotEmpty] = Field(
        json_schema_extra={"minItems": 1},
        description="报送单位，每个单位一个文件夹 / Units that send it; each has a folder of its own",
    )
    collect: Prose = Field(default="", description="报送什么 / What to send")
    due: Moment | None = Field(
        default=None, description="报送截止，默认为准备截止 / Until when; default: the `prepare` milestone"
    )
    form: FormName | None = Field(
        default=None,
        description="要填的表：coverage 惠企政策覆盖情况，不写就不用填表 / Form to fill; none: any files",
    )


def folder_title(title: str) -> str:
    """The title of a contribution, or the name of a unit, as a folder carries it; empty where nothing is left of it."""
    name = safe_name(title, _LONGEST)
    return f"_{name}" if name and windows_fault(name) else name


def check_contributions(table: dict[str, Any], notes: Notes) -> None:
    """Notes the problems between contributions, and between them and the indicators."""
    kinds = _kinds_of_indicators(table)
    ids: dict[str, int] = {}
    titles: dict[str, int] = {}
    for path, contribution in rows(table, "contributions"):
        if notes.full:
            return
        id, code = text(contribution.get("id")), text(contribution.get("indicator"))
        if INDICATOR_CODE.fullmatch(id) or QUESTION_CODE.fullmatch(id):
            notes.at_value((*path, "id"), Cause.CONTRIBUTION_CODE)
        else:
            _check_twice(ids, id, (*path, "id"), Cause.CONTRIBUTION_TWICE, notes)
        if INDICATOR_CODE.fullmatch(code) and kinds.get(code) != "leaf":
            _note_indicator((*path, "indicator"), code, kinds, notes)
        title = folder_title(text(contribution.get("title")))
        if not title and text(contribution.get("title")).strip():
            notes.at_value((*path, "title"), Cause.FOLDER_UNNAMED)
        else:
            key = f"{code}/{twin_key(title)}" if title else ""
            _check_twice(titles, key, (*path, "title"), Cause.CONTRIBUTION_TITLE_TWICE, notes)
        _check_units(contribution, (*path, "units"), notes)


def _check_twice(seen: dict[str, int], key: str, path: Path, cause: Cause, notes: Notes) -> None:
    if key in seen:
        notes.at_value(path, cause, first=seen[key])
    elif key:
        seen[key] = notes.nearest_node(path).line


def _note_indicator(path: Path, code: str, kinds: dict[str, str], notes: Notes) -> None:
    leaves = [code for code, kind in kinds.items() if kind == "leaf"]
    if code not in kinds:
        notes.unknown(path, Cause.UNKNOWN_INDICATOR, code, leaves)
    else:
        cause = Cause.CONTRIBUTION_ON_BRANCH if kinds[code] == "branch" else Cause.CONTRIBUTION_ENTERPRISE
        notes.at_value(path, cause, code=code)


def _check_units(contribution: dict[str, Any], path: Path, notes: Notes) -> None:
    seen: dict[str, str] = {}
    for index, unit in enumerate(items(contribution.get("units"))):
        if notes.full or not text(unit).strip():
            continue
        folder = folder_title(unit)
        other = seen.get(twin_key(folder))
        if not folder:
            notes.at_value((*path, index), Cause.FOLDER_UNNAMED)
        elif other is None:
            seen[twin_key(folder)] = unit
        elif other.strip() == unit.strip():
            notes.at_value((*path, index), Cause.ITEM_TWICE)
        else:
            notes.at_value((*path, index), Cause.UNIT_FOLDER_TWICE, other=other, folder=folder)


def _kinds_of_indicators(table: dict[str, Any]) -> dict[str, str]:
    """Of each indicator's code whether it is a `leaf`, a `branch`, or for an `enterprise`."""
    kinds: dict[str, str] = {}
    waiting = [(indicator, str(FilledBy.DEPARTMENT)) for _, indicator in rows(table, "indicators")]
    while waiting:
        indicator, above = waiting.pop(0)
        filled_by = text(indicator.get("filled_by")) or above
        children = [child for _, child in rows(indicator, "children")]
        leaf = "enterprise" if filled_by == FilledBy.ENTERPRISE else "leaf"
        kinds.setdefault(text(indicator.get("code")), "branch" if children else leaf)
        waiting += [(child, filled_by) for child in children]
    return kinds

"""The cross checks of the tree of indicators: codes, places, merged limits, package names."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from evidence_cli.table.causes import Cause
from evidence_cli.table.fields import INDICATOR_CODE, PLACEHOLDERS, QUESTION_CODE, FilledBy
from evidence_cli.table.problems import Notes
from evidence_cli.table.raw import Path, items, mapping, rows, text
from evidence_cli.vocabulary.names import safe_name, twin_key

# (smaller, larger, built-in values): places below a level of the table.
_PAIRS = (
    (("evidence", "min_files"), ("evidence", "max_files"), 1, 200),
    (("evidence", "recording", "min_seconds"), ("evidence", "recording", "max_seconds"), 2, 3600),
)
_PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")
_ZIP = len(".zip")


@dataclass(frozen=True, slots=True)
class _Level:
    """What a level of the table hands down: merged limits, template, longest name, who fills it."""

    limits: tuple[tuple[int, int], ...] = tuple((low, high) for _, _, low, high in _PAIRS)
    template: str = "{code}-{title}"
    max_name: int = 64
    filled_by: str = FilledBy.DEPARTMENT
    code: str = ""


@dataclass(slots=True)
class _State:
    """What has been seen so far: names of categories by id, lines of codes, package names."""

    notes: Notes
    categories: dict[str, str]
    evaluation: str
    indicators: dict[str, int] = field(default_factory=dict)
    questions: dict[str, int] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    unreadable: bool = False


def check_tree(table: dict[str, Any], notes: Notes) -> dict[str, int] | None:
    """Notes the problems of defaults, indicators and questions; returns questions' lines by code.

    None if some question's code cannot be read: whatever refers to it would look wrong.
    """
    categories = {text(c.get("id")): text(c.get("name")) for _, c in rows(table, "categories")}
    state = _State(notes, categories, text(mapping(table.get("evaluation")).get("id")))
    top = _check_level(mapping(table.get("defaults")), ("defaults",), _Level(), state)
    for path, indicator in rows(table, "indicators"):
        _check_indicator(indicator, path, top, state)
    return None if state.unreadable else state.questions


def _check_indicator(indicator: dict[str, Any], path: Path, above: _Level, state: _State) -> None:
    if state.notes.full:
        return
    here = _check_level(indicator, path, above, state)
    code = here.code
    if INDICATOR_CODE.fullmatch(code):
        if code in state.indicators:
            state.notes.at_value((*path, "code"), Cause.CODE_TWICE, first=state.indicators[code])
        elif above.code and not code.startswith(above.code + "."):
            state.notes.at_value((*path, "code"), Cause.CHILD_CODE, parent=above.code)
            # What lies below cannot be judged by a code that is wrong itself.
            here = replace(here, code="")
        state.indicators.setdefault(code, state.notes.nearest_node((*path, "code")).line)
    for child_path, child in rows(indicator, "children", path):
        _check_indicator(child, child_path, here, state)
    questions = list(rows(indicator, "questions", path))
    if questions and items(indicator.get("children")):
        state.notes.at_key((*path, "questions"), Cause.QUESTION_ON_BRANCH, code=code)
    elif questions and here.filled_by == FilledBy.ENTERPRISE:
        state.notes.at_key((*path, "questions"), Cause.QUESTION_ENTERPRISE, code=code)
    for question_path, question in questions:
        _check_question(question, question_path, here, state)


def _check_question(question: dict[str, Any], path: Path, above: _Level, state: _State) -> None:
    if state.notes.full:
        return
    here = _check_level(question, path, above, state)
    match = QUESTION_CODE.fullmatch(here.code)
    if not match:
        state.unreadable = True
        return
    if here.code in state.questions:
        state.notes.at_value((*path, "code"), Cause.CODE_TWICE, first=state.questions[here.code])
        return
    state.questions[here.code] = state.notes.nearest_node((*path, "code")).line
    if INDICATOR_CODE.fullmatch(above.code) and match[1] != above.code:
        number = here.code.rpartition("-")[2]
        params = {"indicator": above.code, "instead": f"{above.code}-{number}", "belongs": match[1]}
        state.notes.at_value((*path, "code"), Cause.QUESTION_PLACE, **params)
        return
    if "{code}" not in here.template or re.search(r"[{}]", _PLACEHOLDER.sub("", here.template)):
        return
    # As the packages are named: see package_name.
    title = safe_name(text(question.get("title")), here.max_name - len(here.code) - len("-") - _ZIP)
    values = {"code": here.code, "title": title, "indicator": above.code, "evaluation": state.evaluation}
    name = _PLACEHOLDER.sub(lambda found: values[found[1]], here.template)
    safe = safe_name(name, max(here.max_name - _ZIP, 1))
    other = state.packages.setdefault(twin_key(safe), here.code)
    if other != here.code:
        state.notes.at_value((*path, "title"), Cause.PACKAGE_NAME_TWICE, name=safe, other=other)


def _check_level(level: dict[str, Any], path: Path, above: _Level, state: _State) -> _Level:
    """Checks the requirements that a level states, and merges them with those from above."""
    evidence = mapping(level.get("evidence"))
    known = state.categories if all(state.categories) else None
    _check_list(evidence.get("required"), (*path, "evidence", "required"), state, known=known)
    _check_list(mapping(level.get("answer")).get("kinds"), (*path, "answer", "kinds"), state)
    limits = []
    for (low_place, high_place, _, _), (low, high) in zip(_PAIRS, above.limits, strict=True):
        own_low, own_high = _number(level, low_place), _number(level, high_place)
        merged = (low if own_low is None else own_low, high if own_high is None else own_high)
        fine = merged[0] >= 0 and merged[1] >= 1
        if fine and merged[0] > merged[1] and (own_low is not None or own_high is not None):
            place = low_place if own_low is not None else high_place
            names = {"low": low_place[-1], "high": high_place[-1], "min": merged[0], "max": merged[1]}
            state.notes.at_value((*path, *place), Cause.MIN_OVER_MAX, **names)
        limits.append(merged)
    return _Level(
        limits=tuple(limits),
        template=text(mapping(level.get("package")).get("name")) or above.template,
        max_name=_number(level, ("names", "max_name")) or above.max_name,
        filled_by=text(level.get("filled_by")) or above.filled_by,
        code=text(level.get("code")),
    )


def _number(level: dict[str, Any], place: tuple[str, ...]) -> int | None:
    value: Any = level
    for part in place:
        value = mapping(value).get(part)
    return value if isinstance(value, int) else None


def _check_list(values: Any, path: Path, state: _State, *, known: dict[str, str] | None = None) -> None:
    seen: set[str] = set()
    for index, value in enumerate(items(values)):
        if not isinstance(value, str) or state.notes.full:
            continue
        if value in seen:
            state.notes.at_value((*path, index), Cause.ITEM_TWICE)
        elif known is not None and value not in known:
            _note_category((*path, index), value, known, state.notes)
        seen.add(value)


def _note_category(path: Path, value: str, known: dict[str, str], notes: Notes) -> None:
    # People write the category's name where its id is wanted.
    by_name = [id for id, name in known.items() if name and name == value]
    words = by_name or [id for id in known if id]
    if by_name:
        params = {"written": value[:80], "suggestion": by_name[0], "allowed": ", ".join(known)}
        notes.at_value(path, Cause.UNKNOWN_CATEGORY_NEAR, **params)
    else:
        notes.unknown(path, Cause.UNKNOWN_CATEGORY, value, words, allowed=", ".join(words[:40]))

"""What the table says of the gate, and the gate that comes of it and the shipped searches."""

import re
import warnings
from functools import cache
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema

from evidence_cli.table.causes import Cause
from evidence_cli.table.fields import NotEmpty, refuse
from evidence_cli.table.parts import Part
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.folding import fold_pattern
from evidence_cli.vocabulary.gate import Gate, Search
from evidence_cli.vocabulary.shipped import shipped

MAX_PATTERN = 1000
_SWITCH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
_SHOWN = ("on", "off")
# In this order: what two find belongs to the first.
_SEARCHES = ("secrecy", "resident_id", "bank_card", "mobile")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _switch(value: Any) -> Any:
    if value is None:
        raise refuse(Cause.EMPTY_VALUE)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _SWITCH:
        return _SWITCH[value.lower()]
    raise refuse(Cause.CHOICE, written=str(value)[:80] if isinstance(value, str | int) else "", allowed=_SHOWN)


def _pattern(value: str) -> str:
    if not value.strip():
        raise refuse(Cause.BLANK_TEXT)
    if len(value) > MAX_PATTERN:
        raise refuse(Cause.TEXT_TOO_LONG, limit=MAX_PATTERN, length=len(value))
    try:
        with warnings.catch_warnings():
            # Python warns of a pattern that a later version may read in another way.
            warnings.simplefilter("ignore")
            compiled = re.compile(fold_pattern(value), re.MULTILINE)
    except (re.error, OverflowError, RecursionError) as error:
        raise refuse(Cause.PATTERN, written=value[:80], detail=str(error)[:120]) from None
    if compiled.search("") is not None:
        raise refuse(Cause.PATTERN_EMPTY, written=value[:80])
    return value


class _OrSwitch:
    """A part that may also be written as `on` or `off` alone."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), _SWITCH_SCHEMA]}


def _or_switch(value: Any) -> Any:
    return value if value is None or isinstance(value, dict | Part) else {"search": _switch(value)}


_SWITCH_SCHEMA: dict[str, Any] = {"enum": [*_SHOWN, True, False]}
_PATTERN_SCHEMA = {"type": "string", "minLength": 1, "maxLength": MAX_PATTERN, "format": "regex"}

Switch = Annotated[bool, BeforeValidator(_switch), WithJsonSchema(_SWITCH_SCHEMA)]
Pattern = Annotated[str, AfterValidator(_pattern), WithJsonSchema(_PATTERN_SCHEMA)]


class SearchPart(Part):
    """One thing that is looked for in every text."""

    search: Switch = Field(default=True, description="是否查找：on 或 off / Whether it is looked for: on or off")
    patterns: Annotated[tuple[Pattern, ...] | None, NotEmpty] = Field(
        default=None,
        json_schema_extra={"minItems": 1},
        description="正则表达式，代替自带的写法 / Regular expressions, instead of the shipped ones",
    )
    also: tuple[Pattern, ...] = Field(
        default=(), description="正则表达式，在自带的写法之外再查 / Regular expressions, beside the shipped ones"
    )
    ignore: tuple[Pattern, ...] = Field(
        default=(),
        description="正则表达式，落在其中的不算 / Regular expressions; what lies inside their matches does not count",
    )


class PositionPart(Part):
    """Whether pictures and recordings may say where they were taken."""

    search: Switch = Field(
        default=True, description="是否检查拍摄位置：on 或 off / Whether positions are looked for: on or off"
    )


SearchField = Annotated[SearchPart, BeforeValidator(_or_switch), _OrSwitch()]
PositionField = Annotated[PositionPart, BeforeValidator(_or_switch), _OrSwitch()]


class GatePart(Part):
    """What is looked for before anything leaves the house, where it differs from the shipped searches."""

    secrecy: SearchField = Field(
        default=SearchPart.model_construct(), description="密级和内部标注（E401） / Secrecy marks (E401)"
    )
    resident_id: SearchField = Field(
        default=SearchPart.model_construct(), description="居民身份证号（E402） / Resident IDs (E402)"
    )
    mobile: SearchField = Field(
        default=SearchPart.model_construct(), description="手机号码（E403） / Mobile numbers (E403)"
    )
    bank_card: SearchField = Field(
        default=SearchPart.model_construct(), description="银行卡号（E404） / Bank cards (E404)"
    )
    position: PositionField = Field(
        default=PositionPart.model_construct(),
        description="图片和录屏的拍摄位置（E405） / Positions in pictures (E405)",
    )


def gate_of(part: GatePart) -> Gate:
    """Everything that a table lets be looked for. Raises EnvironmentFailure if the shipped searches are lost."""
    searches = [search for name in _SEARCHES for search in _searches(name, getattr(part, name))]
    return Gate(tuple(searches), position=part.position.search)


@cache
def shipped_searches() -> dict[str, tuple[Search, ...]]:
    """The searches that come with the package, by their key in the table."""
    data = yaml.load(shipped("data/gate.yaml"), _LOADER)  # noqa: S506 - a safe loader, the quick one
    return {name: tuple(_shipped(entry, group) for group in entry["searches"]) for name, entry in data.items()}


def _shipped(entry: dict[str, Any], group: dict[str, Any]) -> Search:
    return Search(
        Code(entry["code"]),
        tuple(row["pattern"] for row in group["patterns"]),
        tuple(row["pattern"] for row in group.get("exceptions", ())),
        group.get("proof", ""),
        entry["masked"],
    )


def _searches(name: str, part: SearchPart) -> list[Search]:
    if not part.search:
        return []
    base = shipped_searches()[name]
    code, masked = base[0].code, base[0].masked
    if part.patterns is not None:
        return [Search(code, part.patterns + part.also, part.ignore, masked=masked)]
    kept = [
        Search(search.code, search.patterns, search.exceptions + part.ignore, search.proof, search.masked)
        for search in base
    ]
    # What the table adds counts as it is found: proofs belong to the shipped patterns.
    return [*kept, Search(code, part.also, part.ignore, masked=masked)] if part.also else kept

"""Types of single values in the table: how each is written, what is refused and why.

A refusal is a PydanticCustomError whose type is a Cause and whose context fills the words of that cause.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from evidence_cli.table.causes import Cause
from evidence_cli.vocabulary.catalogue import Code, Severity
from evidence_cli.vocabulary.kinds import Kind
from evidence_cli.vocabulary.names import hidden_characters, windows_fault
from evidence_cli.vocabulary.sizes import parse_size

MAX_TEXT = 20_000
MAX_LINE = 500
MAX_FOLDER_NAME = 64
MAX_SIZE = 10**15
MAX_COUNT = 10**6
PLACEHOLDERS = ("code", "title", "indicator", "evaluation")

INDICATOR_CODE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,7}")
QUESTION_CODE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4}){0,7})-[0-9]{2,3}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]+([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_OFFSET = re.compile(r"(.*[0-9]{2}:[0-9]{2}(?::[0-9]{2})?) ?(?:[Zz]|[-+][0-9]{2}(?::?[0-9]{2})?)")
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,3}")
# A machine without time zone data can still read the zone that this table is about.
_FIXED_ZONES = {"Asia/Shanghai": 8, "UTC": 0}


def refuse(cause: Cause, **params: Any) -> PydanticCustomError:
    """The error that problems.py turns back into this cause."""
    return PydanticCustomError(str(cause), "", params)


def _line(value: str) -> str:
    if not value.strip():
        raise refuse(Cause.BLANK_TEXT)
    if "\n" in value.rstrip("\n") or "\t" in value:
        raise refuse(Cause.ONE_LINE)
    return _bounded(value.strip(), MAX_LINE)


def _prose(value: str) -> str:
    return _bounded(value.strip(), MAX_TEXT)


def _reason(value: str) -> str:
    if not value.strip():
        raise refuse(Cause.BLANK_TEXT)
    return _prose(value)


def _bounded(value: str, limit: int) -> str:
    if len(value) > limit:
        raise refuse(Cause.TEXT_TOO_LONG, limit=limit, length=len(value))
    return value


def _matching(pattern: re.Pattern[str], cause: Cause) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise refuse(cause, written=value[:80])
        return value

    return check


def _folder_name(value: str) -> str:
    if value.strip() in ("", ".", "..") or re.search(r"[/\\]|^[A-Za-z]:", value):
        raise refuse(Cause.NAME_LEAVES, written=value[:80])
    if hidden := hidden_characters(value):
        raise refuse(Cause.NAME_CHARACTERS, characters=" ".join(hidden)[:80])
    fault = windows_fault(value)
    if fault and fault[0] == "characters":
        raise refuse(Cause.NAME_CHARACTERS, characters=fault[1])
    if (fault and fault[0] == "ending") or value != value.strip():
        raise refuse(Cause.NAME_ENDING, written=value[:80])
    if fault:
        raise refuse(Cause.NAME_DEVICE, device=fault[1])
    return _bounded(value, MAX_FOLDER_NAME)


def _whole(low: int, high: int) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, int) and not low <= value <= high:
            raise refuse(Cause.NUMBER_RANGE, written=value, min=low, max=high)
        return value

    return check


def _size(value: Any) -> Any:
    if isinstance(value, str):
        try:
            count = parse_size(value)
        except ValueError:
            raise refuse(Cause.SIZE, written=value[:80]) from None
    elif isinstance(value, int) and not isinstance(value, bool):
        count = value
    else:
        raise refuse(Cause.SIZE)
    if not 1 <= count <= MAX_SIZE:
        raise refuse(Cause.SIZE_RANGE, written=str(value)[:80])
    # 100 was hardly meant as a hundred bytes.
    if not str(value).rstrip().upper().endswith("B"):
        raise refuse(Cause.SIZE_UNIT, written=str(value).strip()[:80])
    return count


def _version(value: Any) -> Any:
    if type(value) is not int or value != 1:
        raise refuse(Cause.VERSION, supported=1)
    return value


def parse_date(value: Any) -> date:
    """A day written `2021-12-17`. Raises PydanticCustomError."""
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        if match:
            return date(*map(int, match.groups()))
    except ValueError:
        pass
    raise refuse(Cause.DATE)


def parse_moment(value: Any) -> datetime:
    """A local time written `2021-12-17T17:00`, seconds optional, T or a blank. Raises PydanticCustomError."""
    if not isinstance(value, str):
        raise refuse(Cause.MOMENT)
    offset = _OFFSET.fullmatch(value)
    if offset:
        raise refuse(Cause.MOMENT_OFFSET, written=value[:80], instead=offset[1][:40].strip())
    match = _MOMENT.fullmatch(value)
    try:
        if match:
            return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    except ValueError:
        pass
    raise refuse(Cause.MOMENT, written=value[:80])


def _aware(value: Any, info: ValidationInfo) -> datetime:
    """The moment in the table's zone, which parse_table hands over as the context."""
    naive = parse_moment(value)
    zone = info.context.get("zone") if isinstance(info.context, dict) else None
    if zone is None:
        return naive
    aware = naive.replace(tzinfo=zone)
    try:
        back = aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise refuse(Cause.MOMENT, written=value[:80]) from None
    # A clock that is put forward skips an hour: what was written never happens.
    if back != naive:
        raise refuse(Cause.MOMENT_GAP, written=value[:80])
    return aware


def find_zone(name: str) -> tzinfo | None:
    """The time zone of an IANA name; None if there is none."""
    if not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        hours = _FIXED_ZONES.get(name)
        return None if hours is None else timezone(timedelta(hours=hours), name)


def _zone_name(value: Any) -> Any:
    if isinstance(value, int):
        # +8, which is a number to YAML.
        raise refuse(Cause.TIMEZONE, written=f"{value:+d}"[:80])
    if isinstance(value, str) and find_zone(value) is None:
        raise refuse(Cause.TIMEZONE, written=value[:80])
    return value


def _not_empty(value: Any) -> Any:
    if value == ():
        raise refuse(Cause.EMPTY_VALUE)
    return value


def choice(options: Iterable[str], make: Callable[[str], Any], cause: Cause = Cause.CHOICE) -> BeforeValidator:
    """One of these words, made into what stands for it."""
    allowed = tuple(str(option) for option in options)

    def check(value: Any) -> Any:
        if value is None:
            raise refuse(Cause.EMPTY_VALUE)
        if not isinstance(value, str):
            return value
        if value not in allowed:
            raise refuse(cause, written=value[:80], allowed=allowed)
        return make(value)

    return BeforeValidator(check)


def _severity(value: str) -> Severity | None:
    return None if value == "off" else Severity(value)


def _template(value: str) -> str:
    line = _line(value)
    if re.search(r"[/\\]", line):
        raise refuse(Cause.TEMPLATE_PATH)
    names = re.findall(r"\{([^{}]*)\}", line)
    for name in names:
        if name not in PLACEHOLDERS:
            raise refuse(Cause.TEMPLATE_PLACEHOLDER, written=name[:80], allowed=PLACEHOLDERS)
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", line)):
        raise refuse(Cause.TEMPLATE_BRACES)
    if "code" not in names:
        raise refuse(Cause.TEMPLATE_CODE)
    return line


def _waiver_path(value: str) -> str:
    bad = value.startswith("/") or "\\" in value or re.match("[A-Za-z]:", value) or ".." in value.split("/")
    if bad or not value.strip():
        raise refuse(Cause.WAIVER_PATH, written=value[:80])
    return _bounded(value, MAX_LINE)


def enum_schema(options: Iterable[Any], **more: Any) -> WithJsonSchema:
    """How a choice stands in the JSON Schema."""
    return WithJsonSchema({"enum": list(options), **more})


_SIZE_SCHEMA = {
    "type": "string",
    "pattern": r"^\s*[0-9]{1,15}(\.[0-9]{1,6})?\s*([KkMmGgTt][Ii]?)?[Bb]\s*$",
}
_DATE_SCHEMA = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_MOMENT_SCHEMA = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]+[0-9]{2}:[0-9]{2}(:[0-9]{2})?$",
}
_NAME_SCHEMA = {"type": "string", "minLength": 1, "maxLength": MAX_FOLDER_NAME}

Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_prose)]
Reason = Annotated[str, AfterValidator(_reason)]
Identifier = Annotated[str, AfterValidator(_matching(_ID, Cause.ID))]
IndicatorCode = Annotated[
    str,
    AfterValidator(_matching(INDICATOR_CODE, Cause.INDICATOR_CODE)),
    WithJsonSchema({"type": "string", "pattern": f"^{INDICATOR_CODE.pattern}$"}),
]
QuestionCode = Annotated[
    str,
    AfterValidator(_matching(QUESTION_CODE, Cause.QUESTION_CODE)),
    WithJsonSchema({"type": "string", "pattern": f"^{QUESTION_CODE.pattern}$"}),
]
FolderName = Annotated[str, AfterValidator(_folder_name), WithJsonSchema(_NAME_SCHEMA)]
Version = Annotated[int, BeforeValidator(_version), WithJsonSchema({"const": 1})]
Size = Annotated[int, BeforeValidator(_size), WithJsonSchema(_SIZE_SCHEMA)]
Day = Annotated[date, BeforeValidator(parse_date), WithJsonSchema(_DATE_SCHEMA)]
Moment = Annotated[datetime, BeforeValidator(_aware), WithJsonSchema(_MOMENT_SCHEMA)]
ZoneName = Annotated[
    str, BeforeValidator(_zone_name), WithJsonSchema({"type": "string", "examples": ["Asia/Shanghai"]})
]


Count = Annotated[
    int,
    BeforeValidator(_whole(1, MAX_COUNT)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_COUNT}),
]
Least = Annotated[
    int,
    BeforeValidator(_whole(0, MAX_COUNT)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_COUNT}),
]


class FilledBy(StrEnum):
    """Who fills an indicator: departments file answers, enterprises are asked by the survey itself."""

    DEPARTMENT = "department"
    ENTERPRISE = "enterprise"


class Language(StrEnum):
    """The language of messages."""

    ZH = "zh"
    EN = "en"


class Digest(StrEnum):
    """The digest of a package: SHA-256 and SHA-512 (FIPS 180-4), or SM3 (GB/T 32905)."""

    SHA256 = "sha256"
    SHA512 = "sha512"
    SM3 = "sm3"


KindName = Annotated[Kind, choice(Kind, Kind), enum_schema(Kind)]
FilledByName = Annotated[FilledBy, choice(FilledBy, FilledBy), enum_schema(FilledBy)]
LanguageName = Annotated[Language, choice(Language, Language), enum_schema(Language)]
DigestName = Annotated[Digest, choice(Digest, Digest), enum_schema(Digest)]
# The boolean is what an editor that reads YAML 1.1 makes of an unquoted off.
SeverityName = Annotated[Severity | None, choice((*Severity, "off"), _severity), enum_schema([*Severity, "off", False])]
RuleCode = Annotated[Code, choice(Code, Code, Cause.UNKNOWN_RULE), enum_schema(Code)]
Template = Annotated[str, AfterValidator(_template)]
NotEmpty = BeforeValidator(_not_empty)
WaiverPath = Annotated[str, AfterValidator(_waiver_path)]

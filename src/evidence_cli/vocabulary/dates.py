"""Dates that documents give themselves, in titles and in names of files."""

import re
import tomllib
from calendar import monthrange
from datetime import date
from functools import cache
from typing import NamedTuple

from evidence_cli.vocabulary.folding import fold
from evidence_cli.vocabulary.shipped import shipped

_MAX_TEXT = 2000
_MAX_DATINGS = 50


class Dating(NamedTuple):
    """A date that a document gives itself: as it is written, and its first and last day (ISO 8601)."""

    text: str
    first: str
    last: str


class Notation(NamedTuple):
    """How dates and document numbers are written: the shipped `dates.toml`, compiled."""

    single: re.Pattern[str]
    between: re.Pattern[str]
    tail: re.Pattern[str]
    number_line: re.Pattern[str]
    quoting: re.Pattern[str]
    digits: dict[str, int]
    tens: dict[str, int]


class _Found(NamedTuple):
    start: int
    end: int
    first: date
    last: date
    number: bool


@cache
def notation() -> Notation:
    """The shipped notation. Raises EnvironmentFailure if it is lost."""
    data = tomllib.loads(shipped("data/dates.toml").decode("utf-8"))
    digits = {numeral: value for value, numeral in enumerate(data["numerals"])} | dict.fromkeys(data["zeros"], 0)
    verbose = {key: re.compile(data[key], re.VERBOSE) for key in ("single", "tail")}
    plain = {key: re.compile(data[key]) for key in ("between", "number_line", "quoting")}
    return Notation(**verbose, **plain, digits=digits, tens=data["tens"])


def datings(text: str, *, numbers: bool = True) -> list[Dating]:
    """The dates in a title or the name of a file, in order; a range is one dating. Without `numbers`, document
    numbers such as that of GB/T 9704-2012 7.2.5 are passed over. Only the first 2000 characters are read."""
    text = fold(text[:_MAX_TEXT])
    found: list[_Found] = []
    for match in notation().single.finditer(text):
        one = _one(match)
        if one is None or (one.number and not numbers):
            continue
        one = _with_tail(one, text)
        if found and _is_range(found[-1], one, text):
            before = found.pop()
            one = _Found(before.start, one.end, before.first, one.last, number=False)
        found.append(one)
    return [Dating(text[f.start : f.end], f.first.isoformat(), f.last.isoformat()) for f in found[:_MAX_DATINGS]]


def is_number_line(line: str) -> bool:
    """Whether a folded line is a document number and nothing else."""
    return bool(notation().number_line.fullmatch(line.strip()))


def quotes_another(line: str) -> bool:
    """Whether a folded title speaks of another document, whose number is not its own."""
    return bool(notation().quoting.search(line))


def _one(match: re.Match[str]) -> _Found | None:
    part = match.groupdict()
    try:
        if part["number_year"]:
            days = _days(int(part["number_year"]))
        elif part["from"]:
            days = _days(int(part["from"]))[0], _days(int(part["to"]))[1]
        elif part["year"]:
            days = _spelt(part)
        elif part["packed"]:
            packed = part["packed"]
            days = _days(int(packed[:4]), int(packed[4:6]), int(packed[6:]))
        else:
            days = _days(int(part["plain_year"]), int(part["plain_month"]), int(part["plain_day"]))
    except ValueError:
        return None
    return _Found(*match.span(), *days, number=bool(part["number"])) if days[0] <= days[1] else None


def _spelt(part: dict[str, str]) -> tuple[date, date]:
    year = _year(part["year"])
    if part["first_half"] or part["second_half"]:
        return _months(year, 1 if part["first_half"] else 7, 6)
    if part["quarter"]:
        return _months(year, 3 * _value(part["quarter"]) - 2, 3)
    month = _value(part["month"]) if part["month"] else None
    if month and part["to_month"]:
        return _days(year, month)[0], _days(year, _value(part["to_month"]))[1]
    return _days(year, month, _value(part["day"]) if part["day"] else None)


def _year(written: str) -> int:
    return int("".join(str(notation().digits.get(c, c)) for c in written))


def _value(written: str) -> int:
    """A day or month in digits or numerals. Raises ValueError."""
    if written.isdecimal():
        return int(written)
    digits, tens = notation().digits, notation().tens
    total = 0
    for at, numeral in enumerate(written):
        if numeral in tens:
            # Two tens are 20: a digit before ten multiplies it.
            total = (total or 1) * tens[numeral] if tens[numeral] == min(tens.values()) else tens[numeral]
        elif at and written[at - 1] not in tens:
            raise ValueError(written)
        else:
            total += digits[numeral]
    return total


def _days(year: int, month: int | None = None, day: int | None = None) -> tuple[date, date]:
    """The first and last day of a year, month or day. Raises ValueError where there is none such."""
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        return _months(year, month, 1)
    one = date(year, month, day)
    return one, one


def _months(year: int, first: int, count: int) -> tuple[date, date]:
    start = date(year, first, 1)
    last = first + count - 1
    return start, date(year, last, monthrange(year, last)[1])


def _with_tail(found: _Found, text: str) -> _Found:
    """The dating with the other end of its range, where that is written without its year."""
    match = notation().tail.match(text, found.end)
    if not match or found.number:
        return found
    part = match.groupdict()
    try:
        if part["only"]:
            last = _days(found.last.year, found.last.month, _value(part["only"]))[1]
        else:
            day = _value(part["day"]) if part["day"] else None
            last = _days(found.last.year, _value(part["month"]), day)[1]
    except ValueError:
        return found
    return _Found(found.start, match.end(), found.first, last, number=False) if last >= found.first else found


def _is_range(before: _Found, after: _Found, text: str) -> bool:
    if before.number or after.number or after.last < before.first:
        return False
    return bool(notation().between.fullmatch(text, before.end, after.start))

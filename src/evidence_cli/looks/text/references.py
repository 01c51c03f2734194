"""The evidence that an answer names: numbers, attachments, titles, names of files."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from evidence_cli.looks.facts import Reference
from evidence_cli.vocabulary.shipped import shipped

MAX_REFERENCES = 100
_MAX_RANGE = 50
_MAX_NUMBER = 200
_MIN_TITLE, _MAX_TITLE = 4, 60
_MAX_NAME = 80
_VERBOSE = ("number", "title")


@cache
def _data() -> tuple[dict[str, re.Pattern[str]], dict[str, int]]:
    """The shipped notation: patterns by their name, and the values of numerals."""
    data: dict[str, Any] = tomllib.loads(shipped("data/references.toml").decode("utf-8"))
    numerals = {numeral: value for value, numeral in enumerate(data.pop("numerals"))} | {data.pop("ten"): 10}
    return {name: re.compile(text, re.VERBOSE if name in _VERBOSE else 0) for name, text in data.items()}, numerals


def references(lines: list[str]) -> tuple[Reference, ...]:
    """What the folded lines of an answer refer to, each once, in order, at most 100.

    Counted are numbers of evidence and attachments, titles that the answer says to see, and names of files; not the
    laws it cites, amounts, or attachments that it holds itself.
    """
    found: dict[tuple[str, str], Reference] = {}
    own = _own_attachments(lines)
    for reference in _every(lines):
        if reference.sort == "attachment" and reference.value in own:
            continue
        found.setdefault((reference.sort, reference.value), reference)
        if len(found) >= MAX_REFERENCES:
            break
    return tuple(found.values())


def _every(lines: list[str]) -> Iterator[Reference]:
    expected = 0
    for line in lines:
        listed = list(_listed(line.strip(), expected))
        opened = _data()[0]["list_open"].fullmatch(line.strip())
        expected = 1 if opened else int(listed[-1].value) + 1 if listed else 0
        yield from listed
        yield from _numbers(line)
        yield from _titles(line)
        yield from _files(line)


def _own_attachments(lines: list[str]) -> frozenset[str]:
    """The attachments whose heading stands in the answer itself."""
    heads = (_data()[0]["own_head"].fullmatch(line.strip()) for line in lines if len(line) < 40)
    return frozenset(str(_value(match["item"])) for match in heads if match)


def _listed(line: str, expected: int) -> Iterator[Reference]:
    """A line of the list of attachments: its head, or the number that is next."""
    patterns = _data()[0]
    head = patterns["list_head"].fullmatch(line)
    item = None if head or not expected else patterns["list_item"].fullmatch(line)
    if head:
        yield Reference("attachment", head["first"], line[:_MAX_TITLE])
    elif item and int(item["item"]) == expected:
        yield Reference("attachment", item["item"], line[:_MAX_TITLE])


def _numbers(line: str) -> Iterator[Reference]:
    patterns = _data()[0]
    for match in patterns["number"].finditer(line):
        sort = "attachment" if patterns["attachment"].fullmatch(match["word"]) else "number"
        # The attachment of the document just named is that document's own.
        if sort == "attachment" and patterns["foreign"].search(line[max(match.start() - 6, 0) : match.start()]):
            continue
        for value in _expanded(match["list"]):
            yield Reference(sort, str(value), match[0].strip())


def _expanded(written: str) -> Iterator[int]:
    """The numbers of a list such as `1-3,5`."""
    patterns = _data()[0]
    for part in patterns["separator"].split(re.sub("[() ]", "", written)):
        ends = [_value(end) for end in patterns["range"].split(part) if end]
        if len(ends) == 2 and 0 < ends[0] < ends[1] < ends[0] + _MAX_RANGE:
            yield from range(ends[0], ends[1] + 1)
        else:
            yield from (end for end in ends if 0 < end <= _MAX_NUMBER)


def _value(written: str) -> int:
    """A number up to 99 in numerals, or any in digits; 0 for what is none."""
    if written.isdecimal():
        return int(written)
    numerals = _data()[1]
    values = [numerals.get(character, 0) for character in written]
    if 10 not in values:
        return values[0] if len(values) == 1 else 0
    tens, units = values[: values.index(10)], values[values.index(10) + 1 :]
    return 10 * (sum(tens) or 1) + sum(units)


def _titles(line: str) -> Iterator[Reference]:
    patterns = _data()[0]
    for match in patterns["title"].finditer(line):
        run = match["run"]
        for title in patterns["each_title"].findall(run) if run else [match["followed"]]:
            value = title.strip()
            if _MIN_TITLE <= len(value) <= _MAX_TITLE and not patterns["statute"].fullmatch(value):
                yield Reference("title", value, title)


def _files(line: str) -> Iterator[Reference]:
    patterns = _data()[0]
    for extension in patterns["extension"].finditer(line):
        before = line[max(extension.start() - 2 * _MAX_NAME, 0) : extension.start()]
        name = patterns["name"].search(before[-_MAX_NAME:])
        if not name or patterns["web"].search(before):
            continue
        stem = _after_open_bracket(patterns["lead"].sub("", name[0])).strip()
        if stem and not patterns["formats"].fullmatch(stem):
            yield Reference("file", stem + extension[0], stem + extension[0])


def _after_open_bracket(stem: str) -> str:
    """The name without what stands before a bracket that only closes behind it."""
    closed = 0
    for at in range(len(stem) - 1, -1, -1):
        closed += (stem[at] == ")") - (stem[at] == "(")
        if closed < 0:
            return stem[at + 1 :]
    return stem

"""The gate's shipped patterns, each with its examples, and what is found, masked, counted and left alone."""

import re
from collections.abc import Iterator
from datetime import date
from time import perf_counter
from typing import Any

import pytest
import yaml

from evidence_cli.looks.facts import Passage, Place, Spotted, Unit
from evidence_cli.looks.text.block import BlockBuilder
from evidence_cli.looks.text.gate_search import MAX_SPOTTED, GateSearch, compiled, shown
from evidence_cli.looks.text.proofs import PROOFS
from evidence_cli.table import default_table
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.gate import Gate, Search
from evidence_cli.vocabulary.shipped import shipped

SHIPPED: dict[str, Any] = yaml.safe_load(shipped("data/gate.yaml"))
GATE = default_table().effective_gate


def resident_id(day: date = date(1900, 1, 1), *, region: str = "110101", last: str | None = None) -> str:
    """A synthetic number: born on the first day of 1900 and without a serial number; `last` asks for a check digit."""
    for serial in range(1000):
        body = f"{region}{day:%Y%m%d}{serial:03}"
        weights = [2**place % 11 for place in range(17, 0, -1)]
        check = "10X98765432"[sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11]
        if last is None or check == last:
            return body + check
    raise AssertionError(last)


def card(prefix: str, length: int) -> str:
    """A synthetic number: the prefix, zeros and the check digit."""
    body = prefix.ljust(length - 1, "0")
    total = sum(sum(divmod(int(d) * (2 - n % 2), 10)) for n, d in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def _grouped(number: str, blank: str = " ") -> str:
    return blank.join(re.findall("....|.+", number))


def _values() -> dict[str, str]:
    plain, with_x = resident_id(last="5"), resident_id(last="X")
    union, long = card("6200", 16), card("6200", 19)
    wide = {ord("0") + n: 0xFF10 + n for n in range(10)}
    wrong = plain[:-1] + "6"
    return {
        "id": plain,
        "id_x": with_x,
        "id_lower": with_x.lower(),
        "id_wide": plain.translate(wide),
        "id_grouped": f"{plain[:6]} {plain[6:14]} {plain[14:]}",
        "id_hyphens": f"{plain[:6]}-{plain[6:14]}-{plain[14:]}",
        "id_spaced": " ".join(plain),
        "id_wrong": wrong,
        "id_masked": f"{plain[:6]}********{plain[14:]}",
        "id_dots": f"{plain[:6]}.{plain[6:14]}.{plain[14:]}",
        "id_dashes": f"{plain[:6]}–{plain[6:14]}  {plain[14:]}",
        "id_times": with_x.replace("X", "×"),
        "id_cells": "\n".join(plain),
        "id_broken": f"{plain[:10]}\n{plain[10:]}",
        "card": union,
        "card19": long,
        "card_visa": card("4000", 16),
        "card_master": card("5100", 16),
        "card_jcb": card("3528", 16),
        "card_amex": card("3700", 15),
        "card_wide": union.translate(wide),
        "card_wrong": f"{union[:-1]}{(int(union[-1]) + 1) % 10}",
        "card_grouped": _grouped(union),
        "card_hyphens": _grouped(union, "-"),
        "card19_grouped": _grouped(long),
        "card19_halves": f"{long[:6]} {long[6:]}",
        "card_visa_grouped": _grouped(card("4000", 16)),
        "card_masked": f"{union[:4]} **** **** {union[-4:]}",
    }


VALUES = _values()


def filled(example: object) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: VALUES[match[1]], str(example))


def found(text: str, gate: Gate = GATE, unit: Unit = Unit.PARAGRAPH, before: int = 0) -> list[Spotted]:
    """What is found in a passage, after some lines of ordinary text."""
    builder = BlockBuilder()
    for number in range(before):
        builder.add(Passage(Place(Unit.PARAGRAPH, number + 1), f"第{number + 1}段正文。"))
    builder.add(Passage(Place(unit, before + 1), text))
    search = GateSearch(gate)
    search.search(builder.take())
    return list(search.spotted())


def _rows() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for name, entry in SHIPPED.items():
        for group in entry["searches"]:
            for row in group["patterns"]:
                yield name, entry["code"], group.get("proof", ""), row


@pytest.mark.parametrize(
    ("name", "code", "proof", "row"), [pytest.param(*row, id=row[3]["pattern"][:40]) for row in _rows()]
)
def test_examples_of_each_pattern(name: str, code: str, proof: str, row: dict[str, Any]) -> None:
    assert len(row["finds"]) >= 1
    assert len(row["spares"]) >= 1
    exceptions = tuple(e["pattern"] for group in SHIPPED[name]["searches"] for e in group.get("exceptions", ()))
    alone = Gate((Search(Code(code), (row["pattern"],), exceptions, proof, masked=False),))
    assert [example for example in row["finds"] if not found(filled(example), alone)] == []
    assert [example for example in row["spares"] if found(filled(example), alone)] == []


def test_examples_of_each_exception() -> None:
    for entry in SHIPPED.values():
        for group in entry["searches"]:
            for row in group.get("exceptions", ()):
                pattern = compiled(row["pattern"])
                assert all(pattern.search(filled(example)) for example in row["finds"])
                assert not any(pattern.search(filled(example)) for example in row["spares"])
                assert [example for example in row["finds"] if found(filled(example))] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_positive_example_is_found_by_its_own_rule(name: str) -> None:
    for group in SHIPPED[name]["searches"]:
        for row in group["patterns"]:
            for example in row["finds"]:
                assert {spotted.code for spotted in found(filled(example))} == {SHIPPED[name]["code"]}, example


PROSE = [line for entry in SHIPPED.values() for line in entry.get("prose", ())]


@pytest.mark.parametrize("line", PROSE)
def test_prose_gives_nothing(line: str) -> None:
    for unit in (Unit.PARAGRAPH, Unit.CELL, Unit.HEADER):
        assert found(line, unit=unit) == []
    assert found(line, before=10) == []


def test_the_proofs_named_are_known() -> None:
    named = {group["proof"] for entry in SHIPPED.values() for group in entry["searches"] if "proof" in group}
    assert named == set(PROOFS)


@pytest.mark.parametrize("mark", ["机密", "（秘密）", "内部资料", "注意保存"])
def test_a_mark_alone_counts_at_the_top_and_beside_the_text(mark: str) -> None:
    assert [s.code for s in found(mark, before=3)] == ["E401"]
    assert found(mark, before=4) == []
    assert [s.code for s in found(mark, unit=Unit.HEADER, before=9)] == ["E401"]
    assert [s.code for s in found(mark, unit=Unit.FOOTER, before=9)] == ["E401"]
    assert [s.code for s in found(mark, unit=Unit.PAGE, before=9)] == ["E401"]
    assert found(mark, unit=Unit.CELL, before=3) == []
    assert found(mark, unit=Unit.COMMENT) == []


def test_marks_are_shown_as_they_are_and_numbers_masked() -> None:
    text = f"绝　密 ★ 30 年 {VALUES['id']}\n{VALUES['card19_grouped']}\n138-0000-0000"
    assert {s.code: s.shown for s in found(text)} == {
        "E401": "绝 密 ★ 30 年",
        "E402": f"11{'*' * 14}{VALUES['id'][-2:]}",
        "E404": f"62{'*' * 15}{VALUES['card19'][-2:]}",
        "E403": "13*******00",
    }
    assert shown("1234", masked=True) == "****"


@pytest.mark.parametrize("year", [1899, 2050])
def test_resident_ids_of_impossible_years(year: int) -> None:
    assert found(resident_id(date(year, 1, 1))) == []


@pytest.mark.parametrize(
    ("region", "day"),
    [("110101", "19000230"), ("110101", "19001301"), ("160101", "19000101"), ("990101", "19000101")],
)
def test_resident_ids_that_nobody_has(region: str, day: str) -> None:
    right = resident_id(region="110101")
    body = region + day + right[14:17]
    check = "10X98765432"[sum(2 ** (17 - n) % 11 * int(d) for n, d in enumerate(body)) % 11]
    assert found(body + check) == []


def test_one_number_is_found_once() -> None:
    # Gansu's numbers begin as UnionPay's do.
    both = next(
        number
        for day in range(1, 29)
        for month in range(1, 13)
        if (number := resident_id(date(1900, month, day), region="620102")).isdigit()
        and sum(sum(divmod(int(d) * (1 + n % 2), 10)) for n, d in enumerate(reversed(number))) % 10 == 0
    )
    assert [s.code for s in found(both)] == ["E402"]


def test_places_counts_and_the_first_of_many() -> None:
    builder = BlockBuilder()
    for row in range(1, 201):
        builder.add(Passage(Place(Unit.CELL, f"Sheet1!B{row}"), "13800000000"))
    search = GateSearch(GATE)
    search.search(builder.take())
    assert search.counts() == (("E403", 200),)
    assert [s.place.value for s in search.spotted()] == [f"Sheet1!B{row}" for row in range(1, MAX_SPOTTED + 1)]


def test_a_full_width_bracket_in_a_pattern_is_found() -> None:
    gate = Gate((Search(Code.SECRECY_MARK, ("（密件）", "[：]机要"), masked=False),))
    assert [s.shown for s in found("标题（密件）类别：机要", gate)] == ["(密件)", ":机要"]


def test_a_match_of_nothing_is_no_find() -> None:
    assert found("abc", Gate((Search(Code.SECRECY_MARK, ("x*", r"\b")),))) == []


HOSTILE = ["1", "62", "*", "★", " ", "\n", "机 密 ", "1 ", "3 7 0 1 0 2 1 9 9 0 0 1 0 1 1 2 3 ", "6222-",
           "内部资料",
           "(内部资料,请", "“", "标注“", "\ufdfa", "\u0301\u0323", "a\u200b", "密级:", "12345678\n",
           "138 0000 "]  # fmt: skip


def test_time_grows_with_the_length_alone() -> None:
    slow = []
    for unit in HOSTILE:
        start = perf_counter()
        found(unit * (200_000 // len(unit)))
        # 4 million characters are twenty times as many: 5 s at most on an idle machine, some leeway for a busy one.
        if perf_counter() - start > 1.5:
            slow.append(unit)
    assert slow == []

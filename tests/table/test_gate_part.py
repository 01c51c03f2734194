"""The table's `gate`: how it is written, what comes of it, and what is refused where."""

import pytest
from table_text import GOOD

from evidence_cli.table import parse_table
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.errors import TableError
from evidence_cli.vocabulary.gate import Gate


def gate(text: str) -> Gate:
    return parse_table(f"{GOOD}{text}".encode(), "t.yaml").effective_gate


def problems(text: str) -> list[tuple[int, int, str, str]]:
    with pytest.raises(TableError) as caught:
        gate(text)
    return [(p.line - GOOD.count("\n"), p.column, p.key, str(p.cause)) for p in caught.value.problems]


def test_nothing_said_is_everything_shipped() -> None:
    shipped = gate("")
    codes = [search.code for search in shipped.searches]
    assert list(dict.fromkeys(codes)) == [
        Code.SECRECY_MARK,
        Code.RESIDENT_ID,
        Code.BANK_CARD,
        Code.MOBILE_NUMBER,
    ]
    assert shipped.position
    for same in ("gate:\n", "gate: {}\n", "gate: {mobile: on}\n", "gate: {mobile: {}}\n", "gate: {mobile: }\n"):
        assert gate(same) == shipped


@pytest.mark.parametrize("off", ["off", "false", "no", "'off'", "{search: off}", "{search: FALSE}"])
def test_a_search_is_switched_off(off: str) -> None:
    codes = {search.code for search in gate(f"gate: {{mobile: {off}}}\n").searches}
    assert codes == {Code.SECRECY_MARK, Code.RESIDENT_ID, Code.BANK_CARD}
    assert gate(f"gate: {{position: {off}}}\n").position is False


def test_patterns_of_ones_own() -> None:
    text = """\
gate:
  bank_card: {patterns: ['62[0-9]{17}']}
  secrecy:
    also: ['密件']
    ignore: ['密件箱']
"""
    made, shipped = gate(text), gate("")
    cards = [search for search in made.searches if search.code is Code.BANK_CARD]
    assert [(c.patterns, c.exceptions, c.proof, c.masked) for c in cards] == [(("62[0-9]{17}",), (), "", True)]
    marks = [search for search in made.searches if search.code is Code.SECRECY_MARK]
    before = [search for search in shipped.searches if search.code is Code.SECRECY_MARK]
    assert [mark.patterns for mark in marks] == [*(mark.patterns for mark in before), ("密件",)]
    assert all(mark.exceptions[-1] == "密件箱" for mark in marks)
    assert not any(mark.masked for mark in marks)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gate: {mobile: {also: ['(1']}}\n", [(1, 24, "gate.mobile.also.0", "pattern")]),
        ("gate: {mobile: {also: ['a', '[b']}}\n", [(1, 29, "gate.mobile.also.1", "pattern")]),
        ("gate: {mobile: {also: ['x{99999999999}']}}\n", [(1, 24, "gate.mobile.also.0", "pattern")]),
        ("gate: {mobile: {also: ['x*']}}\n", [(1, 24, "gate.mobile.also.0", "pattern_empty")]),
        ("gate: {mobile: {ignore: ['^']}}\n", [(1, 26, "gate.mobile.ignore.0", "pattern_empty")]),
        ("gate: {mobile: {also: ['']}}\n", [(1, 24, "gate.mobile.also.0", "blank_text")]),
        ("gate: {mobile: {also: [138]}}\n", [(1, 24, "gate.mobile.also.0", "quote_number")]),
        ("gate: {mobile: {also: 'x'}}\n", [(1, 23, "gate.mobile.also", "expected_list")]),
        ("gate: {mobile: {patterns: []}}\n", [(1, 17, "gate.mobile.patterns", "empty_value")]),
        (f"gate: {{mobile: {{also: ['{'x' * 1001}']}}}}\n", [(1, 24, "gate.mobile.also.0", "text_too_long")]),
        ("gate: {mobile: never}\n", [(1, 16, "gate.mobile", "choice")]),
        ("gate: {mobile: [off]}\n", [(1, 16, "gate.mobile", "choice")]),
        ("gate: {mobile: {search: offf}}\n", [(1, 25, "gate.mobile.search", "choice_near")]),
        ("gate: {phone: off}\n", [(1, 8, "gate.phone", "unknown_key")]),
        ("gate: {mobil: off}\n", [(1, 8, "gate.mobil", "unknown_key_near")]),
        ("gate: {position: {also: ['x']}}\n", [(1, 19, "gate.position.also", "unknown_key")]),
        ("gate: off\n", [(1, 7, "gate", "expected_mapping")]),
    ],
)
def test_what_is_refused(text: str, expected: list[tuple[int, int, str, str]]) -> None:
    assert problems(text) == expected

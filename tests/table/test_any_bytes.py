"""Whatever the bytes: a Table or a TableError, with words in both languages for every problem."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_text import GOOD

from evidence_cli.messages import words
from evidence_cli.table import Table, parse_table
from evidence_cli.vocabulary.errors import TableError

PIECES = st.sampled_from(
    [
        *(
            "- ",
            ": ",
            "\n",
            "\n  ",
            "\t",
            "[",
            "]",
            "{",
            "}",
            ", ",
            "&a ",
            "*a",
            "!!str ",
            "! ",
            "<<",
            "? ",
            "|\n",
            ">-\n ",
        ),
        *(
            "'",
            '"',
            "#",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
            "：",
            "，",
            "“",
            "”",
            "－",
            "＃",
            "\u0308",
            "\u3000",
            "\n\u3000\u3000",
            "\u00a0",
            "~",
            "null",
            "\r",
        ),
        *(
            "version",
            "evaluation",
            "indicators",
            "code",
            "1.10",
            "012",
            "2021-12-14",
            "off",
            "9" * 5000,
            "\ufeff",
        ),
    ]
)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def judge(data: bytes) -> None:
    try:
        assert isinstance(parse_table(data, "t.yaml"), Table)
    except TableError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.line >= 1
            assert problem.column >= 1
            for language in ("zh", "en"):
                assert all(words(language).problem(problem))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    judge(data)


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    judge(text.encode("utf-8", "surrogatepass"))


@given(st.lists(PIECES, max_size=25))
def test_any_yaml(pieces: list[str]) -> None:
    judge("".join(pieces).encode())


@settings(max_examples=200)
@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.lists(PIECES, max_size=3))
def test_a_table_with_a_hole(start: int, length: int, pieces: list[str]) -> None:
    judge((GOOD[:start] + "".join(pieces) + GOOD[start + length :]).encode())


@settings(max_examples=200)
@given(st.integers(0, len(GOOD.splitlines()) - 1), VALUES)
def test_a_value_of_any_shape(number: int, value: Any) -> None:
    import yaml

    lines = GOOD.splitlines()
    key, colon, _ = lines[number].partition(": ")
    flow = yaml.dump(value, default_flow_style=True, allow_unicode=True, width=10**6).replace("\n...\n", "").strip()
    lines[number] = f"{key}: {flow}" if colon else lines[number]
    judge("\n".join(lines).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("text", ['x: "\\ud800"', "x: !<tag:x> y", "!x", "&a", "*a", "? ", "[: :]", "{,}", "%", "\x85"])
def test_odd_yaml(text: str) -> None:
    judge(text.encode())

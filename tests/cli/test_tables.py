"""Tables broken in every way people break them: places, words, exit code 2, and never a traceback."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import evcli

from support.workspace import TABLE

PLACE = re.compile(r"config/indicators\.yaml:(\d+):(\d+): \S")
LAST = re.compile(r"evcli: 任务分解表 .*config/indicators\.yaml 有 (\d+) 处要改，改好后再运行。")

# what is done to the table → lines with a problem, and a word that must be there.
BROKEN: dict[str, tuple[tuple[str, str], tuple[int, ...], str]] = {
    "a code without quotes": (('- code: "1.1"', "- code: 1.10"), (42,), "引号"),
    "a full-width colon": (("version: 1", "version：1"), (1,), "："),
    "a mistyped key": (("milestones:", "milestone:"), (8,), "milestones"),
    "a key twice": (("version: 1\n", "version: 1\nversion: 1\n"), (2,), "version"),
    "an unknown category": (("[policy, screenshot]", "[polici]"), (52,), "policy"),
    "an unknown time zone": (("Asia/Shanghai", "Asia/Shanghi"), (6,), "Asia/Shanghai"),
    "an unknown version": (("version: 1", "version: 2"), (1,), "1"),
    "an unknown rule": (("version: 1", "version: 1\nrules: {severity: {E999: off}}"), (2,), "E999"),
    "dates in the wrong order": (("2099-12-17T17:00", "2099-12-01T17:00"), (14,), ""),
    "a question under another indicator": (("code: 1.2-01", "code: 1.1-09"), (59,), "1.1-09"),
    "a layout that leaves the workspace": (("packages: 报送", "packages: ../报送"), (15,), ""),
    "a waiver without a reason": (
        ("version: 1", "version: 1\nwaivers: [{rule: E203, question: 1.1-01}]"),
        (2,),
        "reason",
    ),
    "a waiver for no question": (
        ("version: 1", "version: 1\nwaivers: [{rule: E203, question: 9.9-01, reason: 无}]"),
        (2,),
        "9.9-01",
    ),
    "yaml that ends too early": (("layout: {", "layout: {{"), (), ""),
    "an alias bomb": (
        ("version: 1", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]\nversion: 1"),
        (),
        "",
    ),
}


def spoil(workspace: Path, change: tuple[str, str]) -> None:
    assert change[0] in TABLE
    (workspace / "config/indicators.yaml").write_text(TABLE.replace(*change, 1), encoding="utf-8")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_says_where_and_what(name: str, workspace: Path) -> None:
    change, lines, word = BROKEN[name]
    spoil(workspace, change)
    result = evcli("check", cwd=workspace)
    assert (result.code, result.out) == (2, "")
    *problems, last = result.err.splitlines()
    heads = [match for match in map(PLACE.search, problems) if match]
    assert heads
    # Each problem has a line for what is wrong and a line for what to write.
    assert len(problems) == 2 * len(heads)
    assert all(line.startswith("    ") for line in problems[1::2])
    if lines:
        assert tuple(int(match[1]) for match in heads) == lines
    assert word in result.err
    closing = LAST.fullmatch(last)
    assert closing and int(closing[1]) == len(heads)


def test_all_problems_come_in_one_run_in_order(workspace: Path) -> None:
    text = (
        TABLE.replace("version: 1", "version: 2").replace("milestones:", "milestone:").replace("[policy,", "[polici,")
    )
    (workspace / "config/indicators.yaml").write_text(text, encoding="utf-8")
    result = evcli("check", cwd=workspace)
    places = [int(line) for line, _ in PLACE.findall(result.err)]
    assert result.code == 2
    assert len(places) == 3
    assert places == sorted(places)


def test_the_same_in_english(workspace: Path) -> None:
    spoil(workspace, ("version: 1", "version: 2"))
    result = evcli("check", "--lang", "en", cwd=workspace)
    assert result.code == 2
    assert result.err.splitlines()[-1].endswith("has 1 problem(s). Please correct it and run again.")


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xff\xfe\x00", b"- 1\n", b"!!python/object:os.system x\n", b"&a [*a]\n"]
)
def test_bytes_that_are_no_table(data: bytes, workspace: Path) -> None:
    (workspace / "config/indicators.yaml").write_bytes(data)
    result = evcli("check", cwd=workspace)
    assert (result.code, result.out) == (2, "")
    assert PLACE.search(result.err)
    assert "\x00" not in result.err


def test_text_of_the_table_cannot_steer_the_terminal(workspace: Path) -> None:
    spoil(workspace, ("version: 1", '"\\e[31m\\u202Ekey [bold]x[/bold]\\nnext": 1\nversion: 1'))
    result = evcli("check", cwd=workspace)
    assert result.code == 2
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", result.err)
    assert "[bold]x[/bold]" in result.err


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=80)
    | st.lists(st.sampled_from([*TABLE.splitlines(), "  - ", "- {", "a: &a", "*a", "? !!set"]), max_size=30).map(
        "\n".join
    )
)
def test_any_text_is_a_table_or_a_list_of_problems(text: str, workspace: Path) -> None:
    (workspace / "config/indicators.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    result = evcli("table", "show", cwd=workspace)
    assert result.code in (0, 2)
    assert "Traceback" not in result.err
    assert result.code == 0 or PLACE.search(result.err)

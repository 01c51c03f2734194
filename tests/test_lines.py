"""Lines for people: they fit the terminal, break where Chinese and commands may be broken, and lose nothing."""

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from evidence_cli.reporters.terminal import Page

CLOSING = "，。；：！？、）》”’】〕"


def shown(*parts: str, width: int, indent: int = 0) -> list[str]:
    page = Page(width, color=False)
    page.line(*parts, indent=indent)
    return page.text().splitlines()


def test_what_goes_on_below_stands_a_little_further_in() -> None:
    assert shown("→ ", "请把材料放进“网站截图”文件夹；确实没有的，请联系指标联络员。", width=44, indent=4) == [
        "    → 请把材料放进“网站截图”文件夹；确实没有",
        "      的，请联系指标联络员。",
    ]


def test_commands_and_paths_of_ascii_stay_whole() -> None:
    assert shown("再运行一次命令，不会改动已经有的内容 evcli-init --dry-run 1.1", width=44) == [
        "再运行一次命令，不会改动已经有的内容",
        "  evcli-init --dry-run 1.1",
    ]


def test_a_word_longer_than_the_line_is_cut() -> None:
    assert shown("x" * 100, width=40) == ["x" * 40, "  " + "x" * 38, "  " + "x" * 22]


def test_a_long_name_is_cut_at_its_joints_and_never_inside_its_extension() -> None:
    assert shown("statistics_of_all_counters_and_windows.docx", width=40) == [
        "statistics_of_all_counters_and_windows",
        "  .docx",
    ]
    assert shown("a-name/" + "x" * 36 + ".pdf", width=40) == ["a-name/", "  " + "x" * 36, "  .pdf"]


def table(width: int, *rows: Sequence[str]) -> list[str]:
    page = Page(width, color=False)
    page.table(["题号", "压缩包", "大小"], rows, right=[2])
    return page.text().splitlines()


def test_a_table_is_as_wide_as_its_cells() -> None:
    assert table(80, ["1.1-01", "公示.zip", "3 MB"], ["1.10-02", "—", "12 MB"]) == [
        "",
        " 题号      压缩包      大小",
        " ──────────────────────────",
        " 1.1-01    公示.zip    3 MB",
        " 1.10-02   —          12 MB",
        "",
    ]


def test_in_a_narrow_table_names_go_on_below_and_numbers_stay_whole() -> None:
    assert table(40, ["1.1-01", "1.1-01-办事指南和材料清单.zip", "3 MB"]) == [
        "",
        " 题号     压缩包                   大小",
        " ──────────────────────────────────────",
        " 1.1-01   1.1-01-办事指南和材料    3 MB",
        "          清单.zip",
        "",
    ]


def test_of_several_long_columns_the_widest_give_way() -> None:
    page = Page(40, color=False)
    page.table(["甲", "乙", "丙"], [["1", "短", "长" * 40]])
    assert [cell_len(line) for line in page.text().splitlines()][2:5] == [39, 39, 39]


def test_the_colours_of_a_table_change_nothing_of_its_layout() -> None:
    plain, coloured = (Page(60, color=color) for color in (False, True))
    for page in (plain, coloured):
        page.table(["题号", "结果"], [["1.1-01", ("已打包", "good")], ["1.1-02", ("未打包" * 20, "error")]])
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.text()) == plain.text()
    assert "\x1b[32m已打包" in coloured.text()


def test_a_name_that_nobody_wrote_is_shortened_in_its_middle() -> None:
    lines = shown("甲" * 1000, width=40)
    assert sum(line.count("甲") for line in lines) == 1000
    assert "".join(line.strip() for line in shown("甲" * 600 + "乙" * 600, width=40)) == "甲" * 500 + "…" + "乙" * 500


texts = st.text(st.sampled_from("汉字材料ab1 -" + CLOSING), max_size=300)


@given(texts, st.integers(40, 100), st.integers(0, 6))
def test_lines_fit_and_lose_nothing_but_blanks(text: str, width: int, indent: int) -> None:
    lines = shown(text, width=width, indent=indent)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(st.sampled_from("汉字材料 " + CLOSING), max_size=200))
def test_no_line_begins_with_one_closing_mark(text: str) -> None:
    for line, after in zip(lines := shown(text, width=40), lines[1:], strict=False):
        begins = after.strip()[:1]
        # A line of nothing but marks has nothing that could go on with them.
        assert begins not in CLOSING or line.strip()[-1:] in CLOSING or not begins

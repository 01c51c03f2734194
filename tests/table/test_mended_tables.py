"""Mistakes of writing do not hide the rest: each is reported at its own place, and what follows is judged too."""

import pytest
from table_text import GOOD

from evidence_cli.messages import words
from evidence_cli.table.load import parse_table
from evidence_cli.vocabulary.errors import Problem, TableError

Found = tuple[int, int, str, str]
Change = tuple[str, str]

WIDE, HARD = "\u3000", "\u00a0"
# Far below every mistake of writing: whoever reports it has read the whole file.
BELOW: Change = (", reason: 原名", "")
LAST: Found = (35, 5, "waivers.0.reason", "missing_key")


def judged(data: bytes) -> list[Problem]:
    with pytest.raises(TableError) as caught:
        parse_table(data, "t.yaml")
    return list(caught.value.problems)


def problems(text: str) -> list[Found]:
    return [(p.line, p.column, p.key, str(p.cause)) for p in judged(text.encode())]


def spoilt(*changes: Change) -> str:
    text = GOOD
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


MENDED: list[tuple[list[Change], list[Found]]] = [
    # Tabs.
    ([("  id: demo", "\tid: demo")], [(3, 1, "", "tab")]),
    ([("  pack: ", "\tpack: "), ("  submit: ", "\tsubmit: ")], [(9, 1, "", "tab"), (10, 1, "", "tab")]),
    ([("  id: demo", "\tid: demo"), ("        name: 梳", "\t\tname: 梳")], [(3, 1, "", "tab"), (22, 1, "", "tab")]),
    ([("        owner", "\towner"), ("    filled_by", "  \tfilled_by")], [(23, 1, "", "tab"), (31, 3, "", "tab")]),
    ([("          - code: 1.1-01", "          -\tcode: 1.1-01")], [(25, 12, "", "tab")]),
    # Blanks that are none to YAML.
    ([("  title: 演示", f"{WIDE}title: 演示")], [(4, 1, "", "odd_blank")]),
    ([("  title: 演示", f"{WIDE * 2}title: 演示")], [(4, 1, "", "odd_blank")]),
    ([("  language: zh", f"{WIDE}language: zh")], [(7, 1, "", "odd_blank")]),
    (
        [("  id: demo", f"{HARD}{HARD}id: demo"), ("        owner", f"{WIDE * 4}owner")],
        [(3, 1, "", "odd_blank"), (23, 1, "", "odd_blank")],
    ),
    ([('  - code: "1"\n', f'{WIDE}- code: "1"\n')], [(18, 1, "", "odd_blank")]),
    (
        [("  title: 演示", f"  title:{WIDE}演示"), ("    name: 能力", f"    name:{HARD}能力")],
        [(4, 9, "", "odd_blank"), (19, 10, "", "odd_blank")],
    ),
    ([("evaluation:\n", f"evaluation:{WIDE}\n")], [(2, 12, "", "odd_blank")]),
    ([("  - {id: policy", f"  -{WIDE}{{id: policy")], [(13, 4, "", "odd_blank")]),
    ([("{id: policy", f"{{{WIDE}id: policy")], [(13, 6, "", "odd_blank")]),
    ([("language: zh", f"language: zh{WIDE}")], [(7, 15, "evaluation.language", "odd_blank")]),
    # Brackets.
    ([("kinds: [pdf, word]}", "kinds: [pdf, word]")], [(13, 5, "", "bracket")]),
    (
        [("kinds: [pdf, word]}", "kinds: [pdf, word"), ("end: 2021-12-31}", "end: 2021-12-31  # 年底")],
        [(5, 11, "", "bracket"), (13, 37, "", "bracket")],
    ),
    ([("{min_files: 1}", "{min_files: 1,\n             max_files: 2")], [(16, 13, "", "bracket")]),
    ([("required: [policy]", "required: [policy")], [(27, 41, "", "bracket")]),
    ([("kinds: [image]}", "kinds: [image]}}")], [(14, 49, "", "bracket")]),
    # Quotes, and text that needs them.
    ([("title: 演示", 'title: "演示')], [(4, 10, "", "quote")]),
    ([("title: 归集}", 'title: "归集}')], [(28, 35, "", "quote")]),
    (
        [("title: 演示", "title: *事项"), ("title: 清单", "title: &事项")],
        [
            (4, 10, "", "reference_mark"),
            (26, 20, "", "reference_mark"),
        ],
    ),
    ([("title: 归集}", "title: *事项}")], [(28, 35, "", "reference_mark")]),
    (
        [("name: 政策文件, kinds: [pdf, word]}", "name: &政策文件, kinds: [pdf, word")],
        [
            (13, 24, "", "reference_mark"),
            (13, 38, "", "bracket"),
        ],
    ),
    ([("title: 演示", "title: *nobody")], [(4, 10, "", "unknown_anchor")]),
    ([("title: 归集}", "title: @归集}")], [(28, 35, "", "start_character")]),
    ([("title: 演示", "title: ? ? 演示")], [(4, 10, "", "question_mark")]),
    ([("title: 演示", "title: - 演示")], [(4, 10, "", "dash")]),
    ([("title: 演示", "title: |演示")], [(4, 10, "", "block_text")]),
    ([("version: 1", "%FOO\nversion: 1")], [(1, 1, "", "start_character")]),
    # Full-width colons, line after line.
    (
        [("  id: demo\n  title: 演示", "  id：demo\n  title： 演示"), ("    name: 能力", "    name：能力")],
        [(3, 5, "", "full_width"), (4, 8, "", "full_width"), (19, 9, "", "full_width")],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), MENDED, ids=range(len(MENDED)))
def test_the_rest_is_read(changes: list[Change], expected: list[Found]) -> None:
    text = spoilt(*changes, BELOW)
    moved = len(text.splitlines()) - len(GOOD.splitlines())
    # The last one moves with the lines that were put in above it.
    assert problems(text) == [*expected, (LAST[0] + moved, *LAST[1:])]


@pytest.mark.parametrize(("blank", "cause"), [("\t", "tab"), (WIDE, "odd_blank"), (HARD * 2, "odd_blank")])
def test_a_whole_file_indented_wrongly(blank: str, cause: str) -> None:
    lines = spoilt(BELOW).replace("  ", blank).splitlines()
    expected = [(number, 1, "", cause) for number, line in enumerate(lines, 1) if line.startswith(blank)]
    assert len(expected) == 26
    column = len(blank) + len("- ") + 1
    assert problems("\n".join(lines)) == [*expected, (35, column, *LAST[2:])]


def test_blanks_and_tabs_within_a_text_are_content() -> None:
    text = f"title: 清单\n            text: |\n              {WIDE}{WIDE}第一段\n              \t第二段"
    assert problems(spoilt(("  id: demo", "\tid: demo"), ("title: 清单", text))) == [(3, 1, "", "tab")]


def test_more_mistakes_than_are_mended() -> None:
    lines = "".join(f'  - {{code: "{number}", name: x\n' for number in range(10, 200))
    found = problems(spoilt(("indicators:\n", "indicators:\n" + lines)))
    assert found[:50] == [(number, 5, "", "bracket") for number in range(18, 68)]
    assert len(found) == 51


CHINA = (
    *("Asia/Beijing", "Asia/Peking", "Asia/Guangzhou", "Beijing", "beijing", "北京", "上海市", "北京时间"),
    *("China Standard Time", "CST", "UTC+8", "UTC+08:00", "GMT+8", "+08:00", "+8", "ＵＴＣ+8"),
)


@pytest.mark.parametrize("written", CHINA)
def test_what_people_write_for_the_time_of_china(written: str) -> None:
    (problem,) = judged(spoilt(("timezone: Asia/Shanghai", f"timezone: {written}")).encode())
    assert (problem.line, problem.column, problem.key) == (6, 13, "evaluation.timezone")
    assert (str(problem.cause), problem.params["suggestion"]) == ("timezone_near", "Asia/Shanghai")


def test_old_names_of_zones_are_right() -> None:
    assert str(parse_table(GOOD.replace("Asia/Shanghai", "PRC").encode(), "t.yaml").zone) == "PRC"


NAMES = ("prepare", "questions", "pack", "review", "recheck", "submit")
# (the days of the six milestones, the problems: which, why, and the other one).
DAYS: list[tuple[tuple[int, ...], list[tuple[str, str, str]]]] = [
    ((10, 11, 30, 12, 13, 14), [("pack", "milestone_late", "review")]),
    ((10, 11, 1, 12, 13, 14), [("pack", "milestone_order", "questions")]),
    ((30, 11, 12, 13, 14, 15), [("prepare", "milestone_late", "questions")]),
    ((10, 11, 12, 13, 14, 1), [("submit", "milestone_order", "recheck")]),
    ((10, 30, 11, 1, 12, 13), [("questions", "milestone_late", "pack"), ("review", "milestone_order", "pack")]),
    ((2, 1, 3, 4, 5, 6), [("questions", "milestone_order", "prepare")]),
]


@pytest.mark.parametrize(("days", "expected"), DAYS, ids=range(len(DAYS)))
def test_one_wrong_milestone_is_one_problem(days: tuple[int, ...], expected: list[tuple[str, str, str]]) -> None:
    rows = "".join(f"  {name}: 2021-12-{day:02}T10:00\n" for name, day in zip(NAMES, days, strict=True))
    written = "  pack: 2021-12-14T14:00\n  submit: 2021-12-17T17:00\n"
    found = judged(spoilt((written, rows)).encode())
    assert [(p.line, p.column, p.key, str(p.cause), p.params["other"]) for p in found] == [
        (9 + NAMES.index(name), len(name) + 5, f"milestones.{name}", cause, other) for name, cause, other in expected
    ]


def test_equal_milestones_are_in_order() -> None:
    parse_table(GOOD.replace("2021-12-14T14:00", "2021-12-17T17:00").encode(), "t.yaml")


@pytest.mark.parametrize(
    "value",
    [
        "*事项",
        "&事 x",
        "? ? x",
        "- x",
        "|x",
        "[a, , b]",
        "!<x b",
        "@x",
        "%x",
        '"\\d"',
        "{a: b}}",
        "[x",
        "'x",
        "a: b: c",
    ],
)
def test_no_english_of_the_library_in_chinese(value: str) -> None:
    for problem in judged(spoilt(("title: 演示", f"title: {value}")).encode()):
        shown = " ".join(words("zh").problem(problem))
        assert not any(word in shown for word in ("expected", "found", "allowed", "character", "while"))
        assert not any("expected" in str(value) for value in problem.params.values())


def test_damaged_utf8_is_not_guessed_at() -> None:
    (problem,) = judged(GOOD.encode().replace("归集".encode(), b"\xe5\xbd"))
    assert (problem.line, problem.column, str(problem.cause), problem.params) == (28, 35, "broken_utf8", {})
    (problem,) = judged(GOOD.encode("gbk"))
    assert (problem.line, problem.column, str(problem.cause), problem.params["encoding"]) == (4, 10, "not_utf8", "GBK")

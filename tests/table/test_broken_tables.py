"""Broken tables: the exact problems of each, by line, column, key and cause."""

import pytest
from table_text import GOOD

from evidence_cli.table.load import parse_table
from evidence_cli.table.source import MAX_ALIASES, MAX_BYTES, MAX_DEPTH
from evidence_cli.vocabulary.errors import TableError

Found = tuple[int, int, str, str]


def problems(data: bytes) -> list[Found]:
    with pytest.raises(TableError) as caught:
        parse_table(data, "t.yaml")
    return [(p.line, p.column, p.key, str(p.cause)) for p in caught.value.problems]


# (what is replaced in GOOD, by what, the problems).
REPLACED: list[tuple[str, str, list[Found]]] = [
    ("  id: demo", "\tid: demo", [(3, 1, "", "tab")]),
    ("  id: demo", "   id: demo", [(4, 3, "", "indent")]),
    ("title: 演示", "title 演示", [(4, 3, "", "no_colon")]),
    ("title: 演示", "title: 演: 示 : x", [(4, 11, "", "colon")]),
    ("title: 演示", "title: a: b", [(4, 11, "", "colon")]),
    ("title: 演示", 'title: "演示', [(4, 10, "", "quote")]),
    ("{E305: info, E112: off}", "{E305: info, E112: off", [(33, 13, "", "bracket")]),
    ("title: 演示", "title: @演示", [(4, 10, "", "start_character")]),
    ("title: 演示", 'title: "a\\d"', [(4, 12, "", "escape")]),
    ("version: 1", "version: 1\n---\nversion: 1", [(2, 1, "", "documents")]),
    ("title: 演示", "title: !!python/object:os.system 演示", [(4, 10, "", "tag")]),
    ("layout: {indicators: 指标}", "layout: {<<: {pool: x}}", [(11, 10, "<<", "merge_key")]),
    ("title: 演示", "title: *nobody", [(4, 10, "", "unknown_anchor")]),
    ("layout: {indicators: 指标}", "layout: {[a]: 指标}", [(11, 10, "", "key_not_text")]),
    ("  language: zh", "  language: zh\n  title: 又一个", [(8, 3, "evaluation.title", "duplicate_key")]),
    (
        "waivers:\n",
        "waivers: []\nrules: {}\nwaivers:\n",
        [(35, 1, "rules", "duplicate_key"), (36, 1, "waivers", "duplicate_key")],
    ),
    ("version: 1", "version：1", [(1, 8, "", "full_width")]),
    ("title: 演示", "title：演示", [(4, 8, "", "full_width")]),
    (
        "{id: policy, name: 政策文件, kinds: [pdf, word]}",
        "{id：policy，name：政策文件，kinds：[pdf，word]}",
        [(13, 8, "categories.0.id：policy，name：政策文件，kinds", "full_width"), (13, 31, "", "full_width")],
    ),
    ("kinds: [pdf, word]", "kinds: [pdf，word]", [(13, 41, "categories.0.kinds.0", "full_width")]),
    (
        "kinds: [pdf, word]",
        "kinds: ［pdf, word］",
        [(13, 37, "categories.0.kinds", "full_width"), (13, 47, "categories.0.word］", "full_width")],
    ),
    (
        "required: [policy]",
        "required: [policy，screenshot]",
        [(27, 41, "indicators.0.children.0.questions.0.evidence.required.0", "full_width")],
    ),
    ('code: "1.1"', "code: “1.1”", [(21, 15, "indicators.0.children.0.code", "full_width")]),
    ("        owner: 责任人", "        owner：责任人", [(23, 14, "", "full_width")]),
    ("        name: 梳理", "        name: 梳理\n          owner：责任人", [(23, 16, "", "full_width")]),
    ("rules:", "＃ 说明\nrules:", [(32, 1, "", "full_width")]),
    ("  - {rule: E203, ", "  －{rule: E203, ", [(35, 3, "", "full_width")]),
    (
        "{rule: E203, question",
        "｛rule：E203，question",
        [(35, 5, "", "full_width"), (35, 10, "waivers.0.rule：E203，question", "full_width")],
    ),
    (
        "severity: {E305: info,",
        "severity: {E305：info,",
        [(33, 18, "rules.severity.E305：info", "full_width")],
    ),
    ("2021-12-14T14:00", "2021-12-14T14：00", [(9, 22, "milestones.pack", "full_width")]),
    (
        "layout: {indicators: 指标}",
        "layout：{indicators: 指标}",
        [(11, 7, "layout：{indicators", "full_width")],
    ),
    ("  title: 演示", "  titel: 演示", [(4, 3, "evaluation.titel", "unknown_key_near")]),
    ("layout: {indicators", "layout: {indicator", [(11, 10, "layout.indicator", "unknown_key_near")]),
    ("version: 1\n", "", [(1, 1, "version", "missing_key")]),
    ("  title: 演示\n", "", [(3, 3, "evaluation.title", "missing_key")]),
    (
        "  id: demo\n  title: 演示\n",
        "",
        [(3, 3, "evaluation.id", "missing_key"), (3, 3, "evaluation.title", "missing_key")],
    ),
    ("  title: 演示", "  title:", [(4, 3, "evaluation.title", "empty_value")]),
    ("version: 1", "version: 1\ncolour: red", [(2, 1, "colour", "unknown_key")]),
    (
        "evidence: {min_files: 1}",
        "evidence: {min_file: 1}",
        [(16, 14, "defaults.evidence.min_file", "unknown_key_near")],
    ),
    ("owner: 责任人", "ownr: 责任人", [(23, 9, "indicators.0.children.0.ownr", "unknown_key_near")]),
    ('code: "1.1"', "code: 1.1", [(21, 15, "indicators.0.children.0.code", "quote_number")]),
    ('code: "1.1"', "code: 1.10", [(21, 15, "indicators.0.children.0.code", "quote_number")]),
    ('code: "1"\n', "code: 012\n", [(18, 11, "indicators.0.code", "quote_number")]),
    ("title: 清单", "title: 2021", [(26, 20, "indicators.0.children.0.questions.0.title", "quote_number")]),
    (
        "title: 清单",
        "title: [清单]",
        [(26, 20, "indicators.0.children.0.questions.0.title", "expected_text")],
    ),
    ("min_files: 1", "min_files: 一", [(16, 25, "defaults.evidence.min_files", "expected_number")]),
    ("min_files: 1", 'min_files: "1"', [(16, 25, "defaults.evidence.min_files", "expected_number")]),
    ("min_files: 1", "min_files: 1.5", [(16, 25, "defaults.evidence.min_files", "expected_number")]),
    ("kinds: [image]", "kinds: image", [(14, 41, "categories.1.kinds", "expected_list")]),
    ("kinds: [image]", "kinds: []", [(14, 34, "categories.1.kinds", "empty_value")]),
    ("kinds: [image]", "kinds: [~]", [(14, 42, "categories.1.kinds.0", "empty_value")]),
    ("layout: {indicators: 指标}", "layout: 指标", [(11, 9, "layout", "expected_mapping")]),
    ("layout: {indicators: 指标}", "layout: [指标]", [(11, 9, "layout", "expected_mapping")]),
    (
        "rules:\n  severity: {E305: info, E112: off}",
        "rules: {severity: [E305]}",
        [(32, 19, "rules.severity", "expected_mapping")],
    ),
    ("title: 清单", 'title: " "', [(26, 20, "indicators.0.children.0.questions.0.title", "blank_text")]),
    ("title: 清单", 'title: "a\\nb"', [(26, 20, "indicators.0.children.0.questions.0.title", "one_line")]),
    ("title: 清单", 'title: "a\\x07b"', [(26, 20, "", "control_character")]),
    ("id: demo", "id: 演示", [(3, 7, "evaluation.id", "id")]),
    ("min_files: 1", "min_files: -1", [(16, 25, "defaults.evidence.min_files", "number_range")]),
    ("min_files: 1", "max_files: 0", [(16, 25, "defaults.evidence.max_files", "number_range")]),
    ("min_files: 1", "max_file_size: 300 兆", [(16, 29, "defaults.evidence.max_file_size", "size")]),
    ("min_files: 1", "max_file_size: 0MB", [(16, 29, "defaults.evidence.max_file_size", "size_range")]),
    ("min_files: 1", "max_file_size: -5MB", [(16, 29, "defaults.evidence.max_file_size", "size")]),
    ("min_files: 1", "max_file_size: 0", [(16, 29, "defaults.evidence.max_file_size", "size_range")]),
    ("min_files: 1", "max_file_size: -5", [(16, 29, "defaults.evidence.max_file_size", "size_range")]),
    ("min_files: 1", "max_file_size: 100", [(16, 29, "defaults.evidence.max_file_size", "size_unit")]),
    ("min_files: 1", 'max_file_size: "1.5"', [(16, 29, "defaults.evidence.max_file_size", "size_unit")]),
    ("evidence: {min_files: 1}", "answer: {max_size: 100}", [(16, 22, "defaults.answer.max_size", "size_unit")]),
    ("evidence: {min_files: 1}", "package: {max_size: 9}", [(16, 23, "defaults.package.max_size", "size_unit")]),
    ("min_files: 1", "max_file_size: 1.5", [(16, 29, "defaults.evidence.max_file_size", "size")]),
    ("version: 1", "version: 2", [(1, 10, "version", "version")]),
    ("version: 1", 'version: "1"', [(1, 10, "version", "version")]),
    ("version: 1", "version: 1.0", [(1, 10, "version", "version")]),
    ("start: 2021-01-01", "start: 2021-02-30", [(5, 19, "evaluation.period.start", "date")]),
    ("start: 2021-01-01", "start: 2021/01/01", [(5, 19, "evaluation.period.start", "date")]),
    ("start: 2021-01-01", "start: 2022-01-01", [(5, 36, "evaluation.period.end", "period_order")]),
    ("2021-12-14T14:00", "2021-12-14T25:00", [(9, 9, "milestones.pack", "moment")]),
    ("2021-12-14T14:00", "2021-12-14T14:00+08:00", [(9, 9, "milestones.pack", "moment_offset")]),
    ("2021-12-14T14:00", "2021-12-14T14:00Z", [(9, 9, "milestones.pack", "moment_offset")]),
    ("2021-12-14T14:00", "2021-12-18T14:00", [(10, 11, "milestones.submit", "milestone_order")]),
    ("2021-12-14T14:00", "2021-12-14", [(9, 9, "milestones.pack", "moment")]),
    ("timezone: Asia/Shanghai", "timezone: Asia/Shangai", [(6, 13, "evaluation.timezone", "timezone_near")]),
    ("timezone: Asia/Shanghai", "timezone: ../../etc/passwd", [(6, 13, "evaluation.timezone", "timezone")]),
    ("timezone: Asia/Shanghai", "timezone: Zzz", [(6, 13, "evaluation.timezone", "timezone")]),
    ("language: zh", "language: cn", [(7, 13, "evaluation.language", "choice")]),
    ("kinds: [image]", "kinds: [images]", [(14, 42, "categories.1.kinds.0", "choice_near")]),
    ("kinds: [image]", "kinds: [image, image]", [(14, 49, "categories.1.kinds.1", "item_twice")]),
    ("filled_by: enterprise", "filled_by: 企业", [(31, 16, "indicators.1.filled_by", "choice")]),
    (
        "min_files: 1}",
        "min_files: 1}\n  package: {digest: sha265}",
        [(17, 21, "defaults.package.digest", "choice_near")],
    ),
    ("E305: info", "E999: info", [(33, 14, "rules.severity.E999", "unknown_rule")]),
    ("E305: info", "E350: info", [(33, 14, "rules.severity.E350", "unknown_rule_near")]),
    ("E305: info", "E305: inf", [(33, 20, "rules.severity.E305", "choice_near")]),
    ("E305: info", "E305:", [(33, 14, "", "no_colon")]),
    ("rule: E203", "rule: e203", [(35, 12, "waivers.0.rule", "unknown_rule_near")]),
    (
        "layout: {indicators: 指标}",
        "layout: {indicators: ..}",
        [(11, 22, "layout.indicators", "name_leaves")],
    ),
    (
        "layout: {indicators: 指标}",
        "layout: {indicators: /指标}",
        [(11, 22, "layout.indicators", "name_leaves")],
    ),
    (
        "layout: {indicators: 指标}",
        "layout: {indicators: a/b}",
        [(11, 22, "layout.indicators", "name_leaves")],
    ),
    (
        "layout: {indicators: 指标}",
        'layout: {indicators: "a\\\\b"}',
        [(11, 22, "layout.indicators", "name_leaves")],
    ),
    (
        "layout: {indicators: 指标}",
        "layout: {indicators: C:x}",
        [(11, 22, "layout.indicators", "name_leaves")],
    ),
    (
        "layout: {indicators: 指标}",
        'layout: {indicators: ""}',
        [(11, 22, "layout.indicators", "name_leaves")],
    ),
    (
        "layout: {indicators: 指标}",
        'layout: {indicators: "CON"}',
        [(11, 22, "layout.indicators", "name_device")],
    ),
    (
        "layout: {indicators: 指标}",
        'layout: {indicators: "aux.x"}',
        [(11, 22, "layout.indicators", "name_device")],
    ),
    (
        "layout: {indicators: 指标}",
        'layout: {indicators: "指标."}',
        [(11, 22, "layout.indicators", "name_ending")],
    ),
    (
        "layout: {indicators: 指标}",
        'layout: {indicators: " 指标"}',
        [(11, 22, "layout.indicators", "name_ending")],
    ),
    (
        "layout: {indicators: 指标}",
        'layout: {indicators: "a?b"}',
        [(11, 22, "layout.indicators", "name_characters")],
    ),
    (
        "layout: {indicators: 指标}",
        "layout: {indicators: config}",
        [(11, 22, "layout.indicators", "layout_reserved")],
    ),
    (
        "layout: {indicators: 指标}",
        "layout: {indicators: .evcli}",
        [(11, 22, "layout.indicators", "layout_reserved")],
    ),
    (
        "layout: {indicators: 指标}",
        "layout: {indicators: 报送}",
        [(11, 22, "layout.indicators", "layout_twice")],
    ),
    ("layout: {indicators: 指标}", "layout: {answer: 佐证材料}", [(11, 18, "layout.answer", "layout_twice")]),
    (
        "layout: {indicators: 指标}",
        "layout: {answer: package}",
        [(11, 18, "layout.answer", "layout_reserved")],
    ),
    ("layout: {indicators: 指标}", "layout: {pool: 1.1-01}", [(11, 16, "layout.pool", "layout_reserved")]),
    ("id: screenshot", "id: policy", [(14, 10, "categories.1.id", "category_id_twice")]),
    ("name: 网站截图", "name: 政策文件", [(14, 28, "categories.1.name", "category_name_twice")]),
    ("name: 网站截图", "name: a/b", [(14, 28, "categories.1.name", "name_leaves")]),
    ("name: 网站截图", "name: 02-政策文件", [(14, 28, "categories.1.name", "category_name_twice")]),
    (
        "required: [policy]",
        "required: [polcy]",
        [(27, 35, "indicators.0.children.0.questions.0.evidence.required.0", "unknown_category_near")],
    ),
    (
        "required: [policy]",
        "required: [政策文件]",
        [(27, 35, "indicators.0.children.0.questions.0.evidence.required.0", "unknown_category_near")],
    ),
    (
        "required: [policy]",
        "required: [zzz]",
        [(27, 35, "indicators.0.children.0.questions.0.evidence.required.0", "unknown_category")],
    ),
    (
        "required: [policy]",
        "required: [policy, policy]",
        [(27, 43, "indicators.0.children.0.questions.0.evidence.required.1", "item_twice")],
    ),
    ("min_files: 1", "min_files: 300", [(16, 25, "defaults.evidence.min_files", "min_over_max")]),
    (
        "required: [policy]",
        "max_files: 0",
        [(27, 35, "indicators.0.children.0.questions.0.evidence.max_files", "number_range")],
    ),
    (
        "required: [policy]",
        "recording: {min_seconds: 10, max_seconds: 5}",
        [(27, 49, "indicators.0.children.0.questions.0.evidence.recording.min_seconds", "min_over_max")],
    ),
    (
        "min_files: 1}",
        'min_files: 1}\n  package: {name: "{title}"}',
        [(17, 19, "defaults.package.name", "template_code")],
    ),
    (
        "min_files: 1}",
        'min_files: 1}\n  package: {name: "{code}-{titel}"}',
        [(17, 19, "defaults.package.name", "template_placeholder_near")],
    ),
    (
        "min_files: 1}",
        'min_files: 1}\n  package: {name: "{code}/{title}"}',
        [(17, 19, "defaults.package.name", "template_path")],
    ),
    (
        "min_files: 1}",
        'min_files: 1}\n  package: {name: "{code}-{"}',
        [(17, 19, "defaults.package.name", "template_braces")],
    ),
    (
        "min_files: 1}",
        'min_files: 1}\n  package: {name: "{code!r}"}',
        [(17, 19, "defaults.package.name", "template_placeholder_near")],
    ),
    (
        "min_files: 1}",
        'min_files: 1}\n  package: {name: ""}',
        [(17, 19, "defaults.package.name", "blank_text")],
    ),
    ("code: 1.1-02", "code: 1.1-01", [(28, 20, "indicators.0.children.0.questions.1.code", "code_twice")]),
    ('code: "3"', 'code: "1"', [(29, 11, "indicators.1.code", "code_twice")]),
    ('code: "3"', 'code: "1.1"', [(29, 11, "indicators.1.code", "code_twice")]),
    ('code: "1.1"', 'code: "2.1"', [(21, 15, "indicators.0.children.0.code", "child_code")]),
    (
        "code: 1.1-02",
        "code: 1.2-01",
        [(28, 20, "indicators.0.children.0.questions.1.code", "question_place")],
    ),
    ("code: 1.1-02", "code: 1.1-1", [(28, 20, "indicators.0.children.0.questions.1.code", "question_code")]),
    (
        "code: 1.1-02",
        "code: 1.1-0001",
        [(28, 20, "indicators.0.children.0.questions.1.code", "question_code")],
    ),
    ('code: "3"', 'code: "3."', [(29, 11, "indicators.1.code", "indicator_code")]),
    ('code: "3"', 'code: "３"', [(29, 11, "indicators.1.code", "indicator_code")]),
    (
        "    filled_by: enterprise",
        "    filled_by: enterprise\n    questions: [{code: 3-01, title: x}]",
        [(32, 5, "indicators.1.questions", "question_enterprise")],
    ),
    (
        "    children:",
        "    questions: [{code: 1-01, title: x}]\n    children:",
        [(20, 5, "indicators.0.questions", "question_on_branch")],
    ),
    (", reason: 原名", "", [(35, 5, "waivers.0.reason", "missing_key")]),
    ("reason: 原名", 'reason: ""', [(35, 44, "waivers.0.reason", "blank_text")]),
    ("question: 1.1-01", "question: 1.1-09", [(35, 28, "waivers.0.question", "unknown_question_near")]),
    ("question: 1.1-01", "question: zzz", [(35, 28, "waivers.0.question", "unknown_question")]),
    ("question: 1.1-01", "question: 1.1", [(35, 28, "waivers.0.question", "quote_number")]),
    ("reason: 原名", "reason: 原名, until: 2021-13-01", [(35, 55, "waivers.0.until", "date")]),
    ("reason: 原名", "reason: 原名, path: ../x", [(35, 54, "waivers.0.path", "waiver_path")]),
    ("reason: 原名", "reason: 原名, path: /x", [(35, 54, "waivers.0.path", "waiver_path")]),
    ("reason: 原名", 'reason: 原名, path: "C:/x"', [(35, 54, "waivers.0.path", "waiver_path")]),
]


@pytest.mark.parametrize(("old", "new", "expected"), REPLACED, ids=range(len(REPLACED)))
def test_one_mistake(old: str, new: str, expected: list[Found]) -> None:
    assert GOOD.count(old) == 1
    assert problems(GOOD.replace(old, new).encode()) == expected


def test_the_base_is_right() -> None:
    assert parse_table(GOOD.encode(), "t.yaml").evaluation.id == "demo"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [[[*a{n - 1}]]]\n" for n in range(1, 60))

WHOLE_FILES: list[tuple[bytes, list[Found]]] = [
    (b"", [(1, 1, "", "empty_file")]),
    (b"# nothing\n", [(1, 1, "", "empty_file")]),
    (b"---\n", [(2, 1, "", "empty_file")]),
    (b"\xef\xbb\xbf", [(1, 1, "", "empty_file")]),
    (b"x" * (MAX_BYTES + 1), [(1, 1, "", "file_too_large")]),
    ("version: 1\n标题: 演".encode("gbk"), [(2, 1, "", "not_utf8")]),
    ("version: 1".encode("utf-16"), [(1, 1, "", "not_utf8")]),
    (b"version: 1\r\nx: a\0b\r\n", [(2, 5, "", "control_character")]),
    ("x: a\u2028b".encode(), [(1, 5, "", "control_character")]),
    (b"just words", [(1, 1, "", "expected_mapping")]),
    (b"- 1\n- 2\n", [(1, 1, "", "expected_mapping")]),
    ("version：1".encode(), [(1, 8, "", "full_width")]),
    (b"[" * 900, [(1, MAX_DEPTH + 1, "", "too_deep")]),
    (b"- " * 50_000, [(1, 2 * MAX_DEPTH + 1, "", "too_deep")]),
    (b"a: " + b"{a: " * 200 + b"x", [(1, 4 * MAX_DEPTH, "", "too_deep")]),
    (CHAIN.encode(), [(34, 14, "", "too_deep")]),
    (BOMB.encode(), [(6, 12, "", "alias_bomb")]),
    (b"a: &a x\nb: [" + b"*a, " * (MAX_ALIASES + 1) + b"]", [(2, 5 + 4 * MAX_ALIASES, "", "alias_bomb")]),
    (GOOD.encode().replace("演示".encode(), b"\xe6\xbc"), [(4, 10, "", "broken_utf8")]),
    (
        b"a: &a [*a]",
        [
            (1, 1, "a", "unknown_key"),
            (1, 1, "version", "missing_key"),
            (1, 1, "evaluation", "missing_key"),
            (1, 1, "categories", "missing_key"),
            (1, 1, "indicators", "missing_key"),
            (1, 8, "", "unknown_anchor"),
        ],
    ),
    (b"[" + b"0," * 300_000 + b"]", [(1, 400_002, "", "alias_bomb")]),
]


@pytest.mark.parametrize(("data", "expected"), WHOLE_FILES, ids=range(len(WHOLE_FILES)))
def test_whole_file(data: bytes, expected: list[Found]) -> None:
    assert problems(data) == expected


@pytest.mark.parametrize("bracket", [b"[", b"{"])
def test_deeper_than_libyaml_itself_reads(bracket: bytes) -> None:
    # Where it gives up depends on its version.
    [(line, _, key, cause)] = problems(bracket * 100_000)
    assert (line, key, cause) == (1, "", "too_deep")


def test_every_problem_in_one_run() -> None:
    text = (
        GOOD.replace("version: 1", "version：2")
        .replace("title: 演示", "titel: 演示")
        .replace("language: zh", "language: cn")
        .replace('code: "1.1"', "code: 1.10")
        .replace("[policy]", "[polcy]")
        .replace("title: 清单", "title：清单")
        .replace("E305: info", "E999: info")
        .replace(", reason: 原名", "")
    )
    assert problems(text.encode()) == [
        (1, 8, "", "full_width"),
        (1, 9, "version", "version"),
        (4, 3, "evaluation.titel", "unknown_key_near"),
        (7, 13, "evaluation.language", "choice"),
        (21, 15, "indicators.0.children.0.code", "quote_number"),
        (26, 18, "", "full_width"),
        (27, 35, "indicators.0.children.0.questions.0.evidence.required.0", "unknown_category_near"),
        (33, 14, "rules.severity.E999", "unknown_rule"),
        (35, 5, "waivers.0.reason", "missing_key"),
    ]


def test_the_advice_shows_the_number_as_written() -> None:
    with pytest.raises(TableError) as caught:
        parse_table(GOOD.replace('code: "1.1"', "code: 1.10").encode(), "t.yaml")
    assert [p.params["written"] for p in caught.value.problems] == ["1.10"]


def test_a_time_that_the_clock_skips() -> None:
    text = GOOD.replace("Asia/Shanghai", "Europe/Berlin").replace("2021-12-14T14:00", "2021-03-28T02:30")
    assert problems(text.encode()) == [(9, 9, "milestones.pack", "moment_gap")]


def test_packages_of_one_name() -> None:
    package = 'package: {name: "{evaluation}{title}{code}"}'
    text = GOOD.replace("min_files: 1}", "min_files: 1}\n  " + package + "\n  names: {max_name: 14}")
    assert problems(text.replace("title: 归集", "title: 清单").encode()) == [
        (30, 35, "indicators.0.children.0.questions.1.title", "package_name_twice")
    ]


def test_not_more_problems_than_anybody_could_read() -> None:
    found = problems(GOOD.encode() + b"".join(b"k%d: x\n" % n for n in range(5000)))
    assert len(found) == 501
    assert found[-1][3] == "too_many_problems"

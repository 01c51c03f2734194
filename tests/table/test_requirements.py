"""A table that is right: its values, its leaves and questions, and what is finally asked of each."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from table_text import GOOD

from evidence_cli.table import QuestionSpec, Table, default_table, load_table, parse_table
from evidence_cli.vocabulary.catalogue import Code, Severity
from evidence_cli.vocabulary.errors import EnvironmentFailure, UsageError
from evidence_cli.vocabulary.kinds import Kind

MERGED = GOOD.replace(
    "  evidence: {min_files: 1}",
    "  answer: {kinds: [pdf], max_size: 1MiB}\n"
    "  evidence: {min_files: 2, required: [screenshot], picture: {min_side: 5}}",
).replace(
    '  - code: "1"\n',
    '  - code: "1"\n    unit: 局\n    evidence: {max_files: 9, recording: {max_seconds: 60}}\n',
)


def read(text: str) -> Table:
    return parse_table(text.encode(), "t.yaml")


def spec(table: Table, code: str) -> QuestionSpec:
    found = table.question(code)
    assert found is not None
    return found


def test_merge_of_all_levels() -> None:
    table = read(MERGED)
    asked = spec(table, "1.1-01").requirements
    assert (asked.answer.kinds, asked.answer.min_chars, asked.answer.max_size) == ((Kind.PDF,), 10, 2**20)
    assert asked.evidence.required == ("policy",)
    assert (asked.evidence.min_files, asked.evidence.max_files) == (2, 9)
    assert asked.evidence.max_file_size == 300_000_000
    assert asked.evidence.picture.min_side == 5
    assert (asked.evidence.recording.min_seconds, asked.evidence.recording.max_seconds) == (2, 60)
    assert (asked.package.name, asked.package.max_size, asked.package.digest) == (
        "{code}-{title}",
        10**9,
        "sha256",
    )
    assert (asked.names.max_path, asked.names.max_name) == (180, 64)
    assert spec(table, "1.1-02").requirements.evidence.required == ("screenshot",)
    assert asked.category("policy").name == "政策文件"
    with pytest.raises(KeyError):
        asked.category("x")


def test_resolved_once_and_hashable() -> None:
    table = read(MERGED)
    assert table.questions()[0] is table.question("1.1-01")
    assert len({*table.questions(), *read(MERGED).questions()}) == 2


def test_leaves_inherit_owner_and_unit() -> None:
    (leaf,) = read(MERGED).leaves()
    assert (leaf.code, leaf.owner, leaf.unit) == ("1.1", "责任人", "局")
    assert [(q.code, q.indicator, q.indicator_name, q.unit) for q in leaf.questions] == [
        ("1.1-01", "1.1", "梳理", "局"),
        ("1.1-02", "1.1", "梳理", "局"),
    ]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], ["1.1-01", "1.1-02"]),
        (["1"], ["1.1-01", "1.1-02"]),
        (["1.1"], ["1.1-01", "1.1-02"]),
        (["1.1-02"], ["1.1-02"]),
        (["1.1-02", "1.1-01", "1.1-02"], ["1.1-01", "1.1-02"]),
        (["3"], []),
    ],
)
def test_select(codes: list[str], expected: list[str]) -> None:
    assert [q.code for q in read(GOOD).select(codes)] == expected


def test_select_leaves() -> None:
    table = default_table()
    assert [leaf.code for leaf in table.leaves_of(["4"])] == ["4.1", "4.2"]
    assert [leaf.code for leaf in table.leaves_of(["1.2", "4.1"])] == ["1.2", "4.1"]
    assert [leaf.code for leaf in read(GOOD).leaves_of(["1.1-02"])] == ["1.1"]
    assert table.leaves_of(["3"]) == ()
    assert len(table.leaves_of([])) == 15


@pytest.mark.parametrize(("code", "suggestion"), [("1.1-03", "1.1-02"), ("zzz", ""), ("1.l", "1.1")])
def test_unknown_code(code: str, suggestion: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(GOOD).select([code])
    assert (caught.value.key, caught.value.params) == (
        "unknown_code_near" if suggestion else "unknown_code",
        {"code": code, "suggestion": suggestion},
    )


def test_values() -> None:
    table = read(GOOD.replace("reason: 原名", 'reason: 原名, path: "佐证材料/**", by: 副组长, until: 2021-12-17'))
    zone = ZoneInfo("Asia/Shanghai")
    assert table.milestones.pack == datetime(2021, 12, 14, 14, 0, tzinfo=zone)
    assert table.milestones.prepare is None
    assert table.evaluation.period.end == date(2021, 12, 31)
    assert dict(table.rules.severity) == {Code.NEEDS_PASSWORD: Severity.INFO, Code.NUMBERING: None}
    (waiver,) = table.waivers
    assert (waiver.rule, waiver.question, waiver.path) == (Code.NAME_UNUSUAL, "1.1-01", "佐证材料/**")
    assert (waiver.reason, waiver.by, waiver.until) == ("原名", "副组长", date(2021, 12, 17))


@pytest.mark.parametrize("written", ["2021-12-14 14:00", "2021-12-14T14:00:00", '"2021-12-14T14:00"'])
def test_ways_to_write_a_time(written: str) -> None:
    assert read(GOOD.replace("2021-12-14T14:00", written)) == read(GOOD)


def test_only_what_is_compulsory() -> None:
    table = read(
        "version: 1\nevaluation: {id: x, title: no, period: {start: 2021-01-01, end: 2021-12-31}}\n"
        'categories: [{id: off, name: yes, kinds: [pdf]}]\nindicators: [{code: "1", name: off}]\n'
    )
    assert table.evaluation.title == "no"
    assert (table.categories[0].id, table.categories[0].name) == ("off", "yes")
    assert (table.layout.indicators, table.layout.packages) == ("指标", "报送")
    assert (table.evaluation.language, table.evaluation.timezone) == ("zh", "Asia/Shanghai")
    assert (table.waivers, dict(table.rules.severity), table.milestones.submit) == ((), {}, None)
    assert [leaf.code for leaf in table.leaves()] == ["1"]


def test_keys_with_nothing_behind_them_are_left_out() -> None:
    text = GOOD[: GOOD.index("  - {rule")].replace("layout: {indicators: 指标}", "layout:")
    table = read(text.replace("        owner: 责任人", "        owner: ~").replace("{min_files: 1}", ""))
    assert (table.waivers, table.layout.pool, table.leaves()[0].owner) == ((), "素材库", "")


def test_line_ends_bom_and_normal_form() -> None:
    odd = "\ufeff" + GOOD.replace("\n", "\r\n").replace("title: 演示", "title: Cafe\u0301")
    assert read(odd).evaluation.title == "Caf\u00e9"


def test_anchors_are_read() -> None:
    text = GOOD.replace("kinds: [pdf, word]", "kinds: &k [pdf, word]").replace("kinds: [image]", "kinds: *k")
    assert read(text).categories[1].kinds == (Kind.PDF, Kind.WORD)


def test_names_may_be_equal_in_different_folders() -> None:
    assert read(GOOD.replace("{indicators: 指标}", "{pool: 材料, evidence: 材料}")).layout.pool == "材料"


def test_load(tmp_path: Path) -> None:
    path = tmp_path / "indicators.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_table(path) == read(GOOD)
    for missing in (tmp_path / "no.yaml", path / "below"):
        with pytest.raises(UsageError) as usage:
            load_table(missing)
        assert (usage.value.key, usage.value.params) == ("table_missing", {"path": str(missing)})
    with pytest.raises(EnvironmentFailure) as failure:
        load_table(tmp_path)
    assert (failure.value.key, failure.value.params["path"]) == ("read", str(tmp_path))


def test_the_shipped_table() -> None:
    table = default_table()
    assert [leaf.code for leaf in table.leaves()] == [
        *(f"1.{n}" for n in range(1, 7)),
        *(f"2.{n}" for n in range(1, 8)),
        "4.1",
        "4.2",
    ]
    assert all(leaf.owner and leaf.unit and leaf.boundary and leaf.collect for leaf in table.leaves())
    assert table.questions() == ()
    assert [category.id for category in table.categories] == [
        *("policy", "guide", "flowchart", "screenshot", "recording", "event", "media", "practice", "case")
    ]
    assert table.milestones.submit == datetime(2021, 12, 17, 17, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_commented_example_works() -> None:
    from evidence_cli.table import default_table_bytes

    lines = default_table_bytes().decode().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("#         questions:"))
    example = [line.removeprefix("# ") for line in lines[start : start + 6] if line.startswith("#    ")]
    at = next(i for i, line in enumerate(lines) if 'code: "1.2"' in line)
    table = parse_table("\n".join([*lines[:at], *example, *lines[at:]]).encode(), "t.yaml")
    assert [q.code for q in table.questions()] == ["1.1-01", "1.1-02"]

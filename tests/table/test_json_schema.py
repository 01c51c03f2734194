"""The published JSON Schema: up to date, agreeing with the models, accepting what evcli accepts."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from table_text import GOOD

from evidence_cli.table import Table, default_table_bytes, parse_table
from evidence_cli.table.json_schema import json_schema
from evidence_cli.table.keys import known_keys

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src/evidence_cli/data"
CONFIG = ROOT / "config"
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


class EditorLoader(yaml.SafeLoader):
    """What an editor sees: YAML, but dates stay text."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

CONTRACT = """\
version: 1
evaluation:
  id: 2021-zwfw
  title: 2021年营商环境评价“政务服务”指标
  period: {start: 2021-01-01, end: 2021-12-31}
  timezone: Asia/Shanghai
  language: zh
milestones:
  prepare: 2021-12-12T23:59
  questions: 2021-12-13T08:30
  pack: 2021-12-14T14:00
  review: 2021-12-15T08:30
  recheck: 2021-12-17T12:00
  submit: 2021-12-17T17:00
layout: {indicators: 指标, pool: 素材库, answer: 答案, evidence: 佐证材料, packages: 报送}
categories:
  - {id: policy, name: 政策文件, kinds: [pdf, ofd, word, image]}
  - {id: guide, name: 办事指南, kinds: [pdf, ofd, word, image, web]}
  - {id: screenshot, name: 网站截图, kinds: [image, pdf]}
defaults:
  answer: {kinds: [word, pdf, ofd, text], min_chars: 10, max_size: 20MB}
  evidence: {required: [], min_files: 1, max_files: 200, max_file_size: 300MB,
             picture: {min_side: 200}, recording: {min_seconds: 2, max_seconds: 3600}}
  package: {name: "{code}-{title}", max_size: 1GB, digest: sha256}
  names: {max_path: 180, max_name: 64}
indicators:
  - code: "1"
    name: 网上政务服务能力
    filled_by: department
    children:
      - code: "1.1"
        name: 政务服务事项梳理和归集
        owner: 三级指标责任人（待定）
        unit: 市行政审批服务局
        boundary: …
        collect: …
        questions:
          - {code: 1.1-01, title: 事项清单, text: …, evidence: {required: [policy, screenshot]}}
rules:
  severity: {E305: info}
waivers:
  - {rule: E203, question: 1.1-01, path: "佐证材料/**", reason: 盖章件只有图片, by: 副组长, until: 2021-12-17}
"""


def seen_by_editor(text: str) -> Any:
    return yaml.load(text, EditorLoader)


@pytest.mark.parametrize("text", [default_table_bytes().decode(), CONTRACT, GOOD], ids=["shipped", "contract", "good"])
def test_right_tables(text: str) -> None:
    parse_table(text.encode(), "t.yaml")
    assert [error.message for error in VALIDATOR.iter_errors(seen_by_editor(text))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("  id: demo", "  id: demo\n  colour: red"),
        ("kinds: [image]", "kinds: [picture]"),
        ("kinds: [image]", "kinds: []"),
        ("min_files: 1", "max_file_size: viel"),
        ("min_files: 1", "max_file_size: 100"),
        ("min_files: 1", "max_file_size: '100'"),
        ('code: "1.1"', "code: 1.1"),
        ("code: 1.1-02", "code: 1.1"),
        ("E305", "E999"),
        ("2021-12-14T14:00", "2021-12-14"),
    ],
)
def test_wrong_tables(old: str, new: str) -> None:
    assert not VALIDATOR.is_valid(seen_by_editor(GOOD.replace(old, new)))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_same_keys_as_the_models() -> None:
    schema = json_schema()
    found: dict[str, frozenset[str]] = {}
    waiting: list[tuple[str, dict[str, Any]]] = [("", schema)]
    while waiting:
        shape, node = waiting.pop()
        found[shape] = frozenset(node["properties"])
        assert node["additionalProperties"] is False
        for name, inner in node["properties"].items():
            assert re.search("[一-龥].* / [A-Z]", inner["description"]), (shape, name)
            references = re.findall(r"#/\$defs/(\w+)", json.dumps(inner))
            if references and name != "children":
                waiting.append((f"{shape}.{name}".strip("."), schema["$defs"][references[0]]))
    assert found == known_keys()
    assert found[""] == frozenset(Table.model_fields)


def test_the_files_are_up_to_date() -> None:
    expected = json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"
    for folder in (DATA, CONFIG):
        assert (folder / "indicators.schema.json").read_text(encoding="utf-8") == expected
    shipped = (DATA / "indicators.yaml").read_bytes()
    assert (CONFIG / "indicators.yaml").read_bytes() == shipped
    assert shipped.startswith(b"# yaml-language-server: $schema=indicators.schema.json\n")

"""Codes and words against the source that uses them: one emitter for each code, words for each key, nothing idle."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from evidence_cli.messages import LANGUAGES, words
from evidence_cli.vocabulary.catalogue import Code
from support.source import PACKAGE, Module, modules

# What reads zips names their faults by code; this module of the rules passes them on.
READERS, PASSED_ON_BY = ("looks.packages.zip_read", "looks.packages.package"), "rules.packages"
HAN = re.compile(r"[\u3400-\u9fff]")
# Words of the formats themselves: fixed whatever the language of the messages.
FORMAT_WORDS = {
    "looks.packages.record": {"佐证材料目录.csv"},
    "looks.packages.package_write": {"序号", "类别", "名称", "类型", "大小（字节）", "摘要"},
    # The layout's names while the table says nothing of them, and what a package puts beside them.
    "table.models": {"指标", "素材库", "答案", "佐证材料", "报送", "汇总报送"},
    "table.crosscheck": {"指标", "素材库", "答案", "佐证材料", "报送", "目录", "汇总报送"},
    "making.standing": {"历史"},
    "workspace.naming": {"填报说明.txt", "-汇总.xlsx"},
    # 档发〔2012〕7号 names these, and the elements of its directory.
    "archiving.places": {
        *("data/说明文件.TXT", "data/文件目录.XML", "data/电子档案", "data/其他"),
        *("/压缩包", "/办理记录", "/任务分解表.yaml", "/检查报告.json", "/办理状态.json", "/四性检测报告"),
    },
    "archiving.directory": {
        *("<文件目录>", "<文件>", "</文件>", "</文件目录>\n"),
        *("顺序号", "档号", "责任者", "题名", "日期", "密级", "电子档案名称", "备注"),
    },
    "workspace.template": {"（请在此处填写答案，并删除本行。）"},
}
# What the demo's evidence says is evidence, not interface.
SAMPLE_LAYERS, SAMPLE_MODULES = {"samples"}, {"jobs.demo"}


def parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def codes_in_calls(module: Module) -> set[Code]:
    """Codes that the module hands to a call, yields or returns; sets and comparisons do not emit."""
    above = parents(module.tree)
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code":
            parent = above[node]
            while isinstance(parent, ast.Tuple | ast.IfExp):
                parent = above[parent]
            if isinstance(parent, ast.Call | ast.Yield | ast.Return) and getattr(parent, "func", None) is not node:
                found.add(Code[node.attr])
    return found


@cache
def emitters() -> dict[Code, set[str]]:
    found: dict[Code, set[str]] = {code: set() for code in Code}
    for name, module in modules().items():
        if module.layer in ("rules", "schema"):
            for code in codes_in_calls(module):
                found[code].add(name)
    for reader in READERS:
        for code in codes_in_calls(modules()[reader]):
            found[code].add(PASSED_ON_BY)
    return found


@pytest.mark.parametrize("code", list(Code))
def test_a_code_has_one_emitter(code: Code) -> None:
    assert len(emitters()[code]) == 1, emitters()[code]


def test_codes_are_emitted_by_schema_and_rules_alone() -> None:
    quiet = {"vocabulary", "rules", "schema"}
    others = {name: codes_in_calls(m) for name, m in modules().items() if m.layer not in quiet and name not in READERS}
    # The demo says which findings it means to show.
    others["jobs.demo"] = set()
    assert {name: codes for name, codes in others.items() if codes} == {}


def test_no_code_is_written_by_hand() -> None:
    written = [
        (module.path, node.lineno)
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"E\d{3}", node.value)
    ]
    assert {path for path, _ in written} == {"vocabulary/catalogue.py"}
    assert len(written) == len(Code)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(Code))
def test_a_code_has_words(code: Code, language: str) -> None:
    rule = words(language).rule(code)
    assert all((rule.title, rule.why, rule.message, rule.fix))


# --- the words of the interface ---


@cache
def templates(language: str) -> dict[str, str]:
    """Every template of `ui.toml` by its dotted key."""

    def flat(node: dict[str, Any], way: str) -> Iterator[tuple[str, str]]:
        for name, value in node.items():
            if isinstance(value, dict):
                yield from flat(value, f"{way}{name}.")
            else:
                yield f"{way}{name}", value

    return dict(flat(tomllib.loads((PACKAGE / "locale" / language / "ui.toml").read_text(encoding="utf-8")), ""))


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def text_calls() -> Iterator[tuple[Module, ast.Call]]:
    """Every call that looks words up: `words.text(key, …)` and `session.note(key, …)`."""
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                known = node.func.attr == "note" or (
                    node.func.attr == "text" and ast.unparse(node.func.value).endswith("words")
                )
                if known:
                    yield module, node


def keys_of(argument: ast.expr) -> Iterator[str | re.Pattern[str]]:
    """The keys that an argument may stand for; a key that is put together is a pattern."""
    if isinstance(argument, ast.IfExp):
        yield from keys_of(argument.body)
        yield from keys_of(argument.orelse)
    elif isinstance(argument, ast.Constant):
        yield argument.value
    elif isinstance(argument, ast.JoinedStr):
        parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"(\w+)" for p in argument.values]
        yield re.compile("".join(map(str, parts)))


@cache
def constants() -> frozenset[str]:
    """Every string of the source, and the names of functions: a parameter's type is called after one."""
    nodes = [node for module in modules().values() for node in ast.walk(module.tree)]
    strings = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(strings | {node.name for node in nodes if isinstance(node, ast.FunctionDef)})


def resolved(key: str | re.Pattern[str]) -> set[str]:
    """The keys that are meant: what is put into a pattern must be a word of the source."""
    if isinstance(key, str):
        return {key}
    matches = (key.fullmatch(name) for name in templates("zh"))
    return {match[0] for match in matches if match and constants().issuperset(match.groups())}


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    shapes = [{k: placeholders(t) for k, t in templates(language).items()} for language in LANGUAGES]
    assert shapes[0] == shapes[1]


def test_every_key_that_is_asked_for_exists_and_gets_its_values() -> None:
    known = templates("zh")
    for module, call in text_calls():
        given = {keyword.arg for keyword in call.keywords}
        for key in keys_of(call.args[0]):
            place = f"{module.path}:{call.lineno}: {ast.unparse(call.args[0])}"
            assert resolved(key), place
            for name in resolved(key):
                assert name in known, place
                # `**values` cannot be seen from here.
                assert None in given or placeholders(known[name]) <= given, place


def test_every_key_is_used() -> None:
    used = {name for _, call in text_calls() for key in keys_of(call.args[0]) for name in resolved(key)}
    used |= constants()
    # A command's help and an option's: named after the command, and by the `key` of the option.
    used |= {name for name in templates("zh") if name.startswith(("help.", "short."))}
    assert set(templates("zh")) - used == set()


def test_help_is_there_for_exactly_the_commands() -> None:
    from evidence_cli.cli.main import COMMANDS

    commands = {"evcli", *COMMANDS, "table_show", "table_schema"}
    for section in ("help", "short"):
        assert {key.partition(".")[2] for key in templates("zh") if key.startswith(f"{section}.")} == commands


def test_what_must_be_given_has_words() -> None:
    from evidence_cli.cli.main import COMMANDS

    built = [import_module(home).build(words("zh")) for home in COMMANDS.values()]
    needed = {param.name for command in built for param in command.params if param.required}
    there = {key for key in templates("zh") if key.startswith("click.missing.")}
    assert there == {f"click.missing.{name}" for name in needed}


def test_every_error_has_words() -> None:
    raised = {
        node.args[0].value
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("UsageError", "EnvironmentFailure", "EvcliError")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert raised
    assert {f"error.{key}" for key in raised} - set(templates("zh")) == set()


# --- no words in the source ---


def texts(module: Module) -> Iterator[str]:
    """The string constants of a module that are neither docstrings nor the two-language words of the JSON Schema."""
    skipped = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        if isinstance(node, ast.keyword) and node.arg in ("description", "title"):
            skipped |= {
                part for part in ast.walk(node.value) if isinstance(part, ast.Constant) and " / " in str(part.value)
            }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield node.value


@pytest.mark.parametrize("module", list(modules().values()), ids=lambda module: module.path)
def test_words_for_people_are_in_the_catalogue_alone(module: Module) -> None:
    if module.layer in SAMPLE_LAYERS or module.name in SAMPLE_MODULES:
        return
    chinese = {text for text in texts(module) if HAN.search(text)}
    assert chinese == FORMAT_WORDS.get(module.name, set())

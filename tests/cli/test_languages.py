"""Both languages: who chooses, and that nothing a user reads is left in the other one."""

import re
from pathlib import Path

import pytest
from running import evcli

from support.workspace import build

HAN = re.compile(r"[\u4e00-\u9fff]")
# What click would say in its own words.
CLICK_WORDS = re.compile(
    r"Usage:|Options:|Commands:|Arguments:|Show this message|Show the version|Error:|Missing|No such|Invalid|"
    r"is not |does not|requires|unexpected|extra argument|default:|required|<=|Try |Did you mean|Possible|"
    r"OPTIONS|COMMAND|ARGS|INTEGER|TEXT|FILENAME|DIRECTORY",
)
COMMANDS = ["", "init", "check", "pack", "verify", "rules", "table", "table show", "table schema", "demo"]

# command line → what is said of it in each language.
WRONG_USE = {
    "chek": ("没有命令 chek，您是不是想写 check？", "There is no command chek. Did you mean check?"),
    "zzz": ("没有命令 zzz。", "There is no command zzz."),
    "table shw": ("没有命令 shw，您是不是想写 show？", "There is no command shw. Did you mean show?"),
    "check --formt json": (
        "没有选项 --formt，您是不是想写 --format？",
        "There is no option --formt. Did you mean --format?",
    ),
    "check -Z": ("没有选项 -Z。", "There is no option -Z."),
    "check --format": ("选项 --format 后面要写值。", "The option --format needs a value."),
    "pack -j": ("选项 -j 后面要写值。", "The option -j needs a value."),
    "check --quiet=1": ("选项 --quiet 后面不写值。", "The option --quiet takes no value."),
    "check --format xml": (
        "--format 的值不对：只能写 text、json、jsonl、junit、sarif、gitlab、github、markdown。",
        "--format has a wrong value: write one of text, json, jsonl, junit, sarif, gitlab, github, markdown.",
    ),
    "check --fail-on x": (
        "--fail-on 的值不对：只能写 error、warning、never。",
        "--fail-on has a wrong value: write one of error, warning, never.",
    ),
    "check -j 0": (
        "--jobs 的值不对：要写 1 到 64 的整数。",
        "--jobs has a wrong value: write a whole number from 1 to 64.",
    ),
    "pack -j 65": (
        "--jobs 的值不对：要写 1 到 64 的整数。",
        "--jobs has a wrong value: write a whole number from 1 to 64.",
    ),
    "pack --jobs=x": (
        "--jobs 的值不对：要写 1 到 64 的整数。",
        "--jobs has a wrong value: write a whole number from 1 to 64.",
    ),
    "check -w config/indicators.yaml": (
        "--workspace 的值不对：要写一个文件夹，这是文件。",
        "--workspace has a wrong value: a folder is wanted, this is a file.",
    ),
    "demo config/indicators.yaml": (
        "[DIR] 的值不对：要写一个文件夹，这是文件。",
        "[DIR] has a wrong value: a folder is wanted, this is a file.",
    ),
    "check -o config": (
        "--output 的值不对：要写一个文件，这是文件夹。",
        "--output has a wrong value: a file is wanted, this is a folder.",
    ),
    "verify": ("请写出压缩包或文件夹。", "Name a package or a folder."),
    "rules E103 E104": ("多写了 E104。", "This is too much: E104"),
    "table schema 1.1 1.2": ("多写了 1.1 1.2。", "This is too much: 1.1 1.2"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_in_one_language(command: str, tmp_path: Path) -> None:
    chinese, english = (
        evcli(*command.split(), "-h", cwd=tmp_path, env={"EVCLI_LANG": language}) for language in ("zh", "en")
    )
    assert (chinese.code, chinese.err, english.code, english.err) == (0, "", 0, "")
    assert chinese.out.startswith("用法：")
    assert english.out.startswith("Usage:")
    for line in chinese.out.splitlines():
        assert not CLICK_WORDS.search(line), line
    # The names of folders are Chinese in any language.
    for line in english.out.splitlines():
        assert not HAN.search(re.sub(r"答案|报送", "", line)), line
    assert "<=" not in english.out
    long = evcli(*command.split(), "--help", cwd=tmp_path, env={"EVCLI_LANG": "zh"})
    assert long.out == chinese.out


@pytest.mark.parametrize("command", ["", "table"])
def test_without_a_command_the_help_is_an_error(command: str, tmp_path: Path) -> None:
    result = evcli(*command.split(), cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err == evcli(*command.split(), "-h", cwd=tmp_path).out


@pytest.mark.parametrize("line", WRONG_USE)
def test_wrong_use_is_one_line_and_where_help_is(line: str, workspace: Path) -> None:
    words = line.split()
    path = " ".join(["evcli", *[w for w in words[:2] if [words[0], w] in (["table", "table"], ["table", "schema"])]])
    known = ("init", "check", "pack", "verify", "rules", "demo")
    path = path if words[0] == "table" else f"evcli {words[0]}" if words[0] in known else "evcli"
    for language, said, hint in (("zh", WRONG_USE[line][0], "查看用法："), ("en", WRONG_USE[line][1], "For help: ")):
        result = evcli(*words, cwd=workspace, env={"EVCLI_LANG": language})
        assert (result.code, result.out) == (2, "")
        assert result.err == f"evcli: {said}\n{hint}{path} -h\n"


@pytest.mark.parametrize(
    ("option", "variable", "table", "locale", "expected"),
    [
        ("en", "zh", "zh", "zh_CN.UTF-8", "en"),
        ("zh", "en", "en", "en_GB.UTF-8", "zh"),
        (None, "en", "zh", "zh_CN.UTF-8", "en"),
        (None, "zh", "en", "en_GB.UTF-8", "zh"),
        (None, None, "en", "zh_CN.UTF-8", "en"),
        (None, None, "zh", "en_GB.UTF-8", "zh"),
        (None, "", "en", "zh_CN.UTF-8", "en"),
        (None, "fr", "en", "zh_CN.UTF-8", "en"),
        (None, None, None, "en_GB.UTF-8", "en"),
        (None, None, None, "zh_CN.GBK", "zh"),
        (None, None, None, "de_DE.UTF-8", "en"),
        (None, None, None, "C.UTF-8", "zh"),
        (None, None, None, "", "zh"),
    ],
)
def test_who_chooses_the_language(
    option: str | None, variable: str | None, table: str | None, locale: str, expected: str, tmp_path: Path
) -> None:
    folder = tmp_path if table is None else build(tmp_path / "w", {"evaluation": {"language": table}})
    env = {"LANG": locale} | ({} if variable is None else {"EVCLI_LANG": variable})
    result = evcli("rules", *([] if option is None else ["--lang", option]), cwd=folder, env=env)
    assert result.code == 0
    assert bool(HAN.search(result.out)) == (expected == "zh")


def test_the_option_counts_wherever_it_stands(workspace: Path) -> None:
    for arguments in (["--lang", "en", "check"], ["check", "--lang=en"], ["check", "1.1", "--lang", "en"]):
        assert evcli(*arguments, cwd=workspace).out.startswith("Questions: ")
    assert evcli("--lang", "en", "table", "show", cwd=workspace).out.startswith("1.1-01 事项清单\n  Indicator: ")


def test_the_language_comes_from_the_table_that_is_meant(workspace: Path, tmp_path: Path) -> None:
    english = build(tmp_path / "english", {"evaluation": {"language": "en"}})
    for arguments in (["-w", english], [f"--workspace={english}"], [f"-w{english}"]):
        assert evcli("check", *arguments, cwd=workspace).out.startswith("Questions: ")
    assert evcli("check", cwd=workspace, env={"EVCLI_WORKSPACE": str(english)}).out.startswith("Questions: ")
    assert evcli("check", "-w", workspace, cwd=english).out.startswith("共 3 道题")


def test_a_wrong_table_still_chooses_the_language(workspace: Path) -> None:
    (workspace / "config/indicators.yaml").write_text("evaluation:\n  language: en\n  x: [\n", encoding="utf-8")
    result = evcli("check", cwd=workspace)
    assert result.code == 2
    assert not HAN.search(result.err.replace(str(workspace), ""))


def test_a_report_says_the_same_in_both_languages(graded: Path) -> None:
    chinese, english = (evcli("check", "--format", "json", "--lang", x, cwd=graded).report for x in ("zh", "en"))
    assert (chinese["language"], english["language"]) == ("zh", "en")
    for one, other in zip(chinese["findings"], english["findings"], strict=True):
        assert HAN.search(one.pop("message")), one
        assert HAN.search(one.pop("fix")), one
        assert other.pop("message")
        assert other.pop("fix")
        assert one == other
    assert chinese["summary"] == english["summary"]


@pytest.mark.parametrize("command", ["check", "pack", "init", "rules", "rules E303", "table show"])
def test_every_command_answers_in_both_languages(command: str, graded: Path) -> None:
    chinese, english = (evcli(*command.split(), "--lang", x, cwd=graded) for x in ("zh", "en"))
    assert chinese.code == english.code
    assert chinese.out != english.out

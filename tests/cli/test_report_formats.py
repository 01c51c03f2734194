"""The reports for other programs: each is read back by a parser of its own, also where file names are hostile."""

import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
from running import evcli

from evidence_cli.reporters import FORMATS
from support.workspace import QUESTIONS

FINDINGS = [
    ("E103", "error", "1.1-01"),
    ("E109", "warning", "1.1-02"),
    ("E205", "info", "1.2-01"),
]
SARIF = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")),
    format_checker=jsonschema.FormatChecker(),
)
HOSTILE = "]]>&amp;<b>|`*_ [x](y) %0A::error::@all \x1b[31m ,title=E1\n# 题.txt"


@pytest.fixture(name="hostile")
def hostile_fixture(workspace: Path) -> Path:
    """One whose evidence has a name that every format would like to obey."""
    (workspace / QUESTIONS["1.1-01"] / "佐证材料" / "01-政策文件" / HOSTILE).write_text("办理事项", encoding="utf-8")
    return workspace


def shown(root: Path, name: str, *arguments: str) -> str:
    result = evcli("check", "--format", name, *arguments, cwd=root)
    assert (result.code, result.err) == (1, "")
    return result.out


def findings_of(root: Path) -> list[tuple[str, str, str]]:
    report = evcli("check", "--format", "json", cwd=root).report
    return [(one["code"], one["severity"], one["question"]) for one in report["findings"]]


def test_the_workspace_has_the_findings_that_these_tests_speak_of(graded: Path) -> None:
    assert [(code, severity) for code, severity, _ in findings_of(graded)] == [
        (code, severity) for code, severity, _ in FINDINGS
    ]


def test_jsonl_is_the_json_report_line_by_line(graded: Path) -> None:
    whole = json.loads(shown(graded, "json"))
    lines = [json.loads(line) for line in shown(graded, "jsonl").splitlines()]
    head = lines.pop(0)
    assert (head.pop("type"), head.pop("generated") != "") == ("report", True)
    assert head == {key: whole[key] for key in head}
    kinds = {"question": "questions", "finding": "findings", "not_done": "not_done"}
    for kind, part in kinds.items():
        assert [line for line in lines if line["type"] == kind] == [{"type": kind} | one for one in whole[part]]


def cases(document: str) -> dict[str, list[tuple[str, str]]]:
    root = ElementTree.fromstring(document)
    [suite] = root
    found = {case.get("name", ""): [(part.tag, part.text or "") for part in case] for case in suite.iter("testcase")}
    for counted in (root, suite):
        failures = sum(part[0] == "failure" for parts in found.values() for part in parts)
        assert (counted.get("tests"), counted.get("failures")) == (str(len(found)), str(failures))
    return found


def test_junit_has_a_case_for_each_question_and_fails_those_with_errors(graded: Path) -> None:
    found = cases(shown(graded, "junit"))
    assert [name.partition(" ")[0] for name in found] == ["工作区", *QUESTIONS]
    workspace, first, second, third = found.values()
    assert workspace == []
    assert [tag for tag, _ in first] == ["failure"]
    assert "E103" in first[0][1]
    assert [[tag for tag, _ in parts] for parts in (second, third)] == [["system-out"], ["system-out"]]
    assert "E109" in second[0][1]


def test_junit_fails_a_question_whose_findings_are_hidden(graded: Path) -> None:
    first = list(cases(shown(graded, "junit", "--ignore", "E1")).values())[1]
    assert first == [("failure", "")]


def test_junit_tells_what_belongs_to_no_question(graded: Path) -> None:
    (graded / "指标/1.1-又一个").mkdir()
    workspace = next(iter(cases(shown(graded, "junit")).values()))
    assert [tag for tag, _ in workspace] == ["failure"]
    assert "E102" in workspace[0][1]
    hidden = next(iter(cases(shown(graded, "junit", "--ignore", "E1")).values()))
    assert hidden == [("failure", "")]


def test_junit_names_are_told_apart_and_grouped_by_indicator(graded: Path) -> None:
    suite = ElementTree.fromstring(shown(graded, "junit"))
    # Jenkins shows what is before the last dot as the package, what is after it as the class.
    assert [case.get("classname") for case in suite.iter("testcase")] == [
        *("test-2099.evcli", "test-2099.1-1", "test-2099.1-1", "test-2099.1-2")
    ]
    # The schema of Jenkins' xUnit plugin (junit-10.xsd) has these and no others.
    assert set(suite.attrib) <= {"name", "time", "tests", "failures", "errors"}


def test_sarif_without_findings_and_of_packages_alone_is_sarif(packed: Path, tmp_path: Path) -> None:
    for place, arguments in ((packed, ["check"]), (tmp_path, ["verify", str(packed / "报送")])):
        result = evcli(*arguments, "--format", "sarif", cwd=place)
        assert (result.code, results(result.out)) == (0, [])


def test_sarif_tells_of_each_rule_what_to_do(graded: Path) -> None:
    for language in ("zh", "en"):
        [run] = json.loads(shown(graded, "sarif", "--lang", language))["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert [rule["name"] for rule in rules] == ["NoAnswer", "FileUncategorised", "Junk"]
        assert all(re.fullmatch(r"(→ .+\n?)+", rule["help"]["text"]) for rule in rules)


def results(document: str) -> list[dict[str, Any]]:
    whole = json.loads(document)
    assert [error.message for error in SARIF.iter_errors(whole)] == []
    [run] = whole["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[one["ruleIndex"]] for one in run["results"]] == [one["ruleId"] for one in run["results"]]
    names = [one["partialFingerprints"]["evcliFinding/v1"] for one in run["results"]]
    assert len(set(names)) == len(names)
    return list(run["results"])


def address(result: dict[str, Any]) -> str:
    [place] = result["locations"]
    uri: str = place["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
    return unquote(uri)


def test_sarif_has_a_result_for_each_finding(graded: Path) -> None:
    levels = {"error": "error", "warning": "warning", "info": "note"}
    found = results(shown(graded, "sarif"))
    assert [(one["ruleId"], one["level"]) for one in found] == [(code, levels[grade]) for code, grade, _ in FINDINGS]
    report = json.loads(shown(graded, "json"))
    assert [address(one) for one in found] == [one["path"] for one in report["findings"]]
    assert results(shown(graded, "sarif")) == found


def waive(root: Path) -> None:
    table = root / "config/indicators.yaml"
    waiver = 'waivers:\n  - {rule: E109, question: 1.1-02, path: "佐证材料/**", reason: 说明, by: 副组长}\n'
    table.write_text(table.read_text(encoding="utf-8") + waiver, encoding="utf-8")


def test_a_waived_finding_is_suppressed_or_left_out(graded: Path) -> None:
    waive(graded)
    found = results(shown(graded, "sarif"))
    assert [one["ruleId"] for one in found if "suppressions" in one] == ["E109"]
    assert [one["check_name"] for one in json.loads(shown(graded, "gitlab"))] == ["E103", "E205"]
    assert "E109" not in shown(graded, "github")
    assert "（已豁免）" in shown(graded, "markdown")


def test_gitlab_lists_each_finding_with_a_fingerprint_of_its_own(graded: Path) -> None:
    found = json.loads(shown(graded, "gitlab"))
    assert [(one["check_name"], one["severity"]) for one in found] == [
        ("E103", "critical"),
        ("E109", "minor"),
        ("E205", "info"),
    ]
    assert len({one["fingerprint"] for one in found}) == 3
    assert all(set(one) == {"description", "check_name", "fingerprint", "severity", "location"} for one in found)
    assert {one["location"]["lines"]["begin"] for one in found} == {1}


def test_github_gets_a_command_for_each_finding(graded: Path) -> None:
    lines = shown(graded, "github").splitlines()
    assert [re.findall(r"^::(\w+) file=[^:,]+,title=(E\d+)::", line)[0] for line in lines] == [
        ("error", "E103"),
        ("warning", "E109"),
        ("notice", "E205"),
    ]


def test_markdown_has_a_row_for_each_question_and_an_item_for_each_finding(graded: Path) -> None:
    text = shown(graded, "markdown")
    assert len(re.findall(r"^\| \d", text, re.MULTILINE)) == len(QUESTIONS)
    assert re.findall(r"^- \W*\w+ (E\d+)", text, re.MULTILINE) == ["E103", "E109", "E205"]


def test_no_format_obeys_a_file_name(hostile: Path) -> None:
    report = json.loads(shown(hostile, "json"))
    path = next(one["path"] for one in report["findings"] if one["code"] == "E209")
    assert path.endswith(HOSTILE)
    assert any("E209" in text for parts in cases(shown(hostile, "junit")).values() for _, text in parts)
    assert path in [address(one) for one in results(shown(hostile, "sarif"))]
    assert path in [one["location"]["path"] for one in json.loads(shown(hostile, "gitlab"))]
    commands = shown(hostile, "github").splitlines()
    assert all(re.match(r"::(error|warning|notice) file=[^:,\n]*,title=E\d+::", line) for line in commands)
    lines = shown(hostile, "markdown").splitlines()
    assert not any(re.match(r"\s*#", line) and "题.txt" in line for line in lines)
    # Outside code spans every mark is escaped.
    for line in lines:
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert not re.search(r"<b>|@all|(?<!\\)\[x", outside)
    for name in FORMATS:
        assert "\x1b" not in shown(hostile, name)


def test_several_reports_go_to_files_beside_the_one_shown(graded: Path, tmp_path: Path) -> None:
    others = {name: tmp_path / f"报告.{name}" for name in FORMATS}
    asked = [part for name, target in others.items() for part in ("--report", f"{name}={target}")]
    result = evcli("check", *asked, cwd=graded)
    assert (result.code, result.out) == (1, evcli("check", cwd=graded).out)
    assert result.err == "".join(f"报告已写入 {target}\n" for target in others.values())
    for name, target in others.items():
        written, direct = (re.sub(r"\d{4}-\d\d-\d\dT[\d:]+", "", text) for text in (
            target.read_text(encoding="utf-8"), evcli("check", "--format", name, cwd=graded).out))  # fmt: skip
        assert written == direct


@pytest.mark.parametrize("wrong", ["junit", "junit=", "junit=-", "exel=a", "=a", "junit=."])
def test_a_report_needs_a_format_and_a_file(wrong: str, workspace: Path) -> None:
    result = evcli("check", "--report", wrong, cwd=workspace)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("evcli: --report 的值不对：要写成 格式=文件")
    assert all(name in result.err for name in FORMATS)


def test_two_reports_never_go_to_one_file(workspace: Path, tmp_path: Path) -> None:
    target = tmp_path / "a"
    for asked in (["--report", f"json={target}"], ["-o", str(target)]):
        result = evcli("check", "--report", f"junit={target}", *asked, cwd=workspace)
        assert (result.code, result.out, target.exists()) == (2, "", False)


def test_reports_are_never_written_over_evidence(packed: Path) -> None:
    for command in (["check"], ["verify", "报送"]):
        result = evcli(*command, "--report", "json=报送/1.1-01-事项清单.zip", cwd=packed)
        assert (result.code, result.out) == (2, "")
        assert "报告不能写到" in result.err


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_whole_in_another_code_page(name: str, graded: Path) -> None:
    result = evcli("check", "--format", name, cwd=graded, env={"PYTHONIOENCODING": "ascii"})
    assert (result.code, result.stderr) == (1, b"")
    if name == "junit":
        assert cases(result.out) == cases(shown(graded, name))
    elif name in ("sarif", "gitlab"):
        assert json.loads(result.out) == json.loads(shown(graded, name))


def test_packages_of_one_question_are_cases_of_their_own(packed: Path, tmp_path: Path) -> None:
    good = packed / "报送/1.1-01-事项清单.zip"
    bad = tmp_path / "1.1-01-坏的.zip"
    shutil.copy(good, bad)
    bad.write_bytes(bad.read_bytes()[:-10])
    result = evcli("verify", good, bad, "--format", "junit", cwd=packed)
    assert result.code == 1
    suite = ElementTree.fromstring(result.out)
    assert [[part.tag for part in case] for case in suite.iter("testcase")] == [[], [], ["failure"]]
    names = [case.get("name") for case in suite.iter("testcase")]
    assert len(set(names)) == len(names)
    rows = evcli("verify", good, bad, "--format", "markdown", cwd=packed).out.splitlines()
    told = [line.split(" | ")[0].removeprefix("| ") for line in rows if re.match(r"\| \d", line)]
    assert [name.rpartition("/")[2] for name in told] == [r"1.1\-01\-事项清单.zip\)", r"1.1\-01\-坏的.zip\)"]
    assert [line for line in rows if line.startswith("### ")] == [f"### {told[1]}"]

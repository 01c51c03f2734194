"""The words: complete and alike in every language, and safe whatever is inserted into them."""

import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.looks.facts import Unit
from evidence_cli.messages import DEFAULT, LANGUAGES, RuleWords, Words, choose_language, words
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.errors import Problem
from evidence_cli.vocabulary.kinds import Kind
from evidence_cli.vocabulary.printable import printable

LOCALE = Path(evidence_cli.__path__[0]) / "locale"

_FORM = {"unit": "市财政局", "title": "惠企政策"}

# What each code's params hold, by reason: what its emitter gives and its words may use.
PARAMS: dict[str, dict[str, dict[str, Any]]] = {
    "E101": {
        "missing": {"folder": "1.1-01-事项清单", "found": []},
        "elsewhere": {"folder": "1.1-01-事项清单", "found": ["指标/1.1-01-事项清单"]},
        "renamed": {"folder": "1.1-01-事项清单", "found": ["指标/1.1-事项梳理/事项清单"]},
    },
    "E102": {"": {"folders": ["1.1-01-a", "1.1-01-b"]}},
    "E103": {"missing": {"folder": ""}, "nested": {"folder": "1.1-01-事项清单"}},
    "E104": {"": {"count": 2, "files": ["答案.docx", "答案2.docx"]}},
    "E105": {reason: {"found": "佐证", "expected": "佐证材料"} for reason in ("missing", "empty", "renamed", "file")},
    "E106": {"": {"folders": ["佐证材料", "佐证材料(2)"]}},
    "E107": {"": {"category": "政策文件"}},
    "E108": {
        "similar": {"folder": "政策文档", "categories": ["政策文件", "案例"], "suggestion": "政策文件"},
        "unknown": {"folder": "杂项", "categories": ["政策文件", "案例"], "suggestion": ""},
        "": {"folder": "杂项", "categories": ["政策文件", "案例"], "suggestion": ""},
    },
    "E109": {"": {}},
    "E110": {
        "few": {"count": 1, "minimum": 2, "maximum": 9},
        "many": {"count": 10, "minimum": 2, "maximum": 9},
    },
    "E111": {"": {}},
    "E112": {
        "gap": {"missing": [2], "repeated": []},
        "repeated": {"missing": [], "repeated": [3]},
        "both": {"missing": [2], "repeated": [3]},
    },
    "E113": {"": {"title": "清单", "expected": "事项清单"}},
    "E114": {"": {}},
    "E201": {
        reason: {"name": "a", "characters": ["?"]} if reason == "characters" else {"name": "a"}
        for reason in ("characters", "ending", "device")
    },
    "E202": {reason: {"length": 90, "maximum": 64} for reason in ("name", "path")},
    "E203": {"": {"characters": "★"}},
    "E204": {"": {"other": "佐证材料/A.pdf"}},
    "E205": {"": {}},
    "E206": {"link": {}, "special": {}},
    "E207": {"": {}},
    "E208": {"": {"detail": "拒绝访问"}},
    "E209": {"": {"characters": ["U+202E"]}},
    "E210": {"": {}},
    "E211": {"": {}},
    "E301": {"": {}},
    "E302": {"": {"kind": "word", "accepted": [Kind.PDF, "image"]}},
    "E303": {
        "wrong": {"extension": "doc", "expected": "docx", "kind": Kind.WORD},
        "none": {"extension": "", "expected": "docx", "kind": Kind.WORD},
        "foreign": {"extension": "pdf", "expected": "", "kind": Kind.OTHER},
        "macros": {"extension": "docx", "expected": "docm", "kind": Kind.WORD},
    },
    "E304": {"": {"detail": "no end of central directory"}},
    "E305": {"": {}},
    "E306": {"": {"size": 400_000_000, "maximum": 300_000_000}},
    "E307": {
        reason: {"found": [reason]} for reason in ("macros", "script", "launch", "embedded", "external", "object")
    },
    "E308": {"": {}},
    "E309": {"": {}},
    "E310": {"": {"width": 120, "height": 90, "minimum": 200}},
    "E311": {reason: {"seconds": 1.5, "minimum": 2, "maximum": 3600} for reason in ("no_picture", "short", "long")},
    "E312": {reason: {"length": 3, "minimum": 10} for reason in ("empty", "short", "untouched")},
    "E313": {"": {}},
    "E314": {"": {"detail": "5000000000 bytes"}},
    "E315": {"": {}},
    "E401": {"": {"places": [{"text": "秘密★1年", "unit": "page", "at": 1}], "count": 1}},
    "E402": {"": {"places": [{"text": "61****1X", "unit": "cell", "at": "Sheet1!B7"}], "count": 1}},
    "E403": {"": {"places": [{"text": "13****89", "unit": "paragraph", "at": 3}], "count": 1}},
    "E404": {"": {"places": [{"text": "62****01", "unit": "header", "at": 1}], "count": 1}},
    "E405": {"picture": {}, "recording": {}},
    "E411": {"": {"other": "佐证材料/a.pdf"}},
    "E412": {"": {"questions": ["1.1-02"]}},
    "E413": {"": {"dates": ["2019-05-01"], "start": "2021-01-01", "end": "2021-12-31"}},
    "E414": {"": {"references": ["附件3"]}},
    "E501": {"": {}},
    "E502": {
        "content": {"changed": 1, "added": 2, "removed": 0},
        "received": {"changed": 1, "added": 2, "removed": 0},
        "table": {},
    },
    "E503": {"": {"packages": ["1.1-01-a.zip", "1.1-01-b.zip"]}},
    "E504": {reason: {"detail": "bad CRC"} for reason in ("open", "crc", "other", "disks")},
    "E505": {reason: {"detail": "manifest"} for reason in ("manifest", "digest", "identity", "outside")},
    "E506": {"unlisted": {}, "missing": {}},
    "E507": {
        reason: {}
        for reason in (
            *("absolute", "parent", "drive", "backslash", "link", "special"),
            *("duplicate", "overlap", "control"),
        )
    },
    "E508": {"": {}},
    "E509": {"": {"bytes": 10**12}, "folders": {}, "entries": {"entries": 65_536, "maximum": 20_000}},
    "E510": {"": {"encoding": "gbk"}},
    "E511": {"": {"size": 2 * 10**9, "maximum": 10**9}},
    "E512": {
        "unknown": {},
        "name": {"expected": "1.1-01-事项清单.zip"},
        "question": {"other": "1.1-02"},
        "evaluation": {"other": "2020-zwfw"},
    },
    "E513": {reason: {} for reason in ("no_answer", "answers", "no_evidence", "evidence_twice")},
    "E514": {"": {"method": "Deflate64"}},
    "E515": {"": {}},
    "E516": {"": {"folder": "1.1-01-事项清单"}},
    "E601": {"": {"milestone": "pack", "moment": "2021-12-14 14:00", "state": "ready", "needed": "packed"}},
    "E602": {"": {"milestone": "review", "moment": "2021-12-15 08:30", "state": "packed", "needed": "approved"}},
    "E603": {reason: {"by": "副组长", "moment": "2021-12-15 09:00"} for reason in ("approve", "enter", "confirm")},
    "E604": {reason: {} for reason in ("content", "missing", "table", "record", "seal", "gone", "added")},
    "E605": {"": {"by": "副组长", "moment": "2021-12-15 09:00", "note": "缺少网站截图"}},
    "E606": {reason: {} for reason in ("name", "content", "seal", "missing")},
    "E607": {"": {"by": "副组长"}},
    "E608": {"": {"unit": "市财政局", "title": "惠企政策", "due": "2021-12-12 23:59"}},
    "E609": {
        "cells": {
            "count": 2,
            "places": [
                {"text": "12家", "unit": "cell", "at": "D5", "reason": "number"},
                {"text": "60", "unit": "cell", "at": "F7", "reason": "coverage", "expected": "50.00"},
            ],
        }
        | _FORM,
        "header": {"columns": ["received"]} | _FORM,
        "empty": _FORM,
        "none": _FORM,
        "several": {"files": ["惠企政策.xlsx", "新表.csv"], "count": 3} | _FORM,
        "long": {"rows": 5000} | _FORM,
        "unreadable": {"detail": "damaged"} | _FORM,
    },
    "E701": {
        reason: {"detail": "BagError"}
        for reason in (
            *("file", "no_declaration", "declaration", "no_manifest", "no_payload", "encoding"),
            *("line", "twice", "large", "entries", "deep", "spelling", "library"),
        )
    },
    "E702": {reason: {"detail": "manifest-sha256.txt"} for reason in ("missing", "unlisted", "partly")},
    "E703": {"digest": {"detail": "sha256"}},
    "E704": {reason: {"detail": "../a.pdf"} for reason in ("link", "special", "path", "fetch")},
}

SPECS = {
    "",
    "list",
    "first",
    "size",
    "kind",
    "kinds",
    "cause",
    "places",
    "upper",
    "state",
    "milestone",
    "action",
    "faults",
    "columns",
    "lacking",
}
CASES = [(code, reason) for code, reasons in PARAMS.items() for reason in reasons]


def sample(code: str, reason: str) -> dict[str, Any]:
    params = dict(PARAMS[code][reason])
    return {"reason": reason, **params} if reason else params


def fields(template: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in string.Formatter().parse(template) if name is not None}


def names(template: str) -> set[str]:
    return {name for name, _ in fields(template)}


def parts(rule: RuleWords) -> Iterator[tuple[str, str]]:
    for variants in (rule.message, rule.fix):
        yield from variants.items()


def test_samples_are_of_every_code() -> None:
    assert list(PARAMS) == [code.value for code in Code]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_all_its_words_and_nothing_else(language: str) -> None:
    text = (LOCALE / language / "rules.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    assert list(table) == [code.value for code in Code]
    for code, entry in table.items():
        assert set(entry) == {"title", "why", "message", "fix"}, code
        rule = words(language).rule(code)
        assert all(part.strip() == part != "" for part in (rule.title, rule.why)), code
        assert all(part.strip() == part != "" for _, part in parts(rule)), code


@pytest.mark.parametrize("code", Code)
def test_languages_have_the_same_variants_and_values(code: Code) -> None:
    zh, en = (words(language).rule(code) for language in ("zh", "en"))
    assert list(zh.message) == list(en.message)
    assert list(zh.fix) == list(en.fix)
    for (reason, chinese), (_, english) in zip(parts(zh), parts(en), strict=True):
        assert fields(english) == fields(chinese), reason


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", Code)
def test_variants_are_of_known_reasons_and_use_their_values_only(code: Code, language: str) -> None:
    rule = words(language).rule(code)
    reasons = PARAMS[code.value]
    for variants in (rule.message, rule.fix):
        assert set(variants) - {DEFAULT} <= set(reasons)
        for reason, values in reasons.items():
            template = variants.get(reason, variants.get(DEFAULT))
            assert template is not None, reason
            assert names(template) <= set(values), reason
            assert {spec for _, spec in fields(template)} <= SPECS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("code", "reason"), CASES)
def test_everything_renders(code: str, reason: str, language: str) -> None:
    for text in (
        words(language).message(code, sample(code, reason)),
        words(language).fix(code, sample(code, reason)),
    ):
        assert text
        assert "{" not in text
        assert "[" not in text
        assert text == printable(text)


@pytest.mark.parametrize("code", Code)
def test_chinese_is_short_and_in_chinese_punctuation(code: Code) -> None:
    rule = words("zh").rule(code)
    assert len(rule.title) <= 16
    assert len(rule.why) <= 80
    # How a value is shown is no word.
    assert all(len(re.sub(r":[a-z]+}", "}", message)) < 60 for message in rule.message.values())
    assert all(len(fix) < 80 for fix in rule.fix.values())
    for text in (rule.title, rule.why, *(part for _, part in parts(rule))):
        bare = "".join(literal for literal, *_ in string.Formatter().parse(text))
        assert not set(bare) & set(',;!?"'), text


def test_reason_chooses_the_words() -> None:
    zh, en = words("zh"), words("en")
    assert zh.message("E312", sample("E312", "short")) == "答案只有 3 个字，至少需要 10 个字。"
    assert zh.message(Code.ANSWER_SHORT, {"reason": "empty"}) == "答案是空的。"
    assert zh.fix("E108", sample("E108", "similar")) == "请把文件夹改名为“政策文件”。"
    assert zh.fix("E108", sample("E108", "unknown")) == "请把里面的文件移到规定的类别：政策文件、案例。"
    assert en.message("E311", sample("E311", "short")) == "The recording lasts only 1.5 s; at least 2 s are needed."


def test_values_are_rendered_for_people() -> None:
    zh, en = words("zh"), words("en")
    assert zh.message("E302", sample("E302", "")) == "文件类型：Word 文档。这里只收：PDF、图片。"
    assert en.message("E302", sample("E302", "")) == "Kind of file: Word document. Accepted here: PDF, picture."
    assert zh.message("E306", sample("E306", "")) == "文件大小为 400 MB，超过上限 300 MB。"
    assert zh.message("E510", {"encoding": "gbk"}) == "里面的名称没有注明编码，这里按 GBK 读取。"
    assert en.message("E510", {"encoding": "utf-8"}).endswith(" they were read as UTF-8.")
    assert zh.join(range(1, 11)) == "1、2、3、4、5、6、7、8、9、10"
    assert zh.join(range(1, 13)) == "1、2、3、4、5、6、7、8、9、10 等 12 项"
    assert en.join(range(1, 13)) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more"
    assert zh.fill("{a:list}|{b}|{c}", {"a": "一", "b": ["二", "三"], "c": 2.0}) == "一|二、三|2"


def find(text: str, unit: str, at: int | str) -> dict[str, Any]:
    return {"text": text, "unit": unit, "at": at}


def test_finds_are_named_with_their_places() -> None:
    zh, en = words("zh"), words("en")
    places = [find("秘密★1年", "page", 3), find("机密★", "cell", "台账!B7"), find("内部资料", "header", 1)]
    params = {"count": 3, "places": places}
    assert zh.message("E401", params) == (
        "发现涉密或内部资料的标志：秘密★1年（第 3 页）、机密★（台账!B7）、内部资料（页眉）。"
    )
    shown = en.message("E401", params)
    assert all(part in shown for part in ("秘密★1年", "page 3", "台账!B7", "header"))
    many = {"count": 12, "places": [find("13****00", "paragraph", number) for number in range(1, 13)]}
    assert zh.message("E403", many).endswith("13****00（第 10 段） 等。")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", Unit)
def test_every_place_has_words(unit: Unit, language: str) -> None:
    shown = words(language).found(find("x", unit.value, 7))
    assert shown.startswith("x")
    assert len(shown) > len("x()")


def test_what_a_document_holds_never_fills_a_template() -> None:
    hostile = find("{count}\x1b[31m[/]", "cell", "{a}!B7")
    assert words("zh").message("E401", {"count": 1, "places": [hostile]}) == (
        "发现涉密或内部资料的标志：{count}\\x1b[31m[/]（{a}!B7）。"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_word(language: str) -> None:
    assert len({words(language).kind(kind) for kind in Kind}) == len(Kind)


HOSTILE = {
    "{0}": "{0}",
    "{x.__class__}": "{x.__class__}",
    "{folder}": "{folder}",
    "[bold]": "[bold]",
    "[/]": "[/]",
    "%s": "%s",
    "\x1b[31m": "\\x1b[31m",
    "a\r\nb\tc": "a\\x0d\\x0ab\\x09c",
    "a\u202efdp.exe": "a\\u202efdp.exe",
    "\u2066x\u2069\u200e": "\\u2066x\\u2069\\u200e",
    "a\u200b\ufeffb\xad": "a\\u200b\\ufeffb\\xad",
    "\u2028\u2029\x85": "\\u2028\\u2029\\x85",
    "\udcff\udc80": "\\xff\\x80",
    "\ud800x": "\\ud800x",
    "\ufffe\U0001ffff\U000e0041": "\\ufffe\\U0001ffff\\U000e0041",
    "（1）政策文件·“盖章”\u3000é😀𠮷": "（1）政策文件·“盖章”\u3000é😀𠮷",
}


@pytest.mark.parametrize(("value", "shown"), HOSTILE.items())
def test_hostile_values_are_literal_or_visible(value: str, shown: str) -> None:
    assert printable(value) == shown
    assert words("zh").message("E101", {"folder": value}) == f"没有找到这道题的文件夹“{shown}”。"
    assert words("zh").message("E102", {"folders": [value, value]}) == f"同一编号有多个文件夹：{shown}、{shown}。"
    assert words("en").message("E208", {"detail": value}) == f"It cannot be read: {shown}"
    assert printable(shown) == shown
    assert shown.encode("utf-8").decode("utf-8") == shown


@pytest.mark.parametrize("template", ["{a.real}", "{a[0]}", "{}", "{0}", "{a!r}", "{a:>9}", "{a:{b}}"])
def test_templates_have_no_other_syntax(template: str) -> None:
    with pytest.raises(ValueError):
        words("zh").fill(template, {"a": "x", "b": "size }"})


def test_missing_words_and_values_are_errors() -> None:
    zh = words("zh")
    for call in (
        lambda: zh.rule("E999"),
        lambda: zh.message("E101", {}),
        lambda: zh.message("E105", {}),
        lambda: zh.message("E105", {"reason": "elsewhere"}),
    ):
        with pytest.raises(KeyError):
            call()
    with pytest.raises(ValueError):
        Words("fr")


def given(language: str, **catalogues: dict[str, Any]) -> Words:
    """Words whose catalogues are given instead of read."""
    made = Words(language)
    vars(made).update({f"_{name}": content for name, content in catalogues.items()})
    return made


def test_interface_words_by_dotted_key() -> None:
    zh = given("zh", interface={"check": {"done": "{key}：{count} 道题"}})
    assert zh.text("check.done", key="1.1", count=3) == "1.1：3 道题"
    for key in ("check", "check.other", "check.done.more", ""):
        with pytest.raises(KeyError):
            zh.text(key)


def test_words_for_a_problem_of_the_table() -> None:
    zh = given(
        "zh",
        problems={
            "unknown": {
                "message": "{key}：没有“{name}”。",
                "advice": {"typo": "是“{guess}”吗？", DEFAULT: "请删除。"},
            }
        },
    )
    typo = Problem(1, 1, "rules", "unknown", {"name": "E1O1", "reason": "typo", "guess": "E101"})
    assert zh.problem(typo) == ("rules：没有“E1O1”。", "是“E101”吗？")
    assert zh.problem(Problem(1, 1, "rules", "unknown", {"name": "\x1b"})) == (
        "rules：没有“\\x1b”。",
        "请删除。",
    )


def test_words_are_read_once() -> None:
    assert words("zh") is words("zh")
    assert words("zh").rule("E101") is words("zh").rule(Code.FOLDER_MISSING)


@pytest.mark.parametrize(
    ("option", "environ", "table", "expected"),
    [
        ("en", {"EVCLI_LANG": "zh"}, "zh", "en"),
        (None, {"EVCLI_LANG": "en", "LANG": "zh_CN.UTF-8"}, "zh", "en"),
        (None, {"EVCLI_LANG": "zh-Hans"}, "en", "zh"),
        (None, {"EVCLI_LANG": "xx"}, "en", "en"),
        (None, {"EVCLI_LANG": "xx", "LANG": "de_DE.UTF-8"}, None, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "en", "en"),
        (None, {"LANG": "zh_TW"}, None, "zh"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, None, "en"),
        (None, {"LC_ALL": "zh_CN.gb18030", "LANG": "en_US"}, None, "zh"),
        (None, {"LC_ALL": "C.UTF-8", "LANG": "en_US"}, None, "zh"),
        (None, {"LANG": "POSIX"}, None, "zh"),
    ],
)
def test_language(option: str | None, environ: dict[str, str], table: str | None, expected: str) -> None:
    assert choose_language(option, environ, table) == expected


@pytest.mark.skipif("sys.platform == 'win32'")
def test_language_is_chinese_where_nothing_is_said() -> None:
    assert choose_language(None, {}, None) == "zh"

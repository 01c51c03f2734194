"""The report on the four aspects: counted honestly, and harmless to open."""

import json
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evidence_cli.archiving.four import _OPEN, four_checks
from evidence_cli.messages import words
from evidence_cli.table import Table, parse_table
from evidence_cli.vocabulary.catalogue import RULES, Aspect, Code, Severity
from evidence_cli.vocabulary.findings import Finding, NotDone, Report
from support.archiving import archive, entries
from support.golden import perform
from support.workspace import NOW, QUESTIONS, TABLE, build

REPORT = "data/其他/四性检测报告"
LATER = {"E701", "E702", "E703", "E704"}
BY_OTHERS = {"seals", "virus", "media"}


def table(text: str = "") -> Table:
    return parse_table((TABLE + text).encode(), "indicators.yaml")


def finding(code: Code, severity: Severity, *, waived: bool = False) -> Finding:
    return Finding(code, severity, RULES[code].aspect, "1.1-01", "指标/a.pdf", waived=waived)


def states(*findings: Finding, notes: tuple[NotDone, ...] = (), text: str = "") -> dict[str, str]:
    """How every check ended that did not pass."""
    report = Report("test-2099", NOW, (), findings, notes)
    checks = four_checks(report, table(text), {})
    assert [check.id for check in checks if check.id[0] == "E"] == sorted(
        (code.value for code in RULES), key=lambda code: (list(Aspect).index(RULES[Code(code)].aspect), code)
    )
    return {check.id: check.state.value for check in checks if check.state != "passed"}


def open_ones(**more: str) -> dict[str, str]:
    return {**dict.fromkeys(LATER | BY_OTHERS, "not_done"), **more}


def test_nothing_found_is_not_everything_passed() -> None:
    assert states() == open_ones()


def test_what_was_found_decides() -> None:
    assert states(
        finding(Code.DAMAGED, Severity.ERROR),
        finding(Code.MOBILE_NUMBER, Severity.WARNING),
        finding(Code.NUMBERING, Severity.INFO),
        finding(Code.RESIDENT_ID, Severity.ERROR, waived=True),
        finding(Code.NO_ANSWER, Severity.ERROR, waived=True),
        finding(Code.NO_ANSWER, Severity.ERROR),
    ) == open_ones(E304="failed", E403="person", E402="person", E103="failed")


@pytest.mark.parametrize(
    ("check", "codes"),
    [
        ("active", {"E307"}),
        ("health", {"E304", "E305", "E310", "E311", "E313", "E314"}),
        ("text", {"E312", "E315", "E401", "E402", "E403", "E404", "E413", "E414"}),
    ],
)
def test_what_could_not_be_looked_at_is_open(check: str, codes: set[str]) -> None:
    assert states(notes=(NotDone("a.pdf", check, "scan"),)) == open_ones(**dict.fromkeys(codes, "not_done"))


def test_what_is_inside_leaves_all_of_it_open() -> None:
    found = states(notes=(NotDone("a.pdf", "inside", "crashed"),))
    assert {"E302", "E303", "E304", "E307", "E401", "E405", "E414"} < set(found) - LATER
    assert set(found.values()) == {"not_done"}


def test_a_rule_that_is_off_was_not_done() -> None:
    assert states(text="rules: {severity: {E203: off, E112: info}}\n") == open_ones(E203="not_done")


def test_every_check_of_not_done_leaves_rules_open() -> None:
    known = set(words("zh")._interface["not_done"]["check"])
    # A check of archives themselves comes after this report.
    assert known - set(_OPEN) == {"digest"}


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    root = build(
        tmp_path / "w",
        {
            "evaluation": {"title": '<script>alert(1)</script>&"评价"'},
            "waivers": [{"rule": "E403", "question": "1.1-01", "reason": "公开电话"}],
        },
    )
    place = root / QUESTIONS["1.1-01"] / "佐证材料/02-办事指南/02-&lt;b&gt;&'电话'.html"
    place.write_text("<p>咨询电话 13800138000，请在工作时间拨打。</p>", encoding="utf-8")
    perform(root, [{"pack": []}])
    return root


def test_the_document(packed: Path, tmp_path: Path) -> None:
    results = {"virus": (True, "没有发现病毒"), "media": (False, "")}
    report = archive(tmp_path / "归档", packed, draft=True, results=results)
    document = json.loads((tmp_path / "归档" / f"{REPORT}.json").read_bytes())
    assert (document["schema"], document["draft"], document["check_code"]) == ("evcli.four-checks/1", True, "")
    assert document["generated"] == NOW.isoformat()
    checks = {check["id"]: check for check in document["checks"]}
    assert {id: (checks[id]["state"], checks[id]["note"]) for id in BY_OTHERS} == {
        "virus": ("passed", "没有发现病毒"),
        "media": ("failed", ""),
        "seals": ("not_done", ""),
    }
    assert (checks["E403"]["state"], checks["E403"]["waived"], checks["E403"]["findings"]) == ("person", 1, 0)
    counted = document["summary"]["all"]
    assert counted == {
        state: sum(1 for check in document["checks"] if check["state"] == state)
        for state in ("passed", "failed", "not_done", "person")
    }
    assert counted == {
        state: sum(document["summary"][aspect.value][state] for aspect in Aspect)
        for state in ("passed", "failed", "not_done", "person")
    }
    assert len(report.checks) == len(document["checks"]) == len(RULES) + len(BY_OTHERS)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(("language", "word"), [("zh", "需人工"), ("en", "needs a person")])
def test_the_page(packed: Path, tmp_path: Path, language: str, word: str) -> None:
    archive(tmp_path / "归档", packed, draft=True, language=language, now=NOW + timedelta(days=1))
    page = _Tags()
    page.feed((tmp_path / "归档" / f"{REPORT}.html").read_text(encoding="utf-8"))
    assert page.tags == {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "br"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert page.attributes == {"lang", "charset", "class"}
    assert '<script>alert(1)</script>&"评价"' in page.text
    assert "02-&lt;b&gt;&'电话'.html" in page.text
    assert word in page.text
    # The directory beside it is as hostile, and as well-formed.
    assert "02-&lt;b&gt;&'电话'" in " ".join(one["题名"] for one in entries(tmp_path / "归档"))
    assert "http" not in page.text

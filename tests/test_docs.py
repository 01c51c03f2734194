"""What people read is true: the docs check is clean, finds what it should, and the pages agree with the program."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from evidence_cli import check, open_workspace, verify
from evidence_cli.jobs.demo import begin_demo, fill_demo
from evidence_cli.jobs.pack import pack
from evidence_cli.jobs.scaffold import scaffold
from evidence_cli.looks.inside import inspector
from evidence_cli.messages import LANGUAGES, words
from evidence_cli.reporters import FORMATS
from evidence_cli.reporters import json as json_report
from evidence_cli.table import Language
from evidence_cli.vocabulary.kinds import FORMATS as FORMATS_OF_FILES
from evidence_cli.vocabulary.shipped import shipped
from test_architecture import LAYERS

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"


@pytest.fixture(scope="module")
def docs_check() -> Iterator[ModuleType]:
    sys.path.insert(0, str(SCRIPTS))
    spec = importlib.util.spec_from_file_location("check_docs", SCRIPTS / "check_docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(SCRIPTS))


def test_the_docs_check_is_clean() -> None:
    command = [sys.executable, str(SCRIPTS / "check_docs.py")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def _append(name: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text((root / name).read_text(encoding="utf-8") + text, encoding="utf-8")


FAULTS = {
    "docs/zh/rules.md:1: out of date; run: python scripts/rules_page.py": _append("docs/zh/rules.md", "\n"),
    "docs/zh/index.md:1: there is no docs/en/index.md": lambda root: (root / "docs/en/index.md").unlink(),
    "docs/zh/output.md:1: headings differ from docs/en/output.md": _append("docs/en/output.md", "\n## More\n"),
    "no such file: nowhere.md": _append("README.md", "\n[x](nowhere.md)\n"),
    "no such heading: docs/en/table.md#nowhere": _append("README.md", "\n[x](docs/en/table.md#nowhere)\n"),
    "link out of the repository: https://example.org/": _append("README.md", "\n[x](https://example.org/)\n"),
    "not a command line: evcli chekc": _append("README.md", "\n```sh\nevcli chekc\n```\n"),
    "not a command line: evcli check --frmat json": _append("README.md", "\nRun `evcli check --frmat json`.\n"),
    "not a command line: evcli verify": _append("README.md", "\n```sh\n$ evcli verify\n```\n"),
    "not a command line: evcli check --format pdf": _append(
        "README.md", "\n```sh\nx && evcli check --format pdf\n```\n"
    ),
    "no such rule: E199": _append("README.md", "\nE199\n"),
    "key not explained: layout.pool": lambda root: _replace(root, "docs/en/table.md", "`layout.pool`", "`x`"),
    "no such key: layout.pol": _append("docs/en/table.md", "\n| `layout.pol` |\n"),
    "no such key of the table: max_sise": _append("README.md", "\n```yaml\nanswer: {max_sise: 1}\n```\n"),
    "not a table: evaluation: missing_key": _append("README.md", "\n```yaml\nversion: 1\ncategories: []\n```\n"),
    "README.md:1: the formats of reports are text, json": lambda root: _replace(root, "README.md", "(`--format`)", ""),
    "the formats of reports are text, json": lambda root: _replace(root, "README.md", "`text`, `json`,", "`text`,"),
    "no such file: tests/test_nowhere.py": _append("README.md", "\n`tests/test_nowhere.py`\n"),
    "no such test: tests/test_docs.py::test_nothing": _append("README.md", "\n`tests/test_docs.py::test_nothing`\n"),
    "placeholder: TODO": _append("README.md", "\nTODO\n"),
    "path of a machine: /home/somebody": _append("README.md", "\nin /home/somebody/x\n"),
}


def _replace(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("fault", FAULTS)
def test_the_docs_check_finds(fault: str, docs_check: ModuleType, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for page in [*ROOT.glob("*.md"), ROOT / "LICENSE"]:
        shutil.copy(page, tmp_path)
    FAULTS[fault](tmp_path)
    found = docs_check.faults(tmp_path)
    assert [line for line in found if fault in line] != [], found


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """JSON reports of the demo: of a check, and of a package verified without a workspace."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    begin_demo(folder, language="zh", now=datetime.now(UTC))
    space = open_workspace(folder)
    scaffold(space, words=words("zh"))
    fill_demo(folder, space.table)
    pack(space)
    found = [check(space), verify([*folder.glob("报送/*.zip")])]
    return [json.loads(json_report.render(report, words("zh"), lambda finding: True, 80)) for report in found]


def _fields(node: Any, way: str = "") -> Iterator[str]:
    """The dotted names of all fields; what is in `params` belongs to the rules."""
    if isinstance(node, dict) and not way.endswith("params."):
        for key, value in node.items():
            inner = [*_fields(value, f"{way}{key}.")]
            yield from inner
            # An object is there in its fields; a list and a value stand for themselves.
            if not isinstance(value, dict) or key == "params":
                yield f"{way}{key}"
    elif isinstance(node, list):
        for value in node:
            yield from _fields(value, way)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_a_report_is_explained(language: str, reports: list[dict[str, Any]]) -> None:
    page = (ROOT / "docs" / language / "output.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([a-z_.]+)` \|", page, re.MULTILINE)
    assert sorted(explained) == sorted({field for report in reports for field in _fields(report)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_a_report_has_every_field(language: str, reports: list[dict[str, Any]]) -> None:
    page = (ROOT / "docs" / language / "output.md").read_text(encoding="utf-8")
    example = re.search(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert example is not None
    assert set(_fields(json.loads(example[1]))) == set(_fields(reports[0]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_design_tells_the_layers(language: str) -> None:
    page = (ROOT / "docs" / language / "design.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", page, re.MULTILINE)
    told = {layer: set(re.findall(r"`(\w+)`", below)) for layer, below in rows}
    assert told == {layer: set(below) for layer, below in LAYERS.items() if layer not in ("__main__", "evidence_cli")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_report_format_is_explained(language: str) -> None:
    page = (ROOT / "docs" / language / "output.md").read_text(encoding="utf-8")
    assert [name for name in FORMATS if name != "text" and f"--format {name}" not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_that_is_looked_into_is_told(language: str) -> None:
    rows = re.findall(r"^\| .*? \|", (ROOT / "docs" / language / "inside.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = set(re.findall(r"[a-z0-9]+", "\n".join(rows)))
    # Templates are told together with what is made from them.
    templates = {"dotx", "dotm", "xltx", "xltm", "potx", "potm"}
    looked_into = {name: ends[0] for name, (_, ends) in FORMATS_OF_FILES.items() if ends and inspector(name)}
    assert set(looked_into.values()) - told == templates


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_why_something_is_not_done_is_told(language: str) -> None:
    inside = (ROOT / "docs" / language / "inside.md").read_text(encoding="utf-8")
    output = (ROOT / "docs" / language / "output.md").read_text(encoding="utf-8")
    catalogue = tomllib.loads(shipped(f"locale/{language}/ui.toml").decode("utf-8"))["not_done"]
    reasons = catalogue["reason"]
    assert re.findall(r"^\| (.+?) \|", inside, re.MULTILINE).count(reasons["scan"]) == 1
    assert [reason for reason, text in reasons.items() if f"\n| {text} |" not in inside] == []
    assert [reason for reason in reasons if f"`{reason}`" not in output] == []
    assert [check for check in catalogue["check"] if f"`{check}`" not in output] == []


def test_the_table_speaks_every_language() -> None:
    assert {language.value for language in Language} == set(LANGUAGES)

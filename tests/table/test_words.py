"""Every cause has words in both languages, and every cause is used."""

import re
import string
import tomllib
from pathlib import Path

import pytest

from evidence_cli.table.causes import Cause

SOURCE = Path(__file__).parents[2] / "src/evidence_cli"


def catalogue(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((SOURCE / f"locale/{language}/table.toml").read_text(encoding="utf-8"))


def placeholders(entry: dict[str, str]) -> set[str]:
    return {name for part in entry.values() for _, name, _, _ in string.Formatter().parse(part) if name}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_for_every_cause(language: str) -> None:
    words = catalogue(language)
    assert set(words) == {str(cause) for cause in Cause}
    assert all(set(entry) == {"message", "advice"} and all(entry.values()) for entry in words.values())


def test_the_same_values_in_both_languages() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert {cause: placeholders(entry) for cause, entry in chinese.items()} == {
        cause: placeholders(entry) for cause, entry in english.items()
    }


def test_every_cause_is_emitted() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (SOURCE / "table").glob("*.py"))
    assert set(re.findall(r"\bCause\.([A-Z0-9_]+)", code)) == set(Cause.__members__)

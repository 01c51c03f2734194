"""The folder of packages (报送): which file there is whose package."""

import re
from dataclasses import dataclass
from pathlib import Path

from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.table import QuestionSpec, Table
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.names import carries_code, is_junk, twin_key
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.survey import list_folder

_ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The packages found, by question code; those of no question in `others`."""

    packages: dict[str, tuple[Entry, ...]]
    others: tuple[Entry, ...]


def read_shelf(root: Path, table: Table) -> Shelf:
    """List the folder of packages. Raises EnvironmentFailure when it is there but cannot be listed."""
    expected = _expected(table)
    found: dict[str, list[Entry]] = {}
    others = []
    for entry in _archives(root, table.layout.packages):
        code = expected.get(twin_key(entry.name)) or _code_in(entry.name, table.questions())
        if code is None:
            others.append(entry)
        else:
            found.setdefault(code, []).append(entry)
    return Shelf({code: tuple(entries) for code, entries in found.items()}, tuple(others))


def code_in(name: str, table: Table) -> str | None:
    """The code of the question that a package's file name speaks of."""
    return _expected(table).get(twin_key(name)) or _code_in(name, table.questions())


def _expected(table: Table) -> dict[str, str]:
    return {twin_key(package_name(table, question)): question.code for question in table.questions()}


def _archives(root: Path, folder: str) -> list[Entry]:
    try:
        entries = list_folder(root, folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise EnvironmentFailure("read", path=folder, detail=error.strerror or str(error)) from error
    return [
        entry
        for entry in entries
        if entry.type is not EntryType.FOLDER and entry.name.lower().endswith(_ARCHIVES) and not is_junk(entry.name)
    ]


def _code_in(name: str, questions: tuple[QuestionSpec, ...]) -> str | None:
    stem = re.sub(r"\.[A-Za-z0-9]+$", "", name)
    by_start = (question.code for question in questions if carries_code(stem, question.code))
    # A template may put the code anywhere; digits, dots and dashes around it would make it another code.
    inside = (q.code for q in questions if re.search(rf"(?<![\d.-]){re.escape(q.code)}(?![\d.])", stem))
    return next(by_start, None) or next(inside, None)

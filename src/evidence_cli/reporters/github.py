"""`--format github`: workflow commands, which GitHub Actions shows as annotations."""

from collections.abc import Iterator

from evidence_cli.messages import Words
from evidence_cli.reporters import Shown
from evidence_cli.reporters.unchecked import unchecked_lines
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Report
from evidence_cli.vocabulary.printable import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
# What a runner takes for its own punctuation: in every text, and besides in the properties before it.
_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _TEXT | {":": "%3A", ",": "%2C"}


def render(report: Report, words: Words, shown: Shown, width: int) -> str:
    """A line for each finding that is not waived, and one for what could not be checked."""
    return "".join(line + "\n" for line in _lines(report, words, shown))


def _lines(report: Report, words: Words, shown: Shown) -> Iterator[str]:
    for finding in report.findings:
        if finding.waived or not shown(finding):
            continue
        properties = {"file": finding.path, "title": finding.code.value}
        if finding.line:
            properties["line"] = str(finding.line)
        message = words.message(finding.code, finding.params)
        fix = words.text("report.fix") + words.fix(finding.code, finding.params)
        yield _command(_COMMANDS[finding.severity], properties, f"{printable(message)}\n{printable(fix)}")
    for line in unchecked_lines(report.not_done, words):
        yield _command("warning", {}, printable(line))


def _command(name: str, properties: dict[str, str], text: str) -> str:
    listed = ",".join(f"{key}={_escaped(printable(value), _PROPERTY)}" for key, value in properties.items())
    return f"::{name}{' ' if listed else ''}{listed}::{_escaped(text, _TEXT)}"


def _escaped(text: str, marks: dict[str, str]) -> str:
    return "".join(marks.get(character, character) for character in text)

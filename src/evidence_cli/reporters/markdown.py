"""`--format markdown`: for a merge request, a wiki or a chat (CommonMark with the tables of GFM)."""

import re
from collections.abc import Iterator

from evidence_cli.messages import Words
from evidence_cli.reporters import Shown
from evidence_cli.reporters.grouping import by_question, titles, verdict
from evidence_cli.reporters.unchecked import unchecked_lines
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, Report
from evidence_cli.vocabulary.printable import printable

_PUNCTUATION = re.compile(r"[\\`*_{}\[\]()#+!|~$^=-]|(?<=^\d)\.")
# Of these, what means something behind the beginning of a line too.
_MARKUP = re.compile(r"[\\`*_\[\]#|~$]")
# Tags, entities, mentions and addresses that become links by themselves.
_ALIVE = re.compile(r"[<>&@]|(?<=www)\.|(?<=:)//", re.IGNORECASE)
_RUN = re.compile("`+")


def render(report: Report, words: Words, shown: Shown, width: int) -> str:
    """A line of counts, a table of the questions, then the findings of each."""
    return "\n".join(_lines(report, words, shown)) + "\n"


def _lines(report: Report, words: Words, shown: Shown) -> Iterator[str]:
    title = titles(report)
    yield f"**{plain(verdict(report, words))}**"
    yield ""
    if report.questions:
        yield f"| {' | '.join(plain(words.text(f'markdown.{name}')) for name in ('question', 'owner', 'result'))} |"
        yield "|---|---|---|"
    for question in report.questions:
        result = words.text("report.passed" if question.passed else "report.failed")
        yield f"| {plain(title(question))} | {plain(question.owner or '')} | {plain(result)} |"
    for owner, findings in by_question(report, shown):
        if findings:
            yield from ("", f"### {plain(title(owner) if owner else words.text('report.workspace'))}", "")
            for finding in sorted(findings, key=lambda one: (one.waived, -one.severity.weight)):
                yield from _finding(finding, words)
    hidden = sum(1 for finding in report.findings if not shown(finding))
    closing = [words.text("report.hidden", count=hidden)] if hidden else []
    for line in closing + unchecked_lines(report.not_done, words):
        yield from ("", plain(line))


def _finding(finding: Finding, words: Words) -> Iterator[str]:
    severity = words.text(f"severity.{finding.severity}")
    waived = words.text("report.waived") if finding.waived else ""
    strong = "**" if finding.severity is Severity.ERROR and not finding.waived else ""
    place = finding.path + (f":{finding.line}" if finding.line else "")
    yield f"- {strong}{plain(f'{severity} {finding.code}{waived}')}{strong} {_code(place)}  "
    yield f"  {plain(words.message(finding.code, finding.params))}  "
    if not finding.waived:
        yield f"  {plain(words.text('report.fix') + words.fix(finding.code, finding.params))}"


def plain(text: str) -> str:
    """Text that means only itself."""
    return _harmless(text, _PUNCTUATION)


def plain_inside(text: str) -> str:
    """Text that means only itself behind the beginning of a line, and that is readable where nothing is rendered."""
    return _harmless(text, _MARKUP)


def _harmless(text: str, marks: re.Pattern[str]) -> str:
    escaped = marks.sub(r"\\\g<0>", printable(text))
    return _ALIVE.sub(lambda found: "".join(f"&#{ord(mark)};" for mark in found[0]), escaped)


def _code(text: str) -> str:
    """A code span: its fence is longer than any in the text (CommonMark §6.1)."""
    text = printable(text)
    fence = "`" * (max(map(len, _RUN.findall(text)), default=0) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"

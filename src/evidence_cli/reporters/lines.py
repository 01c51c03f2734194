"""How a question and a finding look to people, wherever they are shown."""

from collections.abc import Iterator, Sequence

from evidence_cli.messages import Words
from evidence_cli.reporters.terminal import Page, Part
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, QuestionResult


def question_lines(page: Page, question: QuestionResult | None, beside: Sequence[Part], words: Words) -> None:
    """The heading of a question's findings and, below it, where they are; without a question, the workspace's."""
    if question is None:
        page.line((words.text("report.workspace"), "strong"), "  ", *beside)
        return
    owner = f" · {question.owner}" if question.owner else ""
    name = f"{question.code} {question.title}".strip() or (question.path or "").rpartition("/")[2]
    page.line((name, "strong"), (owner, "faint"), "  ", *beside)
    if question.path and question.path != name:
        page.line((question.path, "faint"), indent=2)
    if question.received:
        page.line((words.text("report.received"), "faint"), indent=2)


def counts(findings: Sequence[Finding], words: Words) -> Iterator[Part]:
    """How many findings there are of each severity, and how many are waived."""
    found = [
        (severity.value, [f for f in findings if f.severity is severity and not f.waived]) for severity in Severity
    ]
    found.append(("waived", [f for f in findings if f.waived]))
    shown = [(words.text(f"report.count.{name}", count=len(some)), name) for name, some in found if some]
    for number, (text, name) in enumerate(shown):
        yield ("  " if number else "") + text, name if name != "waived" else "faint"


def finding_lines(page: Page, finding: Finding, question: QuestionResult | None, words: Words) -> None:
    """One finding: severity, code and place; what is wrong; what to do."""
    style = "faint" if finding.waived else finding.severity.value
    place = _place(finding, question) + (f":{finding.line}" if finding.line else "")
    waived = (words.text("report.waived"), "faint") if finding.waived else ""
    page.line(
        (words.text(f"severity.{finding.severity}"), style), f" {finding.code.value}", waived, f" {place}", indent=2
    )
    page.line(words.message(finding.code, finding.params), indent=4)
    if not finding.waived:
        page.line((words.text("report.fix"), "good"), words.fix(finding.code, finding.params), indent=4)


def _place(finding: Finding, question: QuestionResult | None) -> str:
    """The path below the question's folder or package, which the heading names already."""
    if question is None or not question.path:
        return finding.path
    for root in (f"{question.path}/", f"{question.path}!/"):
        if finding.path.startswith(root):
            return finding.path[len(root) :]
    return "" if finding.path == question.path else finding.path

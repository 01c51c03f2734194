"""`--format text`: for people. Grouped by question, worst first; what is wrong, and what to do."""

from collections.abc import Sequence

from evidence_cli.messages import Words
from evidence_cli.reporters import Shown
from evidence_cli.reporters.changes import Changes
from evidence_cli.reporters.grouping import Group, by_question, verdict
from evidence_cli.reporters.lines import counts, finding_lines, question_lines
from evidence_cli.reporters.terminal import Page
from evidence_cli.reporters.unchecked import unchecked_lines
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, QuestionResult, Report
from evidence_cli.vocabulary.sizes import format_size

# Nobody reads on, and a thousand take a second; the gravest come first.
_LISTED = 1000


def render(
    report: Report,
    words: Words,
    shown: Shown,
    width: int,
    *,
    color: bool = False,
    changes: Changes | None = None,
) -> str:
    """The whole report as lines; with `changes`, of the findings only what changed."""
    page = Page(width, color=color)
    listed = shown if changes is None else lambda finding: shown(finding) and changes.is_new(finding)
    for question, findings in _groups(report, listed):
        question_lines(page, question, list(counts(findings, words)), words)
        for finding in findings[:_LISTED]:
            finding_lines(page, finding, question, words)
        if len(findings) > _LISTED:
            page.line((words.text("report.more", count=len(findings) - _LISTED), "warning"), indent=2)
        page.line("")
    for question in report.questions if changes is None else ():
        if question.passed and question.digest and (question.path or "").lower().endswith(".zip"):
            _good_package(page, question, words)
    if changes is not None:
        _changed(page, changes, words)
    _closing(page, report, words, hidden=sum(1 for finding in report.findings if not shown(finding)))
    return page.text()


def _groups(report: Report, shown: Shown) -> list[Group]:
    groups = [group for group in by_question(report, shown) if group[1]]
    ordered = sorted(groups, key=lambda group: -_weight(group[1]))
    return [(question, sorted(found, key=lambda f: (f.waived, -f.severity.weight))) for question, found in ordered]


def _weight(findings: Sequence[Finding]) -> int:
    return max((finding.severity.weight for finding in findings if not finding.waived), default=0)


def _good_package(page: Page, question: QuestionResult, words: Words) -> None:
    name = (question.path or "").rpartition("/")[2]
    page.line((words.text("report.passed"), "good"), f" {name}  ", (question.digest or "", "faint"))
    if question.received:
        page.line((words.text("report.received"), "faint"), indent=4)


def _changed(page: Page, changes: Changes, words: Words) -> None:
    for code, _, path in changes.fixed:
        page.line((words.text("report.fixed"), "good"), f" {code} {path}")
    counts = {"new": len(changes.new), "fixed": len(changes.fixed), "unchanged": changes.unchanged}
    page.line((words.text("report.changes", **counts), "strong"))


def _closing(page: Page, report: Report, words: Words, *, hidden: int) -> None:
    total = len(report.questions)
    files = sum(question.files for question in report.questions)
    size = format_size(sum(question.bytes for question in report.questions))
    style = "good" if all(question.passed for question in report.questions) else "error"
    page.line((verdict(report, words), style))
    by_severity = {f"{severity}s": report.count(severity) for severity in Severity}
    page.line(words.text("report.totals", files=files, size=size, waived=report.waived, **by_severity))
    if report.switched_off:
        page.line((words.text("report.off", count=report.switched_off), "faint"))
    if hidden:
        page.line((words.text("report.hidden", count=hidden), "warning"))
    if not total:
        page.line(words.text("report.nothing"))
    for line in unchecked_lines(report.not_done, words):
        page.line((line, "warning"))

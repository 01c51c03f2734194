"""`--format text`: for people. Grouped by question, worst first; what is wrong, and what to do."""

from collections.abc import Iterator, Sequence

from evidence_cli.messages import Words
from evidence_cli.reporters import Shown
from evidence_cli.reporters.terminal import Page
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, QuestionResult, Report
from evidence_cli.vocabulary.names import carries_code
from evidence_cli.vocabulary.sizes import format_size


def render(report: Report, words: Words, shown: Shown, width: int, *, color: bool = False) -> str:
    """The whole report as lines."""
    page = Page(width, color=color)
    for question, findings in _groups(report, shown):
        _heading(page, question, findings, words)
        for finding in findings:
            _finding(page, finding, words)
        page.line("")
    _closing(page, report, words, hidden=sum(1 for finding in report.findings if not shown(finding)))
    return page.text()


def _groups(report: Report, shown: Shown) -> list[tuple[QuestionResult | None, list[Finding]]]:
    results = {question.code: question for question in report.questions}
    groups: dict[str | None, list[Finding]] = {}
    for finding in report.findings:
        if shown(finding):
            groups.setdefault(finding.question, []).append(finding)
    ordered = sorted(groups.items(), key=lambda group: -_weight(group[1]))
    return [
        (
            results.get(code) if code is not None else None,
            sorted(findings, key=lambda f: (f.waived, -f.severity.weight)),
        )
        for code, findings in ordered
    ]


def _weight(findings: Sequence[Finding]) -> int:
    return max((finding.severity.weight for finding in findings if not finding.waived), default=0)


def _heading(page: Page, question: QuestionResult | None, findings: Sequence[Finding], words: Words) -> None:
    if question is None:
        page.line((words.text("report.workspace"), "strong"), "  ", *_counts(findings, words))
        return
    owner = f" · {question.owner}" if question.owner else ""
    page.line(
        (f"{question.code} {question.title}".rstrip(), "strong"),
        (owner, "faint"),
        "  ",
        *_counts(findings, words),
    )


def _counts(findings: Sequence[Finding], words: Words) -> Iterator[tuple[str, str]]:
    for severity in Severity:
        count = sum(1 for finding in findings if finding.severity is severity and not finding.waived)
        if count:
            yield words.text(f"report.count.{severity}", count=count) + " ", severity.value


def _finding(page: Page, finding: Finding, words: Words) -> None:
    waived = (words.text("report.waived") + " ", "faint") if finding.waived else ""
    style = "faint" if finding.waived else finding.severity.value
    place = _short(finding) + (f":{finding.line}" if finding.line else "")
    page.line(
        (words.text(f"severity.{finding.severity}"), style),
        " ",
        finding.code.value,
        " ",
        waived,
        place,
        indent=2,
    )
    page.line(words.message(finding.code, finding.params), indent=4)
    if not finding.waived:
        page.line((words.text("report.fix"), "good"), words.fix(finding.code, finding.params), indent=4)


def _short(finding: Finding) -> str:
    """The path without the question's own folder, which the heading names already."""
    parts = finding.path.split("/")
    if finding.question is not None and "!" not in finding.path:
        for number, part in enumerate(parts[:-1]):
            if carries_code(part, finding.question):
                return "/".join(parts[number + 1 :])
    return finding.path


def _closing(page: Page, report: Report, words: Words, *, hidden: int) -> None:
    passed = sum(1 for question in report.questions if question.passed)
    total = len(report.questions)
    files = sum(question.files for question in report.questions)
    size = format_size(sum(question.bytes for question in report.questions))
    style = "good" if passed == total else "error"
    page.line((words.text("report.summary", total=total, passed=passed, failed=total - passed), style))
    counts = {f"{severity}s": report.count(severity) for severity in Severity}
    page.line(words.text("report.totals", files=files, size=size, waived=report.waived, **counts))
    if report.switched_off:
        page.line((words.text("report.off", count=report.switched_off), "faint"))
    if hidden:
        page.line((words.text("report.hidden", count=hidden), "warning"))
    if not total:
        page.line(words.text("report.nothing"))
    for reason in dict.fromkeys((note.check, note.reason) for note in report.not_done):
        page.line((words.text(f"not_done.{reason[1]}"), "warning"))

"""`--format junit`: one test case for each question, as Jenkins and GitLab read it (the de-facto JUnit XML).

An error that is not waived fails its question; everything else is told in `system-out`.
"""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from evidence_cli.messages import Words
from evidence_cli.reporters import Shown
from evidence_cli.reporters.grouping import by_question, titles
from evidence_cli.reporters.unchecked import unchecked_lines
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.findings import Finding, QuestionResult, Report
from evidence_cli.vocabulary.printable import printable


def render(report: Report, words: Words, shown: Shown, width: int) -> str:
    """The document. What does not pass fails even where its findings are not shown."""
    [(_, of_nobody), *_] = by_question(report, lambda _: True)
    cases, failures = [], 0
    title = titles(report)
    evaluation = report.evaluation or "evcli"
    for question, findings in by_question(report, shown):
        failed = any(map(_fails, of_nobody)) if question is None else not question.passed
        failures += failed
        # Readers take two cases of one name for one.
        name = words.text("report.workspace") if question is None else title(question)
        opening = f"<testcase classname={_attribute(_class(evaluation, question))} name={_attribute(name)}>"
        cases.append("\n".join([opening, *_outcome(findings, words, failed=failed), "</testcase>\n"]))
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    when = report.generated.replace(tzinfo=None).isoformat(timespec="seconds")
    notes = [f"<system-out>{_text(unchecked_lines(report.not_done, words))}</system-out>\n"] if report.not_done else []
    return "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<testsuites name="evcli" {counts}>\n',
            f'<testsuite name={_attribute(evaluation)} timestamp="{when}" {counts} skipped="0">\n',
            *cases,
            *notes,
            "</testsuite>\n</testsuites>\n",
        ]
    )


def _class(evaluation: str, question: QuestionResult | None) -> str:
    """Jenkins groups by what is before the last dot and after it: no other dot may be in it."""
    parts = (evaluation, (question and question.indicator) or "evcli")
    return ".".join(part.replace(".", "-") for part in parts)


def _outcome(findings: Sequence[Finding], words: Words, *, failed: bool) -> Iterator[str]:
    errors = [finding for finding in findings if _fails(finding)]
    if failed:
        first = f"{errors[0].code} {words.message(errors[0].code, errors[0].params)}" if errors else ""
        message = _attribute(first or words.text("report.failed"))
        yield f'<failure type="error" message={message}>{_text(_told(errors, words))}</failure>'
    rest = [finding for finding in findings if not _fails(finding)]
    if rest:
        yield f"<system-out>{_text(_told(rest, words))}</system-out>"


def _fails(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR and not finding.waived


def _told(findings: Sequence[Finding], words: Words) -> list[str]:
    lines = []
    for finding in findings:
        waived = words.text("report.waived") if finding.waived else ""
        place = finding.path + (f":{finding.line}" if finding.line else "")
        lines.append(f"{words.text(f'severity.{finding.severity}')} {finding.code}{waived} {place}")
        lines.append("  " + words.message(finding.code, finding.params))
        lines.append("  " + words.text("report.fix") + words.fix(finding.code, finding.params))
    return lines


def _text(lines: Sequence[str]) -> str:
    return escape("\n".join(printable(line) for line in lines))


def _attribute(text: str) -> str:
    return quoteattr(printable(text))

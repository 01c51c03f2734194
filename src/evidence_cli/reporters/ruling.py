"""The rules for people: the list, and one explained."""

from collections.abc import Sequence

from evidence_cli.messages import Words
from evidence_cli.reporters.terminal import Page
from evidence_cli.vocabulary.catalogue import RULES, Code, Rule


def render_list(codes: Sequence[Code], words: Words, width: int, *, color: bool = False) -> str:
    """A table of rules: code, severity, aspect, title."""
    page = Page(width, color=color)
    headings = [words.text(f"rules.column.{name}") for name in ("code", "severity", "aspect", "title")]
    rows = []
    for code in codes:
        rule = RULES[code]
        title = words.rule(code).title
        severity = (words.text(f"severity.{rule.severity}"), rule.severity.value)
        rows.append([code.value, severity, words.text(f"aspect.{rule.aspect}"), title])
    page.table(headings, rows)
    page.line((words.text("rules.more"), "faint"))
    return page.text()


def render_one(code: Code, words: Words, width: int, *, color: bool = False) -> str:
    """One rule: what, why, how to mend it."""
    page = Page(width, color=color)
    rule, entry = RULES[code], words.rule(code)
    page.line((f"{code.value} {entry.title}", "strong"))
    page.line(_grade(rule, words), indent=2)
    page.line((words.text("rules.why"), "strong"), entry.why, indent=2)
    for heading, variants in (("rules.message", entry.message), ("rules.fix", entry.fix)):
        page.line((words.text(heading), "strong"), indent=2)
        for template in variants.values():
            page.line(("· " if len(variants) > 1 else ""), words.outline(template), indent=4)
    return page.text()


def _grade(rule: Rule, words: Words) -> str:
    return words.text(
        "rules.grade",
        severity=words.text(f"severity.{rule.severity}"),
        aspect=words.text(f"aspect.{rule.aspect}"),
    )

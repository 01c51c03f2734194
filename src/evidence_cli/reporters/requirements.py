"""`table show`: what the table finally asks of each question, for people."""

from collections.abc import Sequence

from evidence_cli.messages import Words
from evidence_cli.reporters.terminal import Page, Part
from evidence_cli.table import Category, QuestionSpec, Table
from evidence_cli.vocabulary.sizes import format_size
from evidence_cli.workspace.naming import package_name, question_path


def render(table: Table, questions: Sequence[QuestionSpec], words: Words, width: int, *, color: bool = False) -> str:
    """One block for each question; without questions, the indicators and their owners."""
    page = Page(width, color=color)
    if not questions:
        headings = [words.text(f"show.{name}") for name in ("code", "indicator", "unit", "owner")]
        page.table(headings, [[leaf.code, leaf.name, leaf.unit, leaf.owner] for leaf in table.leaves()])
        page.line(words.text("init.no_questions"))
    for question in questions:
        page.line((f"{question.code} {question.title}", "strong"))
        for name, value in _lines(table, question, words):
            page.line((words.text(f"show.{name}") + words.text("show.colon"), "faint"), value, indent=2)
        page.line("")
    return page.text()


def _lines(table: Table, question: QuestionSpec, words: Words) -> list[tuple[str, Part]]:
    needs = question.requirements
    answer, evidence = needs.answer, needs.evidence
    required = [needs.category(name).name for name in evidence.required]
    return [
        ("indicator", f"{question.indicator} {question.indicator_name}"),
        ("unit", question.unit or "—"),
        ("owner", question.owner or "—"),
        ("text", " ".join(question.text.split()) or "—"),
        ("folder", question_path(table, question)),
        ("package", f"{table.layout.packages}/{package_name(table, question)}"),
        (
            "answer",
            words.text(
                "show.answer_is",
                kinds=list(answer.kinds),
                minimum=answer.min_chars,
                size=format_size(answer.max_size),
            ),
        ),
        ("required", words.join(required) or words.text("show.none")),
        ("accepted", words.text("show.between").join(_accepted(category, words) for category in needs.categories)),
        (
            "evidence",
            words.text(
                "show.evidence_is",
                minimum=evidence.min_files,
                maximum=evidence.max_files,
                size=format_size(evidence.max_file_size),
            ),
        ),
        (
            "limits",
            words.text(
                "show.limits_are",
                size=format_size(needs.package.max_size),
                path=needs.names.max_path,
                name=needs.names.max_name,
                digest=str(needs.package.digest),
            ),
        ),
    ]


def _accepted(category: Category, words: Words) -> str:
    return words.text("show.accepted_is", category=category.name, kinds=list(category.kinds))

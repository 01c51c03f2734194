"""The entry sheet as text: what is to be pasted stands between two rules, its lines as they are."""

from evidence_cli.messages import Words
from evidence_cli.reporters.sheet.phrases import facts, heading, pasted, warnings
from evidence_cli.reporters.terminal import Page
from evidence_cli.vocabulary.course import Sheet, SheetRow

_RULE = "─" * 40


def render(sheet: Sheet, words: Words, width: int, color: bool) -> str:
    """The page."""
    parts = [_page(width, color, (heading(sheet, words), "strong"))]
    for row in sheet.rows:
        parts.append(_head(row, words, width, color))
        if row.text:
            # Not wrapped: what is copied from here must be the answer and nothing else.
            parts.append(f"{_RULE}\n{pasted(row.text)}\n{_RULE}\n")
    if not sheet.rows:
        parts.append(_page(width, color, (words.text("sheet.nothing"), "")))
    return "".join(parts)


def _head(row: SheetRow, words: Words, width: int, color: bool) -> str:
    page = Page(width, color=color)
    page.line("")
    page.line((f"{row.code} {row.title}", "strong"))
    for label, value in facts(row, words):
        page.line((label, "faint"), value, indent=2)
    for said in warnings(row, words):
        page.line((said, "warning"), indent=2)
    return page.text()


def _page(width: int, color: bool, *parts: tuple[str, str]) -> str:
    page = Page(width, color=color)
    page.line(*parts)
    return page.text()

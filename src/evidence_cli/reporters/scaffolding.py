"""What `init` made, for people."""

from evidence_cli.messages import Words
from evidence_cli.reporters.terminal import Page
from evidence_cli.vocabulary.outcomes import Made, ScaffoldReport

# A whole first run makes more than two hundred folders; the first ones show the pattern.
_MOST = 40


def render(
    result: ScaffoldReport,
    words: Words,
    width: int,
    *,
    root: str,
    first: tuple[str, ...],
    color: bool = False,
) -> str:
    """A line for each thing made, then counts, then what to do next."""
    page = Page(width, color=color)
    page.line(words.text("init.workspace", path=root))
    for path in first:
        page.line(("+ ", "good"), path)
    steps = result.steps if result.dry_run else result.steps[:_MOST]
    for step in steps:
        page.line(("+ ", "good"), step.path + ("/" if step.made is Made.FOLDER else ""))
    if len(result.steps) > len(steps):
        page.line((words.text("init.more", count=len(result.steps) - len(steps)), "faint"))
    for path in result.skipped:
        page.line((words.text("init.skipped", path=path), "warning"))
    for path in result.outdated:
        page.line((words.text("init.outdated", path=path), "warning"))
    folders = sum(1 for step in result.steps if step.made is Made.FOLDER)
    counts = {"folders": folders, "files": len(result.steps) - folders + len(first)}
    if not result.steps and not first:
        page.line((words.text("init.complete"), "good"))
    else:
        page.line((words.text("init.planned" if result.dry_run else "init.summary", **counts), "good"))
    if not result.questions:
        page.line(words.text("init.no_questions"))
    return page.text()

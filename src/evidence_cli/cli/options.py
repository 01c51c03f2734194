"""Options and arguments that several commands share, each made in one place."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from evidence_cli.messages import LANGUAGES, Words
from evidence_cli.reporters import FORMATS
from evidence_cli.vocabulary.catalogue import Severity

_MOST_THREADS = 64
FAIL_ON = {"error": Severity.ERROR, "warning": Severity.WARNING, "never": None}


def option(words: Words, *names: str, key: str, **settings: Any) -> click.Option:
    """An option whose help is `option.<key>` of the catalogue."""
    return click.Option(list(names), help=words.text(f"option.{key}"), **settings)


def common(words: Words) -> list[click.Parameter]:
    """What every command takes."""
    # Whether it can be read is not a question of usage: the environment's own error says so.
    path = click.Path(file_okay=False, readable=False)
    return [
        option(words, "-w", "--workspace", key="workspace", metavar="DIR", type=path),
        option(words, "--lang", key="lang", type=click.Choice(LANGUAGES), expose_value=False),
        option(words, "-q", "--quiet", key="quiet", is_flag=True),
        option(words, "--no-color", key="no_color", is_flag=True),
    ]


def codes(words: Words, *, required: bool = False) -> click.Argument:
    """Codes of questions or indicators; the shell completes them."""
    metavar = "CODE..." if required else "[CODE]..."
    return click.Argument(
        ["codes"], nargs=-1, required=required, metavar=metavar, type=half_width, shell_complete=_complete_codes
    )


def contribution(words: Words) -> click.Argument:
    """The id of a contribution, or the code of its indicator; the shell completes them."""
    return click.Argument(["code"], metavar="CODE", type=half_width, shell_complete=_complete_contributions)


def half_width(text: str) -> str:
    """A code as the table has it: a Chinese keyboard gives full-width digits and points."""
    return unicodedata.normalize("NFKC", text).replace("。", ".").strip()


def report_options(words: Words, formats: Sequence[str]) -> list[click.Parameter]:
    """What `check` and `verify` take for their report."""
    return [
        option(words, "--format", "format_name", key="format", type=click.Choice(formats), default="text"),
        option(words, "-o", "--output", key="output", metavar="FILE", type=click.Path(dir_okay=False, readable=False)),
        option(words, "--report", "reports", key="report", metavar="FORMAT=FILE", multiple=True, type=report_target),
        option(words, "--fail-on", key="fail_on", type=click.Choice(list(FAIL_ON)), default="error"),
        option(words, "--select", key="select", metavar="CODE,…", multiple=True),
        option(words, "--ignore", key="ignore", metavar="CODE,…", multiple=True),
    ]


def jobs(words: Words) -> click.Option:
    """How many threads."""
    return option(words, "-j", "--jobs", key="jobs", metavar="N", type=thread_count)


def now(words: Words) -> click.Option:
    """The moment that counts as now, for tests and for looking back or ahead."""
    return option(words, "--now", key="now", metavar="TIME", type=aware_moment)


def aware_moment(text: str) -> datetime:
    """A moment as ISO 8601 writes it; without a zone it is this computer's. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text.strip())
    # Beyond these, arithmetic with days and zones ends.
    if not 2000 <= moment.year < 3000:
        raise ValueError(text)
    return moment if moment.tzinfo else moment.astimezone()


def thread_count(text: str) -> int:
    """A number of threads as it was written. Raises ValueError for anything but 1 to 64."""
    number = int(text)
    if not 1 <= number <= _MOST_THREADS:
        raise ValueError(text)
    return number


def report_target(text: str) -> tuple[str, str]:
    """A format and the file it goes to, as `junit=out.xml`. Raises ValueError for anything else."""
    name, _, target = text.partition("=")
    if name not in FORMATS or not target or target == "-" or Path(target).is_dir():
        raise ValueError(text)
    return name, target


def _complete_codes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem  # late: start-up time

    from evidence_cli.vocabulary.errors import EvcliError
    from evidence_cli.workspace.open import open_workspace

    try:
        table = open_workspace(_given(ctx, "workspace")).table
    except EvcliError:
        return []
    named = [(leaf.code, leaf.name) for leaf in table.leaves()]
    named += [(question.code, question.title) for question in table.questions()]
    return [CompletionItem(code, help=title) for code, title in named if code.startswith(incomplete)]


def _complete_contributions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem  # late: start-up time

    from evidence_cli.vocabulary.errors import EvcliError
    from evidence_cli.workspace.open import open_workspace

    try:
        table = open_workspace(_given(ctx, "workspace")).table
    except EvcliError:
        return []
    with_form = [one for one in table.contributions if one.form is not None]
    named = {one.indicator: one.title for one in with_form} | {one.id: one.title for one in with_form}
    return [CompletionItem(code, help=title) for code, title in named.items() if code.startswith(incomplete)]


def _given(ctx: click.Context | None, name: str) -> Any:
    """The value of an option, here or before the command's name."""
    while ctx is not None:
        if value := ctx.params.get(name):
            return value
        ctx = ctx.parent
    return None

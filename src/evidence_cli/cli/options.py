"""Options and arguments that several commands share, each made in one place."""

from collections.abc import Sequence
from typing import Any

import click

from evidence_cli.messages import LANGUAGES, Words
from evidence_cli.vocabulary.catalogue import Severity

FAIL_ON = {"error": Severity.ERROR, "warning": Severity.WARNING, "never": None}


def option(words: Words, *names: str, key: str, **settings: Any) -> click.Option:
    """An option whose help is `option.<key>` of the catalogue."""
    return click.Option(list(names), help=words.text(f"option.{key}"), **settings)


def common(words: Words) -> list[click.Parameter]:
    """What every command takes."""
    path = click.Path(file_okay=False)
    return [
        option(words, "-w", "--workspace", key="workspace", metavar="DIR", type=path),
        option(words, "--lang", key="lang", type=click.Choice(LANGUAGES), expose_value=False),
        option(words, "-q", "--quiet", key="quiet", is_flag=True),
        option(words, "--no-color", key="no_color", is_flag=True),
    ]


def codes(words: Words) -> click.Argument:
    """Codes of questions or indicators; the shell completes them."""
    return click.Argument(["codes"], nargs=-1, metavar="[CODE]...", shell_complete=_complete_codes)


def report_options(words: Words, formats: Sequence[str]) -> list[click.Parameter]:
    """What `check` and `verify` take for their report."""
    return [
        option(words, "--format", "format_name", key="format", type=click.Choice(formats), default="text"),
        option(words, "-o", "--output", key="output", metavar="FILE", type=click.Path(dir_okay=False)),
        option(words, "--fail-on", key="fail_on", type=click.Choice(list(FAIL_ON)), default="error"),
        option(words, "--select", key="select", metavar="CODE,…", multiple=True),
        option(words, "--ignore", key="ignore", metavar="CODE,…", multiple=True),
    ]


def jobs(words: Words) -> click.Option:
    """How many threads."""
    return option(words, "-j", "--jobs", key="jobs", metavar="N", type=click.IntRange(1, 64))


def _complete_codes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem  # late: start-up time

    from evidence_cli.vocabulary.errors import EvcliError
    from evidence_cli.workspace.open import open_workspace

    try:
        table = open_workspace(ctx.params.get("workspace")).table
    except EvcliError:
        return []
    named = [(leaf.code, leaf.name) for leaf in table.leaves()]
    named += [(question.code, question.title) for question in table.questions()]
    return [CompletionItem(code, help=title) for code, title in named if code.startswith(incomplete)]

"""`evcli rules`."""

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import common
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session, unknown_rule
from evidence_cli.messages import Words
from evidence_cli.vocabulary.catalogue import Code


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(code: str | None, **shared: object) -> int:
        from evidence_cli.reporters.ruling import render_list, render_one  # late: start-up time

        session = Session(words, **shared)  # type: ignore[arg-type]
        wanted = (code or "").strip().upper()
        codes = [one for one in Code if one.value.startswith(wanted)]
        if not codes:
            raise unknown_rule(wanted)
        render = render_one(codes[0], words, session.width, color=session.color) if wanted in list(Code) else None
        say(render or render_list(codes, words, session.width, color=session.color))
        return 0

    argument = click.Argument(["code"], required=False, metavar="[CODE]", shell_complete=_complete)
    return Command(words, "rules", [argument, *common(words)], run)


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [code.value for code in Code if code.value.startswith(incomplete.upper())]

"""`evcli log`."""

from collections.abc import Sequence

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import codes, common, option
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words

_FORMATS = ("text", "json")


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(codes: Sequence[str], format_name: str, schema: bool, **shared: object) -> int:
        if schema:
            from evidence_cli.jobs.history import record_schema  # late: start-up time

            say(record_schema())
            return 0
        from evidence_cli.jobs.history import read_history  # late: start-up time
        from evidence_cli.reporters import log

        session = Session(words, **shared)  # type: ignore[arg-type]
        entries, damaged = read_history(session.workspace(), codes)

        def text(width: int, color: bool) -> str:
            if format_name == "json":
                return log.render_json(entries, words)
            return log.render(entries, words, width, color=color)

        session.hand_over(None, text, format_name)
        if damaged:
            session.note("note.damaged_records", count=damaged)
        return 0

    params = [
        codes(words),
        option(words, "--format", "format_name", key="format", type=click.Choice(_FORMATS), default="text"),
        option(words, "--schema", key="record_schema", is_flag=True),
        *common(words),
    ]
    return Command(words, "log", params, run)

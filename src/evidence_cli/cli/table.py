"""`evcli table`: look at what the table finally says, and at its schema."""

from collections.abc import Sequence

import click

from evidence_cli.cli.base import Command, Group
from evidence_cli.cli.options import codes, common
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words


def build(words: Words) -> click.Command:
    """The command in one language."""
    return Group(
        words, "table", {"show": f"{__name__}:build_show", "schema": f"{__name__}:build_schema"}, common(words)
    )


def build_show(words: Words) -> click.Command:
    """`evcli table show`."""

    def run(codes: Sequence[str], **shared: object) -> int:
        from evidence_cli.reporters.requirements import render  # late: start-up time

        session = Session(words, **shared)  # type: ignore[arg-type]
        table = session.workspace().table
        say(render(table, table.select(codes), words, session.width, color=session.color))
        return 0

    return Command(words, "table show", [codes(words), *common(words)], run)


def build_schema(words: Words) -> click.Command:
    """`evcli table schema`."""

    def run(**shared: object) -> int:
        from evidence_cli.reporters.json import dump  # late: start-up time
        from evidence_cli.table.json_schema import json_schema

        say(dump(json_schema()))
        return 0

    return Command(words, "table schema", common(words), run)

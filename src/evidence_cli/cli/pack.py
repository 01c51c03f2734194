"""`evcli pack`."""

from collections.abc import Sequence
from datetime import datetime

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import codes, common, jobs, now, option
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(codes: Sequence[str], dry_run: bool, jobs: int | None, now: datetime | None, **shared: object) -> int:
        from evidence_cli.jobs.pack import pack  # late: start-up time
        from evidence_cli.reporters.packing import render

        session = Session(words, **shared)  # type: ignore[arg-type]
        with session.progress() as progress:
            result = pack(session.workspace(), codes, dry_run=dry_run, jobs=jobs, now=now, progress=progress)
        say(render(result, words, session.width, color=session.color))
        return 3 if result.failed else int(result.refused)

    params = [
        codes(words),
        option(words, "--dry-run", key="dry_run", is_flag=True),
        jobs(words),
        now(words),
        *common(words),
    ]
    return Command(words, "pack", params, run)

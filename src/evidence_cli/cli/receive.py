"""`evcli receive`."""

from collections.abc import Sequence

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import common, jobs, option
from evidence_cli.cli.output import say
from evidence_cli.cli.packages import argument, named
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(
        packages: Sequence[str], unit: str | None, repack: bool, dry_run: bool, jobs: int | None, **shared: object
    ) -> int:
        from evidence_cli.jobs.receive import receive  # late: start-up time
        from evidence_cli.reporters.receiving import render

        session = Session(words, **shared)  # type: ignore[arg-type]
        space = session.workspace()
        paths = named(packages)
        with session.progress() as progress:
            result = receive(paths, space, unit=unit, repack=repack, dry_run=dry_run, jobs=jobs, progress=progress)
        say(render(result, words, session.width, color=session.color))
        return 3 if result.failed else int(result.refused)

    params = [
        argument(),
        option(words, "--from", "unit", key="from", metavar="UNIT"),
        option(words, "--repack", key="repack", is_flag=True),
        option(words, "--dry-run", key="dry_run", is_flag=True),
        jobs(words),
        *common(words),
    ]
    return Command(words, "receive", params, run)

"""`evcli status`."""

from collections.abc import Sequence
from datetime import datetime

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import codes, common, jobs, now, option
from evidence_cli.cli.session import Session, distinct, keep_apart
from evidence_cli.messages import Words
from evidence_cli.reporters.status import FORMATS, GROUPINGS


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(
        codes: Sequence[str],
        by: str | None,
        format_name: str,
        output: str | None,
        jobs: int | None,
        now: datetime | None,
        **shared: object,
    ) -> int:
        from evidence_cli.jobs.status import status  # late: start-up time
        from evidence_cli.reporters.status import renderer

        session = Session(words, **shared)  # type: ignore[arg-type]
        space = session.workspace()
        keep_apart(distinct(output, ()), space)
        with session.progress() as progress:
            report = status(space, codes, jobs=jobs, now=now, progress=progress)
        session.hand_over(
            output, lambda width, color: renderer(format_name)(report, words, by, width, color), format_name
        )
        return 0

    params = [
        codes(words),
        option(words, "--by", key="group", type=click.Choice(GROUPINGS)),
        option(words, "--format", "format_name", key="format", type=click.Choice(FORMATS), default="text"),
        option(words, "-o", "--output", key="output", metavar="FILE", type=click.Path(dir_okay=False, readable=False)),
        jobs(words),
        now(words),
        *common(words),
    ]
    return Command(words, "status", params, run)

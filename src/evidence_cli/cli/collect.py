"""`evcli collect`."""

from datetime import datetime

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import common, contribution, jobs, now, option
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session, keep_apart
from evidence_cli.messages import Words


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(code: str, output: str | None, jobs: int | None, now: datetime | None, **shared: object) -> int:
        from evidence_cli.jobs.collect import collect  # late: start-up time
        from evidence_cli.reporters.collecting import render

        session = Session(words, **shared)  # type: ignore[arg-type]
        space = session.workspace()
        keep_apart([output] if output else [], space)
        report = collect(space, code, output=output, language=words.language, jobs=jobs, now=now)
        say(render(report, words, session.width, color=session.color))
        return int(not report.complete)

    params = [
        contribution(words),
        option(
            words,
            "-o",
            "--output",
            key="collect_output",
            metavar="FILE",
            type=click.Path(dir_okay=False, readable=False),
        ),
        jobs(words),
        now(words),
        *common(words),
    ]
    return Command(words, "collect", params, run)

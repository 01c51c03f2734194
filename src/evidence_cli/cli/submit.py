"""`evcli submit`."""

from datetime import datetime

import click

from evidence_cli.cli.base import Command, Misuse
from evidence_cli.cli.deciding import by, who
from evidence_cli.cli.options import common, jobs, now, option
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(
        dry_run: bool, reason: str | None, by: str | None, jobs: int | None, now: datetime | None, **shared: object
    ) -> int:
        from evidence_cli.jobs.submit import reopen, submit  # late: start-up time
        from evidence_cli.reporters.submitting import render

        session = Session(words, **shared)  # type: ignore[arg-type]
        if reason is not None:
            if dry_run:
                raise Misuse("submit_either", click.get_current_context())
            check = reopen(session.workspace(), by=who(by), reason=reason, now=now)
            say(words.text("submit.reopened", check=check) + "\n")
            return 0
        with session.progress() as progress:
            report = submit(session.workspace(), by=who(by), dry_run=dry_run, jobs=jobs, now=now, progress=progress)
        say(render(report, words, session.width, color=session.color))
        return int(report.refused)

    params = [
        option(words, "--dry-run", key="submit_dry_run", is_flag=True),
        option(words, "--reopen", "reason", key="reopen", metavar="REASON"),
        by(words),
        jobs(words),
        now(words),
        *common(words),
    ]
    return Command(words, "submit", params, run)

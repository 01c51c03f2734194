"""`evcli init`."""

from collections.abc import Sequence
from pathlib import Path

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import codes, common, option
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(codes: Sequence[str], dry_run: bool, answers: bool, **shared: object) -> int:
        from evidence_cli.jobs.begin import begin  # late: start-up time
        from evidence_cli.jobs.scaffold import scaffold
        from evidence_cli.reporters.scaffolding import render

        session = Session(words, **shared)  # type: ignore[arg-type]
        start = None if session.folder is None else Path(session.folder)
        space, first = begin(start, dry_run=dry_run)
        result = scaffold(space, codes, words=words, answers=answers, dry_run=dry_run)
        say(render(result, words, session.width, root=str(space.root), first=first, color=session.color))
        return 0

    params = [
        codes(words),
        option(words, "--dry-run", key="dry_run", is_flag=True),
        option(words, "--answers", key="answers", is_flag=True),
        *common(words),
    ]
    return Command(words, "init", params, run)

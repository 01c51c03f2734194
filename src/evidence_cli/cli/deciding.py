"""What the commands that decide have in common: who it is, which questions, and the closing table."""

import getpass
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from evidence_cli.cli.options import codes, common, jobs, now, option
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words

if TYPE_CHECKING:
    from evidence_cli.vocabulary.process import Action


def parameters(words: Words, *own: click.Parameter) -> list[click.Parameter]:
    """The questions, what is the command's own, and what all of them take."""
    return [codes(words, required=True), *own, by(words), jobs(words), now(words), *common(words)]


def by(words: Words) -> click.Option:
    """Who decides: a role or a name."""
    return option(words, "--by", key="by", metavar="NAME")


def decided(
    words: Words,
    action: "Action",
    codes: Sequence[str],
    given: str | None,
    jobs: int | None,
    moment: datetime | None,
    shared: dict[str, Any],
    *,
    note: str = "",
) -> int:
    """Decide, and say what became of it. The exit code: 0, 1 for a refusal, 3 where the environment failed."""
    from evidence_cli.jobs.decide import decide  # late: start-up time
    from evidence_cli.reporters.deciding import render

    session = Session(words, **shared)
    with session.progress() as progress:
        report = decide(
            session.workspace(), action, codes, by=who(given), note=note, jobs=jobs, now=moment, progress=progress
        )
    say(render(report, words, session.width, color=session.color))
    return 3 if report.failed else int(report.refused)


def who(given: str | None) -> str:
    """The name that was given, else the user of this computer; empty where nobody knows."""
    if given is not None:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""

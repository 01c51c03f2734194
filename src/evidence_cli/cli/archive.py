"""`evcli archive`."""

from collections.abc import Sequence
from datetime import datetime

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.deciding import by, who
from evidence_cli.cli.options import common, jobs, now, option
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(
        folder: str,
        draft: bool,
        results: Sequence[tuple[str, bool, str]],
        by: str | None,
        jobs: int | None,
        now: datetime | None,
        **shared: object,
    ) -> int:
        from evidence_cli.jobs.archive import archive  # late: start-up time
        from evidence_cli.reporters.archiving import render

        session = Session(words, **shared)  # type: ignore[arg-type]
        space = session.workspace()
        with session.progress() as progress:
            report = archive(
                folder,
                space,
                by=who(by),
                draft=draft,
                results={name: (passed, note) for name, passed, note in results},
                language=words.language,
                jobs=jobs,
                now=now,
                progress=progress,
            )
        say(render(report, words, session.width, color=session.color))
        return 0

    params = [
        click.Argument(["folder"], required=True, metavar="DIR", type=click.Path(file_okay=False, readable=False)),
        option(words, "--draft", key="draft", is_flag=True),
        option(words, "--result", "results", key="result", metavar="NAME=RESULT", multiple=True, type=check_result),
        by(words),
        jobs(words),
        now(words),
        *common(words),
    ]
    return Command(words, "archive", params, run)


def check_result(text: str) -> tuple[str, bool, str]:
    """A check's name, whether it passed, and a note, as `virus=passed:…`. Raises ValueError for anything else."""
    name, _, rest = text.partition("=")
    result, _, note = rest.replace("：", ":").partition(":")
    if result.strip() not in ("passed", "failed") or name.strip() not in ("virus", "seals", "media"):
        raise ValueError(text)
    return name.strip(), result.strip() == "passed", note.strip()

"""`evcli verify`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import FAIL_ON, common, jobs, option, report_options
from evidence_cli.cli.packages import argument, named
from evidence_cli.cli.session import Session, display_filter, distinct, keep_apart
from evidence_cli.messages import Words
from evidence_cli.reporters import FORMATS
from evidence_cli.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from evidence_cli.workspace.open import Workspace


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(
        packages: Sequence[str],
        format_name: str,
        output: str | None,
        reports: Sequence[tuple[str, str]],
        fail_on: str,
        select: Sequence[str],
        ignore: Sequence[str],
        no_cache: bool,
        jobs: int | None,
        **shared: object,
    ) -> int:
        from evidence_cli.jobs.verify import verify  # late: start-up time

        session = Session(words, **shared)  # type: ignore[arg-type]
        display_filter(select, ignore)
        outputs = distinct(output, reports)
        space = _workspace(session)
        if space is not None:
            keep_apart(outputs, space)
        paths = named(packages, bags=True)
        with session.progress() as progress:
            report = verify(paths, workspace=space, cache=not no_cache, jobs=jobs, progress=progress)
        session.deliver(report, format_name=format_name, output=output, reports=reports, select=select, ignore=ignore)
        return int(report.fails(FAIL_ON[fail_on]))

    params = [
        argument(),
        *report_options(words, FORMATS),
        option(words, "--no-cache", key="no_cache", is_flag=True),
        jobs(words),
        *common(words),
    ]
    return Command(words, "verify", params, run)


def _workspace(session: Session) -> "Workspace | None":
    """The workspace, where there is one: packages are verified anywhere."""
    try:
        return session.workspace()
    except UsageError as error:
        if error.key == "no_workspace":
            return None
        raise

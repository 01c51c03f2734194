"""`evcli check`."""

from collections.abc import Sequence
from datetime import datetime

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import FAIL_ON, codes, common, jobs, now, option, report_options
from evidence_cli.cli.session import Session, display_filter, distinct, keep_apart, protect
from evidence_cli.messages import Words
from evidence_cli.reporters import FORMATS


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(
        codes: Sequence[str],
        format_name: str,
        output: str | None,
        reports: Sequence[tuple[str, str]],
        fail_on: str,
        select: Sequence[str],
        ignore: Sequence[str],
        packages: bool,
        baseline: str | None,
        no_cache: bool,
        jobs: int | None,
        now: datetime | None,
        **shared: object,
    ) -> int:
        session = Session(words, **shared)  # type: ignore[arg-type]
        display_filter(select, ignore)
        outputs = distinct(output, reports)
        known = None if no_cache else session.recall(codes, packages=packages, now=now)
        if known is not None:
            protect(outputs, session.root, known.folders)
            report = known.report
        else:
            from evidence_cli.jobs.check import check  # late: start-up time

            space = session.workspace()
            keep_apart(outputs, space)
            with session.progress() as progress:
                report = check(
                    space, codes, packages=packages, cache=not no_cache, jobs=jobs, now=now, progress=progress
                )
        earlier = session.earlier(baseline, report.evaluation)
        session.deliver(
            report,
            format_name=format_name,
            output=output,
            reports=reports,
            select=select,
            ignore=ignore,
            earlier=earlier,
        )
        return int(report.fails(FAIL_ON[fail_on]))

    params = [
        codes(words),
        *report_options(words, FORMATS),
        option(words, "--packages", key="packages", is_flag=True),
        option(words, "--baseline", key="baseline", metavar="FILE", type=click.Path(dir_okay=False, readable=False)),
        option(words, "--no-cache", key="no_cache", is_flag=True),
        jobs(words),
        now(words),
        *common(words),
    ]
    return Command(words, "check", params, run)

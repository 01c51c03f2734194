"""`evcli review`."""

from collections.abc import Sequence
from datetime import datetime

import click

from evidence_cli.cli.base import Command, Misuse
from evidence_cli.cli.deciding import decided, parameters
from evidence_cli.cli.options import option
from evidence_cli.messages import Words
from evidence_cli.vocabulary.process import Action


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(
        codes: Sequence[str],
        approve: bool,
        reason: str | None,
        by: str | None,
        jobs: int | None,
        now: datetime | None,
        **shared: object,
    ) -> int:
        if approve == (reason is not None):
            raise Misuse("review_either", click.get_current_context())
        action = Action.APPROVE if approve else Action.RETURN
        return decided(words, action, codes, by, jobs, now, shared, note=reason or "")

    own = (
        option(words, "--approve", key="approve", is_flag=True),
        option(words, "--return", "reason", key="return", metavar="REASON"),
    )
    return Command(words, "review", parameters(words, *own), run)

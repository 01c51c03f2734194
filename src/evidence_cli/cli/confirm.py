"""`evcli confirm`."""

from collections.abc import Sequence
from datetime import datetime

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.deciding import decided, parameters
from evidence_cli.messages import Words
from evidence_cli.vocabulary.process import Action


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(codes: Sequence[str], by: str | None, jobs: int | None, now: datetime | None, **shared: object) -> int:
        return decided(words, Action.CONFIRM, codes, by, jobs, now, shared)

    return Command(words, "confirm", parameters(words), run)

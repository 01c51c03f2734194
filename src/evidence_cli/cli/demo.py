"""`evcli demo`."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from evidence_cli.cli.base import Command
from evidence_cli.cli.options import common
from evidence_cli.cli.output import say
from evidence_cli.cli.session import Session
from evidence_cli.messages import Words

_AS_MEANT, _OTHERWISE = 0, 3


def build(words: Words) -> click.Command:
    """The command in one language."""

    def run(folder: str | None, **shared: object) -> int:
        session = Session(words, **shared)  # type: ignore[arg-type]
        return _Demo(session, Path(folder or session.folder or "evcli-demo")).run()

    argument = click.Argument(
        ["folder"], required=False, metavar="[DIR]", type=click.Path(file_okay=False, readable=False)
    )
    return Command(words, "demo", [argument, *common(words)], run)


class _Demo:
    """init, check and pack in the user's place, each shown as it would look."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self.words = session.words
        self.folder = folder

    def run(self) -> int:
        from evidence_cli.jobs.begin import begin  # late: start-up time
        from evidence_cli.jobs.check import check
        from evidence_cli.jobs.demo import EXPECTED, begin_demo, fill_demo
        from evidence_cli.jobs.pack import pack
        from evidence_cli.jobs.scaffold import scaffold
        from evidence_cli.reporters import packing, scaffolding, text
        from evidence_cli.workspace.find import TABLE_PATH

        begin_demo(self.folder, language=self.words.language, now=datetime.now(UTC))
        space, more = begin(self.folder, dry_run=False)
        width, color = self.session.width, self.session.color
        self._say(self.words.text("demo.made", path=str(self.folder)))

        self._step("init")
        made = scaffold(space, words=self.words)
        first = (TABLE_PATH.as_posix(), *more)
        self._say(scaffolding.render(made, self.words, width, root=str(self.folder), first=first, color=color))
        fill_demo(space.root, space.table)

        self._step("check")
        report = check(space)
        self._say(text.render(report, self.words, lambda finding: True, width, color=color))

        self._step("pack")
        packed = pack(space)
        self._say(packing.render(packed, self.words, width, color=color))

        found: dict[str, set[object]] = {}
        for finding in report.findings:
            found.setdefault(finding.question or "", set()).add(finding.code)
        outcomes = [result.outcome.value for result in packed.results]
        as_meant = found == EXPECTED and outcomes == ["packed", "packed", "refused"]
        self._say(self.words.text("demo.good" if as_meant else "demo.bad"))
        if as_meant:
            self._hint(packed.results[0].path)
        return _AS_MEANT if as_meant else _OTHERWISE

    def _step(self, command: str) -> None:
        self._say("\n" + self.words.text("demo.step", command=f"evcli {command} -w {_quoted(self.folder)}"))

    def _hint(self, package: str) -> None:
        """What to try next: inside the workspace, as everywhere in the manual."""
        # Where `cd` does not lead into the workspace: EVCLI_WORKSPACE goes first, and cmd stays on its drive.
        named = bool(os.environ.get("EVCLI_WORKSPACE") or self.folder.drive)
        where = f" -w {_quoted(self.folder)}" if named else ""
        zip = _quoted(self.folder / package if named else Path(package))
        self._say(self.words.text("demo.next"))
        for line in ("try_enter", "try_check", "try_pack", "try_verify", "try_rules")[named:]:
            self._say(self.words.text(f"demo.{line}", path=_quoted(self.folder), where=where, zip=zip))

    @staticmethod
    def _say(text: str) -> None:
        say(text.rstrip("\n") + "\n")


def _quoted(path: Path) -> str:
    """A path as it can be copied into a command."""
    return f'"{path}"' if " " in str(path) else str(path)

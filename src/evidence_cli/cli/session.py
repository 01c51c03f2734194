"""What a running command has at hand: words, workspace, and the two streams."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_cli.cli.output import say
from evidence_cli.messages import Words
from evidence_cli.reporters import Shown, in_ascii, renderer
from evidence_cli.vocabulary.catalogue import RULES
from evidence_cli.vocabulary.errors import EnvironmentFailure, UsageError
from evidence_cli.vocabulary.findings import Report
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.find import find_workspace

if TYPE_CHECKING:
    from datetime import datetime

    from evidence_cli.jobs.recall import Recalled
    from evidence_cli.reporters.changes import Identity
    from evidence_cli.workspace.open import Workspace

PLAIN_WIDTH = 80
_WIDEST = 120
_LOOK_ALIKE = str.maketrans("OIL", "011")


class Session:
    """One run of a command."""

    def __init__(
        self, words: Words, *, workspace: str | None = None, quiet: bool = False, no_color: bool = False
    ) -> None:
        self.words = words
        self.folder = workspace
        self.quiet = quiet
        self.no_color = no_color or bool(os.environ.get("NO_COLOR"))

    def workspace(self) -> "Workspace":
        """The workspace this command is about. Raises UsageError, TableError, EnvironmentFailure."""
        from evidence_cli.workspace.open import open_workspace  # late: start-up time

        return open_workspace(self.folder)

    @property
    def root(self) -> Path:
        """The folder of the workspace. Raises UsageError."""
        return find_workspace(Path.cwd(), option=None if self.folder is None else Path(self.folder))

    def recall(self, codes: Sequence[str], *, packages: bool, now: "datetime | None") -> "Recalled | None":
        """The report of an earlier check, if it still holds. Raises UsageError where there is no workspace."""
        from evidence_cli.jobs.recall import recall  # late: start-up time

        return recall(self.root, codes, packages=packages, now=now)

    @property
    def color(self) -> bool:
        """Whether standard output is a terminal that may have colours."""
        return sys.stdout.isatty() and not self.no_color

    @property
    def width(self) -> int:
        """Columns to fill on standard output."""
        return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else PLAIN_WIDTH

    def note(self, key: str, **params: object) -> None:
        """A line for the user that is not part of the report."""
        if not self.quiet:
            sys.stderr.write(self.words.text(key, **params) + "\n")

    def earlier(self, baseline: str | None, evaluation: str | None) -> "frozenset[Identity] | None":
        """The findings of an earlier report of this evaluation; None where none is named. A note says why there are
        none: the file is not there yet, or is about another evaluation.

        Raises UsageError, EnvironmentFailure.
        """
        if baseline is None:
            return None
        from evidence_cli.reporters.changes import read_baseline  # late: start-up time

        found = read_baseline(baseline)
        if found is None:
            self.note("note.no_baseline", path=baseline)
        elif found.evaluation != evaluation:
            self.note("note.other_baseline", path=baseline, evaluation=found.evaluation)
        else:
            return found.findings
        return frozenset()

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress bar on a terminal, silence elsewhere."""
        if self.quiet or self.no_color or not sys.stderr.isatty():
            yield SILENT
            return
        from evidence_cli.reporters.terminal import TerminalProgress  # late: start-up time

        with TerminalProgress(sys.stderr, self.words) as progress:
            yield progress

    def deliver(
        self,
        report: Report,
        *,
        format_name: str,
        output: str | None,
        reports: Sequence[tuple[str, str]],
        select: Sequence[str],
        ignore: Sequence[str],
        earlier: "frozenset[Identity] | None" = None,
    ) -> None:
        """Render a report to standard output or to a file, and each of `reports` (format, file) besides.

        With the findings of an `earlier` one the text report holds what changed, and a quiet command says nothing where
        nothing did; `reports` and the other formats stay whole, for the next comparison. Raises UsageError,
        EnvironmentFailure.
        """
        shown = display_filter(select, ignore)
        output = None if output == "-" else output
        # First the files: a reader of standard output may leave early.
        for name, target in reports:
            _write_file(Path(target), renderer(name)(report, self.words, shown, PLAIN_WIDTH))
            self.note("note.written", path=target)
        if format_name == "text":
            from evidence_cli.reporters import changes, text  # late: start-up time

            since = None if earlier is None else changes.changes_since(report, earlier)
            if self.quiet and output is None and since is not None and not since:
                return
            width, color = (self.width, self.color) if output is None else (PLAIN_WIDTH, False)
            content = text.render(report, self.words, shown, width, color=color, changes=since)
        else:
            content = renderer(format_name)(report, self.words, shown, PLAIN_WIDTH)
        if output is not None:
            _write_file(Path(output), content)
            self.note("note.written", path=output)
        else:
            say(content if _is_unicode(sys.stdout.encoding) else in_ascii(format_name, content))

    def hand_over(self, output: str | None, render: Callable[[int, bool], str], format_name: str) -> None:
        """What `render` makes of a width and of colours, to standard output or to a file.

        Raises EnvironmentFailure.
        """
        if output is not None and output != "-":
            _write_file(Path(output), render(PLAIN_WIDTH, False))
            self.note("note.written", path=output)
            return
        content = render(self.width, self.color)
        say(content if _is_unicode(sys.stdout.encoding) else in_ascii(format_name, content))


def display_filter(select: Sequence[str], ignore: Sequence[str]) -> Shown:
    """Which findings are shown. Raises UsageError for what no rule's code begins with."""
    wanted, unwanted = _prefixes(select), _prefixes(ignore)
    return lambda finding: (
        (not wanted or finding.code.value.startswith(wanted))
        and not (unwanted and finding.code.value.startswith(unwanted))
    )


def _prefixes(values: Sequence[str]) -> tuple[str, ...]:
    prefixes = [
        part.strip().upper() for value in values for part in value.replace("，", ",").split(",") if part.strip()
    ]
    for prefix in prefixes:
        if not any(code.value.startswith(prefix) for code in RULES):
            raise unknown_rule(prefix)
    return tuple(prefixes)


def unknown_rule(written: str) -> UsageError:
    """The error for what no rule's code begins with, with the nearest code."""
    from difflib import get_close_matches  # late: start-up time

    close = get_close_matches(written.translate(_LOOK_ALIKE), [code.value for code in RULES], n=1)
    return UsageError("unknown_rule_near" if close else "unknown_rule", code=written, suggestion="".join(close))


def distinct(output: str | None, reports: Sequence[tuple[str, str]]) -> list[str]:
    """The files that reports go to. Raises UsageError where two would go to one."""
    targets = [target for target in (output, *(target for _, target in reports)) if target not in (None, "-")]
    seen: set[Path] = set()
    for target in targets:
        place = Path(target).absolute().resolve()
        if place in seen and place != Path(os.devnull):
            raise UsageError("output_twice", path=target)
        seen.add(place)
    return targets


def keep_apart(outputs: Sequence[str], space: "Workspace") -> None:
    """Refuse to write reports over the workspace's table, records, evidence or packages. Raises UsageError."""
    protect(outputs, space.root, (space.table.layout.indicators, space.table.layout.packages))


def protect(outputs: Sequence[str], root: Path, folders: Sequence[str]) -> None:
    """Refuse to write reports over the table, the records, or into these folders of the workspace.

    Raises UsageError.
    """
    for output in outputs:
        target = Path(output).absolute().resolve()
        for folder in ("config", *folders, ".evcli"):
            if target.is_relative_to((root / folder).resolve()):
                raise UsageError("output_inside", path=output, folder=folder)


def _write_file(target: Path, content: str) -> None:
    from evidence_cli.workspace.store import replacing, sweep  # late: start-up time

    try:
        if target.exists() and not target.is_file():
            # A device such as /dev/null is written to, never replaced.
            target.write_text(content, encoding="utf-8")
            return
        sweep(target.parent)
        with replacing(target) as stream:
            stream.write(content.encode("utf-8", "backslashreplace"))
    except OSError as error:
        detail = error.strerror or str(error)
        raise EnvironmentFailure("write", path=str(target), detail=detail) from error


def _is_unicode(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")

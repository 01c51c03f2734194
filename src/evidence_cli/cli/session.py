"""What a running command has at hand: words, workspace, and the two streams."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_cli.cli.output import say
from evidence_cli.messages import Words
from evidence_cli.reporters import Shown, renderer
from evidence_cli.vocabulary.catalogue import RULES
from evidence_cli.vocabulary.errors import EnvironmentFailure, UsageError
from evidence_cli.vocabulary.findings import Report
from evidence_cli.vocabulary.progress import SILENT, Progress

if TYPE_CHECKING:
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
        select: Sequence[str],
        ignore: Sequence[str],
    ) -> None:
        """Render a report to standard output or to a file. Raises UsageError, EnvironmentFailure."""
        shown = display_filter(select, ignore)
        output = None if output == "-" else output
        if format_name == "text" and output is None:
            from evidence_cli.reporters import text  # late: start-up time

            say(text.render(report, self.words, shown, self.width, color=self.color))
            return
        content = renderer(format_name)(report, self.words, shown, PLAIN_WIDTH)
        if output is not None:
            _write_file(Path(output), content)
            self.note("note.written", path=output)
        else:
            say(content if _is_unicode(sys.stdout.encoding) else _ascii_json(content))


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


def protect(output: str | None, space: "Workspace") -> None:
    """Refuse to write a report over the table, the evidence or the packages. Raises UsageError."""
    if output is None:
        return
    target = Path(output).absolute().resolve()
    layout = space.table.layout
    for folder in ("config", layout.indicators, layout.packages, ".evcli"):
        if target.is_relative_to((space.root / folder).resolve()):
            raise UsageError("output_inside", path=output, folder=folder)


def _write_file(target: Path, content: str) -> None:
    from evidence_cli.workspace.store import replacing  # late: start-up time

    try:
        if target.exists() and not target.is_file():
            # A device such as /dev/null is written to, never replaced.
            target.write_text(content, encoding="utf-8")
            return
        with replacing(target) as stream:
            stream.write(content.encode("utf-8", "backslashreplace"))
    except OSError as error:
        detail = error.strerror or str(error)
        raise EnvironmentFailure("write", path=str(target), detail=detail) from error


def _is_unicode(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")


def _ascii_json(content: str) -> str:
    """JSON is the same document in any code page when everything else is escaped."""
    import json  # late: start-up time

    return json.dumps(json.loads(content), ensure_ascii=True, indent=2) + "\n"

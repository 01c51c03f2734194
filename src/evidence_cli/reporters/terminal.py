"""The only module that uses rich: lines, tables and progress for people. File names are never markup."""

import html
import io
import re
import threading
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from rich import box
from rich.cells import cell_len
from rich.color import blend_rgb
from rich.console import Console
from rich.style import Style
from rich.table import Table as Grid
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from evidence_cli.messages import Words
from evidence_cli.vocabulary.printable import printable
from evidence_cli.vocabulary.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

# What a part of a line is; how it looks is decided here alone.
STYLES = {
    "": "",
    "error": "bold red",
    "warning": "bold yellow",
    "info": "cyan",
    "good": "green",
    "strong": "bold",
    "faint": "dim",
}
Part = str | tuple[str, str]
_HANG = 2
_LONGEST = 1000


class Page:
    """Text for people, collected line by line. Widths are columns: a 汉字 takes two."""

    def __init__(self, width: int, *, color: bool) -> None:
        self._file = io.StringIO()
        self._console = Console(
            file=self._file,
            width=max(width, 40),
            force_terminal=color,
            color_system="standard" if color else None,
            no_color=not color,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )

    def line(self, *parts: Part, indent: int = 0) -> None:
        """One line of parts, each plain or with a style; what is too long goes on below, a little further in."""
        text = _text(parts)
        margin = indent
        for piece in text.divide(_breaks(text.plain, self._console.width - indent, _HANG)):
            line = piece if margin == indent else piece[len(piece.plain) - len(piece.plain.lstrip(" ")) :]
            self._console.print(Text(" " * margin) + line, overflow="ignore", no_wrap=True, crop=False)
            margin = indent + _HANG

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Part]], *, right: Sequence[int] = ()) -> None:
        """A table; the columns in `right` hold numbers."""
        grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold" if not self._console.no_color else "")
        for number, heading in enumerate(headings):
            is_number = number in right
            # The first column names what the row is about: it stays whole on the narrowest terminal.
            whole = is_number or number == 0
            grid.add_column(Text(heading), justify="right" if is_number else "left", overflow="fold", no_wrap=whole)
        for row in rows:
            grid.add_row(*(_text([cell]) for cell in row))
        self._console.print(grid)

    def text(self) -> str:
        """Everything so far. Blanks at the ends of lines are cut: they only make copies ugly."""
        return "".join(line.rstrip() + "\n" for line in self._file.getvalue().splitlines())


def _text(parts: Sequence[Part]) -> Text:
    text = Text()
    for part in parts:
        words, style = part if isinstance(part, tuple) else (part, "")
        text.append(_shortened(printable(words)), STYLES[style] or None)
    return text


def _shortened(words: str) -> str:
    """No name that a person wrote is so long; thousands of hostile ones would take minutes to break into lines."""
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST // 2]}…{words[-_LONGEST // 2 :]}"


# A word of ASCII stays whole, and no line begins with a closing mark; all else may break anywhere, as Chinese does.
_PIECE = re.compile(r"[!-~]+|.", re.DOTALL)
_CLOSING = frozenset("，。；：！？、）》”’】〕…,.;:!?)]}")


def _breaks(text: str, width: int, hang: int) -> list[int]:
    """Where to break a line so that it fits, the lines after the first being narrower by `hang` columns."""
    breaks: list[int] = []
    used, before, room = 0, 0, width
    for match in _PIECE.finditer(text):
        cells, start = cell_len(match[0]), match.start()
        if used + cells > room and match[0] != " ":
            # The mark takes the last character that is none along, which then begins the line.
            at = before if match[0] in _CLOSING and before > (breaks[-1] if breaks else 0) else start
            if used and at > (breaks[-1] if breaks else 0):
                breaks.append(at)
                room = width - hang
                used = cell_len(text[at:start])
            # A word longer than a line has to be cut.
            for place, character in enumerate(match[0]):
                if used + cell_len(character) > room:
                    breaks.append(start + place)
                    room, used = width - hang, 0
                used += cell_len(character)
        else:
            used += cells
        if match[0] not in _CLOSING and match[0] != " ":
            before = start
    return breaks


class TerminalProgress(Progress):
    """A progress bar on a terminal; counts, or bytes for the stage `pack`."""

    def __init__(self, stream: TextIO, words: Words) -> None:
        self._console = Console(file=stream, markup=False, highlight=False, emoji=False)
        self._words = words
        self._bar: Bar | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def begin(self, stage: str, total: int) -> None:
        """Show a bar for the next stage."""
        self._stop()
        if total <= 0:
            return
        from rich import progress  # late: start-up time

        count: progress.ProgressColumn = progress.DownloadColumn() if stage == "pack" else progress.MofNCompleteColumn()
        columns = (progress.TextColumn("{task.description}", markup=False), progress.BarColumn(), count)
        self._bar = progress.Progress(*columns, console=self._console, transient=True)
        self._bar.add_task(self._words.text(f"progress.{stage}"), total=total)
        self._bar.start()

    def advance(self, amount: int) -> None:
        """Move the bar."""
        with self._lock:
            if self._bar is not None and amount:
                self._bar.advance(self._bar.task_ids[0], amount)

    def _stop(self) -> None:
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
                self._bar = None


# A picture's measures in pixels: one column, one line, the frame around, and the bar with the title.
_CELL, _LINE, _FRAME, _BAR = 9, 21, 14, 34
_FONTS = (
    "'Cascadia Mono', Consolas, Menlo, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', "
    "'Microsoft YaHei', 'PingFang SC', monospace"
)


def picture(text: str, title: str, width: int) -> str:
    """An SVG picture of terminal output that has colour codes, `width` columns wide."""
    lines = Text.from_ansi(text).split("\n")
    theme = SVG_EXPORT_THEME
    across, down = width * _CELL + 2 * _FRAME, len(lines) * _LINE + _BAR + _FRAME
    paper, ink = theme.background_color.hex, theme.foreground_color.hex
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" font-family="{_FONTS}" font-size="15">',
        f"<title>{html.escape(title, quote=False)}</title>",
        f'<rect width="{across}" height="{down}" rx="8" fill="{paper}"/>',
        *(f'<circle cx="{20 + 20 * n}" cy="18" r="6" fill="{c}"/>' for n, c in enumerate(("#f55", "#fb3", "#3c5"))),
        f'<text x="{across // 2}" y="23" text-anchor="middle" fill="{ink}">{html.escape(title, quote=False)}</text>',
    ]
    body = [_drawn(line, _BAR + (number + 1) * _LINE - 6) for number, line in enumerate(lines)]
    return "\n".join([*head, *filter(None, body), "</svg>"]) + "\n"


def _drawn(line: Text, y: int) -> str:
    """One line of a picture. Every character has its own place: fonts differ in how wide a 汉字 is."""
    theme = SVG_EXPORT_THEME
    drawn, column = [], 0
    for words, style, _ in line.render(Console(file=io.StringIO())):
        look = style or Style()
        ink = look.color.get_truecolor(theme) if look.color else theme.foreground_color
        if look.dim:
            ink = blend_rgb(ink, theme.background_color, 0.4)
        places = []
        for character in words:
            places.append(str(_FRAME + column * _CELL))
            column += cell_len(character)
        if words.strip():
            bold = ' font-weight="bold"' if look.bold else ""
            x, shown = " ".join(places), html.escape(words, quote=False).replace(" ", "\u00a0")
            drawn.append(f'<text x="{x}" y="{y}" fill="{ink.hex}"{bold}>{shown}</text>')
    return "".join(drawn)

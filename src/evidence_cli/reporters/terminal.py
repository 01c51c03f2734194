"""The only module that uses rich: lines, tables and progress for people. File names are never markup."""

import html
import io
import re
import threading
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise, zip_longest
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from rich.cells import cell_len

from evidence_cli.messages import Words
from evidence_cli.vocabulary.printable import printable
from evidence_cli.vocabulary.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.text import Text

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
# Between the columns of a table, of which none is narrower than two 汉字.
_GAP = "   "
_NARROWEST = 4
_LONGEST = 1000


class _Line:
    """Pieces of text, each with its style: rich has more than is needed here, and is slow to load."""

    __slots__ = ("pieces", "plain")

    def __init__(self, pieces: Iterable[tuple[str, str]] = ()) -> None:
        self.pieces = list(pieces)
        self.plain = "".join(words for words, _ in self.pieces)

    def __add__(self, other: "_Line") -> "_Line":
        return _Line(self.pieces + other.pieces)

    def part(self, start: int, end: int) -> "_Line":
        """What stands between two places."""
        cut, at = [], 0
        for words, style in self.pieces:
            if inside := words[max(start - at, 0) : max(end - at, 0)]:
                cut.append((inside, style))
            at += len(words)
        return _Line(cut)


def _blank(width: int) -> _Line:
    return _Line([(" " * width, "")])


class Page:
    """Text for people, collected line by line. Widths are columns: a 汉字 takes two."""

    def __init__(self, width: int, *, color: bool) -> None:
        self._file = io.StringIO()
        self._width = max(width, 40)
        self._console = _coloured(self._file, self._width) if color else None

    def line(self, *parts: Part, indent: int = 0) -> None:
        """One line of parts, each plain or with a style; what is too long goes on below, a little further in."""
        text = _text(parts)
        margin = indent
        for piece in _broken(text, self._width - indent, _HANG):
            self._print(_blank(margin) + piece)
            margin = indent + _HANG

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Part]], *, right: Sequence[int] = ()) -> None:
        """A table; the columns in `right` hold numbers."""
        head = [_text([(heading, "strong")]) for heading in headings]
        body = [[_text([cell]) for cell in row] for row in rows]
        # The first column names what the row is about: it stays whole on the narrowest terminal, as numbers do.
        whole = {0, *right}
        widths = _fitted([_widest(column) for column in zip(head, *body, strict=True)], whole, self._width)
        self._print(_Line())
        self._row(head, widths, right)
        self._print(_Line([(" " + "─" * (sum(widths) + len(_GAP) * (len(widths) - 1)), "")]))
        for row in body:
            self._row(row, widths, right)
        self._print(_Line())

    def _row(self, cells: Sequence[_Line], widths: Sequence[int], right: Sequence[int]) -> None:
        """One row; cells that are too wide go on below."""
        columns = [_broken(cell, width) for cell, width in zip(cells, widths, strict=True)]
        for pieces in zip_longest(*columns, fillvalue=_Line()):
            line = _blank(1)
            for number, (piece, width) in enumerate(zip(pieces, widths, strict=True)):
                blank = _blank(width - cell_len(piece.plain))
                gap = _blank(len(_GAP) if number else 0)
                line = line + gap + (blank + piece if number in right else piece + blank)
            self._print(line)

    def _print(self, line: _Line) -> None:
        if self._console is None:
            self._file.write(line.plain + "\n")
            return
        from rich.text import Text  # late: start-up time

        styled = [(words, STYLES[style]) for words, style in line.pieces]
        self._console.print(Text.assemble(*styled), overflow="ignore", no_wrap=True, crop=False)

    def text(self) -> str:
        """Everything so far. Blanks at the ends of lines are cut: they only make copies ugly."""
        return "".join(line.rstrip() + "\n" for line in self._file.getvalue().splitlines())


def _coloured(file: TextIO, width: int) -> "Console":
    from rich.console import Console  # late: start-up time

    return Console(
        file=file,
        width=width,
        force_terminal=True,
        color_system="standard",
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )


def _text(parts: Sequence[Part]) -> _Line:
    pairs = (part if isinstance(part, tuple) else (part, "") for part in parts)
    return _Line((_shortened(printable(words)), style) for words, style in pairs)


def _broken(line: _Line, width: int, hang: int = 0) -> list[_Line]:
    """A line in lines of at most this width, those after the first narrower by `hang` columns and without a blank
    before them."""
    places = [0, *_breaks(line.plain, width, hang), len(line.plain)]
    parts = [line.part(start, end) for start, end in pairwise(places)]
    return [
        parts[0],
        *(part.part(len(part.plain) - len(part.plain.lstrip(" ")), len(part.plain)) for part in parts[1:]),
    ]


def _widest(column: Sequence[_Line]) -> int:
    return max(cell_len(cell.plain) for cell in column)


def _fitted(natural: Sequence[int], whole: Collection[int], room: int) -> list[int]:
    """The widths of a table's columns: those in `whole` as they are, the widest of the others cut to what is left.
    A column at either edge stays blank: some terminals begin a new line behind the last one."""
    left = room - 2 - len(_GAP) * (len(natural) - 1) - sum(natural[number] for number in whole)
    others = sorted(width for number, width in enumerate(natural) if number not in whole)
    most = 0
    for number, width in enumerate(others):
        most = min(width, max(_NARROWEST, left // (len(others) - number)))
        left -= most
    return [width if number in whole else min(width, most) for number, width in enumerate(natural)]


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
            # A word longer than a line has to be cut: a name at its joints, and never inside its extension.
            joint = 0
            for place, character in enumerate(match[0], start):
                if used + cell_len(character) > room:
                    breaks.append(joint or place)
                    room, used, joint = width - hang, cell_len(text[breaks[-1] : place]), 0
                used += cell_len(character)
                joint = {"-": place + 1, "_": place + 1, "/": place + 1, ".": place}.get(character, joint)
        else:
            used += cells
        if match[0] not in _CLOSING and match[0] != " ":
            before = start
    return breaks


class TerminalProgress(Progress):
    """A progress bar on a terminal; counts, or bytes for the stage `pack`."""

    def __init__(self, stream: TextIO, words: Words) -> None:
        from rich.console import Console  # late: start-up time

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
    from rich.terminal_theme import SVG_EXPORT_THEME  # late: start-up time
    from rich.text import Text

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


def _drawn(line: "Text", y: int) -> str:
    """One line of a picture. Every character has its own place: fonts differ in how wide a 汉字 is."""
    from rich.color import blend_rgb  # late: start-up time
    from rich.console import Console
    from rich.style import Style
    from rich.terminal_theme import SVG_EXPORT_THEME

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

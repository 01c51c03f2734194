"""Cells of a CSV that a spreadsheet would take for a call of another program (DDE).

A spreadsheet reads a cell as a formula if it begins with `=`, `+`, `-` or `@`; `=program|'topic'!item` starts the
program. Other formulas, negative numbers and telephone numbers are ordinary.
"""

import re
from collections.abc import Iterable

# Characters of a cell that are looked at on either side of the bar.
_REACH = 500
# A search begins again so far before the end of what was searched.
_CARRIED = 4 * _REACH
_CALLS = 100_000
# `program|'topic'!`, `program|topic!item`, and the function of LibreOffice; possessive, so that the time is linear.
_CALL = re.compile(
    r"(?<![\w.\\])(?:'?[A-Za-z_][\w.\\]{0,60}+'?\|"
    r"(?:[ ]{0,9}'[^'\r\n]{0,1000}+'[ ]{0,9}!|[\w.:\\/-]{1,500}+!['\w])|DDE[ ]{0,9}\()",
    re.IGNORECASE,
)
# From the beginning of a cell to its end: in quotes it may hold separators. What comes last joins the call to it.
_FORMULA = re.compile(
    r"(?:^|[,;\t\r])[ ]{0,9}(?:\"[ ]{0,9}[=+\-@](?:[^\"]|\"\")*+|[=+\-@][^,;\t\r\n\"]*+)(?<=[-+*/^&(=<>@,; ])\Z",
    re.MULTILINE,
)
_JOINED = tuple("-+*/^&(=<>@,;")


def calls_program(texts: Iterable[str]) -> bool | None:
    """Whether a cell of the text, which comes in pieces, calls a program; None where it holds too much like that."""
    left = _CALLS
    carried = ""
    for text in texts:
        piece = carried + text
        carried = piece[-_CARRIED:]
        if "|" not in piece and "DDE" not in piece.upper():
            continue
        for call in _CALL.finditer(piece):
            left -= 1
            if left < 0:
                return None
            if _is_formula(piece, call):
                return True
    return False


def _is_formula(text: str, call: re.Match[str]) -> bool:
    """Whether what stands before the call begins a formula in its cell, and asks for a value there."""
    place = call.start()
    begin = max(0, place - _REACH)
    before = text[begin:place]
    # `- yes|no!` in a list is no formula to anybody; with a quoted topic or in a function it can be nothing else.
    if not (before.rstrip(" ") if call[0].endswith(("!", "(")) else before).endswith(_JOINED):
        return False
    return _FORMULA.search(text, begin, place) is not None

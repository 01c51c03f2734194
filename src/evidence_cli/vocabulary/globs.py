"""Globs as waivers write them: `*` within a name, `**` across folders, `?` one character."""

import re
from functools import lru_cache


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = []
    for piece in re.findall(r"\*\*/|\*+|\?|[^*?]+", pattern):
        if piece == "**/":
            parts.append("(?:[^/]+/)*")
        elif piece.startswith("**"):
            parts.append(".*")
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(piece) or re.escape(piece))
    return re.compile("".join(parts), re.DOTALL)


def glob_matches(pattern: str, path: str) -> bool:
    """Whether the pattern names the path or a folder above it."""
    compiled = _compiled(pattern.strip("/"))
    while path:
        if compiled.fullmatch(path):
            return True
        path = path.rpartition("/")[0]
    return False

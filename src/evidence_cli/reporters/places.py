"""Paths of a report as addresses that other programs can follow."""

import re
from urllib.parse import quote

_DRIVE = re.compile(r"[A-Za-z]:/")


def uri(path: str) -> str:
    """The path as an RFC 3986 reference: relative ones stay so, absolute ones become `file:` addresses."""
    quoted = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    if path.startswith("//"):
        return f"file:{quoted}"
    if path.startswith("/"):
        return f"file://{quoted}"
    return f"file:///{path[:2]}{quoted[4:]}" if _DRIVE.match(path) else quoted

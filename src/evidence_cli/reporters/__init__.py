"""Reports for people and programs: one module per format, words from the catalogue, rich in `terminal` alone.

A format is a module named in `FORMATS` with `render(report, words, shown, width) -> str`: `shown` filters what is
listed, never what is counted; `width` is in columns. The text one also draws on a terminal.
"""

import re
from collections.abc import Callable
from importlib import import_module

from evidence_cli.messages import Words
from evidence_cli.vocabulary.findings import Finding, Report

# What is shown of the findings: a display filter, which never changes the verdict.
Shown = Callable[[Finding], bool]
Renderer = Callable[[Report, Words, Shown, int], str]

FORMATS = ("text", "json", "jsonl", "junit", "sarif", "gitlab", "github", "markdown")
_JSON = ("json", "jsonl", "sarif", "gitlab")
_XML = ("junit",)
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def renderer(name: str) -> Renderer:
    """The renderer of a format: report, words, display filter, width in columns → text."""
    module = import_module(f"evidence_cli.reporters.{name}")  # late: start-up time
    render: Renderer = module.render
    return render


def in_ascii(name: str, content: str) -> str:
    """The same document for a stream of any code page: JSON and XML can escape what is not ASCII, text stays."""
    if name in _JSON:
        return _FOREIGN.sub(_json_escape, content)
    return content.encode("ascii", "xmlcharrefreplace").decode("ascii") if name in _XML else content


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))

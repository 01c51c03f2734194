"""Reports for people and programs: one module per format, words from the catalogue, rich in `terminal` alone.

A format is a module named in `FORMATS` with `render(report, words, shown, width) -> str`: `shown` filters what is
listed, never what is counted; `width` is in columns. The text one also draws on a terminal.
"""

from collections.abc import Callable
from importlib import import_module

from evidence_cli.messages import Words
from evidence_cli.vocabulary.findings import Finding, Report

# What is shown of the findings: a display filter, which never changes the verdict.
Shown = Callable[[Finding], bool]
Renderer = Callable[[Report, Words, Shown, int], str]

FORMATS = ("text", "json")


def renderer(name: str) -> Renderer:
    """The renderer of a format: report, words, display filter, width in columns → text."""
    module = import_module(f"evidence_cli.reporters.{name}")  # late: start-up time
    render: Renderer = module.render
    return render

"""Who owes what by when, for people and programs: one module per format, with
`render(report, words, by, width, color) -> str`. `by` groups what is listed where the format has groups.
"""

from collections.abc import Callable
from importlib import import_module

from evidence_cli.messages import Words
from evidence_cli.vocabulary.course import StatusReport

FORMATS = ("text", "json", "csv", "markdown")
GROUPINGS = ("owner", "unit", "indicator", "state")
Renderer = Callable[[StatusReport, Words, str | None, int, bool], str]


def renderer(name: str) -> Renderer:
    """The renderer of a format."""
    module = import_module(f"evidence_cli.reporters.status.{name}")  # late: start-up time
    render: Renderer = module.render
    return render

"""The entry sheet for people and programs: one module per format, with `render(sheet, words, width, color) -> str`."""

from collections.abc import Callable
from importlib import import_module

from evidence_cli.messages import Words
from evidence_cli.vocabulary.course import Sheet

FORMATS = ("text", "html", "json")
Renderer = Callable[[Sheet, Words, int, bool], str]


def renderer(name: str) -> Renderer:
    """The renderer of a format."""
    module = import_module(f"evidence_cli.reporters.sheet.{name}")  # late: start-up time
    render: Renderer = module.render
    return render

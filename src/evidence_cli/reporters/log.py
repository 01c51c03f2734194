"""The history as text, and as `evcli.log/1`."""

from collections.abc import Sequence
from dataclasses import asdict

from evidence_cli.messages import Words
from evidence_cli.reporters.json import dump
from evidence_cli.reporters.terminal import Page
from evidence_cli.vocabulary.course import LogEntry
from evidence_cli.vocabulary.version import __version__

FORMATS = ("text", "json")
SCHEMA = "evcli.log/1"
_DIGITS = 12


def render(entries: Sequence[LogEntry], words: Words, width: int, *, color: bool = False) -> str:
    """A line for each event, oldest first; a note below it."""
    page = Page(width, color=color)
    for entry in entries:
        content = entry.digest.rpartition(":")[2][:_DIGITS]
        changed = (words.text("log.changed"), "warning") if entry.changed else ""
        action = (words.term("action", entry.action), "strong")
        page.line(f"{entry.time:%Y-%m-%d %H:%M:%S}  {entry.question or words.text('log.all')}  ", action)
        page.line(words.text("log.by", by=entry.by or "—"), "  ", (content, "faint"), "  ", changed, indent=4)
        if entry.note:
            page.line(entry.note, indent=4)
    if not entries:
        page.line(words.text("log.nothing"))
    return page.text()


def render_json(entries: Sequence[LogEntry], words: Words) -> str:
    """The document, to which fields are only ever added."""
    events = [asdict(entry) | {"time": entry.time.isoformat(), "action": entry.action.value} for entry in entries]
    return dump({"schema": SCHEMA, "tool": {"name": "evcli", "version": __version__}, "events": events})

"""The short note (填报说明) that `init` puts into each indicator's folder."""

from datetime import datetime

from evidence_cli.messages import Words
from evidence_cli.table import Leaf, Table

_STAGES = ("prepare", "questions", "pack", "review", "recheck", "submit")


def notes(table: Table, leaf: Leaf, words: Words) -> bytes:
    """The note's bytes: UTF-8 with BOM and CRLF, so that every Windows editor shows it right."""
    lines = [
        words.text("notes.title", code=leaf.code, name=leaf.name),
        words.text("notes.evaluation", title=table.evaluation.title),
        "",
        words.text("notes.owner", owner=leaf.owner or "—", unit=leaf.unit or "—"),
        "",
        words.text("notes.boundary"),
        leaf.boundary.strip() or "—",
        "",
        words.text("notes.collect"),
        leaf.collect.strip() or "—",
        "",
        words.text("notes.due", zone=words.zone(table.evaluation.timezone)),
    ]
    for stage in _STAGES:
        due: datetime | None = getattr(table.milestones, stage)
        if due is not None:
            lines.append(words.text(f"notes.stage.{stage}", time=due.strftime("%Y-%m-%d %H:%M")))
    lines += ["", words.text("notes.how", code=leaf.code), words.text("notes.source")]
    text = "\n".join(lines) + "\n"
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8-sig")

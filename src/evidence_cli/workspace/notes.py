"""The short note (填报说明) that `init` puts into each indicator's folder."""

from datetime import datetime

from evidence_cli.messages import Words
from evidence_cli.table import Contribution, Leaf, Table
from evidence_cli.workspace.naming import form_name

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
    return _bytes(lines)


def contribution_notes(table: Table, contribution: Contribution, words: Words) -> bytes:
    """The bytes of the note in the folder of a contribution: what to send, who sends it, and until when."""
    leaf = table.leaf(contribution.indicator)
    due = table.due_of(contribution)
    lines = [
        words.text("notes.contribution", title=contribution.title),
        words.text("notes.evaluation", title=table.evaluation.title),
        words.text("notes.contribution_for", code=leaf.code, name=leaf.name),
        "",
        words.text("notes.contribution_collect"),
        contribution.collect.strip() or "—",
        "",
    ]
    if due is not None:
        zone = words.zone(table.evaluation.timezone)
        lines += [words.text("notes.contribution_due", time=f"{due:%Y-%m-%d %H:%M}", zone=zone), ""]
    lines += [words.text("notes.contribution_units"), *contribution.units, "", words.text("notes.contribution_how")]
    if contribution.form is not None:
        lines.append(words.text("notes.contribution_form", name=form_name(contribution)))
    return _bytes([*lines, words.text("notes.source")])


def _bytes(lines: list[str]) -> bytes:
    text = "\n".join(lines) + "\n"
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8-sig")

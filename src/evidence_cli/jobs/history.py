"""The history of a workspace, oldest first: who did what, when, about which content."""

import json
from collections.abc import Sequence
from pathlib import Path

from evidence_cli.vocabulary.course import LogEntry
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.records import EventRecord, read_journal


def history(workspace: Workspace | Path | str | None = None, codes: Sequence[str] = ()) -> tuple[LogEntry, ...]:
    """The events of the chosen questions, or of everything. Times are in the evaluation's zone.

    Raises UsageError for an unknown code, TableError, EnvironmentFailure.
    """
    return read_history(workspace, codes)[0]


def read_history(
    workspace: Workspace | Path | str | None = None, codes: Sequence[str] = ()
) -> tuple[tuple[LogEntry, ...], int]:
    """As `history`, and how many files among the records cannot be believed and are in none."""
    space = as_workspace(workspace)
    journal = read_journal(space.root)
    chosen = {question.code for question in space.table.select(codes)} if codes else None
    before: dict[str, str] = {}
    entries = []
    for event in journal.events:
        record = event.record
        if chosen is None or record.question in chosen:
            entries.append(
                LogEntry(
                    time=record.time.astimezone(space.table.zone),
                    action=record.action,
                    question=record.question,
                    by=record.by,
                    note=record.note,
                    digest=record.digest,
                    changed=before.get(record.question, record.digest) != record.digest,
                    path=event.path,
                )
            )
        before[record.question] = record.digest
    return tuple(entries), len(journal.damages)


def record_schema() -> str:
    """The JSON Schema of a record, for programs that read them."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **EventRecord.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"

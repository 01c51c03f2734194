"""Events for the tests of the process, without a workspace."""

from datetime import datetime, timedelta
from pathlib import Path

from evidence_cli.vocabulary.process import Action
from evidence_cli.workspace.records import Event, EventRecord, read_journal, write_record
from support.workspace import NOW

CODE = "1.1-01"


def digest(letter: str) -> str:
    """A content digest that one letter stands for."""
    return f"sha256:{letter * 64}"


def record(
    action: str, content: str = "a", by: str = "副组长", minutes: int = 0, question: str = CODE, previous: str = ""
) -> EventRecord:
    """An event about a content, some minutes after the moment of the tests."""
    return EventRecord(
        action=Action(action),
        question=question,
        digest=digest(content),
        by=by,
        time=NOW + timedelta(minutes=minutes),
        table=digest("0"),
        previous=previous,
        note="缺少网站截图" if action == "return" else "",
    )


def events(*records: EventRecord) -> tuple[Event, ...]:
    """Read events of these records, in this order."""
    return tuple(Event(one, f".evcli/records/{number}.json", f"{number:016}") for number, one in enumerate(records))


def written(root: Path, *records: EventRecord) -> list[Event]:
    """Write records one after the other, each naming the one before it; the events as they are read."""
    for one in records:
        previous = read_journal(root).last_seal(one.question)
        write_record(root, one.model_copy(update={"previous": previous}))
    return list(read_journal(root).events)


def at(minutes: int) -> datetime:
    """Some minutes after the moment of the tests."""
    return NOW + timedelta(minutes=minutes)

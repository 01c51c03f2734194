"""The entry sheet as `evcli.sheet/1`, to which fields are only ever added."""

from dataclasses import asdict

from evidence_cli.messages import Words
from evidence_cli.reporters.json import dump
from evidence_cli.vocabulary.course import Sheet
from evidence_cli.vocabulary.version import __version__

SCHEMA = "evcli.sheet/1"


def render(sheet: Sheet, words: Words, width: int, color: bool) -> str:
    """The document, ended by a line feed."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "evcli", "version": __version__},
        "evaluation": sheet.evaluation,
        "generated": sheet.generated.isoformat(timespec="seconds"),
        "language": words.language,
        "questions": [asdict(row) for row in sheet.rows],
    }
    return dump(document)

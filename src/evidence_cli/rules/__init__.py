"""Judgement that a schema cannot say: small pure functions over what was read. No rule does I/O.

`QUESTION_RULES` run over one question, folder or package; `FOLDER_RULES` only make sense for folders.
"""

from collections.abc import Callable, Iterable

from evidence_cli.rules import content, dates, entries, gate, references, structure
from evidence_cli.schema.translate import judge_shape
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.findings import Hit

QuestionRule = Callable[[Subject], Iterable[Hit]]

QUESTION_RULES: tuple[QuestionRule, ...] = (
    judge_shape,
    structure.numbering,
    entries.twins,
    entries.junk,
    entries.links,
    entries.empty_folders,
    entries.unreadable,
    content.same_in_question,
    content.same_elsewhere,
    dates.out_of_period,
    references.missing_references,
    gate.secrecy_marks,
    gate.resident_ids,
    gate.mobile_numbers,
    gate.bank_cards,
    gate.positions,
)


def judge(subject: Subject) -> list[Hit]:
    """Everything the schema and the rules say about one question."""
    return [hit for rule in QUESTION_RULES for hit in rule(subject)]

"""The one translator between pydantic's errors and hits."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evidence_cli.schema.question import compile_schema
from evidence_cli.schema.view import Subject, view
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit


def judge_shape(subject: Subject) -> list[Hit]:
    """Validate a question with the schema of its requirements; one hit for each demand that is not met."""
    picture = view(subject)
    hits: list[Hit] = []

    def keep(place: str, error: ValidationError) -> None:
        hits.extend(_hit(subject, line, place) for line in _lines(error))

    try:
        compile_schema(subject.question.requirements).model_validate(picture, context=keep)
    except ValidationError as error:
        hits.extend(_hit(subject, line, _place(picture, line["loc"])) for line in _lines(error))
    return hits


def _lines(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _hit(subject: Subject, line: ErrorDetails, place: str) -> Hit:
    return Hit(
        code=Code(line["type"]),
        question=subject.question.code,
        path=subject.tree.shown(place),
        place=place,
        params=line.get("ctx", {}),
    )


def _place(picture: Mapping[str, Any], location: Sequence[int | str]) -> str:
    """The path of the innermost part that the error lies in."""
    place, part = "", picture
    for step in location:
        if isinstance(part, Mapping):
            place = part.get("path", place)
        if not isinstance(part, (Mapping, list)):
            break
        part = part[step]  # type: ignore[index]
    return place

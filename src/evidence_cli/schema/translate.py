"""The one translator between pydantic's errors and hits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from evidence_cli.schema.question import compile_schema
from evidence_cli.schema.view import Subject, view
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit


def judge_shape(subject: Subject) -> Iterator[Hit]:
    """Validate a question with the schema of its requirements; one hit for each demand that is not met."""
    picture = view(subject)
    try:
        compile_schema(subject.question.requirements).model_validate(picture)
    except ValidationError as error:
        for line in error.errors(include_url=False, include_input=False):
            place = _place(picture, line["loc"])
            yield Hit(
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

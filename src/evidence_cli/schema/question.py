"""Compile the schema of a question folder from a question's effective requirements.

The result is an ordinary pydantic model: validating a `view` of a folder with it either passes or raises one
ValidationError whose error types are our codes (see `translate`). With a function as context, that one gets the path
and the ValidationError of each file and folder that fails, and only what is wrong with the whole is raised.
"""

from functools import lru_cache, partial
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    InstanceOf,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
)

from evidence_cli.looks.facts import Facts
from evidence_cli.schema import validators as demand
from evidence_cli.schema.validators import Answers, EvidenceState, Seen
from evidence_cli.table import Category, Requirements
from evidence_cli.vocabulary.kinds import Kind


class _Model(BaseModel):
    """Every part of the picture knows its place: the path relative to the question folder that a finding names."""

    # A part is built with the whole it belongs to, not before by itself.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    path: str


def _demand(of: Any, check: Any, **values: Any) -> Any:
    return Annotated[of, AfterValidator(partial(check, **values) if values else check)]


def _each(model: type[BaseModel]) -> Any:
    return list[Annotated[model, WrapValidator(_judge_one)]]  # type: ignore[valid-type]


def _judge_one(part: Any, judge: ValidatorFunctionWrapHandler, info: ValidationInfo) -> None:
    # What was judged is let go of at once: of thousands of files, models and errors would fill the memory.
    try:
        judge(part)
    except ValidationError as error:
        if info.context is None:
            raise
        info.context(part["path"], error)


def _optional(model: type[BaseModel]) -> Any:
    return model | None


class Folder(_Model):
    """A folder's name, where people chose it: category and evidence folders keep the table's words."""

    unicode: Annotated[str, AfterValidator(demand.valid_unicode)]
    hidden: Annotated[str, AfterValidator(demand.visible)]
    windows: Annotated[str, AfterValidator(demand.windows_name)]


def _name_fields(requirements: Requirements) -> dict[str, Any]:
    limits = requirements.names
    lengths = _demand(tuple[int, int], demand.within_length, max_name=limits.max_name, max_path=limits.max_path)
    return {
        "unicode": (_demand(str, demand.valid_unicode), ...),
        "hidden": (_demand(str, demand.visible), ...),
        "windows": (_demand(str, demand.windows_name), ...),
        "unusual": (_demand(str, demand.ordinary_name), ...),
        "lengths": (lengths, ...),
    }


def _file_fields(requirements: Requirements, max_size: int) -> dict[str, Any]:
    return _name_fields(requirements) | {
        "empty": (_demand(int, demand.not_empty), ...),
        "size": (_demand(int, demand.at_most, maximum=max_size), ...),
        "program": (_demand(InstanceOf[Facts], demand.no_program) | None, ...),
        "health": (_demand(InstanceOf[Facts], demand.whole) | None, ...),
        "password": (_demand(InstanceOf[Facts], demand.open_to_all) | None, ...),
        "bomb": (_demand(InstanceOf[Facts], demand.no_bomb) | None, ...),
        "active": (_demand(InstanceOf[Facts], demand.nothing_active) | None, ...),
        "restricted": (_demand(InstanceOf[Facts], demand.unrestricted) | None, ...),
        "extension": (_demand(InstanceOf[Seen], demand.true_extension) | None, ...),
    }


def _evidence_fields(requirements: Requirements) -> dict[str, Any]:
    limits = requirements.evidence
    length = {"minimum": limits.recording.min_seconds, "maximum": limits.recording.max_seconds}
    return _file_fields(requirements, limits.max_file_size) | {
        "picture": (
            _demand(InstanceOf[Facts], demand.large_enough, minimum=limits.picture.min_side) | None,
            ...,
        ),
        "recording": (_demand(InstanceOf[Facts], demand.fit_recording, **length) | None, ...),
    }


def _kind_field(accepted: tuple[Kind, ...], *, archives_are_warned: bool) -> tuple[Any, Any]:
    check = _demand(InstanceOf[Facts], demand.accepted_kind, accepted=accepted, archives_are_warned=archives_are_warned)
    return (check | None, ...)


def _answer(requirements: Requirements) -> type[BaseModel]:
    answer = requirements.answer
    fields = _file_fields(requirements, answer.max_size) | {
        "kind": _kind_field(answer.kinds, archives_are_warned=False),
        "wording": (_demand(InstanceOf[Facts], demand.says_enough, minimum=answer.min_chars) | None, ...),
        "readable": (_demand(InstanceOf[Facts], demand.has_text) | None, ...),
    }
    return create_model("Answer", __base__=_Model, **fields)


def _category(requirements: Requirements, category: Category) -> type[BaseModel]:
    warned = Kind.ARCHIVE not in category.kinds
    fields = _evidence_fields(requirements) | {
        "kind": _kind_field(category.kinds, archives_are_warned=warned),
    }
    if warned:
        fields["archive"] = (_demand(InstanceOf[Facts], demand.no_archive) | None, ...)
    else:
        fields["archive"] = (InstanceOf[Facts] | None, ...)
    evidence = create_model(f"Evidence_{category.id}", __base__=_Model, **fields)
    count: Any = int
    if category.id in requirements.evidence.required:
        count = _demand(int, demand.category_filled, category=category.name)
    return create_model(
        f"Category_{category.id}",
        __base__=_Model,
        count=(count, ...),
        files=(_each(evidence), ...),
    )


def _evidence_set(requirements: Requirements) -> type[BaseModel]:
    limits = requirements.evidence
    names = tuple(category.name for category in requirements.categories)
    loose = create_model(
        "LooseEvidence",
        __base__=_Model,
        **_evidence_fields(requirements),
        category=(_demand(str, demand.in_a_category), ...),
    )
    unknown = create_model(
        "UnknownCategory",
        __base__=_Model,
        folder=(_demand(str, demand.known_category, categories=names), ...),
    )
    # What lies in a folder that is no category is judged by all that does not depend on a category.
    unsorted = create_model("UnsortedEvidence", __base__=_Model, **_evidence_fields(requirements))
    fields: dict[str, Any] = {
        "state": (_demand(InstanceOf[EvidenceState], demand.evidence_there), ...),
        "copies": (_demand(list[str], demand.no_copies), ...),
        "count": (
            _demand(int, demand.enough_files, minimum=limits.min_files, maximum=limits.max_files) | None,
            ...,
        ),
        "loose": (_each(loose), ...),
        "unknown": (_each(unknown), ...),
        "unsorted": (_each(unsorted), ...),
    }
    for category in requirements.categories:
        fields[f"category_{category.id}"] = (_optional(_category(requirements, category)), ...)
    return create_model("EvidenceSet", __base__=_Model, **fields)


@lru_cache(maxsize=256)
def compile_schema(requirements: Requirements) -> type[BaseModel]:
    """The schema of a question folder with these requirements; questions with equal ones share it."""
    named = create_model("Named", __base__=_Model, **_name_fields(requirements))
    other = create_model("Unexpected", __base__=_Model, folder=(_demand(str, demand.expected_folder), ...))
    return create_model(
        "QuestionFolder",
        __base__=_Model,
        folder=(Folder | None, ...),
        title=(_demand(tuple[str, str], demand.title_as_in_table) | None, ...),
        answers=(_demand(InstanceOf[Answers], demand.one_answer) | None, ...),
        answer=(_optional(_answer(requirements)), ...),
        evidence=(_evidence_set(requirements), ...),
        unexpected=(_each(other), ...),
        folders=(_each(named), ...),
        shelves=(_each(Folder), ...),
    )

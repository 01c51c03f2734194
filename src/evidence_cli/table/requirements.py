"""What is finally asked of each question.

Built-in defaults ◁ the table's defaults ◁ each indicator on the way down ◁ the question itself. Keys merge,
lists replace.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evidence_cli.table.fields import Digest, FilledBy
from evidence_cli.table.parts import Category, Indicator, Overrides, Part, Question
from evidence_cli.vocabulary.kinds import Kind


@dataclass(frozen=True, slots=True)
class AnswerRequirements:
    """Of the one answer. `max_size` is in bytes; `min_chars` counts characters that are not blank."""

    kinds: tuple[Kind, ...] = (Kind.WORD, Kind.PDF, Kind.OFD, Kind.TEXT)
    min_chars: int = 10
    max_size: int = 20 * 10**6


@dataclass(frozen=True, slots=True)
class PictureRequirements:
    """Of pictures. `min_side` is in pixels."""

    min_side: int = 200


@dataclass(frozen=True, slots=True)
class RecordingRequirements:
    """Of recordings, in seconds."""

    min_seconds: int = 2
    max_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class EvidenceRequirements:
    """Of the one evidence set. `required` holds ids of categories; `max_file_size` is in bytes."""

    required: tuple[str, ...] = ()
    min_files: int = 1
    max_files: int = 200
    max_file_size: int = 300 * 10**6
    picture: PictureRequirements = PictureRequirements()
    recording: RecordingRequirements = RecordingRequirements()


@dataclass(frozen=True, slots=True)
class PackageRequirements:
    """Of the one package. `name` is a template without `.zip`; `max_size` is in bytes."""

    name: str = "{code}-{title}"
    max_size: int = 10**9
    digest: Digest = Digest.SHA256


@dataclass(frozen=True, slots=True)
class NamesRequirements:
    """Of names, in characters. `max_path` counts from the workspace, and from the package's root."""

    max_path: int = 180
    max_name: int = 64


@dataclass(frozen=True, slots=True)
class Requirements:
    """Everything that is asked of one question."""

    answer: AnswerRequirements = AnswerRequirements()
    evidence: EvidenceRequirements = EvidenceRequirements()
    package: PackageRequirements = PackageRequirements()
    names: NamesRequirements = NamesRequirements()
    categories: tuple[Category, ...] = ()

    def category(self, id: str) -> Category:
        """The category of this id. Raises KeyError; ids in `required` are always known."""
        for category in self.categories:
            if category.id == id:
                return category
        raise KeyError(id)


@dataclass(frozen=True, slots=True)
class Leaf:
    """An indicator that a department fills and that has no children: the level at which evidence is filed."""

    code: str
    name: str
    owner: str
    unit: str
    boundary: str
    collect: str
    questions: "tuple[QuestionSpec, ...]"


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """One question with everything that is asked of it. `indicator` is the code of its leaf."""

    code: str
    title: str
    text: str
    indicator: str
    indicator_name: str
    owner: str
    unit: str
    requirements: Requirements


@dataclass(frozen=True, slots=True)
class _Inherited:
    owner: str
    unit: str
    filled_by: FilledBy
    requirements: Requirements


def resolve(categories: Sequence[Category], defaults: Overrides, indicators: Sequence[Indicator]) -> tuple[Leaf, ...]:
    """The leaves with their questions, in the order of the table."""
    base = override(Requirements(categories=tuple(categories)), defaults)
    above = _Inherited(owner="", unit="", filled_by=FilledBy.DEPARTMENT, requirements=base)
    return tuple(leaf for indicator in indicators for leaf in _leaves(indicator, above))


def _leaves(indicator: Indicator, above: _Inherited) -> Iterator[Leaf]:
    here = _Inherited(
        owner=above.owner if indicator.owner is None else indicator.owner,
        unit=above.unit if indicator.unit is None else indicator.unit,
        filled_by=indicator.filled_by or above.filled_by,
        requirements=override(above.requirements, indicator),
    )
    if indicator.children:
        for child in indicator.children:
            yield from _leaves(child, here)
    elif here.filled_by is FilledBy.DEPARTMENT:
        yield Leaf(
            code=indicator.code,
            name=indicator.name,
            owner=here.owner,
            unit=here.unit,
            boundary=indicator.boundary,
            collect=indicator.collect,
            questions=tuple(_question(question, indicator, here) for question in indicator.questions),
        )


def _question(question: Question, indicator: Indicator, here: _Inherited) -> QuestionSpec:
    return QuestionSpec(
        code=question.code,
        title=question.title,
        text=question.text,
        indicator=indicator.code,
        indicator_name=indicator.name,
        owner=here.owner,
        unit=here.unit,
        requirements=override(here.requirements, question),
    )


def override(base: Requirements, level: Overrides) -> Requirements:
    """The requirements after one level of the table has said its own."""
    merged: Requirements = _merge(base, {name: getattr(level, name) for name in Overrides.model_fields})
    return merged


def _merge(base: Any, stated: dict[str, Any]) -> Any:
    changes = {}
    for name, value in stated.items():
        if isinstance(value, Part):
            inner = {key: getattr(value, key) for key in type(value).model_fields}
            changes[name] = _merge(getattr(base, name), inner)
        elif value is not None:
            changes[name] = value
    return replace(base, **changes) if changes else base

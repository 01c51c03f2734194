"""The single demands a schema is made of. Each raises an error that carries our own code and named values."""

from collections.abc import Collection
from math import ceil, floor
from typing import Any, NamedTuple

from pydantic_core import PydanticCustomError

from evidence_cli.looks.facts import Active, Facts, Health
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.kinds import FORMATS, Kind, extension_fits, extension_of
from evidence_cli.vocabulary.names import hidden_characters, is_unicode, unusual_characters, windows_fault
from evidence_cli.vocabulary.printable import printable


class Seen(NamedTuple):
    """A file's name beside the facts of its content."""

    name: str
    facts: Facts


class Answers(NamedTuple):
    """The names of the files directly in the question folder, or of a folder in it that is the question's again."""

    names: tuple[str, ...]
    nested: str = ""


class EvidenceState(NamedTuple):
    """Why there is no evidence set (empty: there is one, or nobody can say), what was found instead, and its name."""

    reason: str
    found: str = ""
    expected: str = ""


def fault(code: Code, **params: Any) -> PydanticCustomError:
    """The error that the translator turns into a hit of this code."""
    return PydanticCustomError(code.value, code.value, {name: _encodable(value) for name, value in params.items()})


def _encodable(value: Any) -> Any:
    # pydantic cannot render half a surrogate pair, and no document could carry it.
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return printable(value) if isinstance(value, str) and not is_unicode(value) else value


def valid_unicode(name: str) -> str:
    if not is_unicode(name):
        raise fault(Code.NAME_NOT_UNICODE)
    return name


def visible(name: str) -> str:
    if characters := hidden_characters(name):
        raise fault(Code.NAME_HIDDEN, characters=", ".join(characters))
    return name


def windows_name(name: str) -> str:
    if found := windows_fault(name):
        raise fault(Code.NAME_NOT_WINDOWS, reason=found[0], characters=found[1], name=name)
    return name


def ordinary_name(name: str) -> str:
    if characters := unusual_characters(name):
        raise fault(Code.NAME_UNUSUAL, characters=characters)
    return name


def within_length(lengths: tuple[int, int], *, max_name: int, max_path: int) -> tuple[int, int]:
    name, path = lengths
    if name > max_name:
        raise fault(Code.NAME_TOO_LONG, reason="name", length=name, maximum=max_name)
    if path > max_path:
        raise fault(Code.NAME_TOO_LONG, reason="path", length=path, maximum=max_path)
    return lengths


def title_as_in_table(titles: tuple[str, str]) -> tuple[str, str]:
    title, expected = titles
    if title not in ("", expected):
        raise fault(Code.TITLE_DIFFERS, title=title, expected=expected)
    return titles


def not_empty(size: int) -> int:
    if size == 0:
        raise fault(Code.FILE_EMPTY)
    return size


def at_most(size: int, *, maximum: int) -> int:
    if size > maximum:
        raise fault(Code.FILE_TOO_LARGE, size=size, maximum=maximum)
    return size


def no_program(facts: Facts) -> Facts:
    if facts.kind is Kind.EXECUTABLE:
        raise fault(Code.EXECUTABLE)
    return facts


def whole(facts: Facts) -> Facts:
    if facts.health is Health.DAMAGED:
        raise fault(Code.DAMAGED, detail=facts.detail)
    return facts


def open_to_all(facts: Facts) -> Facts:
    if facts.health is Health.ENCRYPTED:
        raise fault(Code.NEEDS_PASSWORD)
    return facts


def true_extension(seen: Seen) -> Seen:
    extension = extension_of(seen.name)
    if not extension_fits(seen.facts.format, extension):
        expected = FORMATS[seen.facts.format][1]
        raise fault(
            Code.EXTENSION_MISMATCH,
            reason=_mismatch(seen.facts, extension, known=bool(expected)),
            extension=extension,
            expected=expected[0] if expected else "",
            kind=seen.facts.kind.value,
        )
    return seen


def _mismatch(facts: Facts, extension: str, *, known: bool) -> str:
    # The right name for it is one that nobody should hand in.
    if Active.MACROS in facts.active:
        return "macros"
    return "none" if not extension else "wrong" if known else "foreign"


def accepted_kind(facts: Facts, *, accepted: Collection[Kind], archives_are_warned: bool) -> Facts:
    if facts.kind in accepted or (archives_are_warned and facts.kind is Kind.ARCHIVE):
        return facts
    raise fault(Code.KIND_NOT_ACCEPTED, kind=facts.kind.value, accepted=[kind.value for kind in accepted])


def no_archive(facts: Facts) -> Facts:
    if facts.kind is Kind.ARCHIVE:
        raise fault(Code.ARCHIVE_INSIDE)
    return facts


def no_bomb(facts: Facts) -> Facts:
    if facts.health is Health.BOMB:
        raise fault(Code.FILE_BOMB, detail=facts.detail)
    return facts


def nothing_active(facts: Facts) -> Facts:
    if facts.active:
        reasons = [str(active) for active in facts.active]
        raise fault(Code.ACTIVE_CONTENT, reason=reasons[0], found=reasons)
    return facts


def unrestricted(facts: Facts) -> Facts:
    if facts.restricted:
        raise fault(Code.RESTRICTED)
    return facts


def large_enough(facts: Facts, *, minimum: int) -> Facts:
    # A drawing made of lines is sharp in any size.
    known = facts.width is not None and facts.height is not None and facts.format != "svg"
    if facts.kind is Kind.IMAGE and known and min(facts.width or 0, facts.height or 0) < minimum:
        raise fault(Code.PICTURE_SMALL, width=facts.width, height=facts.height, minimum=minimum)
    return facts


def fit_recording(facts: Facts, *, minimum: int, maximum: int) -> Facts:
    if facts.kind is not Kind.VIDEO or facts.health is not Health.OK:
        return facts
    if facts.picture_track is False:
        raise fault(Code.RECORDING_UNFIT, reason="no_picture")
    if facts.seconds is not None and not minimum <= facts.seconds <= maximum:
        short = facts.seconds < minimum
        raise fault(
            Code.RECORDING_UNFIT,
            reason="short" if short else "long",
            # Rounded away from the limit: nobody is told that 2 seconds are fewer than 2.
            seconds=floor(facts.seconds * 10) / 10 if short else ceil(facts.seconds),
            **({"minimum": minimum} if short else {"maximum": maximum}),
        )
    return facts


def says_enough(facts: Facts, *, minimum: int) -> Facts:
    writing = facts.writing
    # Of a text that was not read to its end, nobody knows how long it is.
    partly = any(gap.check == "text" for gap in facts.gaps)
    if writing is None or facts.health is not Health.OK or has_only_pictures(facts):
        return facts
    reason = "empty" if writing.length == 0 else "untouched" if writing.own == 0 else ""
    reason = reason or ("short" if writing.length < minimum else "")
    if reason and not partly:
        raise fault(Code.ANSWER_SHORT, reason=reason, length=writing.length, minimum=minimum)
    return facts


def has_text(facts: Facts) -> Facts:
    if facts.health is Health.OK and has_only_pictures(facts):
        raise fault(Code.ANSWER_NO_TEXT)
    return facts


def has_only_pictures(facts: Facts) -> bool:
    """Whether it is a picture, or pages without a letter."""
    if facts.kind is Kind.IMAGE:
        return True
    scanned = any(gap == ("text", "scan") for gap in facts.gaps)
    return scanned and (facts.writing is None or facts.writing.length == 0)


def one_answer(answers: Answers) -> Answers:
    if not answers.names:
        reason = "nested" if answers.nested else "missing"
        raise fault(Code.NO_ANSWER, reason=reason, folder=answers.nested)
    if len(answers.names) > 1:
        raise fault(Code.ANSWERS_TOO_MANY, count=len(answers.names), files=list(answers.names))
    return answers


def evidence_there(state: EvidenceState) -> EvidenceState:
    if state.reason:
        raise fault(Code.NO_EVIDENCE, reason=state.reason, found=state.found, expected=state.expected)
    return state


def no_copies(folders: list[str]) -> list[str]:
    if len(folders) > 1:
        raise fault(Code.EVIDENCE_TWICE, folders=folders)
    return folders


def enough_files(count: int | None, *, minimum: int, maximum: int) -> int | None:
    if count is not None and not minimum <= count <= maximum:
        reason = "few" if count < minimum else "many"
        raise fault(Code.FILE_COUNT, reason=reason, count=count, minimum=minimum, maximum=maximum)
    return count


def category_filled(count: int, *, category: str) -> int:
    if count == 0:
        raise fault(Code.CATEGORY_EMPTY, category=category)
    return count


def known_category(folder: str, *, categories: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # late: start-up time

    close = get_close_matches(folder.lstrip("0123456789-_. "), categories, n=1)
    raise fault(
        Code.CATEGORY_UNKNOWN,
        reason="similar" if close else "unknown",
        folder=folder,
        categories=list(categories),
        suggestion=close[0] if close else "",
    )


def in_a_category(place: str) -> str:
    raise fault(Code.FILE_UNCATEGORISED)


def expected_folder(folder: str) -> str:
    raise fault(Code.FOLDER_UNEXPECTED)

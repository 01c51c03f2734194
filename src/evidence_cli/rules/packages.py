"""Rules about packages: pure functions over what was read of a zip, with and without the folder it was made from."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evidence_cli.looks.packages.record import RECORD_NAME, manifest_name
from evidence_cli.schema.contents import content_paths
from evidence_cli.schema.view import Subject, evidence_folders
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit

if TYPE_CHECKING:
    from evidence_cli.looks.packages.package import PackageFacts
    from evidence_cli.looks.packages.zip_read import ZipFault

# While one of these stands, nothing more can be said about what a package holds.
BROKEN = frozenset(
    {
        Code.PACKAGE_BROKEN,
        Code.DIGEST_WRONG,
        Code.MANIFEST_DIFFERS,
        Code.ENTRY_UNSAFE,
        Code.ENTRY_ENCRYPTED,
        Code.PACKAGE_BOMB,
        Code.METHOD_FOREIGN,
    }
)


# What does not open and is not damaged either: there is something else to do about it.
_OTHERWISE = ("other", "disks")

# How a package was made, or that it does not open: true of all of it, however many entries show it.
_OF_THE_WHOLE = (Code.PACKAGE_BROKEN, Code.ENTRY_ENCRYPTED, Code.METHOD_FOREIGN)


def integrity(facts: "PackageFacts") -> Iterator[Hit]:
    """Does the archive open, is it what its manifest and its record say?"""
    yield from archive_faults(facts)
    if not facts.opens:
        return
    if facts.wrapped:
        yield _hit(facts, Code.PACKAGE_WRAPPED, folder=facts.wrapped)
    named = _faulty_entries(facts, own=False)
    for path, (_, detail) in facts.failed.items():
        if path not in named:
            yield _hit(facts, Code.PACKAGE_BROKEN, path, reason="crc", detail=detail)
    if facts.record is not None and facts.outside:
        yield _hit(facts, Code.DIGEST_WRONG, reason="outside", detail=f"{facts.outside} bytes")
    # A manifest that lists package.json says who made the package, and that the file is gone.
    listed = facts.manifest is not None and RECORD_NAME in facts.manifest
    if facts.record is None and not facts.record_error and not listed:
        yield _hit(facts, Code.PACKAGE_FOREIGN)
    yield from _against_manifest(facts)


def archive_faults(facts: "PackageFacts") -> Iterator[Hit]:
    """What reading the archive's directory showed; what several entries show of the whole package is said once."""
    by_code: dict[Code, dict[str | None, ZipFault]] = {}
    for fault in facts.faults:
        # A name that is there a thousand times is one mistake.
        by_code.setdefault(fault.code, {}).setdefault(fault.entry, fault)
    for code, named in by_code.items():
        faults = list(named.values())
        if code in _OF_THE_WHOLE and len(faults) > 1:
            entries = [fault.entry for fault in faults if fault.entry is not None]
            yield Hit(code, None, facts.shown, params={**_params(faults[0]), "entries": entries})
            continue
        for fault in faults:
            path = facts.shown if fault.entry is None else f"{facts.shown}!/{fault.entry}"
            yield Hit(code, None, path, fault.entry or "", params=_params(fault))


def _params(fault: "ZipFault") -> dict[str, Any]:
    if fault.code is Code.PACKAGE_BROKEN:
        reason, detail = fault.params["reason"], fault.params["detail"]
        if reason in _OTHERWISE:
            return {"reason": reason, "detail": detail}
        return {"reason": "open", "detail": f"{reason} {detail}"}
    return dict(fault.params)


def _against_manifest(facts: "PackageFacts") -> Iterator[Hit]:
    own = manifest_name(facts.algorithm)
    faulty = _faulty_entries(facts)
    if facts.manifest is None:
        made_here = facts.record is not None or facts.record_error or facts.manifest_error
        if made_here and own not in faulty:
            yield _hit(facts, Code.DIGEST_WRONG, reason="manifest", detail=facts.manifest_error)
        return
    present = {entry.path for entry in facts.tree.files()} - {own}
    for path, digest in facts.digests.items():
        if path in facts.manifest and facts.manifest[path] != digest:
            yield _hit(facts, Code.DIGEST_WRONG, path, reason="digest", detail=digest)
    for path in sorted(present - set(facts.manifest)):
        yield _hit(facts, Code.MANIFEST_DIFFERS, path, reason="unlisted")
    # A manifest that lists itself is wrong about its digest already.
    for path in sorted(set(facts.manifest) - present - faulty - {own}):
        yield _hit(facts, Code.MANIFEST_DIFFERS, path, reason="missing")


def _faulty_entries(facts: "PackageFacts", *, own: bool = True) -> set[str]:
    """The paths of entries with a fault of their own; whatever else follows from it is not said."""
    prefix = f"{facts.wrapped}/" if facts.wrapped else ""
    named = {fault.entry.removeprefix(prefix) for fault in facts.faults if fault.entry is not None}
    return named | set(facts.failed) if own else named


def identity(facts: "PackageFacts", subject: Subject) -> Iterator[Hit]:
    """Does `package.json` agree with what the package holds?"""
    record = facts.record
    if record is None:
        if facts.record_error:
            yield _hit(facts, Code.DIGEST_WRONG, RECORD_NAME, reason="identity", detail=facts.record_error)
        return
    held = {path: (entry.size, facts.digests.get(entry.path)) for path, entry in content_paths(subject)}
    said = {file.path: (file.size, file.digests.get(record.algorithm)) for file in record.files}
    if held != said or record.digest != facts.content(list(held)):
        yield _hit(facts, Code.DIGEST_WRONG, RECORD_NAME, reason="identity", detail=record.digest)


def package_shape(facts: "PackageFacts", subject: Subject) -> Iterator[Hit]:
    """Exactly one answer and one evidence set inside."""
    shape = subject.shape
    reason = ""
    if not shape.answers:
        reason = "no_answer"
    elif len(shape.answers) > 1:
        reason = "answers"
    elif not shape.evidence_files:
        reason = "no_evidence"
    elif len(evidence_folders(shape)) > 1:
        reason = "evidence_twice"
    if reason:
        yield _hit(facts, Code.PACKAGE_SHAPE, reason=reason)


def size(facts: "PackageFacts", maximum: int) -> Iterator[Hit]:
    """A package may not be larger than the table allows."""
    if facts.size > maximum:
        yield too_large(None, facts.shown, facts.size, maximum)


def too_large(question: str | None, path: str, size: int, maximum: int) -> Hit:
    """The hit for a package over its limit, found on the share or while packing."""
    return Hit(Code.PACKAGE_TOO_LARGE, question, path, params={"size": size, "maximum": maximum})


def belongs(facts: "PackageFacts", *, question: str, evaluation: str) -> Iterator[Hit]:
    """A package's record must name the question and the evaluation it is filed under."""
    record = facts.record
    if record is None:
        return
    if record.question.code != question:
        yield _unknown(facts.shown, reason="question", other=record.question.code)
    elif record.evaluation != evaluation:
        yield _unknown(facts.shown, reason="evaluation", other=record.evaluation)


def misnamed(shown: str, expected: str) -> Hit:
    """A question's only package has another name than the table gives it."""
    return _unknown(shown, reason="name", expected=expected)


def nobodys(shown: str) -> Hit:
    """A package that belongs to no question of the table."""
    return _unknown(shown, reason="unknown")


def several(question: str, shown: list[str]) -> Hit:
    """More than one package for a question; the first is the one that is wrong to keep."""
    names = [path.rpartition("/")[2] for path in shown]
    return Hit(Code.PACKAGE_TWICE, question, shown[0], params={"packages": names})


def missing(question: str, expected: str) -> Hit:
    """No package yet although packages are asked for."""
    return Hit(Code.PACKAGE_MISSING, question, expected)


def stale(question: str, shown: str, difference: Mapping[str, int] | None) -> Hit:
    """The folder changed after it was packed; without a difference it is the table that changed."""
    params = {"reason": "table"} if difference is None else {"reason": "content", **difference}
    return Hit(Code.PACKAGE_STALE, question, shown, params=params)


def of_received(hit: Hit) -> Hit:
    """The same hit of a package that was received: what differs from it was not packed before."""
    if hit.code is not Code.PACKAGE_STALE or hit.params.get("reason") != "content":
        return hit
    return replace(hit, params={**hit.params, "reason": "received"})


def only_table_changed(hit: Hit) -> bool:
    """Whether a package is stale for no other reason than what the table says now."""
    return hit.code is Code.PACKAGE_STALE and hit.params.get("reason") == "table"


def of_question(hit: Hit, question: str | None) -> Hit:
    """The same hit, once it is known whose package it is."""
    return hit if hit.question == question else replace(hit, question=question)


def _unknown(shown: str, **params: str) -> Hit:
    return Hit(Code.PACKAGE_UNKNOWN, None, shown, params=params)


def _hit(facts: "PackageFacts", code: Code, place: str = "", **params: Any) -> Hit:
    return Hit(code, None, facts.tree.shown(place) if place else facts.shown, place, params=params)

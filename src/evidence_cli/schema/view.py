"""Lay a question's tree and facts out in the form its schema validates. Parts nobody can judge are None."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evidence_cli.looks.facts import Facts
from evidence_cli.looks.tree import Entry, Origin, Tree
from evidence_cli.schema.shape import Shape
from evidence_cli.schema.validators import Answers, EvidenceState, Seen
from evidence_cli.table import Period, QuestionSpec
from evidence_cli.vocabulary.names import alike, carries_code, loose_key, resembles
from evidence_cli.workspace.naming import category_folder, safe_title

# Nobody makes so many folders of his own; each is compared with every category that is not there.
_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """One question as it was read: everything the schema and the rules look at.

    `facts` and `digests` are keyed by the entries' stored names: facts of every file that was looked at, digests only
    of files that another one equals in size. `elsewhere` says which questions use a digest. `unopened` lists what
    could not be opened, and why. `folder` is the question folder's name, None for a package. `period` is that of the
    evaluation.
    """

    question: QuestionSpec
    evidence_name: str
    tree: Tree
    shape: Shape
    facts: Mapping[str, Facts]
    folder: str | None = None
    unopened: tuple[tuple[Entry, str], ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, frozenset[str]] = field(default_factory=dict)
    period: Period | None = None


def view(subject: Subject) -> dict[str, Any]:
    """The picture of a question as the compiled schema takes it."""
    shape = subject.shape
    lengths = _Lengths(subject)
    answer = shape.answers[0] if len(shape.answers) == 1 else None
    return {
        "path": "",
        "folder": None if subject.folder is None else _folder("", subject.folder),
        "title": _title(subject),
        "answers": _answers(subject),
        "answer": None if answer is None else _answer(subject, answer, lengths),
        "evidence": _evidence(subject, lengths),
        "unexpected": [{"path": entry.path, "folder": entry.name} for entry in _unexpected(subject)],
        "folders": [{"path": entry.path, **lengths.named(entry)} for entry in shape.subfolders],
        "shelves": [_folder(entry.path, entry.name) for entry in _shelves(shape)],
    }


def _answers(subject: Subject) -> Answers | None:
    shape = subject.shape
    # Of a package, its own rule says whether it holds one answer and one evidence set.
    if subject.folder is None or (shape.answer_claimed and not shape.answers):
        return None
    return Answers(tuple(entry.name for entry in shape.answers), _nested(subject))


def _nested(subject: Subject) -> str:
    """The folder in which everything lies, where a question was unpacked into a folder of its own."""
    shape = subject.shape
    if shape.answers or shape.evidence or shape.copies or len(shape.unexpected) != 1:
        return ""
    name = shape.unexpected[0].name
    return name if carries_code(name, subject.question.code) else ""


def _unexpected(subject: Subject) -> list[Entry]:
    shape = subject.shape
    # Most likely what a package lacks; of a folder, the rules for that silence this one.
    lacking = subject.folder is None and not (shape.answers and shape.evidence_files)
    return [] if lacking else shape.unexpected


def _shelves(shape: Shape) -> list[Entry]:
    evidence = [] if shape.evidence is None else [shape.evidence]
    return evidence + [entry for entries in shape.shelves.values() for entry in entries]


def _folder(path: str, name: str) -> dict[str, Any]:
    return {"path": path, "unicode": name, "hidden": name, "windows": name}


def _title(subject: Subject) -> tuple[str, str] | None:
    if subject.folder is None:
        return None
    return subject.folder[len(subject.question.code) + 1 :], safe_title(subject.question)


class _Lengths:
    """Measure names and paths in characters; below a folder that is too long already, nothing more is said."""

    def __init__(self, subject: Subject) -> None:
        limits = subject.question.requirements.names
        self.base = len(subject.tree.root) if subject.tree.origin is Origin.FOLDER else 0
        self.covered: set[str] = set()
        for entry in subject.shape.subfolders:
            too_long = len(entry.name) > limits.max_name or self.base + len(entry.path) > limits.max_path
            if too_long or entry.parent in self.covered:
                self.covered.add(entry.path)

    def named(self, entry: Entry) -> dict[str, Any]:
        lengths = (len(entry.name), 0 if entry.parent in self.covered else self.base + len(entry.path))
        name = entry.name
        return {"unicode": name, "hidden": name, "windows": name, "unusual": name, "lengths": lengths}


def _file(subject: Subject, entry: Entry, lengths: _Lengths) -> dict[str, Any]:
    facts = subject.facts.get(entry.raw)
    return {
        "path": entry.path,
        **lengths.named(entry),
        "empty": entry.size,
        "size": entry.size,
        "program": facts,
        "health": facts,
        "password": facts,
        "bomb": facts,
        "active": facts,
        "restricted": facts,
        "extension": None if facts is None else Seen(entry.name, facts),
    }


def _evidence_file(subject: Subject, entry: Entry, lengths: _Lengths) -> dict[str, Any]:
    facts = subject.facts.get(entry.raw)
    return _file(subject, entry, lengths) | {"picture": facts, "recording": facts}


def _answer(subject: Subject, entry: Entry, lengths: _Lengths) -> dict[str, Any]:
    facts = subject.facts.get(entry.raw)
    return _file(subject, entry, lengths) | {"kind": facts, "wording": facts, "readable": facts}


def material(shape: Shape) -> list[Entry]:
    """The answer, where there is exactly one, and all evidence: the files that are looked into."""
    # Two answers are “more than one answer” already, whatever they hold.
    return [*(shape.answers if len(shape.answers) == 1 else ()), *shape.evidence_files]


def evidence_folders(shape: Shape) -> list[Entry]:
    """The evidence set and what looks like another one."""
    return shape.copies if shape.evidence is None else [shape.evidence, *shape.copies]


def _evidence_state(subject: Subject) -> EvidenceState:
    shape, name = subject.shape, subject.evidence_name
    unknown = shape.evidence is None and len(shape.copies) > 1
    if _filled(shape) or shape.evidence_claimed or subject.folder is None or unknown or _nested(subject):
        return EvidenceState("")
    if shape.evidence is not None:
        return EvidenceState("empty", shape.evidence.name, name)
    if shape.mistaken is not None:
        return EvidenceState("file", shape.mistaken.name, name)
    meant = shape.copies or [entry for entry in shape.unexpected if alike(loose_key(entry.name), loose_key(name))]
    return EvidenceState("renamed", meant[0].name, name) if len(meant) == 1 else EvidenceState("missing", "", name)


def _filled(shape: Shape) -> bool:
    # A folder with a name of its own shows that somebody began; it says more than “empty”.
    return shape.evidence is not None and bool(shape.evidence_files or shape.claimed or shape.unknown)


def _evidence(subject: Subject, lengths: _Lengths) -> dict[str, Any]:
    shape, requirements = subject.shape, subject.question.requirements
    files = shape.evidence_files
    claims = len(shape.claimed)
    judged = _filled(shape)
    root = subject.evidence_name if shape.evidence is None else shape.evidence.path
    result: dict[str, Any] = {
        "path": root,
        "state": _evidence_state(subject),
        "copies": [] if subject.folder is None else [entry.name for entry in evidence_folders(shape)],
        "count": len(files) if judged and not claims else None,
        "loose": [_evidence_file(subject, entry, lengths) | {"category": entry.path} for entry in shape.loose],
        "unknown": [{"path": entry.path, "folder": entry.name} for entry in shape.unknown],
        "unsorted": [_evidence_file(subject, entry, lengths) for entry in shape.unsorted],
    }
    for category in requirements.categories:
        name = category_folder(requirements.categories, category)
        # A folder that looks like a missing category most likely is it: then its name is the mistake.
        folder = shape.shelves[category.id] or [e for e in shape.unknown[:_COMPARED] if resembles(e.name, name)]
        rows = [
            _evidence_file(subject, entry, lengths) | dict.fromkeys(("kind", "archive"), subject.facts.get(entry.raw))
            for entry in shape.filed[category.id]
        ]
        count = len(rows) + (category.id in shape.claimed)
        row = {"path": folder[0].path if folder else f"{root}/{name}", "count": count, "files": rows}
        result[f"category_{category.id}"] = row if judged else None
    return result

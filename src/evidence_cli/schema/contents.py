"""What of a question goes into its package, and under which path."""

from evidence_cli.looks.tree import Entry
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.kinds import extension_of


def content_paths(subject: Subject, *, answer_name: str | None = None) -> list[tuple[str, Entry]]:
    """Answer and evidence with their paths in the package, in byte order of the paths.

    `answer_name` is the answer's name in the package (`答案`); without it the answer keeps its own. Several answers
    keep theirs too: such a question is not packed, only compared.
    """
    shape = subject.shape
    paths = [(answer_path(entry.name, answer_name), entry) for entry in shape.answers]
    if len(paths) > 1:
        paths = [(entry.path, entry) for entry in shape.answers]
    root = "" if shape.evidence is None else shape.evidence.path
    for entry in shape.evidence_files:
        paths.append((subject.evidence_name + entry.path[len(root) :], entry))
    return sorted(paths, key=lambda item: item[0].encode("utf-8", "surrogateescape"))


def answer_path(name: str, answer_name: str | None) -> str:
    """`答案.docx` for an answer of any name; the extension in lower case, so that one content has one path."""
    if answer_name is None:
        return name
    extension = extension_of(name)
    return f"{answer_name}.{extension}" if extension else answer_name

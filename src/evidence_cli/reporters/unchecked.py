"""What could not be checked, for people: never passed over in silence."""

from collections import Counter
from collections.abc import Sequence

from evidence_cli.messages import Words
from evidence_cli.vocabulary.findings import NotDone


def unchecked_lines(notes: Sequence[NotDone], words: Words) -> list[str]:
    """What could not be checked, for each check and reason one line that names the files."""
    lines = []
    files: dict[tuple[str, str], list[str]] = {}
    for note in notes:
        if note.check == "table":
            lines = [words.text("not_done.no_table")]
        else:
            files.setdefault((note.check, note.reason), []).append(note.path)
    for (check, reason), paths in files.items():
        names = _told_apart(paths)
        what, why = words.text(f"not_done.check.{check}"), words.text(f"not_done.reason.{reason}")
        listed = words.text("not_done.files", count=len(names), names=names)
        lines.append(words.text("not_done.line", what=what, why=why, files=listed))
    return lines + ([words.text("not_done.hint")] if files else [])


def _told_apart(paths: Sequence[str]) -> list[str]:
    """The names of files; of those that share one, with as much of the path before it as tells them apart."""
    parts = [path.split("/") for path in paths]
    kept = [1] * len(paths)
    while True:
        names = ["/".join(part[-count:]) for part, count in zip(parts, kept, strict=True)]
        shared = {name for name, times in Counter(names).items() if times > 1}
        longer = [
            count + (name in shared and count < len(part)) for name, part, count in zip(names, parts, kept, strict=True)
        ]
        if longer == kept:
            return names
        kept = longer

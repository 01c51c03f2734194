"""What could not be checked, for people: never passed over in silence."""

import re
from collections import Counter
from collections.abc import Sequence

from evidence_cli.messages import Words
from evidence_cli.vocabulary.findings import NotDone

# Somebody has to look at each of them.
_NAMED = 200
# The beginning of a question folder's name, or of its package's.
_CODE = re.compile(r"\d+(?:\.\d+)*-\d{2,3}(?!\d)")


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
        names = words.join([*_told_apart(paths[:_NAMED]), *paths[_NAMED:]], limit=_NAMED)
        what, why = words.text(f"not_done.check.{check}"), words.text(f"not_done.reason.{reason}")
        listed = words.text("not_done.files", count=len(paths), names=names)
        lines.append(words.text("not_done.line", what=what, why=why, files=listed))
    # What is being written is looked at again by itself.
    by_hand = any(reason != "writing" for _, reason in files)
    return lines + ([words.text("not_done.hint")] if by_hand else [])


def _told_apart(paths: Sequence[str]) -> list[str]:
    """The questions' codes and the files' names; of those that share both, as much of the path as tells them apart."""
    parts = [path.split("/") for path in paths]
    codes = [next((code[0] for part in path if (code := _CODE.match(part))), "") for path in parts]
    kept = [1] * len(paths)
    while True:
        names = [
            f"{code} {'/'.join(part[-count:])}".strip() for code, part, count in zip(codes, parts, kept, strict=True)
        ]
        shared = {name for name, times in Counter(names).items() if times > 1}
        longer = [
            count + (name in shared and count < len(part)) for name, part, count in zip(names, parts, kept, strict=True)
        ]
        if longer == kept:
            return names
        kept = longer

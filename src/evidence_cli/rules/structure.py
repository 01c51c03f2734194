"""Rules about where folders are: missing, twice, belonging to nobody; and the running numbers of evidence."""

import re
from collections import Counter
from collections.abc import Iterator

from evidence_cli.looks.tree import EntryType
from evidence_cli.rules.content import repeated_files
from evidence_cli.rules.entries import hit, twin_files
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.workspace.survey import Place, Survey

# “12-15会议” is a date, not number 12.
_RUNNING_NUMBER = re.compile(r"^(\d{1,3})\s*[-_.、．](?!\d{1,2}(?!\d))")


def place(where: Place) -> Iterator[Hit]:
    """A question's folder must be there exactly once, and be a folder."""
    code = where.question.code
    if where.blocked:
        return
    if not where.folders:
        folder = where.expected.rpartition("/")[2]
        yield Hit(Code.FOLDER_MISSING, code, where.expected, params={"folder": folder})
    elif len(where.folders) > 1:
        names = [entry.name for entry in where.folders]
        yield Hit(Code.FOLDER_TWICE, code, where.folders[0].path, params={"folders": names})


def unusable_place(where: Place) -> Iterator[tuple[Code, str, str]]:
    """Whether the question's only folder is a link or cannot be listed: (code, path, detail)."""
    if len(where.folders) == 1:
        [entry] = where.folders
        if entry.type is EntryType.LINK:
            yield Code.LINK, entry.path, "link"
        elif entry.error:
            yield Code.UNREADABLE, entry.path, entry.error


def surroundings(seen: Survey, leaves: set[str], *, everything: bool) -> Iterator[Hit]:
    """What lies beside the question folders of the chosen indicators and belongs to none of them."""
    for path, leaf in seen.strays:
        if everything if leaf is None else leaf in leaves:
            yield Hit(Code.STRAY, None, path)
    for leaf, folders in seen.indicators_twice.items():
        if leaf in leaves:
            names = [path.rpartition("/")[2] for path in folders]
            yield Hit(Code.FOLDER_TWICE, None, folders[0], params={"folders": names})


def numbering(subject: Subject) -> Iterator[Hit]:
    """Gaps and repetitions in the running numbers of a category's files, folder by folder."""
    ignored = twin_files(subject) | repeated_files(subject)
    for entries in subject.shape.filed.values():
        folders: dict[str, list[int]] = {}
        for entry in entries:
            match = _RUNNING_NUMBER.match(entry.name)
            if match and entry.raw not in ignored:
                folders.setdefault(entry.parent, []).append(int(match[1]))
        for folder, numbers in folders.items():
            missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
            repeated = sorted(number for number, count in Counter(numbers).items() if count > 1)
            if missing or repeated:
                reason = "both" if missing and repeated else "gap" if missing else "repeated"
                params = {
                    "reason": reason,
                    "missing": [str(n) for n in missing],
                    "repeated": [str(n) for n in repeated],
                }
                yield hit(subject, Code.NUMBERING, folder, **params)

"""Rules about where folders are: missing, twice, belonging to nobody; and the running numbers of evidence."""

import re
from collections import Counter
from collections.abc import Iterator

from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.rules.content import repeated_files
from evidence_cli.rules.entries import hit, linked, twin_files, unopenable
from evidence_cli.schema.view import Subject
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.workspace.survey import Place, Survey

# “12-15会议” is a date, not number 12.
_RUNNING_NUMBER = re.compile(r"^(\d{1,3})\s*[-_.、．](?!\d{1,2}(?!\d))")


def place(where: Place) -> Iterator[Hit]:
    """A question's folder must be there exactly once, be a folder, and open."""
    code = where.question.code
    if where.blocked:
        return
    if not where.folders:
        folder = where.expected.rpartition("/")[2]
        reason = "elsewhere" if where.elsewhere else "renamed" if where.renamed else "missing"
        params = {"folder": folder, "reason": reason, "found": list(where.elsewhere or where.renamed)}
        yield Hit(Code.FOLDER_MISSING, code, where.expected, params=params)
    elif len(where.folders) > 1:
        names = [entry.name for entry in where.folders]
        yield Hit(Code.FOLDER_TWICE, code, where.folders[0].path, params={"folders": names})
    else:
        yield from _unusable(where.folders[0], code)


def indicators(seen: Survey, leaves: set[str]) -> Iterator[Hit]:
    """Folders of the chosen indicators that are there twice, are links or cannot be listed."""
    for entry, leaf in seen.faults:
        if leaf is None or leaf in leaves:
            yield from _unusable(entry, None)
    for leaf, folders in seen.indicators_twice.items():
        if leaf in leaves:
            names = [path.rpartition("/")[2] for path in folders]
            yield Hit(Code.FOLDER_TWICE, None, folders[0], params={"folders": names})


def _unusable(entry: Entry, question: str | None) -> Iterator[Hit]:
    if entry.type is EntryType.LINK:
        yield linked(question, entry.path)
    elif entry.error:
        yield unopenable(question, entry.path, entry.error)


def strays(seen: Survey, leaves: set[str], *, everything: bool) -> Iterator[Hit]:
    """What lies beside the question folders of the chosen indicators and belongs to none of them."""
    for path, leaf in seen.strays:
        if everything if leaf is None else leaf in leaves:
            yield Hit(Code.STRAY, None, path)


def numbering(subject: Subject) -> Iterator[Hit]:
    """Gaps and repetitions in the running numbers of a category's files, folder by folder."""
    ignored: set[str] | None = None
    for entries in subject.shape.filed.values():
        folders: dict[str, list[tuple[int, str]]] = {}
        for entry in entries:
            match = _RUNNING_NUMBER.match(entry.name)
            if match:
                folders.setdefault(entry.parent, []).append((int(match[1]), entry.raw))
        for folder, numbered in folders.items():
            numbers = {number for number, _ in numbered}
            if len(numbers) == len(numbered) == max(numbers) and min(numbers) == 1:
                continue
            missing = list(_gaps(numbers))
            if ignored is None:
                # A copy is a fault of its own; its number is there all the same.
                ignored = twin_files(subject) | repeated_files(subject)
            counted = Counter(number for number, raw in numbered if raw not in ignored)
            repeated = sorted(number for number, count in counted.items() if count > 1)
            if missing or repeated:
                reason = "both" if missing and repeated else "gap" if missing else "repeated"
                params = {
                    "reason": reason,
                    "missing": missing,
                    "repeated": [str(n) for n in repeated],
                }
                yield hit(subject, Code.NUMBERING, folder, **params)


def _gaps(numbers: set[int]) -> Iterator[str]:
    """The numbers from 1 that are missing before the last one: each by itself, three and more in a row as `4-9`."""
    before = 0
    for number in sorted(numbers):
        if number - before > 3:
            yield f"{before + 1}-{number - 1}"
        else:
            yield from map(str, range(before + 1, number))
        before = number

"""Take one question's package into an archive: the package itself, and unpacked, for archives take nothing compressed.

The package is read once. What is unpacked comes from the copy, whose bytes are known by then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence_cli.archiving.bag import BagWriter
from evidence_cli.archiving.places import PACKAGES, RECORDS, Places
from evidence_cli.looks.opening import open_regular
from evidence_cli.looks.packages.package import PackageFacts, read_package
from evidence_cli.looks.packages.record import is_metadata
from evidence_cli.looks.packages.zip_read import EntryError
from evidence_cli.looks.tree import Entry
from evidence_cli.table import QuestionSpec, Table
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.errors import EnvironmentFailure, RefusedError
from evidence_cli.vocabulary.names import is_junk
from evidence_cli.workspace.naming import indicator_folder, question_folder


@dataclass(frozen=True, slots=True)
class Wanted:
    """A package to archive: `path` below the workspace, the content digest that was decided about, and the SHA-256 it
    was submitted with, empty in a draft."""

    question: QuestionSpec
    path: str
    digest: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Archived:
    """A file of answer or evidence in the archive: its `place` there, its `path` in the package, and its category's
    name, empty for the answer."""

    question: QuestionSpec
    place: str
    path: str
    category: str
    size: int


def archive_package(bag: BagWriter, root: Path, table: Table, wanted: Wanted, places: Places) -> list[Archived]:
    """Copy a package and unpack it; the files of answer and evidence.

    Raises RefusedError where a byte is not what was submitted or packed, EnvironmentFailure, OSError.
    """
    name = wanted.path.rpartition("/")[2]
    copy = places.take(PACKAGES, name)
    try:
        source = open_regular(str(root / wanted.path))
    except OSError as error:
        raise EnvironmentFailure("read", path=wanted.path, detail=error.strerror or str(error)) from error
    with source:
        digests = bag.copy(copy, source).digests
    if wanted.sha256 and digests["sha256"] != wanted.sha256:
        raise RefusedError("archive_altered", path=wanted.path)
    # Nothing is read yet but the directory and what the package says of itself.
    facts = read_package(bag.folder / copy, wanted.path, evidence_name=table.layout.evidence, each=lambda *_: None)
    try:
        files = list(_unpacked(bag, table, facts, wanted, places))
        # The answer first, as people read it.
        return sorted(files, key=lambda file: "/" in file.path)
    except EntryError as error:
        raise RefusedError("archive_altered", path=wanted.path) from error
    finally:
        facts.close()


def _unpacked(bag: BagWriter, table: Table, facts: PackageFacts, wanted: Wanted, places: Places) -> Iterator[Archived]:
    leaf = table.leaf(wanted.question.indicator)
    folder = f"{RECORDS}/{indicator_folder(leaf)}/{question_folder(wanted.question)}"
    files = [entry for entry in facts.tree.files() if not _is_left(entry)]
    faulty = any(fault.code is not Code.NAMES_NOT_UTF8 for fault in facts.faults) or any(one.error for one in files)
    if faulty or (facts.record is not None and facts.record.digest != wanted.digest):
        raise RefusedError("archive_altered", path=wanted.path)
    categories = {file.path: file.category for file in facts.record.files} if facts.record else {}
    for entry in files:
        place = places.take(folder, entry.path)
        with facts.tree.open(entry) as stream:
            copied = bag.copy(place, stream, also=facts.algorithm)
        expected = (facts.manifest or {}).get(entry.path)
        if expected is not None and expected != copied.digests[facts.algorithm]:
            raise RefusedError("archive_altered", path=wanted.path)
        if not is_metadata(entry.path):
            category = categories.get(entry.path, _category(entry.path.split("/")))
            yield Archived(wanted.question, place, entry.path, category, copied.size)


def _is_left(entry: Entry) -> bool:
    """What an operating system left behind in a package that others made."""
    *folders, name = entry.path.split("/")
    return is_junk(name) or any(is_junk(folder, folder=True) for folder in folders)


def _category(parts: Sequence[str]) -> str:
    return parts[1].partition("-")[2] or parts[1] if len(parts) > 2 else ""

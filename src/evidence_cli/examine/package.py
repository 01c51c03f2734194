"""Read a package, judge it alone, and hold it against the folder it should have been made from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import in_parallel
from evidence_cli.looks.packages.digests import content_digest, hash_stream
from evidence_cli.looks.packages.package import PackageFacts, read_package
from evidence_cli.looks.tree import Entry
from evidence_cli.rules import packages
from evidence_cli.schema.contents import content_paths
from evidence_cli.schema.shape import shape_of
from evidence_cli.schema.view import Subject
from evidence_cli.table import QuestionSpec, Table
from evidence_cli.vocabulary.findings import Hit, PackageState

# Bytes and files that one thread reads before it asks for more.
_BATCH = 1024 * 1024
_BATCH_FILES = 64


@dataclass(slots=True)
class PackageExamination:
    """One package as it was found. `subject` is None when the archive does not open."""

    facts: PackageFacts
    subject: Subject | None
    hits: list[Hit] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether its bytes cannot be relied on."""
        return any(hit.code in packages.BROKEN for hit in self.hits)

    @property
    def digest(self) -> str | None:
        """The content digest of what it holds, unless it is broken."""
        if self.subject is None or self.broken:
            return None
        return self.facts.content([path for path, _ in content_paths(self.subject)])


@contextmanager
def open_package(
    path: Path,
    shown: str,
    *,
    table: Table,
    question: QuestionSpec,
    jobs: int = 1,
    digests: Mapping[str, str] | None = None,
    known: PackageFacts | None = None,
) -> Iterator[PackageExamination]:
    """Read a package whole and judge it as a package; its files stay readable inside the block. Raises OSError.

    `digests` are those of its entries, where they are known of this very file: then only its directory, its record and
    its manifest are read. Of one that is `known` nothing is.
    """
    each = partial(_each, jobs=jobs)
    facts = known or read_package(path, shown, evidence_name=table.layout.evidence, each=each, digests=digests)
    try:
        found = PackageExamination(facts, None, list(packages.integrity(facts)))
        if facts.opens:
            name = facts.record.layout.evidence if facts.record else table.layout.evidence
            shape = shape_of(facts.tree, name, table.categories)
            found.subject = Subject(question, name, facts.tree, shape, {}, period=table.evaluation.period)
            if not found.broken:
                found.hits.extend(packages.identity(facts, found.subject))
                found.hits.extend(packages.package_shape(facts, found.subject))
        yield found
    finally:
        facts.close()


def _each(work: Callable[[Entry], None], entries: Sequence[Entry], *, jobs: int) -> object:
    def work_on(batch: Sequence[Entry]) -> None:
        for entry in batch:
            work(entry)

    return in_parallel(work_on, list(_batches(entries)), jobs)


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """The entries in order, small ones together: to pass one on takes longer than to read it."""
    begin, size = 0, 0
    for number, entry in enumerate(entries, start=1):
        size += entry.size
        if size >= _BATCH or number - begin == _BATCH_FILES:
            yield entries[begin:number]
            begin, size = number, 0
    if begin < len(entries):
        yield entries[begin:]


class Comparison(NamedTuple):
    """A package against its folder: the state, the folder's content digest where it was needed, and what differs."""

    state: PackageState
    digest: str | None = None
    difference: dict[str, int] | None = None


def compare(
    package: PackageExamination, folder: Subject, answer_name: str, jobs: int = 1, known: Looking | None = None
) -> Comparison:
    """Whether a whole package holds what the folder holds now. Sizes are compared before any byte is read.

    Raises OSError when a file of the folder cannot be read.
    """
    if package.broken or package.subject is None:
        return Comparison(PackageState.BROKEN)
    held = dict(content_paths(package.subject))
    there = dict(content_paths(folder, answer_name=answer_name))
    changed = [path for path in held if path in there and held[path].size != there[path].size]
    difference = {"added": len(there.keys() - held.keys()), "removed": len(held.keys() - there.keys())}
    if changed or any(difference.values()):
        return Comparison(PackageState.STALE, None, {"changed": len(changed), **difference})
    algorithm = package.facts.algorithm
    digests = in_parallel(lambda path: _digest(folder, there[path], algorithm, known), list(there), jobs)
    content = content_digest(zip(digests, there, strict=True), algorithm)
    different = sum(
        digest != package.facts.digests.get(held[path].path) for path, digest in zip(there, digests, strict=True)
    )
    if different:
        return Comparison(PackageState.STALE, content, {"changed": different, **difference})
    return Comparison(PackageState.CURRENT, content)


def _digest(folder: Subject, entry: Entry, algorithm: str, known: Looking | None) -> str:
    if known is not None and algorithm == "sha256":
        return known.digest(folder.tree, entry)
    with folder.tree.open(entry) as stream:
        return hash_stream(stream, algorithm)[0]

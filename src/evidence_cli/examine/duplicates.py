"""Find files of the same content while reading as little as possible: sizes first, then heads, then whole files.

Of each file that is not alone with its size only a few numbers are kept, however many questions there are.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain, islice, pairwise
from typing import NamedTuple

from evidence_cli.examine.found import Examination, contents
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import in_parallel
from evidence_cli.looks.tree import Entry
from evidence_cli.rules.content import same_elsewhere
from evidence_cli.schema.view import Subject

_HEAD = 64 * 1024
# So many bytes of a digest tell files apart.
_WIDTH = 16
_NONE = bytes(_WIDTH)
# Small files that one thread reads one after the other.
_TOGETHER = 32
_Sizes = Iterable["array[int]"]


class _Item(NamedTuple):
    subject: Subject
    number: int
    entry: Entry


class _Seen:
    """What is known of the files of one question whose size another file has too, in their order."""

    __slots__ = ("_digests", "_heads", "sizes")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.sizes = array("Q", (entry.size for entry in entries))
        self._digests = bytearray(_WIDTH * len(entries))
        # Of large files only.
        self._heads = bytearray(_WIDTH * len(entries) if any(entry.size > _HEAD for entry in entries) else 0)

    def digest(self, number: int) -> bytes | None:
        return _part(self._digests, number)

    def head(self, number: int) -> bytes | None:
        return _part(self._heads, number)

    def keep_digest(self, number: int, digest: str | None) -> None:
        if digest is not None:
            self._digests[number * _WIDTH : (number + 1) * _WIDTH] = bytes.fromhex(digest)[:_WIDTH]

    def keep_head(self, number: int, head: str | None) -> None:
        if head is not None:
            self._heads[number * _WIDTH : (number + 1) * _WIDTH] = bytes.fromhex(head)[:_WIDTH]

    def large(self) -> Iterator[int]:
        """The numbers of the large files."""
        return (number for number, size in enumerate(self.sizes) if size > _HEAD) if self._heads else iter(())

    def marks(self) -> set[int]:
        """The first half of every digest as a number; what is not known is 0."""
        return set(array("Q", bytes(self._digests))[::2])

    def marked(self, marks: set[int]) -> Iterator[tuple[int, bytes]]:
        """Number and digest of the files whose mark is among these."""
        for number, mark in enumerate(array("Q", bytes(self._digests))[::2]):
            if mark in marks:
                yield number, bytes(self._digests[number * _WIDTH : (number + 1) * _WIDTH])


def _part(data: bytearray, number: int) -> bytes | None:
    part = bytes(data[number * _WIDTH : (number + 1) * _WIDTH])
    return part if part and part != _NONE else None


class Twins:
    """Compares the files of the chosen questions with one another and with those of the other ones.

    `chosen` and `others` are the sizes of their files. `missed` is true once a file could not be read: it may be the
    same as another one, whoever's it is.
    """

    def __init__(self, chosen: _Sizes, others: _Sizes, looking: Looking) -> None:
        own, foreign = sorted(chain.from_iterable(chosen)), list(chain.from_iterable(others))
        self._shared = {size for size, following in pairwise(own) if size == following}
        self._shared |= set(own).intersection(foreign)
        self._looking = looking
        self._seen: dict[str, _Seen] = {}
        self._questions: list[Examination] = []
        self.missed = False

    def read(self, window: Sequence[Examination]) -> None:
        """Give the subjects of some questions the digests that tell which of their own files are the same."""
        items: list[_Item] = []
        for found in window:
            entries = self._candidates(found.subject)
            if entries and found.subject:
                self._seen[found.code] = _Seen(entries)
                self._questions.append(found)
                items += [_Item(found.subject, number, entry) for number, entry in enumerate(entries)]
        unknown = [item for item in items if not self._recall(item)]
        self._digest([item for item in unknown if item.entry.size <= _HEAD])
        large = [item for item in unknown if item.entry.size > _HEAD]
        self._read_heads(large)
        self._digest(self._alike(large, items))
        for found in window:
            if found.code in self._seen and found.subject:
                found.subject = replace(found.subject, digests=self._digests(found.subject))

    def find_elsewhere(self, chosen: Sequence[Examination]) -> None:
        """Add the hits for what several questions use, once all of them were read."""
        self._compare_large()
        marks = array("Q")
        for seen in self._seen.values():
            marks.extend(seen.marks() - {0})
        ordered = sorted(marks)
        shared = {mark for mark, following in pairwise(ordered) if mark == following}
        users: dict[bytes, set[str]] = defaultdict(set)
        for code, seen in self._seen.items() if shared else ():
            for _, digest in seen.marked(shared):
                users[digest].add(code)
        elsewhere = {digest.hex(): frozenset(codes) for digest, codes in users.items() if len(codes) > 1}
        concerned = set(chain.from_iterable(elsewhere.values()))
        for found in chosen:
            if found.code in concerned and (subject := found.subject):
                digests = self._digests(subject)
                found.hits.extend(same_elsewhere(replace(subject, digests=digests, elsewhere=elsewhere)))

    def _candidates(self, subject: Subject | None) -> list[Entry]:
        """The files that are not alone with their size, always in the same order."""
        return [entry for entry in contents(subject) if entry.size in self._shared and entry.size] if subject else []

    def _digests(self, subject: Subject) -> dict[str, str]:
        seen = self._seen[subject.question.code]
        found = ((entry.raw, seen.digest(number)) for number, entry in enumerate(self._candidates(subject)))
        return {raw: digest.hex() for raw, digest in found if digest is not None}

    def _of(self, item: _Item) -> _Seen:
        return self._seen[item.subject.question.code]

    def _recall(self, item: _Item) -> bool:
        known = self._looking.known_digest(item.subject.tree, item.entry)
        self._of(item).keep_digest(item.number, known)
        return known is not None

    def _alike(self, large: Sequence[_Item], items: Sequence[_Item]) -> list[_Item]:
        """Of the large files those that may be the same as another one of their question."""
        heads = Counter(self._look(item) for item in large)
        fresh = {(item.subject.question.code, item.number) for item in large}
        known = {
            (item.subject.question.code, item.entry.size)
            for item in items
            if item.entry.size > _HEAD and (item.subject.question.code, item.number) not in fresh
        }
        return [i for i in large if heads[self._look(i)] > 1 or (i.subject.question.code, i.entry.size) in known]

    def _look(self, item: _Item) -> tuple[str, int, bytes | None]:
        return item.subject.question.code, item.entry.size, self._of(item).head(item.number)

    def _compare_large(self) -> None:
        """Read the large files that may be the same as one of another question."""
        waiting: dict[int, list[bytes]] = defaultdict(list)
        for seen in self._seen.values():
            for number in seen.large():
                if seen.digest(number) is None and (head := seen.head(number)):
                    waiting[seen.sizes[number]].append(head)
        if not waiting:
            return
        # A file whose digest was known has not been looked at; it can only be compared as a whole.
        whole = {
            seen.sizes[number]
            for seen in self._seen.values()
            for number in seen.large()
            if seen.digest(number) is not None and seen.head(number) is None
        }
        heads = Counter(
            (seen.sizes[number], seen.head(number)) for seen in self._seen.values() for number in seen.large()
        )
        for found in self._questions:
            seen = self._seen[found.code]
            numbers = [
                number
                for number in seen.large()
                if seen.digest(number) is None
                and (head := seen.head(number))
                and (heads[seen.sizes[number], head] > 1 or seen.sizes[number] in whole)
            ]
            if numbers and (subject := found.subject):
                self._looking.focus([subject.tree.root])
                entries = self._candidates(subject)
                self._digest([_Item(subject, number, entries[number]) for number in numbers])

    def _read_heads(self, items: Sequence[_Item]) -> None:
        heads = in_parallel(_head_digest, items, self._looking.jobs)
        for item, head in zip(items, heads, strict=True):
            self._of(item).keep_head(item.number, head)
            self.missed |= head is None

    def _digest(self, items: Sequence[_Item]) -> None:
        for batch, digests in self._in_batches(items, self._whole_digests):
            for item, digest in zip(batch, digests, strict=True):
                self._of(item).keep_digest(item.number, digest)
                self.missed |= digest is None

    def _in_batches(
        self, items: Sequence[_Item], work: Callable[[Sequence[_Item]], list[str | None]]
    ) -> Iterator[tuple[Sequence[_Item], list[str | None]]]:
        batches = list(_batched((item for item in items if item.entry.size <= _HEAD), _TOGETHER))
        batches += [[item] for item in items if item.entry.size > _HEAD]
        return zip(batches, in_parallel(work, batches, self._looking.jobs), strict=True)

    def _whole_digests(self, items: Sequence[_Item]) -> list[str | None]:
        return [self._whole_digest(item) for item in items]

    def _whole_digest(self, item: _Item) -> str | None:
        try:
            return self._looking.digest(item.subject.tree, item.entry)
        except OSError:
            # Whether it can be read is another rule's word.
            return None


def _head_digest(item: _Item) -> str | None:
    try:
        with item.subject.tree.open(item.entry) as stream:
            return sha256(stream.read(_HEAD)).hexdigest()
    except OSError:
        return None


def _batched(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch

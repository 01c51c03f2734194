"""Find files of the same content while reading as little as possible: sizes first, then heads, then whole files."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import in_parallel
from evidence_cli.examine.question import Examination
from evidence_cli.looks.tree import Entry
from evidence_cli.schema.view import Subject

_HEAD = 64 * 1024
_Item = tuple[Subject, Entry]


def compare_contents(chosen: Sequence[Examination], others: Sequence[Examination], looking: Looking) -> None:
    """Give every chosen subject the digests of its files that are not unique, and where else those are used."""
    items = [
        (found.subject, entry)
        for found in [*chosen, *others]
        if found.subject is not None
        for entry in found.subject.shape.answers + found.subject.shape.evidence_files
        if entry.size > 0
    ]
    candidates = [item for group in _groups(items, lambda item: item[1].size) for item in group]
    candidates = _refined(candidates, _head_digest, looking.jobs, lambda item: item[1].size > _HEAD)
    digests = _digests(candidates, looking)
    own: dict[int, dict[str, str]] = defaultdict(dict)
    users: dict[str, set[str]] = defaultdict(set)
    for (subject, entry), digest in zip(candidates, digests, strict=True):
        if digest is not None:
            own[id(subject)][entry.raw] = digest
            users[digest].add(subject.question.code)
    elsewhere = {digest: frozenset(codes) for digest, codes in users.items()}
    for found in chosen:
        if found.subject is not None:
            found.subject = replace(found.subject, digests=own[id(found.subject)], elsewhere=elsewhere)


def _groups(items: Iterable[_Item], key: Callable[[_Item], Hashable]) -> list[list[_Item]]:
    groups: dict[Hashable, list[_Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return [group for group in groups.values() if len(group) > 1]


def _refined(
    items: list[_Item], digest: Callable[[_Item], str | None], jobs: int, worth: Callable[[_Item], bool]
) -> list[_Item]:
    """Drop the items whose size and head no other item shares."""
    small = [item for item in items if not worth(item)]
    large = [item for item in items if worth(item)]
    heads = dict(zip(((id(s), e.raw) for s, e in large), in_parallel(digest, large, jobs), strict=True))
    groups = _groups(large, lambda item: (item[1].size, heads[id(item[0]), item[1].raw]))
    return small + [item for group in groups for item in group]


def _head_digest(item: _Item) -> str | None:
    subject, entry = item
    try:
        with subject.tree.open(entry) as stream:
            return sha256(stream.read(_HEAD)).hexdigest()
    except OSError:
        return None


def _digests(items: Sequence[_Item], looking: Looking) -> list[str | None]:
    """The digests of the items; threads only read what nobody has read before."""
    known = [looking.known_digest(subject.tree, entry) for subject, entry in items]
    unread = [item for item, digest in zip(items, known, strict=True) if digest is None]
    read = iter(in_parallel(lambda item: _whole_digest(item, looking), unread, looking.jobs))
    return [next(read) if digest is None else digest for digest in known]


def _whole_digest(item: _Item, looking: Looking) -> str | None:
    subject, entry = item
    try:
        return looking.digest(subject.tree, entry)
    except OSError:
        # Whether it can be read is another rule's word.
        return None

"""Share out the files to look at, so that no worker waits for another one for long."""

from collections.abc import Sequence

from evidence_cli.examine.looking import Wish

# One message asks for so many files, or for so many bytes: a worker then hardly ever waits for the next one.
_MOST_FILES = 16
_MOST_BYTES = 8 * 1024 * 1024


def batches_of(wishes: Sequence[Wish], jobs: int) -> list[list[Wish]]:
    """All the wishes, those with many bytes first: else the largest may be the last, and the other workers idle.

    `jobs` is how many workers there are: each gets a part of the files, however few they are.
    """
    most = max(1, min(_MOST_FILES, len(wishes) // (2 * jobs)))
    batches: list[list[Wish]] = []
    size = 0
    for wish in wishes:
        if not batches or len(batches[-1]) >= most or size + wish.entry.size > _MOST_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(wish)
        size += wish.entry.size
    return sorted(batches, key=_bytes, reverse=True)


def _bytes(batch: Sequence[Wish]) -> int:
    return sum(wish.entry.size for wish in batch)

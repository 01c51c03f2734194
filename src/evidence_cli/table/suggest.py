"""“Did you mean”: the known word that is nearest to a mistyped one."""

from collections.abc import Iterable
from itertools import islice

from evidence_cli.vocabulary.names import nfc, twin_key

_MOST_CANDIDATES = 2000
_LONGEST = 64


def nearest(written: str, known: Iterable[str]) -> str:
    """The known word nearest to the written one; empty if none is near."""
    words = list(islice(known, _MOST_CANDIDATES))
    plain = twin_key(nfc(written[:_LONGEST]).strip())
    for word in words:
        if twin_key(word) == plain:
            return word
    import difflib  # late: start-up time

    found = difflib.get_close_matches(written[:_LONGEST], words, n=20, cutoff=0.6)
    # Two letters that changed places are likelier than another letter.
    turned = [word for word in found if sorted(word) == sorted(written)]
    return next(iter(sorted(turned) + found), "")

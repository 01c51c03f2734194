"""“Did you mean”: the known word that is nearest to a mistyped one."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import islice

from evidence_cli.vocabulary.names import nfc, twin_key
from evidence_cli.vocabulary.shipped import shipped

_MOST_CANDIDATES = 2000
_LONGEST = 64
_EAST_8 = re.compile(r"(utc|gmt)?\+0?8(:?00)?")


def nearest_zone(written: str, known: Iterable[str]) -> str:
    """The time zone that was probably meant: names of Chinese cities and offsets mean Asia/Shanghai."""
    plain = re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", written[:_LONGEST]).casefold())
    if _EAST_8.fullmatch(plain) or re.sub(r"^(asia|china|prc)/", "", plain) in _china_time():
        return "Asia/Shanghai"
    return nearest(written, known)


@cache
def _china_time() -> frozenset[str]:
    """What people write who mean the time of China."""
    return frozenset(shipped("data/china-time.txt").decode().split())


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

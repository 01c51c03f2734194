"""The groups of figures by the names that `--only` takes, in the order they are measured in."""

from collections.abc import Callable, Iterator

import checking
import packing
import peers
from bench import Bench, Figure

GROUPS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "version": checking.version,
    "check": checking.check,
    "kinds": checking.every_kind,
    "flat": checking.flat,
    "check-growth": checking.check_growth,
    "pack": packing.pack,
    "pack-small": packing.pack_small,
    "pack-one": packing.pack_one,
    "pack-growth": packing.pack_growth,
    "peers-small": peers.small,
    "peers-large": peers.large,
}

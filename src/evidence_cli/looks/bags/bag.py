"""Verify a bag: the bagit library says what is listed and what is there, and every listed byte is read and hashed.

The hashing is not left to the library: it says nothing while it goes on, and knows no SM3.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evidence_cli.looks.bags.guard import MANIFEST, BagFault, Trouble, survey_bag
from evidence_cli.looks.bags.library import quiet_library
from evidence_cli.looks.opening import open_regular
from evidence_cli.looks.packages.digests import CHUNK
from evidence_cli.vocabulary.names import is_junk, nfc

# What bags are made with; SM3 is GB/T 32905, and not in every build of OpenSSL.
_KNOWN = ("md5", "sha1", "sha256", "sha384", "sha512", "sm3")


@dataclass(slots=True)
class BagFacts:
    """What one bag is: its payload's files and bytes, its faults, and the algorithms that this computer lacks."""

    files: int = 0
    bytes: int = 0
    faults: list[BagFault] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)


def read_bag(folder: Path, *, begin: Callable[[int], None], advance: Callable[[int], None]) -> BagFacts:
    """Read a bag whole. `begin` hears how many bytes there are, `advance` of those that are read. Raises OSError for
    the bag's own folder alone; whatever is in it is a fault."""
    found = survey_bag(folder)
    payload = [size for path, size in found.sizes.items() if path.startswith("data/")]
    facts = BagFacts(len(payload), sum(payload), list(found.faults))
    # What leads out, or has no bounds, is not read any further.
    if facts.faults:
        return facts
    import bagit  # late: start-up time

    begin(sum(found.sizes.values()))
    with quiet_library():
        try:
            bag = bagit.Bag(str(folder))
            missing, added = bag.compare_manifests_with_fs()
        except (bagit.BagError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            return _refused(facts, error)
    entries = {_shown(path): dict(digests) for path, digests in bag.entries.items()}
    for name in found.sizes:
        if (match := MANIFEST.fullmatch(name)) and match["algorithm"] == "sm3":
            _add_sm3(folder, name, entries)
    facts.lacking = _lacking(found.sizes)
    facts.faults += _listing(found.sizes, entries, {_shown(path) for path in [*missing, *added]})
    names = {nfc(path): path for path in found.sizes}
    for path, digests in sorted(entries.items()):
        if (real := names.get(nfc(path))) is not None:
            fault = _altered(folder, real, digests, advance)
            if fault is not None:
                facts.faults.append(fault)
    if not facts.faults:
        with quiet_library():
            try:
                bag.validate(completeness_only=True)
            except (bagit.BagError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
                return _refused(facts, error)
    return facts


def _refused(facts: BagFacts, error: Exception) -> BagFacts:
    facts.faults.append(BagFault(Trouble.UNREADABLE, "", "library", type(error).__name__))
    return facts


def _listing(
    sizes: Mapping[str, int], entries: Mapping[str, Mapping[str, str]], differing: set[str]
) -> Iterator[BagFault]:
    """Files that are listed and missing, or there and not listed, or that not every manifest lists."""
    there, listed = {nfc(path) for path in sizes}, {nfc(path) for path in entries}
    for path in sorted(differing | set(entries)):
        if nfc(path) not in there:
            yield BagFault(Trouble.INCOMPLETE, path, "missing")
    manifests = {match["algorithm"] for name in sizes if (match := MANIFEST.fullmatch(name)) and not match["tag"]}
    tagged = any(name.startswith("tagmanifest-") for name in sizes)
    for path in sorted(sizes):
        is_payload = path.startswith("data/")
        if nfc(path) in listed:
            # RFC 8493 §2.1.3 and §3: each manifest lists every payload file.
            if is_payload and (lost := sorted((manifests & set(_KNOWN)) - set(_of(entries, path)))):
                yield BagFault(Trouble.INCOMPLETE, path, "partly", f"manifest-{lost[0]}.txt")
        elif is_payload or (tagged and not path.startswith("tagmanifest-") and not is_junk(path.rpartition("/")[2])):
            yield BagFault(Trouble.INCOMPLETE, path, "unlisted")


def _of(entries: Mapping[str, Mapping[str, str]], path: str) -> Mapping[str, str]:
    return entries.get(path) or next(digests for name, digests in entries.items() if nfc(name) == nfc(path))


def _altered(folder: Path, path: str, expected: Mapping[str, str], advance: Callable[[int], None]) -> BagFault | None:
    """Read a file once for all its digests."""
    hashers: dict[str, Any] = {}
    for name in set(expected).intersection(_KNOWN):
        if _has(name):
            hashers[name] = hashlib.new(name, usedforsecurity=False)
    buffer = memoryview(bytearray(CHUNK))
    try:
        with open_regular(str(folder / path)) as stream:
            while count := stream.readinto(buffer):
                for hasher in hashers.values():
                    hasher.update(buffer[:count])
                advance(count)
    except OSError as error:
        return BagFault(Trouble.UNREADABLE, path, "file", error.strerror or str(error))
    wrong = sorted(name for name, hasher in hashers.items() if hasher.hexdigest() != expected[name].lower())
    return BagFault(Trouble.ALTERED, path, "digest", wrong[0]) if wrong else None


def _add_sm3(folder: Path, name: str, entries: dict[str, dict[str, str]]) -> None:
    """What the manifest of SM3 lists: the library passes it over. Its form was looked at before."""
    with open_regular(str(folder / name)) as stream:
        lines = stream.readall().decode().splitlines()
    for line in lines:
        digest, _, path = line.strip().partition(" ")
        if path.strip():
            shown = os.path.normpath(path.strip().removeprefix("*"))
            entries.setdefault(_shown(shown), {})["sm3"] = digest


def _lacking(sizes: Mapping[str, int]) -> list[str]:
    named = {match["algorithm"] for name in sizes if (match := MANIFEST.fullmatch(name))}
    return sorted(name for name in named if name not in _KNOWN or not _has(name))


def _has(algorithm: str) -> bool:
    try:
        hashlib.new(algorithm, usedforsecurity=False)
    except ValueError:
        return False
    return True


def _shown(path: str) -> str:
    return path.replace(os.sep, "/")

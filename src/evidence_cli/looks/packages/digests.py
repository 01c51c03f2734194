"""Digests of files, of a question's content, and the manifest that carries them.

The manifest has the form of `sha256sum` and of BagIt (RFC 8493 §2.1.3): one `<digest>  <path>` per line.
"""

import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from typing import BinaryIO, Protocol, cast

from evidence_cli.looks.packages.bounds import MAX_ENTRIES
from evidence_cli.looks.packages.zip_names import normal
from evidence_cli.vocabulary.errors import EnvironmentFailure

ALGORITHMS = ("sha256", "sha512", "sm3")
CHUNK = 512 * 1024

_HEX_LENGTHS = {"sha256": 64, "sha512": 128, "sm3": 64}
_LINE = re.compile(r"([0-9A-Fa-f]+)(?:  | \*)([^\r\x00]+)")


class Hasher(Protocol):
    """What is used of a hashlib object."""

    def update(self, data: bytes | bytearray | memoryview, /) -> object:
        """Take in more bytes."""

    def hexdigest(self) -> str:
        """The digest so far, in lower-case hexadecimal."""


class _Readable(Protocol):
    def readinto(self, view: memoryview, /) -> int | None: ...


def new_hash(algorithm: str) -> Hasher:
    """A fresh hash of one of `ALGORITHMS`. Raises EnvironmentFailure where this Python does not have it."""
    if algorithm not in ALGORITHMS:
        raise ValueError(f"unknown algorithm {algorithm!r}")
    try:
        return hashlib.new(algorithm, usedforsecurity=False)
    except ValueError as error:
        raise EnvironmentFailure("no_algorithm", algorithm=algorithm) from error


def fill(stream: BinaryIO, view: memoryview) -> int:
    """Read until the view is full or the stream ends; the number of bytes read. Raises OSError."""
    source = cast(_Readable, stream)
    done = source.readinto(view) or 0
    # A short read is not the end of a pipe or of a share, and chunks of one size make deflate repeatable.
    while 0 < done < len(view):
        more = source.readinto(view[done:])
        if not more:
            break
        done += more
    return done


def hash_stream(stream: BinaryIO, algorithm: str, buffer: bytearray | None = None) -> tuple[str, int]:
    """The hexadecimal digest of the rest of a stream, and its length in bytes. Raises OSError.

    `buffer` is reused where given, in its whole length.
    """
    hasher = new_hash(algorithm)
    view = memoryview(buffer if buffer else bytearray(CHUNK))
    total = 0
    while count := fill(stream, view):
        hasher.update(view[:count])
        total += count
        if count < len(view):
            break
    return hasher.hexdigest(), total


def content_digest(lines: Iterable[tuple[str, str]], algorithm: str) -> str:
    """The content digest of (hexdigest, path) pairs, as `<algorithm>:<hex>`: `LC_ALL=C sort | sha256sum`."""
    hasher = new_hash(algorithm)
    for line in sorted(_line(digest, path) for digest, path in lines):
        hasher.update(line)
    return f"{algorithm}:{hasher.hexdigest()}"


def manifest_text(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The manifest of (hexdigest, path) pairs, in byte order of the paths.

    Raises ValueError for a path that no manifest line can hold.
    """
    lines = []
    for digest, path in sorted(pairs, key=lambda pair: pair[1].encode("utf-8", "surrogateescape")):
        if not path or any(character in path for character in "\n\r\0"):
            raise ValueError("a path is empty or has a line break")
        lines.append(_line(digest, path))
    return b"".join(lines)


def parse_manifest(data: bytes, algorithm: str | None = None) -> dict[str, str]:
    """Digests (lower case) by path (NFC) of a manifest somebody else may have written.

    `*` or `./` before the path, CRLF, blank lines at the end and a byte order mark are tolerated. With an algorithm,
    its digest length is required; else all lines agree on one. Raises ValueError for whatever else is no manifest, with
    the line, in English.
    """
    listed = data.removeprefix(BOM_UTF8).rstrip(b"\r\n")
    if listed.count(b"\n") >= MAX_ENTRIES:
        raise ValueError("too many lines")
    found: dict[str, str] = {}
    lengths = {_HEX_LENGTHS[algorithm]} if algorithm else set(_HEX_LENGTHS.values())
    for number, line in enumerate(listed.split(b"\n") if listed.strip() else [], start=1):
        try:
            match = _LINE.fullmatch(line.removesuffix(b"\r").decode())
        except UnicodeDecodeError:
            raise ValueError(f"line {number}: not UTF-8") from None
        if not match:
            raise ValueError(f"line {number}: not '<digest>  <path>'")
        digest, path = match[1].lower(), normal(match[2].removeprefix("./"))
        if len(digest) not in lengths:
            raise ValueError(f"line {number}: a digest of {len(digest)} digits")
        if path in found:
            raise ValueError(f"line {number}: path listed twice")
        lengths = {len(digest)}
        found[path] = digest
    return found


def _line(digest: str, path: str) -> bytes:
    return f"{digest}  {path}\n".encode("utf-8", "surrogateescape")

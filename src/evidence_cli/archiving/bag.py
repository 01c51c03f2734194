"""Write a BagIt 1.0 bag (RFC 8493): every payload byte is hashed while it is written, and never read again.

The bagit library writes the tag files and their manifests, and has the last word on the whole.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from evidence_cli.looks.bags.library import quiet_library
from evidence_cli.looks.packages.digests import CHUNK, fill, manifest_text, new_hash
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.workspace.building import keep_alive
from evidence_cli.workspace.store import WholeFile

_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@dataclass(frozen=True, slots=True)
class Copied:
    """A file of the payload: its size in bytes, and its digests (hexadecimal) by algorithm."""

    size: int
    digests: Mapping[str, str]


class BagWriter:
    """Fills a new, empty folder. `algorithms` are those of the manifests; `advance` hears of every byte written."""

    def __init__(self, folder: Path, algorithms: Sequence[str], advance: Callable[[int], None]) -> None:
        self.folder = folder
        self.files = 0
        self.bytes = 0
        self._algorithms = tuple(algorithms)
        self._advance = advance
        self._digests: dict[str, Mapping[str, str]] = {}
        self._buffer = memoryview(bytearray(CHUNK))

    def copy(self, path: str, source: BinaryIO, *, also: str | None = None) -> Copied:
        """Write a stream to `data/…` in one pass; `also` is an algorithm wanted besides. Raises OSError.

        Raises FileExistsError where the path has a file, EnvironmentFailure for an algorithm that is not there.
        """
        names = dict.fromkeys([*self._algorithms, *([also] if also else [])])
        hashers = {name: new_hash(name) for name in names}
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with WholeFile(target, "x") as stream:
            while count := fill(source, self._buffer):
                piece = self._buffer[:count]
                for hasher in hashers.values():
                    hasher.update(piece)
                stream.write(piece)
                size += count
                self._advance(count)
            os.fsync(stream.fileno())
        digests = {name: hasher.hexdigest() for name, hasher in hashers.items()}
        self._digests[path] = {name: digests[name] for name in self._algorithms}
        self.files += 1
        self.bytes += size
        keep_alive(self.folder)
        return Copied(size, digests)

    def add(self, path: str, data: bytes) -> None:
        """Write a small file to `data/…`. Raises what `copy` raises."""
        self.copy(path, BytesIO(data))

    def close(self, info: Mapping[str, str]) -> None:
        """Write the manifests and, with the library, bag-info and tag manifests; then let it look at the whole.

        `info` is bag-info.txt by its labels, but for Payload-Oxum. Raises EnvironmentFailure where the library finds
        the bag incomplete, OSError.
        """
        import bagit  # late: start-up time

        for algorithm in self._algorithms:
            pairs = ((digests[algorithm], path) for path, digests in self._digests.items())
            (self.folder / f"manifest-{algorithm}.txt").write_bytes(manifest_text(pairs))
        (self.folder / "bagit.txt").write_bytes(_DECLARATION)
        with _library():
            try:
                bag = bagit.Bag(str(self.folder))
                bag.info = {**info, "Payload-Oxum": f"{self.bytes}.{self.files}"}
                bag.save()
                self._put_in_order()
                bagit.Bag(str(self.folder)).validate(completeness_only=True)
            except bagit.BagError as error:
                raise EnvironmentFailure("archive_invalid", path=str(self.folder), detail=str(error)) from error

    def _put_in_order(self) -> None:
        """The library lists tag files in the order of the folder, which is another one on every disk; flush them."""
        for path in sorted(self.folder.iterdir()):
            if not path.is_file():
                continue
            with path.open("r+b") as stream:
                if path.name.startswith("tagmanifest-"):
                    lines = [line.split(maxsplit=1) for line in stream.read().decode().splitlines()]
                    stream.seek(0)
                    stream.truncate()
                    stream.write(manifest_text((digest, name) for digest, name in lines))
                    stream.flush()
                os.fsync(stream.fileno())


@contextmanager
def _library() -> Iterator[None]:
    """The library changes the working directory."""
    before = Path.cwd()
    try:
        with quiet_library():
            yield
    finally:
        os.chdir(before)

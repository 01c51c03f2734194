"""What was submitted: table, packages and records under one digest, in `.evcli/submission.json`.

The digest is that of the lines `<sha256>  <path>` of all sealed files in byte order, so that it can be computed without
evcli: `sha256sum config/indicators.yaml 报送/*.zip .evcli/records/*.json | LC_ALL=C sort | sha256sum`.
"""

import errno
import itertools
import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from evidence_cli.looks.opening import open_regular
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.workspace.sealed import SUBMISSION
from evidence_cli.workspace.store import create_only, refuse_link

# Beyond these no clock is right.
_YEARS = (2000, 3000)
_LARGEST = 64 * 1024 * 1024
# Digits in groups of four: they are read over the telephone.
_CHECK_DIGITS, _GROUP = 12, 4


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SealedFile(_Model):
    """A file as it was submitted: its path below the workspace, its size in bytes, and its SHA-256."""

    path: str = Field(max_length=4096)
    size: int = Field(ge=0)
    sha256: str = Field(max_length=64)


class SealedPackage(SealedFile):
    """A question's package as it was submitted, with the content digest that was approved and confirmed."""

    code: str = Field(max_length=64)
    title: str = Field(max_length=1000)
    digest: str = Field(max_length=255)


class Submission(_Model):
    """`.evcli/submission.json`: what was submitted, when, by whom (a role or the user of the PC)."""

    format: Literal["evcli.submission/1"] = "evcli.submission/1"
    evaluation: str = Field(max_length=255)
    time: AwareDatetime
    by: str
    table: SealedFile
    packages: tuple[SealedPackage, ...] = Field(max_length=100_000)
    records: tuple[SealedFile, ...] = Field(max_length=1_000_000)
    digest: str = Field(max_length=255)
    check: str = Field(max_length=64)

    def digest_of(self, code: str) -> str | None:
        """The content digest of a question as it was submitted; None of one that was not."""
        return next((package.digest for package in self.packages if package.code == code), None)

    @property
    def whole(self) -> bool:
        """Whether its own digest and check code fit what it lists."""
        digest = seal_of((self.table, *self.packages, *self.records))
        return (self.digest, self.check) == (digest, check_code(digest))

    def to_bytes(self) -> bytes:
        """The submission as it stands in its file."""
        return (json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n").encode()


def seal_of(files: Iterable[SealedFile]) -> str:
    """One digest over these files, as `sha256:<hex>`."""
    lines = sorted(f"{file.sha256}  {file.path}\n".encode("utf-8", "surrogateescape") for file in files)
    return f"sha256:{sha256(b''.join(lines)).hexdigest()}"


def check_code(digest: str) -> str:
    """Twelve digits of a digest, such as `0412-7713-9960`, to compare by word of mouth."""
    number = int(digest.rpartition(":")[2], 16) % 10**_CHECK_DIGITS
    digits = f"{number:0{_CHECK_DIGITS}}"
    return "-".join(digits[at : at + _GROUP] for at in range(0, _CHECK_DIGITS, _GROUP))


class DamagedSubmission(Exception):  # noqa: N818 - says what was found
    """There is a submission, but it cannot be believed: nothing may change until a person has looked."""


def read_submission(root: Path) -> Submission | None:
    """What was submitted, None while nothing is. Raises DamagedSubmission, EnvironmentFailure."""
    try:
        with open_regular(str(root / SUBMISSION)) as stream:
            data = stream.read(_LARGEST) or b""
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (None, errno.ELOOP, errno.EISDIR):
            raise DamagedSubmission from error
        raise EnvironmentFailure("read", path=SUBMISSION, detail=error.strerror or str(error)) from error
    try:
        submission = Submission.model_validate_json(data)
        if submission.whole and _YEARS[0] <= submission.time.year < _YEARS[1]:
            return submission
    except (ValidationError, ValueError) as error:
        raise DamagedSubmission from error
    raise DamagedSubmission


def write_submission(root: Path, submission: Submission) -> bool:
    """Seal; False, and nothing done, where somebody sealed before. Raises OSError."""
    folder = (root / SUBMISSION).parent
    folder.mkdir(exist_ok=True)
    refuse_link(folder)
    return create_only(root / SUBMISSION, submission.to_bytes())


def put_aside(root: Path) -> Path:
    """Open what was sealed: the submission is kept beside, under the next number. Raises OSError."""
    target = root / SUBMISSION
    for number in itertools.count(1):
        kept = target.with_name(f"{target.stem}-{number}{target.suffix}")
        if not kept.exists():
            target.rename(kept)
            return kept
    raise AssertionError("numbers do not end")

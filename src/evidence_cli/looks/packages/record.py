"""What evcli writes beside answer and evidence into a package: names, and the record `package.json`."""

import json
import re
from json.encoder import encode_basestring
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evidence_cli.looks.packages.bounds import MAX_ENTRIES

CONTENTS_NAME = "佐证材料目录.csv"
RECORD_NAME = "package.json"
FORMAT: Literal["evcli.package/1"] = "evcli.package/1"
Algorithm = Literal["sha256", "sha512", "sm3"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)


def manifest_name(algorithm: str) -> str:
    """The manifest's name in a package, as BagIt (RFC 8493) names it."""
    return f"manifest-{algorithm}.txt"


METADATA = frozenset({CONTENTS_NAME, RECORD_NAME} | {manifest_name(algorithm) for algorithm in ALGORITHMS})
# Other tools list their digests with other algorithms, and BagIt describes a bag.
_OTHERS_METADATA = re.compile(r"(?:tag)?manifest-[a-z0-9]+\.txt|bag-info\.txt|bagit\.txt")


def is_metadata(name: str) -> bool:
    """Whether a file at a package's root describes the package, and is neither answer nor evidence."""
    return name in METADATA or _OTHERS_METADATA.fullmatch(name) is not None


# Every value of JSON takes dozens of bytes once it is parsed; before, a few of these tell how many there are.
_SEPARATORS = (b",", b"[", b"{")
_MOST_VALUES = 20 * MAX_ENTRIES


class _Model(BaseModel):
    # A later version may add fields; what is known stays strict.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)


class RecordedQuestion(_Model):
    """The question a package answers."""

    code: Annotated[str, Field(max_length=64)]
    title: Annotated[str, Field(max_length=1000)]


class RecordedLayout(_Model):
    """The names of answer and evidence set inside the package, from the table's layout."""

    answer: Annotated[str, Field(max_length=255)]
    evidence: Annotated[str, Field(max_length=255)]


class RecordedFile(_Model):
    """One file of answer or evidence. `size` in bytes; `category` is empty for the answer and uncategorised files."""

    path: Annotated[str, Field(max_length=4096)]
    category: Annotated[str, Field(max_length=255)]
    kind: Annotated[str, Field(max_length=32)]
    size: Annotated[int, Field(ge=0)]
    digests: dict[str, str]


class PackageRecord(_Model):
    """`package.json`: what a package holds and for which question it was made. Times and makers are left out on
    purpose, so that the same content gives the same package."""

    format: Literal["evcli.package/1"]
    evaluation: Annotated[str, Field(max_length=255)]
    question: RecordedQuestion
    layout: RecordedLayout
    algorithm: Algorithm
    digest: Annotated[str, Field(max_length=255)]
    files: tuple[RecordedFile, ...] = Field(max_length=MAX_ENTRIES)

    def to_bytes(self) -> bytes:
        """The record as it stands in the package: UTF-8, two spaces, one closing line feed."""
        text = json.dumps(self.model_dump(mode="json", exclude={"files"}), ensure_ascii=False, indent=2)
        files = ",".join(map(_file_text, self.files))
        listed = f"[{files}\n  ]" if files else "[]"
        return (text.removesuffix("\n}") + f',\n  "files": {listed}\n}}\n').encode()


def _file_text(file: RecordedFile) -> str:
    """What `json.dumps` makes of a file in its place with an indentation of two, in a tenth of the time."""
    quote = encode_basestring
    pairs = ",".join(f"\n        {quote(name)}: {quote(digest)}" for name, digest in file.digests.items())
    digests = f"{{{pairs}\n      }}" if pairs else "{}"
    return (
        f'\n    {{\n      "path": {quote(file.path)},\n      "category": {quote(file.category)},'
        f'\n      "kind": {quote(file.kind)},\n      "size": {file.size},\n      "digests": {digests}\n    }}'
    )


def parse_record(data: bytes) -> PackageRecord:
    """Read `package.json`. Raises ValueError with a short English reason, whatever the bytes."""
    if sum(map(data.count, _SEPARATORS)) > _MOST_VALUES:
        raise ValueError("too many values")
    try:
        return PackageRecord.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}") from error

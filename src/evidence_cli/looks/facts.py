"""What only a file's bytes can tell. Looking never judges."""

from dataclasses import dataclass
from enum import StrEnum

from evidence_cli.vocabulary.kinds import Kind, kind_of


class Health(StrEnum):
    """Whether the bytes are a whole file of their kind, as far as this version looks."""

    OK = "ok"
    EMPTY = "empty"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one file.

    `format` is a key of `kinds.FORMATS`. `detail` says in English, for experts, what exactly was seen. `text` is the
    readable text of an answer where it was asked for and the format gives it, else None.
    """

    format: str
    health: Health = Health.OK
    detail: str = ""
    text: str | None = None

    @property
    def kind(self) -> Kind:
        """What the file is."""
        return kind_of(self.format)

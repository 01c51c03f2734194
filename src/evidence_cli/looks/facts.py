"""What only a file's bytes can tell. Looking never judges."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from evidence_cli.vocabulary.dates import Dating as Dating
from evidence_cli.vocabulary.kinds import Kind, kind_of


class Health(StrEnum):
    """Whether the bytes are a whole file of their kind that anybody can open."""

    OK = "ok"
    EMPTY = "empty"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    BOMB = "bomb"


class Active(StrEnum):
    """What may run, load or leave the file when it is opened. Values are reasons of the catalogue of words."""

    MACROS = "macros"
    SCRIPT = "script"
    LAUNCH = "launch"
    EMBEDDED = "embedded"
    EXTERNAL = "external"
    OBJECT = "object"


class Unit(StrEnum):
    """What a place is counted in. Values are keys of the catalogue of words."""

    PAGE = "page"
    SLIDE = "slide"
    PARAGRAPH = "paragraph"
    LINE = "line"
    CELL = "cell"
    HEADER = "header"
    FOOTER = "footer"
    NOTE = "note"
    COMMENT = "comment"
    NAME = "name"


class Place(NamedTuple):
    """Where in a document something stands: a number counted from 1, or a cell as `Sheet1!B7`."""

    unit: Unit
    value: int | str


class Passage(NamedTuple):
    """A piece of a document's text that has a place of its own."""

    place: Place
    text: str


class Spotted(NamedTuple):
    """Something that may not leave the house. `code` is that of its rule, `shown` is masked where it must be."""

    code: str
    shown: str
    place: Place


class Reference(NamedTuple):
    """Evidence that an answer names. `sort`: `number`, `attachment`, `title` or `file`; `value` is what to look for."""

    sort: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Writing:
    """What the text of a document tells; the text itself is not kept.

    `length` counts the characters that are not blank, `own` those on lines that an answer's template did not hold.
    `spotted` lists the first finds of each rule, `counts` how many there are. `dates` come from the title lines and
    the document number, `references` from an answer.
    """

    length: int
    own: int
    spotted: tuple[Spotted, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    dates: tuple[Dating, ...] = ()
    references: tuple[Reference, ...] = ()


class Gap(NamedTuple):
    """A check of this file that could not be done: `check` and `reason` are keys of the catalogue of words.

    Checks: `inside` (all of it), `health` (is it whole), `text` (was its text searched and measured), `active`
    (macros and the like). Reasons: `scan` (pages without text), `long` (only the beginning), `large` (more than is
    decoded), `time`, `memory`, `crashed`, `library` (an extra is not installed), `format` (nothing here can read it).
    """

    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one file.

    `format` is a key of `kinds.FORMATS`. `detail` says in English, for experts, what exactly was seen. `restricted`
    tells that an owner password forbids printing or copying. `width` and `height` are pixels of a picture or of a
    recording's picture track, `seconds` a recording's length, `picture_track` whether it has one (None where nobody
    looked). `position` tells that a picture or recording says where it was taken, `named`
    lists what the file's name gives away. `writing` is None where no text was
    asked for or none can be read.
    """

    format: str
    health: Health = Health.OK
    detail: str = ""
    restricted: bool = False
    active: tuple[Active, ...] = ()
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    picture_track: bool | None = None
    position: bool = False
    named: tuple[Spotted, ...] = ()
    writing: Writing | None = None
    gaps: tuple[Gap, ...] = ()

    @property
    def kind(self) -> Kind:
        """What the file is."""
        return kind_of(self.format)

"""Looking inside a file whose format is known: one module for each kind, in one table.

An inspector is a pure function of the bytes: it never judges, writes or follows anything, and what it needs of time,
memory and depth is bounded whatever the bytes say.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from evidence_cli.looks.facts import Facts, Gap, Passage
from evidence_cli.looks.sample import Sample


@dataclass(frozen=True, slots=True)
class Inside:
    """What an inspector saw.

    `passages` gives the readable text piece by piece, in reading order; None where the format has no text to speak of.
    Drawing from it may raise TornError, LockedError or BombError; a Gap among them says what could not be read.
    `pictures` tells that it holds some: with them and without a letter of text, it is a scan.
    """

    facts: Facts
    passages: Iterable[Passage | Gap] | None = None
    pictures: bool = False


Inspector = Callable[[Sample, Facts], Inside]

# format → module below this package; each has a function `look_inside(sample, facts) -> Inside`.
_MODULES: dict[str, str] = {
    "pdf": "pdf.document",
    "ofd": "ofd.document",
    **dict.fromkeys(("docx", "docm", "dotx", "dotm"), "ooxml.word"),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm"), "ooxml.excel"),
    **dict.fromkeys(("pptx", "pptm", "potx", "potm"), "ooxml.slides"),
    **dict.fromkeys(("odt", "ods", "odp"), "opendocument.document"),
    **dict.fromkeys(("doc", "xls", "ppt"), "legacy.document"),
    "xlsb": "legacy.xlsb",
    "rtf": "legacy.rtf",
    **dict.fromkeys(("png", "jpeg", "gif", "bmp", "tiff", "webp", "heic", "svg", "image"), "pictures.every"),
    **dict.fromkeys(("mp4", "m4a"), "recordings.mp4"),
    **dict.fromkeys(("avi", "wav"), "recordings.riff"),
    **dict.fromkeys(("wmv", "wma"), "recordings.asf"),
    **dict.fromkeys(("mkv", "mka"), "recordings.matroska"),
    "flv": "recordings.flv",
    "mpeg": "recordings.mpeg",
    **dict.fromkeys(("mp3", "flac", "ogg", "ogv", "aac", "amr"), "recordings.audio"),
    **dict.fromkeys(("text", "csv"), "text.plain"),
    **dict.fromkeys(("html", "mhtml"), "text.web"),
    **dict.fromkeys(("zip", "rar", "7z", "tar", "gzip", "bzip2", "xz"), "archives.every"),
}


def inspector(format_name: str) -> Inspector | None:
    """The function that looks inside files of a format; None where nobody can."""
    module = _MODULES.get(format_name)
    if module is None:
        return None
    # late: start-up time
    return import_module(f"evidence_cli.looks.inside.{module}").look_inside  # type: ignore[no-any-return]

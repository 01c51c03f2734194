"""Plain text and CSV: whether it is text to its end, and its lines.

A text longer than its head is read once to judge it, and again piece by piece when its lines are wanted.
"""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from evidence_cli.looks.facts import Active, Facts, Gap, Passage, Place, Unit
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.text.formulas import calls_program
from evidence_cli.looks.sample import Sample, TornError
from evidence_cli.looks.text.encoding import ENCODINGS, has_controls

TEXT_BYTES = 32 * 1024 * 1024
_CHUNK = 256 * 1024
_PIECE = 1024
_LINE = 64 * 1024  # characters of one line that are handed on together
_LINES = 500_000
_BREAK = 512  # how far back from there a blank or a comma is looked for
_BREAKS = " \t,;\uff0c\u3002"
# None of them is part of a character in UTF-8 or GB18030.
_BYTE_BREAKS = (b"\n", b"\r", b" ", b",", b'"')
# A failed copy leaves whole disk blocks of zeros; a stray NUL or two in an export do no harm.
_ZEROS = bytes(512)
_STRAY_NULS = 8
_TAIL = 4096
_CHARACTERS_PER_FLAW = 16
# Noise read as UTF-16 is full of characters for private use; one in ten.
_FLAWS = re.compile("[\ufffd\ue000-\uf8ff]")


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """The lines of a text; a CSV's rows are its lines. Raises TornError where it ceases to be text; OSError."""
    encoding = facts.detail if facts.detail in ENCODINGS else None
    if not sample.whole or encoding is None:
        _check(sample, encoding)
    if facts.format == "csv":
        facts = _with_calls(sample, facts, encoding)
    return Inside(facts, _passages(sample, encoding))


def _with_calls(sample: Sample, facts: Facts, encoding: str | None) -> Facts:
    """With what a table's cells would start in a spreadsheet."""
    calls = calls_program(text for _, text in _texts(sample, encoding))
    if calls:
        return replace(facts, active=(*facts.active, Active.EXTERNAL))
    if calls is None or sample.size > TEXT_BYTES:
        return replace(facts, gaps=(*facts.gaps, Gap("active", "large")))
    return facts


def _check(sample: Sample, encoding: str | None) -> None:
    """Sees that it stays text. In an encoding that nobody knows here, only zeros and controls tell."""
    place = 0
    for chunk, text in _raw(sample) if encoding is None else _texts(sample, encoding):
        zeros = chunk.find(_ZEROS)
        if zeros >= 0:
            raise TornError(f"zeros from byte {place + zeros}")
        flaws = len(_FLAWS.findall(text)) * _CHARACTERS_PER_FLAW > len(text)
        plain = text.encode("utf-8", "replace") if text else chunk
        if flaws or has_controls(plain.replace(b"\x00", b"", _STRAY_NULS)):
            raise TornError(f"no text from byte {place} on")
        place += len(chunk)
    if place < sample.size and not sample.read(sample.size - _TAIL, _TAIL).strip(b"\x00"):
        raise TornError("zeros at the end")


def _raw(sample: Sample) -> Iterator[tuple[bytes, str]]:
    """The bytes piece by piece, without their text."""
    for place in range(0, min(sample.size, TEXT_BYTES), _CHUNK):
        yield sample.read(place, _CHUNK), ""


def _passages(sample: Sample, encoding: str | None) -> Iterator[Passage | Gap]:
    yield from passages_of(text for _, text in _texts(sample, encoding))
    if sample.size > TEXT_BYTES:
        yield Gap("text", "long")


def _texts(sample: Sample, encoding: str | None) -> Iterator[tuple[bytes, str]]:
    """The bytes piece by piece, and the text of each; what fits no encoding becomes replacement characters."""
    wide = encoding is not None and encoding.startswith(("utf-16", "utf-32"))
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")("replace")
    names = ("gb18030", "utf-8") if encoding == "gb18030" else ("utf-8", "gb18030")
    place, end = 0, min(sample.size, TEXT_BYTES)
    while chunk := sample.read(place, min(_CHUNK, end - place)):
        # Cut in the middle of a character at the very end it is a text all the same: nothing is final here.
        if wide:
            text = decoder.decode(chunk)
        else:
            if place + len(chunk) < end:
                chunk = _to_break(chunk)
            text, left = _best(chunk, names)
            chunk = chunk[: len(chunk) - left] or chunk
        yield chunk, text.removeprefix("\ufeff")
        place += len(chunk)


def _to_break(chunk: bytes) -> bytes:
    """As much of a chunk as ends in a line or a word, so that it can be decoded by itself."""
    cut = next((found for sign in _BYTE_BREAKS if (found := chunk.rfind(sign) + 1)), len(chunk))
    return chunk[:cut]


def _best(chunk: bytes, names: tuple[str, ...]) -> tuple[str, int]:
    """The text in the first encoding that fits, and how many bytes at its end are no whole character.

    What begins as ASCII may go on as anything: where nothing fits the whole, each kilobyte is taken by itself.
    """
    for name in names:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            return decoder.decode(chunk), len(decoder.getstate()[0])
        except UnicodeDecodeError:
            continue
    return "".join(_least_flawed(piece, names) for piece in _pieces(chunk)), 0


def _least_flawed(piece: bytes, names: tuple[str, ...]) -> str:
    return min((piece.decode(name, "replace") for name in names), key=lambda text: text.count("\ufffd"))


def _pieces(chunk: bytes) -> Iterator[bytes]:
    """Runs of whole lines, a kilobyte each or as long as a line is."""
    start = 0
    while start < len(chunk):
        end = chunk.find(b"\n", start + _PIECE) + 1 or len(chunk)
        yield chunk[start:end]
        start = end


def passages_of(pieces: Iterable[str]) -> Iterator[Passage | Gap]:
    """The lines of a text that comes in pieces, each with its number; blank ones are left out, long ones split.

    A Gap ends them where there are more than anybody reads.
    """
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    number, rest = 1, ""
    for piece in pieces:
        *lines, rest = (rest + newlines.decode(piece)).split("\n")
        if number > _LINES:
            yield Gap("text", "long")
            return
        for line in lines:
            yield from (_passage(number, part) for part in _parts(line) if not part.isspace())
            number += 1
        while len(rest) > _LINE:
            cut = _cut(rest)
            yield _passage(number, rest[:cut])
            rest = rest[cut:]
    yield from (_passage(number, part) for part in _parts(rest) if not part.isspace())


def _passage(number: int, text: str) -> Passage:
    return Passage(Place(Unit.LINE, number), text)


def _parts(line: str) -> Iterator[str]:
    while len(line) > _LINE:
        cut = _cut(line)
        yield line[:cut]
        line = line[cut:]
    if line:
        yield line


def _cut(line: str) -> int:
    """Where to break a line that is too long: behind a blank or a comma, so that no number is torn apart."""
    return max(line.rfind(sign, _LINE - _BREAK, _LINE) for sign in _BREAKS) + 1 or _LINE

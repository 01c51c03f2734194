"""The parts of a MIME message that are text (RFC 2045, RFC 2046), found within limits."""

import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from evidence_cli.looks.facts import Gap
from evidence_cli.looks.sample import Sample, TornError

_MESSAGE_BYTES = 64 * 1024 * 1024
_TEXT_BYTES = 16 * 1024 * 1024
_HEADER_BYTES = 16 * 1024
_PARTS = 20_000
_BOUNDARIES = 16
_TAIL = 64 * 1024

_BOUNDARY = re.compile(rb"boundary\s{0,20}=\s{0,20}(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_TYPE = re.compile(rb"^content-type:\s*([\w/+.-]{1,100})", re.IGNORECASE | re.MULTILINE)
_CODING = re.compile(rb"^content-transfer-encoding:\s*([\w-]{1,40})", re.IGNORECASE | re.MULTILINE)
_CHARSET = re.compile(rb"charset\s{0,20}=\s{0,20}\"?([\w.:-]{1,40})", re.IGNORECASE)
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_PAGES = (b"text/html", b"application/xhtml+xml")


class TextPart(NamedTuple):
    """A part that is text, decoded to its bytes. `html` tells a page from plain text."""

    content: bytes
    charset: str
    html: bool


def parts_of(sample: Sample) -> Iterator[TextPart | Gap]:
    """The text parts in their order, and a Gap where a message is too long. Raises TornError; OSError."""
    data = sample.read(0, _MESSAGE_BYTES)
    headers, place = _headers(data, len(data) - len(data.lstrip()))
    boundary = _BOUNDARY.search(headers)
    if boundary is None:
        raise TornError("the headers name no boundary")
    first = (boundary[1] or boundary[2]).rstrip()
    _check_end(sample, data, first)
    left = _TEXT_BYTES
    for number, (start, end) in enumerate(_spans(data, place, first)):
        if number >= _PARTS or left <= 0:
            yield Gap("text", "long")
            return
        headers, body = _headers(data, start, end)
        part = _text_part(headers, data[body : min(end, body + left)])
        if part is not None:
            left -= end - body
            yield part
    if len(data) < sample.size:
        yield Gap("text", "long")


def _check_end(sample: Sample, data: bytes, boundary: bytes) -> None:
    """The closing boundary shows that the message is whole."""
    tail = data if len(data) >= sample.size else sample.read(max(0, sample.size - _TAIL), _TAIL)
    if b"--" + boundary + b"--" not in tail:
        raise TornError("the closing boundary is missing")


def _spans(data: bytes, place: int, first: bytes) -> Iterator[tuple[int, int]]:
    """Where the parts begin and end. A part that holds parts of its own adds its boundary."""
    boundaries = [first]
    mark = _mark(boundaries)
    start = -1
    # A boundary may stand in the very first line of the body.
    place = max(0, place - 2)
    while found := mark.search(data, place):
        if start >= 0:
            yield start, found.start()
        start = -1 if found[2] else found.end()
        place = found.end()
        if start >= 0 and len(boundaries) < _BOUNDARIES:
            inner = _BOUNDARY.search(_headers(data, start)[0])
            name = (inner[1] or inner[2]).rstrip() if inner else first
            if name not in boundaries:
                boundaries.append(name)
                mark = _mark(boundaries)
    if start >= 0:
        yield start, len(data)


def _mark(boundaries: list[bytes]) -> re.Pattern[bytes]:
    # The longest first: one may begin like another.
    names = b"|".join(re.escape(name) for name in sorted(boundaries, key=len, reverse=True))
    return re.compile(rb"(?:\A|\n)--(" + names + rb")(--)?[ \t]*(?=\r?\n|\Z)")


def _headers(data: bytes, start: int, end: int = -1) -> tuple[bytes, int]:
    """The header lines, unfolded, and where the body begins."""
    limit = min(start + _HEADER_BYTES, len(data) if end < 0 else end)
    found = _BLANK_LINE.search(data, start, limit)
    stop, body = (found.start(), found.end()) if found else (limit, limit)
    return _FOLDED.sub(b" ", data[start:stop]), body


def _text_part(headers: bytes, body: bytes) -> TextPart | None:
    found = _TYPE.search(headers)
    kind = found[1].lower() if found else b"text/plain"
    if kind not in _PAGES and kind != b"text/plain":
        return None
    charset = _CHARSET.search(headers)
    coding = _CODING.search(headers)
    content = _decoded(body, coding[1].lower() if coding else b"")
    return TextPart(content, charset[1].decode("ascii") if charset else "", kind in _PAGES)


def _decoded(body: bytes, coding: bytes) -> bytes:
    if coding == b"quoted-printable":
        return binascii.a2b_qp(body)
    if coding == b"base64":
        try:
            return binascii.a2b_base64(body)
        except binascii.Error:
            # Its last group is not whole.
            return binascii.a2b_base64(_multiple_of_four(body))
    return body


def _multiple_of_four(body: bytes) -> bytes:
    plain = re.sub(rb"[^A-Za-z0-9+/]+", b"", body)
    return plain[: len(plain) // 4 * 4]

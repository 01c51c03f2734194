"""Inside sound recordings: FLAC (RFC 9639), Ogg (RFC 3533), and MP3, AAC: the length, and is it whole?

Sound that says how long it is can be told to be cut off; where it does not, players play what is there.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import islice
from struct import unpack_from
from typing import NamedTuple

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.identify.recordings import ogg_has_pictures
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.recordings.reader import Reader, SpentError
from evidence_cli.looks.inside.recordings.sound_frames import behind_id3, look_at_aac, look_at_mp3
from evidence_cli.looks.sample import Sample, TornError

_SEARCHED = 64 * 1024
_FLAC_FRAME = re.compile(rb"\xff[\xf8\xf9]")
_FLAC_MARKS = 10_000
_STREAM_INFO = 34
_ZERO_SHARE, _LEAST_ZEROS = 0.1, 4096
_PAGE = b"OggS"
# The headers of Vorbis and Theora: who it is, comments, tables. Only a cover makes one longer.
_HEADER_PAGES, _LONG_PAGE = 3, 32 * 1024


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Tells the length, and whether there is less than the file says. Raises TornError; OSError."""
    reader = Reader(sample)
    look = _LOOKS.get(facts.format)
    facts = replace(facts, picture_track=False)
    try:
        zeros = reader.zeros_at_end()
        if zeros >= _LEAST_ZEROS and zeros > reader.size * _ZERO_SHARE:
            raise TornError("the file goes on with zeros")
        return Inside(look(reader, facts) if look else facts)
    except SpentError:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))


def _flac(reader: Reader, facts: Facts) -> Facts:
    start = behind_id3(reader)
    place, rate, total, block = start + 4, 0, 0, 0
    for _ in range(1024):
        head = reader.exactly(place, 4, "metadata block")
        length = int.from_bytes(head[1:4], "big")
        if head[0] & 0x7F == 0:
            if length != _STREAM_INFO:
                raise TornError(f"stream info of {length} bytes")
            info = reader.exactly(place + 4, 34, "stream info")
            packed = int.from_bytes(info[10:18], "big")
            rate, total = packed >> 44, packed & 0xFFFFFFFFF
            block = unpack_from(">H", info, 2)[0]
        place += 4 + length
        if head[0] & 0x80:
            break
    if not rate:
        raise TornError("no stream info")
    if place >= reader.size:
        raise TornError("no frame")
    if total:
        _check_flac_end(reader, max(place, reader.size - 4 * _SEARCHED), rate, total, block)
    return replace(facts, seconds=total / rate or None)


def _check_flac_end(reader: Reader, start: int, rate: int, total: int, block: int) -> None:
    data = reader.read(start, reader.size - start)
    latest = -1
    for match in islice(_FLAC_FRAME.finditer(data), _FLAC_MARKS):
        number = _flac_number(data[match.start() : match.start() + 16])
        if number is not None:
            latest = max(latest, number + block if data[match.start() + 1] & 1 else (number + 1) * block)
    # Behind a long tag no frame is in sight.
    if 0 <= latest < total:
        raise TornError(f"frames of {latest / rate:.1f} s in a file of {total / rate:.1f} s")


def _flac_number(frame: bytes) -> int | None:
    """The number of the frame, or of its first sample, from a header whose checksum is right (9.1)."""
    if len(frame) < 16:
        return None
    lead = frame[4]
    more = 8 - (~lead & 0xFF).bit_length()
    if more in (1, 8):
        return None
    count = max(1, more)
    size = 4 + count + {6: 1, 7: 2}.get(frame[2] >> 4, 0) + {12: 1, 13: 2, 14: 2}.get(frame[2] & 15, 0)
    if _crc8(frame[:size]) != frame[size]:
        return None
    number = lead & (0x7F >> more)
    for byte in frame[5 : 4 + count]:
        number = number << 6 | byte & 0x3F
    return number


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ (0x07 if value & 0x80 else 0)) & 0xFF
    return value


def _ogg(reader: Reader, facts: Facts) -> Facts:
    head = reader.read(0, _SEARCHED)
    pictures = ogg_has_pictures(head)
    _check_first_pages(head)
    stream = _ogg_film(head) or _ogg_sound(head)
    start = max(0, reader.size - 4 * _SEARCHED)
    data = reader.read(start, reader.size - start)
    place = data.rfind(_PAGE)
    if place < 0:
        raise TornError("no page near the end of the file")
    page = data[place : place + 27 + 255]
    if len(page) < 27 or len(page) < 27 + page[26] or place + 27 + page[26] + sum(page[27 : 27 + page[26]]) > len(data):
        raise TornError("the last page ends beyond the end of the file")
    seconds = _ogg_seconds(data, stream) if stream else None
    if stream is None:
        return replace(facts, picture_track=pictures)
    width, height = stream.size
    return replace(facts, picture_track=pictures, seconds=seconds, width=width or None, height=height or None)


def _check_first_pages(head: bytes) -> None:
    """Players leave out a page whose checksum is wrong (RFC 3533, 6), and without the headers there is no track."""
    place = 0
    for _ in range(_HEADER_PAGES):
        size = (
            27 + head[place + 26] + sum(head[place + 27 : place + 27 + head[place + 26]]) if head[place + 26 :] else 0
        )
        page = head[place : place + size]
        if not page.startswith(_PAGE) or len(page) < size or size > _LONG_PAGE:
            return
        if _ogg_crc(page[:22] + bytes(4) + page[26:]).to_bytes(4, "little") != page[22:26]:
            raise TornError(f"the checksum of the page at byte {place} is wrong")
        place += size


def _ogg_crc(page: bytes) -> int:
    value, table = 0, _crc_table()
    for byte in page:
        value = value << 8 & 0xFFFFFF00 ^ table[value >> 24 ^ byte]
    return value


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return tuple(table)


class _OggStream(NamedTuple):
    """`rate` is what its granule positions count in a second; the lower `shift` bits count from the last key frame."""

    serial: bytes
    rate: float
    shift: int = 0
    size: tuple[int, int] = (0, 0)


def _ogg_film(head: bytes) -> _OggStream | None:
    """Theora: the identification header (Theora specification 6.2)."""
    place = head.find(b"\x80theora")
    page = head.rfind(_PAGE, 0, max(0, place))
    fields = head[place + 7 : place + 42]
    if page < 0 or len(fields) < 35:
        return None
    width, height = (int.from_bytes(fields[start : start + 3], "big") for start in (7, 10))
    frames, seconds = unpack_from(">II", fields, 15)
    shift = (fields[33] & 3) << 3 | fields[34] >> 5
    return _OggStream(head[page + 14 : page + 18], frames / seconds if seconds else 0.0, shift, (width, height))


def _ogg_sound(head: bytes) -> _OggStream | None:
    place = head.find(b"\x7fFLAC")
    page = head.rfind(_PAGE, 0, max(0, place))
    if page >= 0 and len(head) >= place + 30:
        return _OggStream(head[page + 14 : page + 18], float(int.from_bytes(head[place + 27 : place + 30], "big") >> 4))
    for mark, offset, fixed in ((b"\x01vorbis", 12, 0), (b"OpusHead", 0, 48000), (b"Speex   ", 36, 0)):
        place = head.find(mark)
        page = head.rfind(_PAGE, 0, max(0, place))
        if place > page >= 0 and place + offset + 4 <= len(head):
            rate = fixed or unpack_from("<I", head, place + offset)[0]
            return _OggStream(head[page + 14 : page + 18], float(rate))
    return None


def _ogg_seconds(data: bytes, stream: _OggStream) -> float | None:
    place = len(data)
    while stream.rate and (place := data.rfind(_PAGE, 0, place)) >= 0:
        granule = int.from_bytes(data[place + 6 : place + 14], "little", signed=True)
        if data[place + 14 : place + 18] == stream.serial and granule > 0:
            return ((granule >> stream.shift) + (granule & ((1 << stream.shift) - 1))) / stream.rate
    return None


_LOOKS: dict[str, Callable[[Reader, Facts], Facts]] = {
    "mp3": look_at_mp3,
    "aac": look_at_aac,
    "flac": _flac,
    **dict.fromkeys(("ogg", "ogv"), _ogg),
}

"""Inside MPEG program and transport streams (ISO/IEC 13818-1, 11172-1) and MPEG video: what does it show?

A stream has neither length nor index, and players play what is there: that its end is missing can be told only where a
packet of a program stream is cut, or where zeros stand in place of packets.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.recordings.reader import Reader, SpentError
from evidence_cli.looks.sample import LockedError, Sample, TornError

_HEAD = 1024 * 1024
_SYNC = 0x47
_PACKET = 188
_PACK = b"\x00\x00\x01\xba"
_SEQUENCE = re.compile(rb"\x00\x00\x01\xb3(...)", re.DOTALL)
_PES = re.compile(rb"\x00\x00\x01[\xc0-\xef]")
_VIDEO_PES = range(0xE0, 0xF0)
# Stream types of moving pictures: ISO/IEC 13818-1 table 2-34, AVS, VC-1.
_VIDEO_TYPES = frozenset((0x01, 0x02, 0x10, 0x1B, 0x20, 0x21, 0x24, 0x33, 0x42, 0xD2, 0xEA))
_CLOCK = 90_000
_TURN = 1 << 33
# Padding up to a full block is usual; a tenth of the file is not.
_ZERO_SHARE, _LEAST_ZEROS = 0.1, 4096
_PROBES = 16
_TAIL_PACKETS = 4096

_Stamps = dict[int, int]


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Tells what can be told of the end, the length, and the size of MPEG-1 and -2 pictures.

    Raises TornError, LockedError where the packets are scrambled; OSError.
    """
    reader = Reader(sample)
    try:
        return Inside(_look(reader, facts))
    except SpentError:
        return Inside(replace(facts, gaps=(Gap("health", "large"),)))


def _look(reader: Reader, facts: Facts) -> Facts:
    head = reader.read(0, _HEAD)
    tail = head if reader.size <= _HEAD else reader.read(reader.size - _HEAD, _HEAD)
    _check_zeros(reader)
    if head.startswith(_PACK):
        pictures, first, last = _program(reader, head, tail)
    elif head.startswith(b"\x00\x00\x01"):
        pictures, first, last = True, {}, {}
    else:
        pictures, first, last = _transport(head, tail)
    sequence = _SEQUENCE.search(head) if pictures else None
    size = int.from_bytes(sequence[1], "big") if sequence else 0
    return replace(
        facts,
        picture_track=pictures,
        width=size >> 12 or None,
        height=size & 0xFFF or None,
        seconds=max((_between(first[key], last[key]) for key in first.keys() & last), default=0.0) or None,
    )


def _between(first: int, last: int) -> float:
    """The seconds between two times of a clock that turns over; pictures are not sent in the order of their times."""
    length = (last - first) % _TURN
    return length / _CLOCK if length < _TURN // 2 else 0.0


def _check_zeros(reader: Reader) -> None:
    zeros = reader.zeros_at_end()
    if zeros >= _LEAST_ZEROS and zeros > reader.size * _ZERO_SHARE:
        raise TornError("the stream goes on with zeros")
    step = (reader.size - zeros) // _PROBES
    if step > 2 * _LEAST_ZEROS and any(
        reader.blank(place, place + _LEAST_ZEROS) for place in range(0, reader.size - zeros - 2 * _LEAST_ZEROS, step)
    ):
        raise TornError("there are zeros within the stream")


def _program(reader: Reader, head: bytes, tail: bytes) -> tuple[bool, _Stamps, _Stamps]:
    _check_last_packet(reader, tail)
    first: _Stamps = {}
    last: _Stamps = {}
    pictures = False
    for data, stamps, newest in ((head, first, False), (tail, last, True)):
        for match in _PES.finditer(data):
            key = data[match.start() + 3]
            pictures = pictures or key in _VIDEO_PES
            stamp = _stamp(data[match.start() : match.start() + 48])
            if stamp is not None and (newest or key not in stamps):
                stamps[key] = stamp
    return pictures, first, last


def _check_last_packet(reader: Reader, tail: bytes) -> None:
    """From the last pack to the end, packet by packet (ISO/IEC 13818-1 2.5.3.3, 11172-1 2.4.3.2)."""
    offset = reader.size - len(tail)
    place = tail.rfind(_PACK)
    for _ in range(_TAIL_PACKETS):
        code = tail[place : place + 4]
        if place < 0 or len(code) < 4 or not code.startswith(b"\x00\x00\x01") or code[3] == 0xB9:
            return
        if code == _PACK:
            mark = tail[place + 4 : place + 5]
            old = bool(mark) and mark[0] >> 6 == 0
            length = 12 if old else 14 + (tail[place + 13] & 7 if len(tail) > place + 13 else 0)
        elif len(tail) < place + 6:
            length = 6
        else:
            length = 6 + int.from_bytes(tail[place + 4 : place + 6], "big")
        place += length
        if offset + place > reader.size:
            raise TornError("the last packet ends beyond the end of the file")


def _stamp(packet: bytes) -> int | None:
    """The presentation time of a PES packet, in its clock; None where it has none."""
    place = 9
    if len(packet) < 15:
        return None
    if packet[6] & 0xC0 == 0x80:
        if not packet[7] & 0x80:
            return None
    else:
        rest = packet[6:].lstrip(b"\xff")
        place = len(packet) - len(rest)
        if rest and rest[0] & 0xC0 == 0x40:
            place += 2
    field = packet[place : place + 5]
    if len(field) < 5 or field[0] >> 5 != 1 or not field[0] & field[2] & field[4] & 1:
        return None
    return (field[0] >> 1 & 7) << 30 | field[1] << 22 | field[2] >> 1 << 15 | field[3] << 7 | field[4] >> 1


def _transport(head: bytes, tail: bytes) -> tuple[bool, _Stamps, _Stamps]:
    step, start = (_PACKET, 0) if head[0] == _SYNC and head[_PACKET : _PACKET + 1] == b"\x47" else (192, 4)
    first: _Stamps = {}
    last: _Stamps = {}
    pictures, scrambled, plain, tables = False, 0, 0, set[int]()
    for packet in _packets(head, start, step):
        pid, payload = _payload(packet)
        if packet[3] & 0xC0 and payload:
            scrambled += 1
            continue
        plain += bool(payload) and pid != 0x1FFF and pid > 0x1F
        if not packet[1] & 0x40 or not payload:
            continue
        if pid == 0:
            tables |= _programs(payload)
        elif pid in tables:
            pictures = pictures or _has_video(payload)
        elif payload.startswith(b"\x00\x00\x01") and len(payload) > 3:
            pictures = pictures or payload[3] in _VIDEO_PES
            stamp = _stamp(payload[:48])
            if stamp is not None:
                first.setdefault(pid, stamp)
    if scrambled > plain:
        raise LockedError("the packets are scrambled")
    for packet in _packets(tail, _resync(tail, step), step):
        pid, payload = _payload(packet)
        stamp = _stamp(payload[:48]) if packet[1] & 0x40 and payload.startswith(b"\x00\x00\x01") else None
        if stamp is not None:
            last[pid] = stamp
    return pictures, first, last


def _packets(data: bytes, start: int, step: int) -> Iterator[bytes]:
    """The packets that begin with the sync byte; where it is missing the next ones are looked at all the same."""
    for place in range(start, len(data) - _PACKET + 1, step):
        if data[place] == _SYNC:
            yield data[place : place + _PACKET]


def _resync(data: bytes, step: int) -> int:
    return max(range(step), key=lambda start: data[start::step].count(_SYNC))


def _payload(packet: bytes) -> tuple[int, bytes]:
    pid = (packet[1] & 0x1F) << 8 | packet[2]
    if not packet[3] & 0x10:
        return pid, b""
    return pid, packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]


def _section(payload: bytes) -> bytes:
    """The section that begins in a packet, as far as the packet holds it, without its checksum."""
    begin = 1 + payload[0]
    section = payload[begin:]
    length = (section[1] & 15) << 8 | section[2] if len(section) >= 3 else 0
    return section[: max(0, length + 3 - 4)]


def _programs(payload: bytes) -> set[int]:
    """The packet identifiers of the program map tables (2.4.4.3)."""
    section = _section(payload)
    return {
        (section[place + 2] & 0x1F) << 8 | section[place + 3]
        for place in range(8, len(section) - 3, 4)
        if section[place : place + 2] != b"\0\0"
    }


def _has_video(payload: bytes) -> bool:
    """Whether a program map table names moving pictures (2.4.4.8)."""
    section = _section(payload)
    if len(section) < 12 or section[0] != 2:
        return False
    place = 12 + ((section[10] & 15) << 8 | section[11])
    while place + 5 <= len(section):
        if section[place] in _VIDEO_TYPES:
            return True
        place += 5 + ((section[place + 3] & 15) << 8 | section[place + 4])
    return False

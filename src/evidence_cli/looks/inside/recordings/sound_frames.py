"""Sound in frames that follow each other: MP3 (ISO/IEC 11172-3, 13818-3) and AAC with ADTS headers (13818-7).

Such a file has no index. Where the first frame does not tell the length, it is taken from the size of the first frames.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from struct import unpack_from

from evidence_cli.looks.facts import Facts
from evidence_cli.looks.identify.recordings import mpeg_frame
from evidence_cli.looks.inside.recordings.reader import Reader
from evidence_cli.looks.sample import TornError

_SEARCHED = 256 * 1024
_SYNCS = 20_000
_LAYER_3 = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]", re.DOTALL)
# Layers I and II, and frames of a free length: nothing here measures them.
_OTHER_LAYER = re.compile(rb"\xff(?:[\xe4-\xe7\xf4-\xf7\xfc-\xff][\x10-\xef]|[\xe2\xe3\xf2\xf3\xfa\xfb][\x00-\x0f])")
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Writers of the Xing header differ in whether they count tags and the frame of the header itself.
_SLACK = 4096
_VBRI_AT = 36
_OLD_TAG = 128
# ISO/IEC 14496-3, table 1.16.
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_AAC_SAMPLES = 1024


def behind_id3(reader: Reader) -> int:
    """Where the sound begins behind tags of ID3v2. Raises TornError where a tag is cut off."""
    place = 0
    for _ in range(16):
        head = reader.read(place, 10)
        if len(head) < 10 or not head.startswith(b"ID3"):
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        place += 10 + size + (10 if head[5] & 0x10 else 0)
    if place >= reader.size:
        raise TornError("the tag ends beyond the end of the file")
    return place


def look_at_mp3(reader: Reader, facts: Facts) -> Facts:
    """The length. Raises TornError where there is no sound, or less than the first frame says; SpentError; OSError."""
    start = behind_id3(reader)
    data = reader.read(start, _SEARCHED)
    first = _first_frame(data)
    if first is None:
        # Players, too, take a single frame for chance.
        if start + len(data) >= reader.size and not _OTHER_LAYER.search(data):
            raise TornError("no two frames of sound in a row")
        return facts
    frame = data[first : first + 256]
    version, sampling = frame[1] >> 3 & 3, frame[2] >> 2 & 3
    each = (1152 if version == 3 else 576) / _RATES[version][sampling]
    count: float = _told_count(frame, reader.size - start - first)
    if not count:
        count = _count(reader, data, start, first, mpeg_frame)
    return replace(facts, seconds=count * each or None)


def look_at_aac(reader: Reader, facts: Facts) -> Facts:
    """The length. Raises SpentError; OSError."""
    start = behind_id3(reader)
    data = reader.read(start, _SEARCHED)
    rate = data[2] >> 2 & 15 if len(data) > 2 else 15
    if not _adts_frame(data, 0) or rate >= len(_AAC_RATES):
        return facts
    count = _count(reader, data, start, 0, _adts_frame)
    return replace(facts, seconds=count * _AAC_SAMPLES / _AAC_RATES[rate] or None)


def _first_frame(data: bytes) -> int | None:
    """Where the first of two frames in a row begins."""
    for match in islice(_LAYER_3.finditer(data), _SYNCS):
        length = mpeg_frame(data, match.start())
        if length and mpeg_frame(data, match.start() + length):
            return match.start()
    return None


def _told_count(frame: bytes, left: int) -> int:
    """How many frames the first one says there are (Xing, LAME; VBRI of Fraunhofer); 0 where it does not.

    Raises TornError where it tells of more bytes than the `left` ones.
    """
    place = max(frame.find(b"Xing"), frame.find(b"Info"))
    if place >= 0 and len(frame) >= place + 16:
        flags, first, second = unpack_from(">3I", frame, place + 4)
        size = second if flags & 3 == 3 else first if flags & 3 == 2 else 0
        if size > left + _SLACK:
            raise TornError("there is less sound than the first frame says")
        return first if flags & 1 else 0
    if frame.startswith(b"VBRI", _VBRI_AT) and len(frame) >= _VBRI_AT + 18:
        return int(unpack_from(">I", frame, _VBRI_AT + 14)[0])
    return 0


def _count(reader: Reader, data: bytes, start: int, first: int, length_of: Callable[[bytes, int], int]) -> float:
    """The number of frames in all: counted in `data`, which begins at `start`; behind it they are taken to be alike."""
    place, count = first, 0
    while length := length_of(data, place):
        place += length
        count += 1
    if not count or start + len(data) >= reader.size:
        return count
    tag = _OLD_TAG if reader.read(reader.size - _OLD_TAG, 3) == b"TAG" else 0
    return (reader.size - tag - start - first) * count / (place - first)


def _adts_frame(data: bytes, place: int) -> int:
    """The length of the ADTS frame at `place`, 0 if there is none."""
    head = data[place : place + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0

"""Which recording a file is: ISO base media (MP4, MOV, HEIC), RIFF, ASF, Matroska, FLV, MPEG, MP3, …"""

import re
from collections.abc import Callable
from struct import unpack_from

from evidence_cli.looks.identify.signatures import is_binary
from evidence_cli.looks.sample import Sample

_FIXED: tuple[tuple[bytes, str], ...] = (
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "wmv"),
    (b"\x1a\x45\xdf\xa3", "mkv"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"fLaC\x00", "flac"),
    (b"fLaC\x80", "flac"),
)
_RIFF = {b"AVI ": "avi", b"AVIX": "avi", b"WAVE": "wav", b"WEBP": "webp"}

# ISO/IEC 14496-12 and its registration authority: the major brands that are no moving picture.
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "heic"),
    **dict.fromkeys((b"avif", b"avis", b"mif2", b"mif3"), "heic"),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "m4a"),
    **dict.fromkeys((b"f4v ", b"F4V ", b"F4P "), "flv"),
    **dict.fromkeys((b"crx ", b"jp2 ", b"jpx "), "image"),
    **dict.fromkeys((b"f4a ", b"F4A ", b"F4B "), "audio"),
}
_FIRST_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_BOXES = _FIRST_BOXES | {b"ftyp", b"udta", b"uuid", b"meta", b"PICT", b"moof", b"mfra"}
# The first pages begin all tracks: Theora, VP8, Dirac, and what old DirectShow filters wrote.
_OGG_VIDEO = (b"\x80theora", b"OVP80", b"BBCD", b"\x01video")
_OGG_HEADERS = 4096
# WavPack, True Audio, Musepack, TAK, OptimFROG: libmagic does not name them.
_RARE_SOUND = (b"wvpk", b"TTA1", b"MPCK", b"tBaK", b"OFR ")
_TS_PACKETS = 4
# How far behind the start the first frame of an MP3 may lie: encoders pad with zeros.
_MP3_PADDING = 4096


def recording_of(sample: Sample) -> str | None:
    """The format of a recording, or of a picture in such a container, or None. Raises OSError."""
    for signature, name in _FIXED:
        if sample.head.startswith(signature):
            return name
    for test in _TESTS:
        if name_or_none := test(sample.head):
            return name_or_none
    return "mp4" if _is_old_quicktime(sample) else None


def ogg_has_pictures(head: bytes) -> bool:
    """Whether the first pages of an Ogg file (RFC 3533) begin a track of pictures."""
    return any(mark in head[:_OGG_HEADERS] for mark in _OGG_VIDEO)


def _ogg(head: bytes) -> str | None:
    if not head.startswith(b"OggS\x00"):
        return None
    return "ogv" if ogg_has_pictures(head) else "ogg"


def _riff(head: bytes) -> str | None:
    return _RIFF.get(head[8:12]) if head.startswith((b"RIFF", b"RF64", b"BW64")) else None


def _iso_media(head: bytes) -> str | None:
    if head[4:8] != b"ftyp" or len(head) < 12 or not is_binary(head[:4]):
        return None
    return _BRANDS.get(head[8:12], "mp4")


def _is_old_quicktime(sample: Sample) -> bool:
    """QuickTime before 2001 has no `ftyp`: the first box is of a known type, and so is the next."""
    head = sample.head
    kind = head[4:8]
    if kind not in _FIRST_BOXES or len(head) < 8 or not is_binary(head[:4]):
        return False
    if kind == b"moov":
        start = 16 if head[:4] == b"\x00\x00\x00\x01" else 8
        return head[start + 4 : start + 8] in (b"mvhd", b"cmov", b"rmra", b"udta")
    length = unpack_from(">I", head, 0)[0]
    if length == 1 and len(head) >= 16:
        length = unpack_from(">Q", head, 8)[0]
    if kind == b"mdat" and (length == 0 or length >= sample.size):
        return True
    if length < 8:
        return False
    return sample.read(length + 4, 4) in _BOXES


def _mp3(head: bytes) -> str | None:
    start = 0
    if _has_id3(head):
        start = 10 + _syncsafe(head[6:10]) + (10 if head[5] & 0x10 else 0)
        behind = head[start:]
        if behind.startswith(b"fLaC"):
            return "flac"
        if behind.startswith((*_RARE_SOUND, b"MAC ")):
            return "audio"
        return "aac" if _adts(behind) else "mp3"
    padding = len(head) - len(head[:_MP3_PADDING].lstrip(b"\x00")) - max(0, len(head) - _MP3_PADDING)
    start = padding if padding < _MP3_PADDING else 0
    length = mpeg_frame(head, start)
    return "mp3" if length and mpeg_frame(head, start + length) else None


def _has_id3(head: bytes) -> bool:
    return (
        len(head) >= 10
        and head.startswith(b"ID3")
        and head[3] in (2, 3, 4)
        and head[4] != 0xFF
        and max(head[6:10]) < 0x80
    )


def _syncsafe(data: bytes) -> int:
    return data[0] << 21 | data[1] << 14 | data[2] << 7 | data[3]


_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def mpeg_frame(data: bytes, place: int) -> int:
    """The length in bytes of the MPEG audio layer III frame at `place` (ISO/IEC 11172-3), 0 if there is none."""
    if place + 4 > len(data) or data[place] != 0xFF or data[place + 1] & 0xE6 != 0xE2:
        return 0
    version = data[place + 1] >> 3 & 3
    rate, sampling = data[place + 2] >> 4, data[place + 2] >> 2 & 3
    if version == 1 or rate in (0, 15) or sampling == 3:
        return 0
    kilobits = (_RATES_1 if version == 3 else _RATES_2)[rate]
    factor = 144_000 if version == 3 else 72_000
    return factor * kilobits // _SAMPLES[version][sampling] + (data[place + 2] >> 1 & 1)


def _adts(head: bytes) -> str | None:
    """Raw AAC: two frames in a row with the same fixed header (ISO/IEC 13818-7)."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return "aac" if length >= 7 and head[length : length + 2] == head[:2] else None


def _transport_stream(head: bytes) -> str | None:
    """MPEG-TS: a sync byte every 188 bytes, or every 192 with a time stamp before each (Blu-ray)."""
    for start, step in ((0, 188), (4, 192)):
        marks = head[start : start + step * _TS_PACKETS : step]
        if marks == b"\x47" * _TS_PACKETS and is_binary(head[: step * _TS_PACKETS]):
            return "mpeg"
    return None


def _rare_sound(head: bytes) -> str | None:
    return "audio" if head.startswith(_RARE_SOUND) and is_binary(head[:64]) else None


_REAL = re.compile(rb"\.RMF\x00\x00\x00")


def _real_media(head: bytes) -> str | None:
    return "video" if _REAL.match(head) else None


_TESTS: tuple[Callable[[bytes], str | None], ...] = (
    _ogg,
    _riff,
    _iso_media,
    _mp3,
    _adts,
    _transport_stream,
    _real_media,
    _rare_sound,
)

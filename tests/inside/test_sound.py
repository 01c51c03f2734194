"""What is told of sound: frames without an index, sound alone in containers of films, a clock that goes back."""

import struct
from io import BytesIO

import pytest

from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.look import look
from evidence_cli.samples.recording import recording
from evidence_cli.vocabulary.kinds import Kind
from support.films import film
from support.inside import look_inside

# MPEG-1 layer III, 128 kbit/s, 44.1 kHz, joint stereo: 417 bytes and 1152 samples a frame.
HEADER = b"\xff\xfb\x90\x40"
FRAME = HEADER + b"\x55" * 413
SECONDS = 1152 / 44100
# ADTS: AAC-LC, 44.1 kHz, stereo, 200 bytes and 1024 samples a frame.
ADTS = b"\xff\xf1\x50\x80\x19\x1f\xfc" + b"\x55" * 193


def id3(size: int) -> bytes:
    return b"ID3\x03\x00\x00" + bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127)) + bytes(size)


def facts_of(data: bytes, extension: str = "mp3") -> Facts:
    return look(BytesIO(data), size=len(data), extension=extension)


def first_frame(place: int, content: bytes) -> bytes:
    return HEADER + (bytes(place - 4) + content).ljust(413, b"\0")


@pytest.mark.parametrize("before", [b"", id3(300), id3(300) + id3(10)])
@pytest.mark.parametrize("count", [2, 50, 3000])
def test_the_length_of_frames_of_one_size(before: bytes, count: int) -> None:
    data = before + FRAME * count
    assert facts_of(data) == Facts("mp3", seconds=pytest.approx(count * SECONDS), picture_track=False)
    tagged = facts_of(data + b"TAG" + b" " * 125)
    assert tagged.seconds == pytest.approx(count * SECONDS)


@pytest.mark.parametrize("count", [2, 50, 3000])
def test_the_length_of_raw_aac(count: int) -> None:
    assert facts_of(ADTS * count, "aac").seconds == pytest.approx(count * 1024 / 44100)


def test_the_first_frame_tells_the_length() -> None:
    xing = first_frame(36, b"Xing" + struct.pack(">2I", 1, 400))
    vbri = first_frame(36, b"VBRI" + struct.pack(">3HII", 1, 0, 0, 90_000, 500))
    assert facts_of(xing + FRAME * 20).seconds == pytest.approx(400 * SECONDS)
    assert facts_of(vbri + FRAME * 20).seconds == pytest.approx(500 * SECONDS)
    cut = first_frame(36, b"Xing" + struct.pack(">3I", 3, 400, 166_800))
    assert facts_of(cut + FRAME * 20).health is Health.DAMAGED


@pytest.mark.parametrize("sound", [FRAME, b"", b"\x00" * 3000, FRAME[:300]])
def test_a_tag_without_sound(sound: bytes) -> None:
    facts = facts_of(id3(300) + sound)
    assert (facts.format, facts.health) == ("mp3", Health.DAMAGED)


@pytest.mark.parametrize("sound", [b"TTA1\x01\x00\x02\x00", b"wvpk\xfc\x18\x00\x00", b"MAC \x9f\x0f\x00\x00"])
def test_tags_before_other_sound(sound: bytes) -> None:
    assert facts_of(id3(300) + sound + b"\x55" * 200).format == "audio"


def test_layers_that_nothing_here_measures() -> None:
    layer_2 = b"\xff\xfd\x90\x40" + b"\x55" * 413
    assert facts_of(id3(300) + layer_2 * 3).health is Health.OK


@pytest.mark.parametrize("length", [0, 18, 33, 35])
def test_the_stream_info_of_a_flac_has_one_length(length: int) -> None:
    info = struct.pack(">HH", 4096, 4096) + bytes(6) + (44_100 << 44).to_bytes(8, "big") + bytes(16)
    for size in (length, 34):
        data = b"fLaC\x80" + size.to_bytes(3, "big") + info.ljust(40, b"\0")[:size] + b"\xff\xf8" + b"\x55" * 100
        assert look_inside(data, "flac")[0].health is (Health.OK if size == 34 else Health.DAMAGED)


@pytest.mark.parametrize(("extension", "name"), [("m4a", "m4a"), ("m4b", "m4a"), ("mp4", "mp4"), ("mov", "mp4")])
def test_sound_alone_is_what_its_name_promises(extension: str, name: str) -> None:
    film = recording(seed=9)
    facts = facts_of(film.replace(b"vide", b"soun"), extension)
    assert (facts.format, facts.picture_track) == (name, False)
    assert facts.kind is (Kind.AUDIO if name == "m4a" else Kind.VIDEO)
    assert facts_of(film, extension).format == "mp4"


def test_an_ogg_with_pictures_is_a_film() -> None:
    page = b"OggS\x00\x02" + bytes(8) + b"abcd" + bytes(8) + b"\x01\x2a"
    assert facts_of(page + b"\x80theora".ljust(42, b"\x01"), "ogv").kind is Kind.VIDEO
    assert facts_of(page + b"\x01vorbis".ljust(42, b"\x01"), "ogv").kind is Kind.AUDIO


@pytest.mark.tools
@pytest.mark.parametrize("name", ["plain.ogg", "plain.opus"])
def test_an_ogg_whose_first_pages_were_changed(name: str) -> None:
    data = film(name)
    assert facts_of(data, "ogg").health is Health.OK
    second = data.index(b"OggS", 4)
    for page, place in ((0, 6), (0, 22), (0, 30), (0, 40), (second, second + 40)):
        changed = data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]
        assert facts_of(changed, "ogg").detail == f"the checksum of the page at byte {page} is wrong"


def pes(seconds: float) -> bytes:
    clock = int(seconds * 90_000)
    stamp = bytes(
        (
            0x21 | clock >> 29 & 14,
            clock >> 22 & 255,
            clock >> 14 & 254 | 1,
            clock >> 7 & 255,
            clock << 1 & 254 | 1,
        )
    )
    content = b"\x80\x80\x05" + stamp + b"\x55" * 40
    return b"\x00\x00\x01\xe0" + struct.pack(">H", len(content)) + content


@pytest.mark.parametrize(("first", "last", "seconds"), [(1, 3.5, 2.5), (1, 0.96, None), (95_443, 1, 1.718)])
def test_pictures_are_not_sent_in_the_order_of_their_times(first: float, last: float, seconds: float | None) -> None:
    pack = b"\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x00\x00\x03\xf8"
    facts = look_inside(pack + pes(first) + pes(last), "mpeg")[0]
    assert facts.seconds == (None if seconds is None else pytest.approx(seconds, abs=0.001))

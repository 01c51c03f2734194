"""Recordings as other writers lay them out, and hostile ones; built by hand from our own samples."""

import struct
import time
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

from evidence_cli.looks.facts import Facts, Gap, Health
from evidence_cli.looks.look import look
from evidence_cli.samples.recording import recording
from support.films import film

_DRM = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")


def facts_of(data: bytes, extension: str = "") -> Facts:
    return look(BytesIO(data), size=len(data), extension=extension)


def outcome(data: bytes) -> tuple[Health, str]:
    facts = facts_of(data)
    return facts.health, facts.detail


def box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def wide_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


@cache
def parts() -> tuple[bytes, bytes, bytes]:
    """`ftyp` and `moov` of a movie of our own, whole, and the media data without its header."""
    data = recording(seed=9)
    kind = struct.unpack_from(">I", data)[0]
    header = struct.unpack_from(">I", data, kind)[0]
    return data[:kind], data[kind : kind + header], data[kind + header + 8 :]


def moved(moov: bytes, offset: int) -> bytes:
    """The header with its one chunk at another place."""
    place = moov.index(b"stco") + 12
    return moov[:place] + struct.pack(">I", offset) + moov[place + 4 :]


def compressed(moov: bytes, method: bytes = b"zlib") -> bytes:
    packed = struct.pack(">I", len(moov)) + zlib.compress(moov)
    return box(b"moov", box(b"cmov", box(b"dcom", method), box(b"cmvd", packed)))


LAYOUTS: dict[str, Callable[[bytes, bytes, bytes], bytes]] = {
    "header last": lambda kind, moov, media: kind + box(b"mdat", media) + moved(moov, len(kind) + 8),
    "no ftyp": lambda _kind, moov, media: box(b"mdat", media) + moved(moov, 8),
    "wide": lambda _kind, moov, media: box(b"wide") + box(b"mdat", media) + moved(moov, 16),
    "64 bit": lambda kind, moov, media: kind + wide_box(b"mdat", media) + moved(moov, len(kind) + 16),
    "to the end": lambda kind, moov, media: kind + moved(moov, len(kind) + len(moov) + 8) + b"\0\0\0\0mdat" + media,
    "free between": lambda kind, moov, media: (
        kind + moved(moov, len(kind) + len(moov) + 108) + box(b"free", bytes(92)) + box(b"mdat", media)
    ),
    "compressed": lambda _kind, moov, media: box(b"mdat", media) + compressed(moved(moov, 8)),
    "size one too large": lambda kind, moov, media: (
        kind + moved(moov, len(kind) + len(moov) + 8) + struct.pack(">I4s", len(media) + 9, b"mdat") + media
    ),
    "free cut off": lambda kind, moov, media: (
        kind + moved(moov, len(kind) + len(moov) + 8) + box(b"mdat", media) + box(b"free", bytes(400))[:-100]
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_a_movie(layout: str) -> None:
    data = LAYOUTS[layout](*parts())
    facts = facts_of(data)
    assert (facts.format, facts.health, facts.detail) == ("mp4", Health.OK, "")
    assert (facts.picture_track, facts.width, facts.height, facts.seconds) == (True, 320, 200, 3.0)


@pytest.mark.parametrize("layout", list(LAYOUTS)[:6])
def test_every_layout_cut_off(layout: str) -> None:
    data = LAYOUTS[layout](*parts())
    # Below the header alone it is no movie that could be known.
    for cut in range(len(data) // 3, len(data) - 2, len(data) // 30):
        assert facts_of(data[:cut]).health is not Health.OK or facts_of(data[:cut]).format != "mp4", cut


def test_a_movie_without_a_header() -> None:
    kind, _moov, media = parts()
    assert outcome(kind + box(b"mdat", media)) == (Health.DAMAGED, "no moov box")
    assert outcome(kind + b"\0\0\0\0mdat" + media) == (Health.DAMAGED, "no moov box")


def test_a_movie_that_grows_on_opening() -> None:
    _kind, moov, media = parts()
    facts = facts_of(box(b"mdat", media) + compressed(box(b"moov", bytes(40_000_000))))
    assert facts.health is Health.BOMB
    nested = compressed(compressed(moov))
    assert outcome(box(b"mdat", media) + nested)[0] is Health.DAMAGED


def test_pictures_beside_the_sound_are_no_picture_track() -> None:
    kind, moov, media = parts()
    header = moved(moov, len(kind) + len(moov) + 8)
    chapter = header.replace(b"mp4v", b"jpeg")
    assert facts_of(kind + chapter + box(b"mdat", media)).picture_track is True
    disabled = chapter.replace(b"tkhd\0\0\0\7", b"tkhd\0\0\0\6")
    assert facts_of(kind + disabled + box(b"mdat", media)).picture_track is False
    assert facts_of(kind + header.replace(b"vide", b"tmcd") + box(b"mdat", media)).picture_track is False


def test_protected_and_external_movies() -> None:
    kind, moov, media = parts()
    header = moved(moov, len(kind) + len(moov) + 8)
    assert outcome(kind + header.replace(b"mp4v", b"encv") + box(b"mdat", media))[0] is Health.ENCRYPTED
    external = header.replace(b"url \0\0\0\1", b"url \0\0\0\0")
    assert outcome(kind + external + box(b"mdat", media)) == (Health.DAMAGED, "the media data lies in another file")


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (box(b"\xa9xyz", b"\0\x12\x15\xc7+39.9000+116.4000/"), True),
        (box(b"\xa9xyz", b"\0\x12\x15\xc7+00.0000+000.0000/"), False),
        (box(b"loci", bytes(4), b"\x15\xc7", b"x\0", b"\0", struct.pack(">2i", 116 << 16, 39 << 16), bytes(6)), True),
        (box(b"loci", bytes(4), b"\x15\xc7", b"\0", b"\0", bytes(12), b"earth\0\0"), False),
        (box(b"cprt", bytes(4), b"+39.9000+116.4000/"), False),
    ],
)  # fmt: skip
def test_where_a_movie_was_taken(entry: bytes, told: bool) -> None:
    kind, moov, media = parts()
    described = box(b"moov", moved(moov, 0)[8:], box(b"udta", entry))
    header = moved(described, len(kind) + len(described) + 8)
    facts = facts_of(kind + header + box(b"mdat", media))
    assert (facts.health, facts.position) == (Health.OK, told)


@pytest.mark.tools
def test_fragments_that_are_missing() -> None:
    data = film("empty_moov.mp4")
    first = data.index(b"moof") - 4
    media = data.index(b"mdat", first) - 4
    assert outcome(data[:first]) == (Health.DAMAGED, "movie without a single sample")
    assert outcome(data[:media]) == (Health.DAMAGED, "fragment without its media data")
    assert outcome(data[first:])[0] is Health.DAMAGED or facts_of(data[first:]).format == "other"
    indexed = film("dash.mp4")
    last = indexed.rindex(b"moof") - 4
    assert outcome(indexed[:last]) == (Health.DAMAGED, "segment index reaches beyond the end of the file")


def test_fragments_without_a_time_go_on_from_the_header() -> None:
    data = recording(seed=9, seconds=20)
    kind = struct.unpack_from(">I", data)[0]
    end = kind + struct.unpack_from(">I", data, kind)[0]
    place = data.index(b"mvhd") + 4
    scale, length = struct.unpack_from(">II", data, place + 12)
    more = box(b"mehd", struct.pack(">2I", 0, length + 2 * scale)) + box(b"trex", struct.pack(">6I", 0, 1, 1, 0, 0, 0))
    moov = box(b"moov", data[kind + 8 : end], box(b"mvex", more))
    header = moved(moov, kind + len(moov) + 8)
    run = box(b"tfhd", struct.pack(">3I", 8, 1, scale)) + box(b"trun", struct.pack(">2I", 0, 2))
    fragment = box(b"moof", box(b"traf", run)) + box(b"mdat", b"\x55" * 100)
    facts = facts_of(data[:kind] + header + data[end:] + fragment)
    assert (facts.health, facts.seconds) == (Health.OK, pytest.approx(22))


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, -8, -7, -9])
def test_sizes_that_recorders_write(size: int) -> None:
    data = recording(seed=4, container="avi")
    size = len(data) + size if size < 0 else size
    assert outcome(data[:4] + struct.pack("<I", size) + data[8:]) == (Health.OK, "")


def test_a_film_without_its_index() -> None:
    data = recording(seed=4, container="avi")
    index = data.index(b"idx1")
    facts = facts_of(data[:4] + struct.pack("<I", index - 8) + data[8:index])
    assert (facts.health, facts.seconds) == (Health.OK, 3.0)
    assert facts_of(data[:index]).health is Health.DAMAGED


def test_a_film_in_several_lists() -> None:
    data = recording(seed=4, container="avi")
    more = b"AVIX" + b"LIST" + struct.pack("<I", 104) + b"movi" + bytes(100)
    film_of_two = data + b"RIFF" + struct.pack("<I", len(more)) + more
    assert outcome(film_of_two) == (Health.OK, "")
    assert outcome(film_of_two[:-40]) == (Health.DAMAGED, "chunk AVIX ends beyond the end of the file")


@pytest.mark.parametrize("place", [500, 10_000_000_000])
def test_an_index_of_indexes(place: int) -> None:
    data = recording(seed=4, container="avi")
    index = struct.pack("<HBBI4s12x", 4, 0, 0, 1, b"00dc") + struct.pack("<QII", place, 32, 12)
    chunk = b"indx" + struct.pack("<I", len(index)) + index
    streams = data.index(b"strl") - 8
    end = streams + 8 + struct.unpack_from("<I", data, streams + 4)[0]
    indexed = bytearray(data[:end] + chunk + data[end:])
    for size in (4, 16, streams + 4):
        struct.pack_into("<I", indexed, size, struct.unpack_from("<I", indexed, size)[0] + len(chunk))
    assert facts_of(bytes(indexed)).health is (Health.OK if place == 500 else Health.DAMAGED)


@pytest.mark.tools
def test_a_licence_locks_a_film() -> None:
    data = film("plain.wmv")
    size, count = struct.unpack_from("<QI", data, 16)
    licence = _DRM + struct.pack("<Q", 40) + bytes(16)
    locked = data[:16] + struct.pack("<QI", size + 40, count + 1) + data[28:30] + licence + data[30:]
    assert outcome(locked) == (Health.ENCRYPTED, "content encryption object")


@pytest.mark.tools
def test_scrambled_packets() -> None:
    data = bytearray(film("plain.ts"))
    for place in range(3 * 188, len(data), 188):
        data[place + 3] |= 0xC0
    assert outcome(bytes(data)) == (Health.ENCRYPTED, "the packets are scrambled")


def test_a_hostile_movie_costs_little() -> None:
    kind, moov, _media = parts()
    nested = b""
    for _ in range(2000):
        nested = box(b"mdia", nested)
    begun = time.process_time()
    assert outcome(kind + box(b"moov", box(b"trak", nested)))[0] is Health.DAMAGED
    assert facts_of(kind + moov + box(b"free") * 300_000).gaps == (Gap("health", "large"),)
    assert facts_of(kind + box(b"moov", box(b"trak") * 100_000)).gaps == (Gap("health", "large"),)
    assert time.process_time() - begun < 3


def test_a_large_movie_costs_no_more_than_a_small_one(tmp_path: Path) -> None:
    kind, moov, media = parts()
    offset = len(kind) + len(moov) + 8
    path = tmp_path / "large.mp4"
    with path.open("wb") as stream:
        stream.write(kind + moved(moov, offset) + box(b"mdat", media) + struct.pack(">I4sQ", 1, b"mdat", 5_000_000_000))
        stream.truncate(offset + len(media) + 5_000_000_000)
    with path.open("rb") as stream:
        begun = time.process_time()
        facts = look(stream, size=path.stat().st_size, extension="mp4")
        assert time.process_time() - begun < 1
    assert (facts.health, facts.seconds) == (Health.OK, 3.0)

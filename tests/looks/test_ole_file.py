"""Streams of compound files: short and long, sloppy and hostile."""

import struct
from io import BytesIO

import pytest

from evidence_cli.looks.containers.ole_file import Compound
from evidence_cli.looks.facts import Health
from evidence_cli.looks.look import identify
from evidence_cli.looks.sample import Sample, TornError, sample_of
from support.ole_writer import compound

STREAMS = {"Long": bytes(range(256)) * 40, "Store/Short": b"short", "Store/Deep/Other": b"x" * 200}
DATA = compound(STREAMS, short=True)


def sample(data: bytes) -> Sample:
    return sample_of(BytesIO(data), size=len(data), extension="doc")


def patched(data: bytes, name: str, place: int, value: int) -> bytes:
    """The file with a number of a node changed: 116 is its first sector, 120 its size."""
    out = bytearray(data)
    struct.pack_into("<I", out, out.index(name.encode("utf-16-le")) + place, value)
    return bytes(out)


def test_streams_by_path() -> None:
    reader = Compound(sample(DATA))
    assert set(reader.paths) == {"long", "store", "store/short", "store/deep", "store/deep/other"}
    assert set(reader.inside("store")) == {"short", "deep"}
    for path, data in STREAMS.items():
        stream = reader.open(path.lower())
        assert (stream.size, stream.read(0, 100_000)) == (len(data), data)
    assert reader.open("long").read(510, 5) == STREAMS["Long"][510:515]
    assert reader.open("long").read(10_239, 5) == STREAMS["Long"][-1:]
    with pytest.raises(TornError, match="'nothing' is missing"):
        reader.open("nothing")


@pytest.mark.parametrize("junk", [b"", b"\0" * 3000, b"trailing"])
def test_what_follows_the_last_sector_does_not_matter(junk: bytes) -> None:
    assert identify(sample(DATA + junk)).health is Health.OK


def test_a_last_sector_without_its_padding_is_whole() -> None:
    assert DATA.endswith(b"\xff" * 64)
    assert identify(sample(DATA[:-64])).health is Health.OK


def test_a_size_greater_than_the_chain_gives_a_short_stream() -> None:
    reader = Compound(sample(patched(DATA, "Long", 120, 10_600)))
    assert reader.find_cut() == ""
    assert reader.open("long").size == 10_240


def test_a_stream_outside_the_file() -> None:
    reader = Compound(sample(patched(DATA, "Long", 116, 5000)))
    with pytest.raises(TornError, match="reaches beyond the end of the file"):
        reader.open("long")


def test_a_chain_that_runs_in_a_circle() -> None:
    page = struct.unpack_from("<I", DATA, 76)[0]
    data = bytearray(DATA)
    struct.pack_into("<I", data, (page + 1) * 512 + 4, 0)
    with pytest.raises(TornError, match="runs in a circle"):
        Compound(sample(bytes(data))).open("long")


def test_a_file_cut_anywhere() -> None:
    for cut in range(100, len(DATA) - 512, 97):
        assert identify(sample(DATA[:cut])).health is Health.DAMAGED, cut


def test_storages_nested_without_end_are_followed_some_way() -> None:
    reader = Compound(sample(compound({"/".join("d" * 1000) + "/s": b"x"}, short=True)))
    assert 20 < len(reader.paths) < 100

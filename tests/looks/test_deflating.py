"""What deflate makes of data: whole again afterwards, never much longer, and packed in the way that suits them."""

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_cli.looks.packages.deflating import END, Deflater
from evidence_cli.looks.packages.digests import CHUNK

NOISE = random.Random(4).randbytes(CHUNK)
DIGITS = random.Random(5)
NUMBERS = "".join(f"{DIGITS.random():.9f},{DIGITS.randrange(99999)}\r\n" for _ in range(CHUNK // 18)).encode()
NAMES = "".join(f"{n},市政务服务中心,办结,2021-0{n % 9 + 1}\r\n" for n in range(CHUNK // 40)).encode()
FLAT = b"\xff\xff\xff" * (CHUNK // 3)


def packed(data: bytes) -> bytes:
    return Deflater().chunk(memoryview(data)) + END


@pytest.mark.parametrize(
    ("data", "least", "most"),
    [(FLAT, 0, 0.01), (NAMES, 0, 0.25), (NUMBERS, 0.4, 0.55), (NOISE, 1, 1.001)],
    ids=["flat", "names", "numbers", "noise"],
)
def test_each_chunk_is_packed_in_the_way_that_suits_it(data: bytes, least: float, most: float) -> None:
    result = packed(data)
    assert zlib.decompress(result, -15) == data
    assert least <= len(result) / len(data) <= most


def test_noise_is_passed_through() -> None:
    assert NOISE[1000:2000] in packed(NOISE)


def test_where_little_repeats_it_is_not_looked_for() -> None:
    searched = Deflater().whole(memoryview(NUMBERS))
    # By frequency alone the result is longer, by a quarter at most.
    assert len(searched) < len(packed(NUMBERS)) < len(searched) * 1.3


def test_chunks_of_different_kinds_are_one_stream() -> None:
    deflater = Deflater()
    chunks = [NOISE, FLAT, b"", NUMBERS, NAMES, b"x", NOISE[:300_000]]
    stream = b"".join(deflater.chunk(memoryview(chunk)) for chunk in chunks) + END
    assert zlib.decompress(stream, -15) == b"".join(chunks)
    # What comes after the end is nothing of it.
    engine = zlib.decompressobj(-15)
    engine.decompress(stream + b"rest")
    assert (engine.eof, engine.unused_data) == (True, b"rest")


@given(st.binary(max_size=2000), st.integers(0, 400), st.sampled_from([NOISE, NUMBERS, NAMES, FLAT]))
def test_whatever_comes_stays_whole_and_within_its_bound(odd: bytes, times: int, rest: bytes) -> None:
    data = (odd * times + rest)[:CHUNK]
    result = packed(data)
    assert zlib.decompress(result, -15) == data
    assert len(result) <= len(data) + (len(data) >> 10) + 64
    assert packed(data) == result
    assert zlib.decompress(Deflater().whole(memoryview(data)), -15) == data

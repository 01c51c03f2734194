"""HEIC and AVIF: with a decoder and without."""

import random
import sys
from io import BytesIO

import pytest
from PIL import Image

from evidence_cli.looks.facts import Facts, Gap, Health
from support.inside import look_inside

GPS = {1: "N", 2: (39.0, 54.0, 20.5), 3: "E", 4: (116.0, 23.0, 29.25)}
NOISE = Image.frombytes("RGB", (160, 120), random.Random(5).randbytes(160 * 120 * 3))


def exif() -> Image.Exif:
    block = Image.Exif()
    block[0x010F] = "Camera"
    block.get_ifd(0x8825).update(GPS)
    return block


@pytest.fixture(scope="module")
def heic() -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    data = BytesIO()
    pillow_heif.from_pillow(NOISE).save(data, quality=60, exif=exif().tobytes())
    return data.getvalue()


@pytest.fixture(scope="module")
def avif() -> bytes:
    if not Image.registered_extensions().get(".avif"):
        pytest.skip("this Pillow writes no AVIF")
    data = BytesIO()
    NOISE.save(data, "AVIF", exif=exif(), speed=10)
    return data.getvalue()


@pytest.mark.parametrize("name", ["heic", "avif"])
def test_heif(name: str, request: pytest.FixtureRequest) -> None:
    data: bytes = request.getfixturevalue(name)
    facts = look_inside(data, "heic")[0]
    assert facts == Facts("heic", width=160, height=120, position=True)
    for part in range(30):
        assert look_inside(data[: len(data) * part // 30], "heic")[0].health is Health.DAMAGED, part
    assert look_inside(data[:-1], "heic")[0].health is Health.DAMAGED
    chance = random.Random(9)
    for _ in range(80):
        torn = bytearray(data)
        torn[chance.randrange(chance.choice((60, 600, len(torn))))] = chance.randrange(256)
        look_inside(bytes(torn), "heic")


def test_heif_without_its_decoder(heic: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    facts = look_inside(heic, "heic")[0]
    assert facts == Facts("heic", width=160, height=120, position=True, gaps=(Gap("health", "library"),))
    assert look_inside(heic[:-1], "heic")[0].health is Health.DAMAGED

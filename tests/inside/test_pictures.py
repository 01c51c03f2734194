"""Pictures: whole, cut, filled up, too large to be true; their size; where they were taken."""

import random
import struct
import time
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from evidence_cli.looks.facts import Facts, Gap, Health
from support.inside import look_inside

UNKNOWN = Gap("health", "format")
LARGE = Gap("health", "large")
GPS = {1: "N", 2: (39.0, 54.0, 20.5), 3: "E", 4: (116.0, 23.0, 29.25)}


def noise(width: int = 160, height: int = 120) -> Image.Image:
    grey = Image.frombytes("L", (width, height), random.Random(5).randbytes(width * height))
    return Image.merge("RGB", [grey, grey.transpose(Image.Transpose.FLIP_TOP_BOTTOM), grey.rotate(180)])


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    data = BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def frames() -> list[Image.Image]:
    return [noise().rotate(angle) for angle in (90, 180)]


def exif(gps: dict[int, Any]) -> Image.Exif:
    block = Image.Exif()
    block[0x010F] = "Camera"
    block.get_ifd(0x8825).update(gps)
    return block


def tags_with_position() -> ImageFileDirectory_v2:
    tags = ImageFileDirectory_v2()
    tags[0x8825] = GPS
    return tags


NOISE = noise()
MAKERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "png": ("png", lambda: saved(NOISE, "PNG")),
    "png palette": ("png", lambda: saved(NOISE.convert("P"), "PNG")),
    "png black and white": ("png", lambda: saved(NOISE.convert("1"), "PNG")),
    "png 16 bits": ("png", lambda: saved(NOISE.convert("I;16"), "PNG")),
    "png alpha": ("png", lambda: saved(NOISE.convert("RGBA"), "PNG")),
    "apng": ("png", lambda: saved(NOISE, "PNG", save_all=True, append_images=frames())),
    "jpeg": ("jpeg", lambda: saved(NOISE, "JPEG")),
    "jpeg progressive": ("jpeg", lambda: saved(NOISE, "JPEG", progressive=True)),
    "jpeg cmyk": ("jpeg", lambda: saved(NOISE.convert("CMYK"), "JPEG")),
    "jpeg restarts": ("jpeg", lambda: saved(NOISE.convert("L"), "JPEG", restart_marker_rows=1)),
    "mpo": ("jpeg", lambda: saved(NOISE, "MPO", save_all=True, append_images=frames())),
    "gif": ("gif", lambda: saved(NOISE.convert("P"), "GIF")),
    "gif frames": ("gif", lambda: saved(NOISE.convert("P"), "GIF", save_all=True, append_images=frames())),
    "bmp": ("bmp", lambda: saved(NOISE, "BMP")),
    "tiff": ("tiff", lambda: saved(NOISE, "TIFF")),
    "tiff lzw": ("tiff", lambda: saved(NOISE, "TIFF", compression="tiff_lzw")),
    "tiff deflate": ("tiff", lambda: saved(NOISE, "TIFF", compression="tiff_adobe_deflate")),
    "tiff jpeg": ("tiff", lambda: saved(NOISE, "TIFF", compression="jpeg")),
    "tiff fax": ("tiff", lambda: saved(NOISE.convert("1"), "TIFF", compression="group4")),
    "tiff big": ("tiff", lambda: saved(NOISE, "TIFF", big_tiff=True)),
    "webp": ("webp", lambda: saved(NOISE, "WEBP")),
    "webp lossless": ("webp", lambda: saved(NOISE, "WEBP", lossless=True)),
    "webp frames": ("webp", lambda: saved(NOISE, "WEBP", save_all=True, append_images=frames())),
    "ico": ("image", lambda: saved(NOISE.resize((48, 48)), "ICO")),
    "ppm": ("image", lambda: saved(NOISE, "PPM")),
}
# The end of these is padding, a trailer or the end mark of a directory: without it all of the picture is there.
SPARE = {"gif": 2, "gif frames": 2, "tiff fax": 4, "tiff big": 8, "ico": 64}


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    return {name: make() for name, (_, make) in MAKERS.items()}


def seen(name: str, data: bytes) -> Facts:
    return look_inside(data, MAKERS[name][0])[0]


@pytest.mark.parametrize("name", MAKERS)
def test_whole(pictures: dict[str, bytes], name: str) -> None:
    facts = seen(name, pictures[name])
    size = (48, 48) if name == "ico" else (160, 120)
    assert (facts.health, facts.gaps, facts.position) == (Health.OK, (), False), facts.detail
    assert (facts.width, facts.height) == size
    assert facts.pages == (1 if MAKERS[name][0] == "tiff" else None)


@pytest.mark.parametrize("name", MAKERS)
def test_cut_anywhere(pictures: dict[str, bytes], name: str) -> None:
    data = pictures[name]
    cuts = {len(data) * part // 30 for part in range(1, 30)} | {len(data) - tail for tail in (1, 2, 3, 9, 70)}
    if name == "mpo":
        # The second picture is a trailer of the first, which every program shows.
        cuts = {cut for cut in cuts if cut < len(saved(NOISE, "JPEG"))}
    whole = [cut for cut in sorted(cuts) if seen(name, data[:cut]).health is not Health.DAMAGED]
    assert all(len(data) - cut <= SPARE.get(name, 0) for cut in whole), whole


@pytest.mark.parametrize("name", sorted(set(MAKERS) - {"bmp", "tiff", "tiff big", "ppm", "ico", "mpo"}))
def test_second_half_never_arrived(pictures: dict[str, bytes], name: str) -> None:
    data = pictures[name]
    half = len(data) // 2
    assert seen(name, data[:half] + bytes(len(data) - half)).health is Health.DAMAGED


@pytest.mark.parametrize("name", ["png", "jpeg", "gif", "webp", "bmp"])
def test_anything_may_follow(pictures: dict[str, bytes], name: str) -> None:
    facts = seen(name, pictures[name] + b"trailer of a telephone" + bytes(2000))
    assert (facts.health, facts.gaps) == (Health.OK, ())


@pytest.mark.parametrize("name", MAKERS)
def test_no_byte_does_harm(pictures: dict[str, bytes], name: str) -> None:
    chance = random.Random(name)
    for _ in range(60):
        data = bytearray(pictures[name])
        for _ in range(chance.choice((1, 2, 8))):
            data[chance.randrange(min(len(data), chance.choice((64, 600, len(data)))))] = chance.randrange(256)
        start = time.perf_counter()
        seen(name, bytes(data))
        assert time.perf_counter() - start < 3


def test_jpeg_filled_up_with_grey() -> None:
    """Somebody closed a cut picture: it decodes without a word, half of it grey."""
    data = saved(noise(640, 480), "JPEG")
    for part in (0.3, 0.6, 0.9):
        facts = look_inside(data[: int(len(data) * part)] + b"\xff\xd9", "jpeg")[0]
        assert (facts.health, facts.detail) == (Health.DAMAGED, "the data end before the pixels do")


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"subsampling": 0}], ids=str)
def test_jpeg_that_is_grey(mode: str, options: dict[str, Any]) -> None:
    half = noise(640, 480)
    half.paste((128, 128, 128), (0, 200, 640, 480))
    for image in (half, Image.new("RGB", (640, 480), (128, 128, 128))):
        facts = look_inside(saved(image.convert(mode), "JPEG", **options), "jpeg")[0]
        assert facts.health is Health.OK, facts.detail


def test_jpeg_without_a_decoder() -> None:
    data = bytearray(saved(NOISE, "JPEG"))
    frame = data.index(b"\xff\xc0")
    for marker, bits in ((0xC3, 8), (0xC1, 12)):
        data[frame + 1], data[frame + 4] = marker, bits
        facts = look_inside(bytes(data), "jpeg")[0]
        assert (facts.health, facts.width, facts.gaps) == (Health.OK, 160, (UNKNOWN,))


def test_jpeg_metadata_is_not_judged() -> None:
    data = saved(NOISE, "JPEG", exif=exif({}))
    data = data.replace(b"Exif\0\0MM", b"Exif\0\0XX").replace(b"Exif\0\0II", b"Exif\0\0XX")
    assert look_inside(data, "jpeg")[0] == Facts("jpeg", width=160, height=120)


def test_every_page_counts() -> None:
    facts = look_inside(saved(NOISE, "TIFF", save_all=True, append_images=frames()), "tiff")[0]
    assert (facts.pages, facts.gaps) == (3, ())


def test_tiff_pages_in_a_ring() -> None:
    data = bytearray(saved(NOISE, "TIFF", save_all=True, append_images=frames()))
    first = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    facts = look_inside(bytes(data), "tiff")[0]
    assert (facts.health, facts.pages) == (Health.OK, 1)


def test_tiff_in_a_compression_nobody_reads() -> None:
    data = bytearray(saved(NOISE, "TIFF"))
    place = data.index(struct.pack("<HHII", 259, 3, 1, 1))
    struct.pack_into("<H", data, place + 8, 34887)
    facts = look_inside(bytes(data), "tiff")[0]
    assert (facts.health, facts.width, facts.gaps) == (Health.OK, 160, (UNKNOWN,))


XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description exif:GPSLatitude='39,54.3N' exif:GPSLongitude='116,23E'/>"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("jpeg", {"exif": exif(GPS)}),
        ("png", {"exif": exif(GPS)}),
        ("webp", {"exif": exif(GPS)}),
        ("tiff", {"tiffinfo": tags_with_position()}),
        ("jpeg", {"xmp": XMP}),
        ("webp", {"xmp": XMP}),
    ],
)
def test_position(kind: str, options: dict[str, Any]) -> None:
    facts = look_inside(saved(NOISE, kind.upper(), **options), kind)[0]
    assert (facts.health, facts.position) == (Health.OK, True), facts.detail


@pytest.mark.parametrize(
    "gps",
    [
        {},
        {0: b"\2\3\0\0", 7: (1.0, 2.0, 3.0)},
        {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
        {1: "N", 2: (39.0, 54.0, 20.0)},
    ],
    ids=["empty", "time only", "no reception", "half"],
)
def test_no_position(gps: dict[int, Any]) -> None:
    assert not look_inside(saved(NOISE, "JPEG", exif=exif(gps)), "jpeg")[0].position


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes, width: int = 8, height: int = 8) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks)


PIXELS = chunk(b"IDAT", zlib.compress(bytes(72)))
IEND = chunk(b"IEND", b"")


def test_png_xmp_and_raw_profile() -> None:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    assert look_inside(saved(NOISE, "PNG", pnginfo=info), "png")[0].position
    block = exif(GPS).tobytes()
    info = PngInfo()
    info.add_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n", zip=True)
    assert look_inside(saved(NOISE, "PNG", pnginfo=info), "png")[0].position


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (png(PIXELS), "the file ends before IEND"),
        (png(IEND), "no pixels before IEND"),
        (png(chunk(b"IDAT", zlib.compress(bytes(71))), IEND), "fewer pixels than the header says"),
        (png(chunk(b"IDAT", zlib.compress(b"\5" * 72)), IEND), "pixels: unknown filter"),
        (png(PIXELS, chunk(b"tEXt", b"a\0b")[:-1] + b"\0", IEND), "CRC of chunk tEXt"),
        (png(PIXELS, IEND, width=0), "0 x 8 pixels"),
    ],
)
def test_png_nonsense(data: bytes, detail: str) -> None:
    facts = look_inside(data, "png")[0]
    assert (facts.health, facts.detail) == (Health.DAMAGED, detail)


def test_png_interlaced() -> None:
    """Pillow writes none: an 8 x 8 picture has 1, 1, 1, 2, 2, 4 and 4 rows in its seven passes."""
    rows = [(1, 1), (1, 1), (1, 2), (2, 2), (2, 4), (4, 4), (4, 8)]
    data = b"".join((b"\0" + bytes(width)) * count for count, width in rows)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1))
    for pixels, health in ((data, Health.OK), (data[:-1], Health.DAMAGED)):
        whole = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(pixels)) + IEND
        assert look_inside(whole, "png")[0].health is health


def gif(width: int, height: int, *, frame: tuple[int, int] = (1, 1)) -> bytes:
    image = b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\2\2L\1\0"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + image + b";"


def test_gif_without_an_area() -> None:
    assert look_inside(gif(0, 0, frame=(0, 0)), "gif")[0].health in (Health.OK, Health.DAMAGED)


def tiff(width: int, height: int) -> bytes:
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 8), (262, 3, 1), (273, 4, 8), (278, 4, height),
            (279, 4, 2)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IHH", 10, 0, len(tags)) + entries + bytes(4)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("png", png(PIXELS, IEND, width=60_000, height=60_000)),
        ("gif", gif(60_000, 60_000)),
        ("gif", gif(1, 1, frame=(60_000, 60_000))),
        ("tiff", tiff(60_000, 60_000)),
        ("png", png(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000))), PIXELS, IEND)),
        ("png", png(chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(80_000_000))), PIXELS, IEND)),
        ("image", b"P6 60000 60000 255\n" + bytes(1000)),
    ],
    ids=["png", "gif", "gif frame", "tiff", "png text", "png profile", "ppm"],
)
def test_bombs(kind: str, data: bytes) -> None:
    start = time.perf_counter()
    facts = look_inside(data, kind)[0]
    assert (facts.health, facts.detail != "") == (Health.BOMB, True)
    assert time.perf_counter() - start < 2


def test_a_large_sheet_in_black_and_white_is_no_bomb() -> None:
    sheet = Image.new("1", (14_000, 9_900), 1)
    sheet.paste(NOISE.convert("1").resize((4000, 3000)), (100, 100))
    facts = look_inside(saved(sheet, "TIFF", compression="group4"), "tiff")[0]
    assert (facts.health, facts.width, facts.gaps) == (Health.OK, 14_000, ())


@pytest.mark.parametrize(
    ("method", "bits", "health", "gaps"),
    [
        (0, 24, Health.OK, ()),
        (0, 64, Health.OK, (UNKNOWN,)),
        (4, 0, Health.OK, (UNKNOWN,)),
        (0, 7, Health.DAMAGED, ()),
        (99, 24, Health.DAMAGED, ()),
    ],
)
def test_bmp_methods(method: int, bits: int, health: Health, gaps: tuple[Gap, ...]) -> None:
    data = bytearray(saved(NOISE, "BMP"))
    struct.pack_into("<HI", data, 28, bits, method)
    facts = look_inside(bytes(data), "bmp")[0]
    assert (facts.health, facts.gaps) == (health, gaps)


def test_bmp_upside_down_and_from_os2() -> None:
    data = bytearray(saved(NOISE, "BMP"))
    struct.pack_into("<i", data, 22, -120)
    assert look_inside(bytes(data), "bmp")[0].height == 120
    core = b"BM" + struct.pack("<IHHI", 26 + 480 * 120, 0, 0, 26) + struct.pack("<IHHHH", 12, 160, 120, 1, 24)
    facts = look_inside(core + bytes(480 * 120), "bmp")[0]
    assert (facts.health, facts.width, facts.height) == (Health.OK, 160, 120)


@pytest.mark.parametrize("data", [b"P9 what is this", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_rare_pictures_that_nothing_here_reads(data: bytes) -> None:
    facts = look_inside(data, "image")[0]
    assert (facts.health, facts.gaps) == (Health.OK, (UNKNOWN,))

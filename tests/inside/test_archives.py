"""What is told of archives: whole, cut anywhere, changed, encrypted, bombs, and odd ones that every program opens."""

import bz2
import gzip
import io
import lzma
import random
import shutil
import subprocess
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence_cli.looks.facts import Facts, Gap, Health
from support.inside import look_inside
from support.rar_writer import MARK5, block5, number, rar4, rar5
from support.raw_zip import member, write

NOISE = random.Random(7).randbytes(3000)
MEMBERS = {"a.txt": b"line of a text\n" * 300, "noise.bin": NOISE, "中文.txt": "正文".encode() * 50}
LARGE, FORMAT = Gap("health", "large"), Gap("health", "format")


def facts_of(data: bytes, format_name: str) -> Facts:
    facts, passages = look_inside(data, format_name)
    assert passages == []
    return facts


def needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def a_zip(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in MEMBERS.items():
            archive.writestr(name, data)
        archive.mkdir("folder")
    return out.getvalue()


def a_tar(format_: int = tarfile.GNU_FORMAT, name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for own, data in {name: MEMBERS["a.txt"], **MEMBERS}.items():
            entry = tarfile.TarInfo(own)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "a.txt"
        archive.addfile(link)
    return out.getvalue()


PLAIN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip": ("zip", a_zip),
    "zip-bzip2": ("zip", lambda: a_zip(zipfile.ZIP_BZIP2)),
    "zip-lzma": ("zip", lambda: a_zip(zipfile.ZIP_LZMA)),
    "zip-stored": ("zip", lambda: a_zip(zipfile.ZIP_STORED)),
    "tar": ("tar", a_tar),
    "tar.gz": ("gzip", lambda: gzip.compress(a_tar())),
    "tar.bz2": ("bzip2", lambda: bz2.compress(a_tar())),
    "tar.xz": ("xz", lambda: lzma.compress(a_tar())),
    "rar4": ("rar", lambda: rar4(MEMBERS)),
    "rar5": ("rar", lambda: rar5(MEMBERS)),
}


@pytest.mark.parametrize("sort", PLAIN)
def test_a_whole_archive_is_fine(sort: str) -> None:
    format_name, maker = PLAIN[sort]
    facts = facts_of(maker(), format_name)
    assert (facts.health, facts.gaps) == (Health.OK, ())


@pytest.mark.parametrize("sort", PLAIN)
def test_wherever_it_is_cut_it_is_damaged(sort: str) -> None:
    format_name, maker = PLAIN[sort]
    data = maker()
    # Behind its last member a tar has zeros only.
    end = len(data.rstrip(b"\0")) if sort == "tar" else len(data)
    for cut in {*range(40, end, end // 37), end - 1}:
        if sort == "tar" and not data[cut : -(-cut // 512) * 512].strip(b"\0"):
            # Between two members, or in the padding of one.
            continue
        assert facts_of(data[:cut], format_name).health is Health.DAMAGED, cut


@pytest.mark.parametrize("sort", PLAIN)
def test_changed_bytes_raise_nothing_else_and_cost_little(sort: str) -> None:
    format_name, maker = PLAIN[sort]
    data = maker()
    dice = random.Random(3)
    found = 0
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            changed[dice.randrange(8, len(data))] = dice.randrange(256)
        start = time.monotonic()
        found += facts_of(bytes(changed), format_name).health is not Health.OK
        assert time.monotonic() - start < 5
    # Only a tar has no check sum over its data.
    assert found > (5 if sort == "tar" else 75)


def test_a_zip_that_unpackers_open_with_a_word_of_warning_is_fine() -> None:
    data = a_zip()
    assert facts_of(data + b"\r\nappended by a web server", "zip").health is Health.OK
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = "注释".encode()
    assert facts_of(out.getvalue(), "zip") == Facts("zip", detail="0 files")


def test_methods_that_nothing_here_unpacks_are_no_damage(tmp_path: Path) -> None:
    for method in (9, 93, 95, 98):
        write(tmp_path / "x.zip", member("a.txt", method=method), member("b.txt", deflate=True))
        facts = facts_of((tmp_path / "x.zip").read_bytes(), "zip")
        assert (facts.health, facts.gaps) == (Health.OK, (FORMAT,))


@pytest.mark.parametrize("fields", [{"flags": 1}, {"flags": 0x41}, {"flags": 0x2001}, {"method": 99, "flags": 1}])
def test_an_encrypted_zip_says_so(tmp_path: Path, fields: dict[str, int]) -> None:
    write(tmp_path / "x.zip", member("a.txt"), member("b.txt", **fields))
    assert facts_of((tmp_path / "x.zip").read_bytes(), "zip").health is Health.ENCRYPTED


def test_zip_bombs(tmp_path: Path) -> None:
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = packed.compress(bytes(3_000_000)) + packed.flush()
    one = member("a.txt", bytes(3_000_000), deflate=True)
    # All members share the data of the first (Fifield 2019, full overlap).
    shared = [{**one, "raw": b"%d.txt" % number, "packed": zeros if number == 0 else b""} for number in range(3)]
    for entry in shared[1:]:
        entry["offset"] = 0
    write(tmp_path / "x.zip", *shared)
    assert facts_of((tmp_path / "x.zip").read_bytes(), "zip").health is Health.BOMB
    write(tmp_path / "x.zip", member("a.txt", size=1 << 31), member("b.txt", size=1 << 31))
    assert facts_of((tmp_path / "x.zip").read_bytes(), "zip").health is Health.BOMB


def test_a_wrong_crc_or_place_is_damage(tmp_path: Path) -> None:
    for fields in ({"crc": 1}, {"size": 9}, {"offset": 3}, {"offset": 4000}):
        write(tmp_path / "x.zip", member("a.txt", **fields))
        assert facts_of((tmp_path / "x.zip").read_bytes(), "zip").health is Health.DAMAGED


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tars_with_long_names(format_: int) -> None:
    name = "folder/" * (30 if format_ != tarfile.USTAR_FORMAT else 20) + "中文名.txt"
    assert facts_of(a_tar(format_, name), "tar").health is Health.OK


def test_a_tar_may_end_without_its_zeros() -> None:
    data = a_tar()
    assert facts_of(data.rstrip(b"\0").ljust((len(data.rstrip(b"\0")) + 511) // 512 * 512, b"\0"), "tar").health is (
        Health.OK
    )
    assert facts_of(data + b"whatever follows", "tar").health is Health.OK


def test_compressed_files_that_were_joined_padded_or_followed_by_something() -> None:
    for format_name, pack in (("gzip", gzip.compress), ("bzip2", bz2.compress), ("xz", lzma.compress)):
        one = pack(b"text " * 1000)
        for data in (one + one, one + bytes(512), one + bytes(512) + one, one + b"appended"):
            assert facts_of(data, format_name) == Facts(format_name)
        assert facts_of(one + one[:-3], format_name).health is Health.DAMAGED


def test_a_tar_that_is_cut_inside_a_whole_gzip_is_damaged() -> None:
    assert facts_of(gzip.compress(a_tar()[:2000]), "gzip").health is Health.DAMAGED


@pytest.fixture(scope="module")
def zeros() -> dict[str, bytes]:
    piece = bytes(8 * 1024 * 1024)
    made = {}
    engines: dict[str, Any] = {"gzip": zlib.compressobj(1, wbits=31), "xz": lzma.LZMACompressor(preset=0)}
    for format_name, engine in engines.items():
        made[format_name] = b"".join(engine.compress(piece) for _ in range(41)) + engine.flush()
    made["bzip2"] = bz2.compress(piece) * 41
    return made


@pytest.mark.parametrize("format_name", ["gzip", "bzip2", "xz"])
def test_bombs_of_one_stream(zeros: dict[str, bytes], format_name: str) -> None:
    start = time.monotonic()
    assert facts_of(zeros[format_name], format_name).health is Health.BOMB
    assert time.monotonic() - start < 5


def test_settings_that_need_much_memory_are_not_done() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 28}]
    data = lzma.compress(b"text", filters=filters)
    assert facts_of(data, "xz").gaps == (Gap("health", "memory"),)


@pytest.mark.parametrize("made", [rar4(MEMBERS, main=0x80), rar4(MEMBERS, file=4)])
def test_encrypted_rar_4(made: bytes) -> None:
    assert facts_of(made, "rar").health is Health.ENCRYPTED


def test_encrypted_rar_5() -> None:
    record = number(1) + bytes(20)
    assert facts_of(rar5(MEMBERS, extra=number(len(record)) + record), "rar").health is Health.ENCRYPTED
    locked = MARK5 + block5(4, 0, bytes(20)) + bytes(100)
    assert facts_of(locked, "rar").health is Health.ENCRYPTED


def test_rar_members_that_nothing_here_unpacks_and_volumes() -> None:
    assert facts_of(rar4(MEMBERS, method=0x33), "rar").gaps == (FORMAT,)
    assert facts_of(rar5(MEMBERS, method=3), "rar").gaps == (FORMAT,)
    assert facts_of(rar4(MEMBERS, main=1), "rar") == Facts(
        "rar", detail="3 files, one of several volumes", gaps=(FORMAT,)
    )
    assert facts_of(rar5(MEMBERS, main=1), "rar").gaps == (FORMAT,)


def test_old_rar_writers_leave_the_end_out_and_new_ones_never() -> None:
    assert facts_of(rar4(MEMBERS, end=False), "rar").health is Health.OK
    assert facts_of(rar5(MEMBERS)[:-8], "rar").health is Health.DAMAGED


def test_a_rar_that_claims_to_be_huge_is_a_bomb() -> None:
    assert facts_of(rar5(MEMBERS, method=3, size=1 << 40), "rar").health is Health.BOMB


@pytest.mark.tools
def test_7z_opens_the_samples_of_rar(tmp_path: Path) -> None:
    program = needed("7z")
    if b"Rar" not in subprocess.run([program, "i"], capture_output=True, check=True).stdout:
        pytest.skip("this 7z reads no RAR")
    for name, data in (("4.rar", rar4(MEMBERS)), ("5.rar", rar5(MEMBERS))):
        (tmp_path / name).write_bytes(data)
        done = subprocess.run([program, "l", tmp_path / name], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def by_7z(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    program = needed("7z")
    folder = tmp_path_factory.mktemp("seven")
    for name, data in MEMBERS.items():
        (folder / name).write_bytes(data)

    def make(name: str, *options: str) -> bytes:
        target = folder.parent / f"{len(list(folder.parent.iterdir()))}-{name}"
        subprocess.run([program, "a", "-bd", *options, target, "."], cwd=folder, capture_output=True, check=True)
        return target.read_bytes()

    return make


@pytest.mark.tools
@pytest.mark.parametrize(
    ("options", "gaps"),
    [
        ((), ()),
        (("-m0=LZMA", "-ms=off"), ()),
        (("-m0=BZip2",), ()),
        (("-m0=Deflate",), ()),
        (("-m0=Copy", "-mhc=off"), ()),
        (("-m0=PPMd",), (FORMAT,)),
        (("-mf=BCJ",), (FORMAT,)),
    ],
)
def test_7z(by_7z: Callable[..., bytes], options: tuple[str, ...], gaps: tuple[Gap, ...]) -> None:
    facts = facts_of(by_7z("a.7z", *options), "7z")
    assert (facts.health, facts.gaps) == (Health.OK, gaps)


@pytest.mark.tools
@pytest.mark.parametrize("options", [(), ("-mhc=off",), ("-m0=PPMd",)])
def test_a_cut_or_changed_7z(by_7z: Callable[..., bytes], options: tuple[str, ...]) -> None:
    data = by_7z("a.7z", *options)
    for cut in {*range(8, len(data), len(data) // 30), len(data) - 1}:
        assert facts_of(data[:cut], "7z").health is Health.DAMAGED, cut
    dice = random.Random(4)
    for _ in range(150):
        changed = bytearray(data)
        changed[dice.randrange(12, len(data))] ^= dice.randrange(1, 256)
        facts = facts_of(bytes(changed), "7z")
        assert facts.health is Health.DAMAGED or facts.gaps == (FORMAT,)
    # Behind right check sums, too, hostile headers raise nothing else.
    offset, size = int.from_bytes(data[12:20], "little") + 32, int.from_bytes(data[20:28], "little")
    for _ in range(300):
        header = bytearray(data[offset : offset + size])
        for _ in range(dice.randint(1, 3)):
            header[dice.randrange(size)] = dice.choice([0, 1, 2, 9, 10, 11, 0x7F, 0x80, 0xFF, dice.randrange(256)])
        start = data[12:28] + zlib.crc32(header).to_bytes(4, "little")
        lying = data[:8] + zlib.crc32(start).to_bytes(4, "little") + start + data[32:offset] + header
        began = time.monotonic()
        facts_of(lying, "7z")
        assert time.monotonic() - began < 5


@pytest.mark.tools
def test_encrypted_archives_of_7z(by_7z: Callable[..., bytes]) -> None:
    assert facts_of(by_7z("a.7z", "-psecret"), "7z").health is Health.ENCRYPTED
    assert facts_of(by_7z("a.7z", "-psecret", "-mhe=on"), "7z").health is Health.ENCRYPTED
    assert facts_of(by_7z("a.zip", "-psecret"), "zip").health is Health.ENCRYPTED
    assert facts_of(by_7z("a.zip", "-psecret", "-mem=AES256"), "zip").health is Health.ENCRYPTED


@pytest.mark.tools
@pytest.mark.parametrize("method", ["Deflate64", "PPMd"])
def test_zips_of_7z_with_foreign_methods(by_7z: Callable[..., bytes], method: str) -> None:
    facts = facts_of(by_7z("a.zip", f"-mm={method}"), "zip")
    assert (facts.health, facts.gaps) == (Health.OK, (FORMAT,))

"""What is written: the bytes, against the standard library and the tools people use."""

import hashlib
import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_cli.looks.packages.digests import CHUNK, new_hash
from evidence_cli.looks.packages.zip_write import SourceChanged, WrittenEntry, ZipWriter

Contents = list[tuple[str, bytes, bool]]

MIXED: Contents = [
    ("答案.docx", b"answer", False),
    ("佐证材料/01-政策文件/空.txt", b"", True),
    ("佐证材料/01-政策文件/a.csv", b"1,2,3\n" * 5000, True),
    ("佐证材料/02-办事指南/large.bin", bytes(range(256)) * 2500, False),
    ("佐证材料/02-办事指南/large.csv", b"".join(b"%d," % n for n in range(150000)), True),
    ("exact.bin", b"x" * 4 * CHUNK, False),
    ("aside.bin", bytes(range(251)) * 12000, False),
    ("aside.csv", b"".join(b"%d," % n for n in range(400000)), True),
]


def write(contents: Contents, **options: int) -> bytes:
    stream = io.BytesIO()
    writer = ZipWriter(stream, **options)  # type: ignore[arg-type]
    for path, data, deflate in contents:
        writer.add(path, io.BytesIO(data), size=len(data), deflate=deflate, hasher=None)
    writer.close()
    return stream.getvalue()


def read(archive: bytes) -> Contents:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return [
            (info.filename, opened.read(info), info.compress_type == zipfile.ZIP_DEFLATED) for info in opened.infolist()
        ]


def test_every_field_is_fixed() -> None:
    with zipfile.ZipFile(io.BytesIO(write(MIXED))) as opened:
        for info in opened.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.create_version, info.extract_version) == (3, 20, 20)
            assert (info.flag_bits, info.extra, info.comment) == (0x800, b"", b"")
            assert (info.external_attr, info.internal_attr) == (0o100644 << 16, 0)
        assert opened.comment == b""


def test_contents_come_back_and_empty_or_incompressible_files_are_stored() -> None:
    noise = os.urandom(1000)
    found = read(write([*MIXED, ("noise", noise, True)]))
    assert [(path, data) for path, data, _ in found] == [(p, d) for p, d, _ in MIXED] + [("noise", noise)]
    assert [deflated for *_, deflated in found] == [
        False,
        False,
        True,
        False,
        True,
        False,
        False,
        True,
        False,
    ]


def test_what_add_says_is_what_was_written() -> None:
    stream = io.BytesIO()
    writer = ZipWriter(stream)
    hashers = [new_hash("sha256") for _ in MIXED]
    steps: list[int] = []
    written = [
        writer.add(path, io.BytesIO(d), size=len(d), deflate=deflate, hasher=hasher, progress=steps.append)
        for (path, d, deflate), hasher in zip(MIXED, hashers, strict=True)
    ]
    written.append(writer.add_bytes("package.json", b"{}", deflate=True, hasher=new_hash("sha256")))
    assert writer.close() == tuple(written)
    assert [h.hexdigest() for h in hashers] == [hashlib.sha256(data).hexdigest() for _, data, _ in MIXED]
    assert sum(steps) == sum(len(data) for _, data, _ in MIXED)
    with zipfile.ZipFile(stream) as opened:
        assert written == [
            WrittenEntry(i.filename, i.file_size, i.compress_size, i.CRC, i.header_offset, i.compress_type)
            for i in opened.infolist()
        ]


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(names, st.tuples(st.binary(max_size=2000), st.booleans()), max_size=8), st.booleans())
def test_any_names_and_contents(files: dict[str, tuple[bytes, bool]], narrow: bool) -> None:
    contents = [(path, data, deflate) for path, (data, deflate) in files.items()]
    limits = {"zip64_limit": 100, "entries_limit": 3} if narrow else {}
    found = read(write(contents, **limits))
    # the standard library turns the separator of the machine it runs on into a slash
    assert [(path, data) for path, data, _ in found] == [(p.replace(os.sep, "/"), d) for p, d, _ in contents]


class Trickle(io.RawIOBase):
    """A source that gives a few bytes at a time, as a pipe or a share may."""

    def __init__(self, data: bytes) -> None:
        self.inner = io.BytesIO(data)

    def readinto(self, target: bytearray) -> int:  # type: ignore[override]
        return self.inner.readinto(memoryview(target)[:70001])


def test_bytes_do_not_depend_on_reads_streams_or_helpers(tmp_path: Path) -> None:
    expected = write(MIXED)
    for buffering in (0, -1):
        with (tmp_path / "x.zip").open("w+b", buffering=buffering) as stream, ThreadPoolExecutor(3) as pool:
            writer = ZipWriter(stream, helper=pool)  # type: ignore[arg-type]
            hasher = new_hash("sha256")
            for path, data, deflate in MIXED:
                writer.add(path, Trickle(data), size=len(data), deflate=deflate, hasher=hasher)  # type: ignore[arg-type]
            writer.close()
        assert (tmp_path / "x.zip").read_bytes() == expected
        assert hasher.hexdigest() == hashlib.sha256(b"".join(data for _, data, _ in MIXED)).hexdigest()


@pytest.mark.parametrize("length", [0, 10, 4 * CHUNK - 1, 4 * CHUNK, 10 * CHUNK])
@pytest.mark.parametrize("change", [-1, 1, CHUNK])
@pytest.mark.parametrize("deflate", [False, True])
def test_a_source_that_changed_is_noticed(length: int, change: int, deflate: bool) -> None:
    if length + change < 0:
        pytest.skip("nothing is shorter than nothing")
    source = io.BytesIO(b"x" * (length + change))
    with ThreadPoolExecutor(1) as pool, pytest.raises(SourceChanged) as caught:
        writer = ZipWriter(io.BytesIO(), helper=pool)
        writer.add("a.bin", source, size=length, deflate=deflate, hasher=None)
    assert caught.value.path == "a.bin"


@pytest.mark.parametrize("path", ["", "x" * 65536, "\ud800"])
def test_a_path_that_no_zip_can_hold_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"bytes|surrogates"):
        ZipWriter(io.BytesIO()).add_bytes(path, b"", deflate=False)


def test_a_long_name_does_not_fit_the_headers_room() -> None:
    assert read(write([("x" * 5000, b"data", False)])) == [("x" * 5000, b"data", False)]


def test_noise_stays_within_the_bound_of_deflate() -> None:
    noise = os.urandom(5 * CHUNK + 17)
    assert read(write([("noise", noise, True)])) == [("noise", noise, True)]


def test_no_entries() -> None:
    assert write([]) == b"PK\5\6" + bytes(18)


def test_zip64_only_where_it_is_needed() -> None:
    plain = write(MIXED)
    assert b"PK\6\6" not in plain
    assert plain == write(MIXED, zip64_limit=len(plain), entries_limit=len(MIXED) + 1)
    assert b"PK\6\6" in write(MIXED, entries_limit=len(MIXED))


def test_more_than_65535_entries() -> None:
    stream = io.BytesIO()
    writer = ZipWriter(stream)
    for number in range(65536):
        writer.add_bytes(f"{number}", b"x", deflate=False)
    writer.close()
    with zipfile.ZipFile(stream) as opened:
        assert len(opened.infolist()) == 65536
        assert opened.read("65535") == b"x"


TOOLS: dict[str, Callable[[Path], list[str]]] = {
    "unzip": lambda path: ["unzip", "-tqq", str(path)],
    "7z": lambda path: ["7z", "t", "-bd", str(path)],
    "bsdtar": lambda path: ["bsdtar", "-xOf", str(path)],
    "jar": lambda path: ["jar", "tf", str(path)],
}
LIMITS = {
    "plain": {},
    "sizes": {"zip64_limit": 1000},
    "all": {"zip64_limit": 0, "entries_limit": 0},
    "entries": {"entries_limit": 2},
    "offsets": {"zip64_limit": 300_000},
}


@pytest.mark.tools
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("limits", LIMITS)
def test_tools_open_it(tmp_path: Path, tool: str, limits: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    path = tmp_path / "包.zip"
    path.write_bytes(write(MIXED, **LIMITS[limits]))
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    run = subprocess.run(TOOLS[tool](path), capture_output=True, check=False, env=env)
    assert (run.returncode, run.stderr) == (0, b"")
    if tool == "bsdtar":
        assert run.stdout == b"".join(data for _, data, _ in MIXED)
    if tool == "jar":
        assert run.stdout.decode().split() == [name for name, _, _ in MIXED]
    if tool == "7z":
        assert b"Everything is Ok" in run.stdout
        assert b"Warning" not in run.stdout

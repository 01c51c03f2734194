"""Digests and manifests: against the tools everybody has, and against lines nobody should write."""

import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_cli.looks.packages.digests import (
    ALGORITHMS,
    content_digest,
    hash_stream,
    manifest_text,
    new_hash,
    parse_manifest,
)
from evidence_cli.looks.packages.zip_directory import MAX_ENTRIES

A, B = "a" * 64, "b" * 64


def test_known_digests() -> None:
    empty = {name: new_hash(name).hexdigest() for name in ALGORITHMS}
    assert empty == {
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha512": hashlib.sha512().hexdigest(),
        "sm3": "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
    }
    with pytest.raises(ValueError, match="md5"):
        new_hash("md5")


@pytest.mark.parametrize("length", [0, 1, 4095, 262144, 262145, 600000])
def test_hash_stream(length: int) -> None:
    data = os.urandom(length)
    expected = (hashlib.sha256(data).hexdigest(), length)
    assert hash_stream(io.BytesIO(data), "sha256") == expected
    assert hash_stream(io.BytesIO(data), "sha256", bytearray(1000)) == expected


@pytest.mark.tools
def test_content_digest_is_what_sort_and_sha256sum_give(tmp_path: Path) -> None:
    if not shutil.which("sha256sum"):
        pytest.skip("sha256sum is not installed")
    pairs = [(B, "答案.docx"), (A, "佐证材料/01-政策文件/b.pdf"), (A, "佐证材料/Z.pdf"), (A, "a b.txt")]
    (tmp_path / "lines").write_bytes("".join(f"{digest}  {path}\n" for digest, path in pairs).encode())
    run = subprocess.run(
        "LC_ALL=C sort lines | sha256sum",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert content_digest(pairs, "sha256") == "sha256:" + run.stdout.split()[0]
    assert content_digest(reversed(pairs), "sha256") == content_digest(pairs, "sha256")


@pytest.mark.tools
def test_sha256sum_checks_a_manifest(tmp_path: Path) -> None:
    if not shutil.which("sha256sum"):
        pytest.skip("sha256sum is not installed")
    contents = {"答案.docx": b"one", "佐证材料/a b*.pdf": b"two", "x\\y.txt": b"three"}
    for path, data in contents.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    pairs = [(hashlib.sha256(data).hexdigest(), path) for path, data in contents.items()]
    (tmp_path / "manifest-sha256.txt").write_bytes(manifest_text(pairs))
    run = subprocess.run(
        ["sha256sum", "--strict", "-c", "manifest-sha256.txt"], cwd=tmp_path, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_manifest_is_sorted_by_the_bytes_of_paths() -> None:
    text = manifest_text([(A, "答案.docx"), (A, "b"), (B, "B")])
    assert text == f"{B}  B\n{A}  b\n{A}  答案.docx\n".encode()
    assert manifest_text([]) == b""


@pytest.mark.parametrize("path", ["", "a\nb", "a\rb", "a\0b"])
def test_a_manifest_refuses_a_path_it_cannot_hold(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        manifest_text([(A, path)])


# A manifest of somebody else may begin a path with `./`; it means the same without.
_paths = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0"), min_size=1).filter(
    lambda path: not path.startswith("./")
)


@given(st.lists(_paths.map(lambda path: unicodedata.normalize("NFC", path)), unique=True))
def test_manifests_are_read_as_written(paths: list[str]) -> None:
    pairs = {path: hashlib.sha256(path.encode()).hexdigest() for path in paths}
    assert parse_manifest(manifest_text((digest, path) for path, digest in pairs.items())) == pairs


def test_what_other_tools_write_is_tolerated() -> None:
    assert parse_manifest(b"\xef\xbb\xbf" + f"{A.upper()} *x\r\n{B}  y z\r\n".encode()) == {"x": A, "y z": B}
    assert parse_manifest(f"{A}  e\u0301".encode()) == {"\u00e9": A}
    assert parse_manifest(f"{A}  ./x\n\n\r\n".encode()) == {"x": A}


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (f"{A} x\n".encode(), "line 1: not"),
        (f"{A}  x\n\n{B}  y\n".encode(), "line 2: not"),
        (f"{A}  x\nnonsense\n".encode(), "line 2: not"),
        (f"\\{A}  x\\\\y\n".encode(), "line 1: not"),
        (f"{A[:-1]}  x\n".encode(), "line 1: a digest of 63 digits"),
        (f"{A}  x\n{A}{A}  y\n".encode(), "line 2: a digest of 128 digits"),
        (f"{A}  x\n{B}  x\n".encode(), "line 2: path listed twice"),
        (f"{A}  \u00e9\n{B}  e\u0301\n".encode(), "line 2: path listed twice"),
        (f"{A}  ".encode() + b"\xff\n", "line 1: not UTF-8"),
        (f"{A}  x\0y\n".encode(), "line 1: not"),
        (f"{A}  \n".encode(), "line 1: not"),
    ],
)
def test_what_is_no_manifest_is_refused(data: bytes, detail: str) -> None:
    with pytest.raises(ValueError, match=detail):
        parse_manifest(data)


def test_a_manifest_has_no_more_lines_than_a_package_entries() -> None:
    lines = [b"%064x  %d\n" % (number, number) for number in range(MAX_ENTRIES + 1)]
    assert len(parse_manifest(b"".join(lines[1:]) + b"\n\n")) == MAX_ENTRIES
    with pytest.raises(ValueError, match="too many lines"):
        parse_manifest(b"".join(lines))


def test_a_named_algorithm_fixes_the_length() -> None:
    assert parse_manifest(f"{A}  x\n".encode(), "sm3") == {"x": A}
    with pytest.raises(ValueError, match="64 digits"):
        parse_manifest(f"{A}  x\n".encode(), "sha512")


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_refuse(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse_manifest(data)

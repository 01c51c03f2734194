"""What look() calls real files: signatures, pictures, plain text, programs."""

import bz2
import gzip
import io
import lzma
import random
import struct
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.look import identify, look
from evidence_cli.looks.sample import sample_of
from evidence_cli.looks.wanted import Wanted
from evidence_cli.vocabulary.kinds import FORMATS
from support.office_files import zipped


def identified(data: bytes, extension: str = "") -> Facts:
    """What a file is, whatever is inside."""
    return identify(sample_of(io.BytesIO(data), size=len(data), extension=extension))


def looked(data: bytes, extension: str = "") -> Facts:
    return look(io.BytesIO(data), size=len(data), extension=extension, wanted=Wanted())


def length(data: bytes, extension: str) -> int | None:
    writing = looked(data, extension).writing
    return None if writing is None else writing.length


def test_an_empty_file_is_empty() -> None:
    assert looked(b"") == Facts("empty", Health.EMPTY)


def test_a_file_that_was_emptied_after_the_listing_is_empty() -> None:
    assert look(io.BytesIO(b""), size=10, extension="txt") == Facts("empty", Health.EMPTY)


@pytest.mark.parametrize(
    ("writer", "expected"),
    [
        ("PNG", "png"),
        ("JPEG", "jpeg"),
        ("GIF", "gif"),
        ("BMP", "bmp"),
        ("TIFF", "tiff"),
        ("WEBP", "webp"),
        ("AVIF", "heic"),
        ("PPM", "image"),
        ("ICO", "image"),
        ("JPEG2000", "image"),
        ("PDF", "pdf"),
    ],
)
def test_pictures(writer: str, expected: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(out, writer)
    assert identified(out.getvalue(), "txt").format == expected


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return out.getvalue()


def _frames(header: bytes, length: int) -> bytes:
    return (header + bytes(length - len(header))) * 4


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


PE = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(40)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\xef\xbb\xbf \r\n%PDF-1.7\n", "pdf"),
        (b"\x01\x02junk %PDF-1.4\n", "pdf"),
        (b"HTTP header\r\n\r\n%PDF-1.4\n", "pdf"),
        (b"A file begins with %PDF-1.4, says the norm.\n", "text"),
        (b"x" * 1500 + b"\n%PDF-1.4\n", "text"),
        (b"{\\rtf1\\ansi x}", "rtf"),
        (b"BM is the name of a company, it is not a picture.", "text"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "heic"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "m4a"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0", "mp4"),
        (b"\0\0\0\x18ftyp3gp4\0\0\0\0", "mp4"),
        (_box(b"wide", b"") + _box(b"mdat", b"abc") + _box(b"moov", b""), "mp4"),
        (_box(b"mdat", bytes(70_000)) + _box(b"moov", b""), "mp4"),
        (struct.pack(">I4sQ", 1, b"mdat", 70_016) + bytes(70_000) + _box(b"moov", b""), "mp4"),
        (_box(b"moov", _box(b"mvhd", bytes(100))), "mp4"),
        (b"\0\0\x10\0mdat" + bytes(50), "mp4"),
        (_box(b"free", b"abc") + b"no box follows", "other"),
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "wmv"),
        (b"\x1a\x45\xdf\xa3\x01", "mkv"),
        (b"FLV\x01\x05", "flv"),
        (b"\0\0\x01\xba\x44", "mpeg"),
        ((b"\x47\x40\0\x10" + bytes(184)) * 5, "mpeg"),
        (_frames(b"\xff\xfb\x90\x00", 417), "mp3"),
        (bytes(576) + _frames(b"\xff\xfb\x90\x00", 417), "mp3"),
        (b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + b"\xff\xfb\x90\x00", "mp3"),
        (b"ID3 tags carry the title.\n", "text"),
        (b"fLaC\0\0\0\x22", "flac"),
        (b"OggS\0\x02", "ogg"),
        (b"#!AMR\n\x3c", "amr"),
        (b"\x02#!SILK_V3\x0c", "audio"),
        (_frames(b"\xff\xf1\x50\x80\x02\x00\xfc", 16), "aac"),
        (b"Rar!\x1a\x07\x00\xcf", "rar"),
        (b"Rar!\x1a\x07\x01\x00\x33", "rar"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (bz2.compress(b"x"), "bzip2"),
        (bz2.compress(b""), "bzip2"),
        (lzma.compress(b"x"), "xz"),
        (b"\x28\xb5\x2f\xfd\x04", "zstd"),
        (b"MSCF\0\0\0\0\x10", "cab"),
        (_tar(), "tar"),
        (bytes(0x8001) + b"CD001", "iso"),
        (PE, "executable"),
        (b"MZ" + bytes(30), "executable"),
        (b"MZ begins the name of a town, " * 4, "text"),
        ("MZ是一个地名。".encode("gbk") * 20, "text"),
        (b"\x7fELF\x02\x01\x01", "executable"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\x01", "executable"),
        (b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07", "executable"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "executable"),
        (b"dex\n035\0", "executable"),
        (bytes.fromhex("4c0000000114020000000000c000000000000046"), "executable"),
        (b"#!/bin/sh\necho\n", "script"),
        (b"#!/usr/bin/env python\n", "script"),
        (b"/* XPM */\nstatic char *a[] = {\n", "image"),
        (b"\0\x01\x02\x03" * 8, "other"),
    ],
)
def test_signatures(data: bytes, expected: str) -> None:
    facts = identified(data)
    assert (facts.format, facts.health) == (expected, Health.OK)


def test_the_running_interpreter_is_a_program() -> None:
    program = Path(sys.executable).resolve()
    with program.open("rb") as stream:
        assert look(stream, size=program.stat().st_size, extension="pdf").format == "executable"


CHINESE = "营商环境评价：政务服务指标，一网通办。\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n",
        b"x" * 1500 + b"\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\n",
        b"trailer\n<</Root 1 0 R>>\n",
        b"lost\nstartxref\n66\n%%EOF\n",
    ],
)
def test_pdf_that_lost_its_header(data: bytes) -> None:
    assert looked(data, "pdf") == Facts("pdf", Health.DAMAGED, "no header")
    assert looked(data, "txt").format in ("text", "other")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_a_head_that_cuts_a_character_is_still_text(encoding: str) -> None:
    for shift in range(4):
        text = "a" * shift + CHINESE * 4000
        data = text.encode(encoding)
        facts = looked(data, "txt")
        assert (facts.format, facts.health) == ("text", Health.OK)
        assert length(data, "txt") == len("".join(text.split()))


def test_big_endian_utf16() -> None:
    data = b"\xfe\xff" + CHINESE.encode("utf-16-be")
    assert identified(data, "txt") == Facts("text", detail="utf-16")
    assert length(data, "txt") == len(CHINESE.strip())


def test_a_late_change_of_encoding_is_read_as_gb18030() -> None:
    data = b"a" * 70_000 + "\n中文".encode("gbk")
    assert length(data, "txt") == 70_002


@pytest.mark.parametrize(
    ("text", "extension", "expected"),
    [
        ("甲,乙\n", "csv", "csv"),
        ("甲\t乙\n", "tsv", "csv"),
        ("<p>甲</p>", "html", "html"),
        ("<p>甲</p>", "htm", "html"),
        ("<p>甲</p>", "txt", "text"),
        ("# 题\n<h1>甲</h1>", "md", "text"),
        ("<!DOCTYPE html><p>甲", "txt", "html"),
        ("<!doctype HTML PUBLIC '-//W3C//DTD'>\n<HTML>甲", "xls", "html"),
        ("\n <!-- 甲 --> <!-- > -->\n<html lang='zh'>", "", "html"),
        ("<?xml version='1.0'?>\n<!-- a -->\n<html xmlns='x'>", "xml", "html"),
        ("<!-- <html> -->\n<note/>", "xml", "text"),
        ("<htmlish/>", "xml", "text"),
        ("<!-- never ends <html>", "txt", "text"),
        ("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "svg", "svg"),
        ("<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'><svg/>", "txt", "svg"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related;\n\tboundary=x\n\nbody", "mht", "mhtml"),
        ("From: <saved>\nMIME-Version: 1.0\nContent-Type: text/plain\n\nx", "eml", "text"),
        ("@echo off\r\ndel x\r\n", "bat", "script"),
        ("@echo off\r\ndel x\r\n", "txt", "text"),
        ("import os\ndef f():\n    pass\n", "txt", "text"),
        ("#include <stdio.h>\nint main(){}\n", "c", "text"),
        ("<html><script>x</script></html>", "hta", "script"),
        ("[InternetShortcut]\r\nURL=http://example.org\r\n", "url", "script"),
        ('{"a": 1}', "json", "text"),
        ("%!PS-Adobe-3.0\n", "ps", "text"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_text_and_what_is_written_in_it(text: str, extension: str, expected: str, encoding: str) -> None:
    assert identified(text.encode(encoding), extension).format == expected


def test_a_flat_open_document_is_a_document() -> None:
    text = "<?xml version='1.0'?><office:document office:mimetype='application/vnd.oasis.opendocument.text'>"
    assert identified(text.encode(), "fodt").format == "odt"


def test_a_log_with_a_stray_control_character_is_text_and_many_are_not() -> None:
    assert looked(b"line of a log\n" * 20 + b"\x08", "log").format == "text"
    assert looked(b"ab\x01\x02\x03" * 20, "log").format == "other"
    assert looked(b"old editor\r\n\x1a", "txt").format == "text"


def test_text_is_measured_in_readable_formats_only() -> None:
    assert length(b"ab c", "txt") == 3
    assert length(b"a,b", "csv") == 3
    assert length(b"echo", "bat") is None
    assert length(zipped({"a": "b"}), "zip") is None


def test_the_text_of_a_page_is_what_is_shown() -> None:
    page = (
        "<html><head><title>题</title><style>p{}</style></head><body><!-- 隐 --><p>甲&amp;乙&nbsp;丙</p>"
        "<SCRIPT>if (a<b) x()</SCRIPT><b>丁</b>戊 1 < 2</body></html>"
    )
    assert length(page.encode("gbk"), "html") == len("题甲&乙丙丁戊1<2")


@pytest.mark.parametrize("piece", ["<", "<!--", "<script", "<a ", "&", "<p>", "</script"])
def test_a_hostile_page_takes_linear_time(piece: str) -> None:
    data = b"<html>" + piece.encode() * (4_000_000 // len(piece))
    assert looked(data, "html").format == "html"


class Failing(io.BytesIO):
    """A share that vanishes after the head was read."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    "start", [b"PK\x03\x04" + bytes(70_000), _box(b"free", bytes(70_000)) + bytes(9), b"a" * 70_000]
)
def test_a_read_error_escapes(start: bytes) -> None:
    with pytest.raises(OSError, match="Input/output error"):
        look(Failing(start + b"x"), size=len(start) + 1, extension="txt")


class Slow(io.BytesIO):
    """A stream that gives less than it is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1000, size) if size and size > 0 else size)


def test_a_stream_may_give_less_than_it_is_asked_for() -> None:
    data = zipped({"big": random.Random(1).randbytes(100_000), "OFD.xml": "<x/>"})
    assert identify(sample_of(Slow(data), size=len(data), extension="ofd")) == Facts("ofd")


def test_many_threads_get_the_same_answers() -> None:
    def one(number: int) -> str:
        return looked(b"line %d\n" % number, "txt").format

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(200))) == {"text"}


@given(st.binary(max_size=400), st.sampled_from(["", "txt", "docx", "doc", "html", "bat"]))
def test_any_bytes_are_looked_at_without_an_exception(data: bytes, extension: str) -> None:
    facts = looked(data, extension)
    assert facts.format in FORMATS
    assert ("inside", "crashed") not in facts.gaps


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be"), ("utf-32", "utf-32"), ("gbk", "gb18030")],
)
def test_the_encoding_is_told(encoding: str, expected: str) -> None:
    assert identified((CHINESE * 3).encode(encoding), "txt") == Facts("text", detail=expected)


@pytest.mark.parametrize(
    "numbers", [(1, 2, 3, 4), (32, 65, 0, 70), (8, 300, 4000, 60000), (48, 49, 1, 50), (0x4E00, 0, 0x4E01, 0)]
)
def test_small_numbers_in_two_bytes_are_no_text(numbers: tuple[int, ...]) -> None:
    assert identified(struct.pack("<4H", *numbers) * 30, "").kind != "text"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_one_bad_byte_changes_nothing(encoding: str) -> None:
    data = (CHINESE * 30).encode(encoding)
    cut = data.index(b"\n") + 1
    expected = {"utf-8": "utf-8", "gbk": "gb18030"}[encoding]
    assert identified(data[:cut] + b"\xff" + data[cut:], "txt") == Facts("text", detail=expected)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16", "utf-16-le"])
def test_a_tail_of_zeros_is_a_damaged_text(encoding: str) -> None:
    data = (CHINESE * 30).encode(encoding)
    assert identified(data + bytes(4096), "txt").health is Health.DAMAGED
    assert identified(bytes(4096), "csv").health is Health.DAMAGED
    assert identified(bytes(4096), "").format == "other"


def test_a_text_that_goes_on_as_something_else_is_damaged() -> None:
    text = (CHINESE * 100).encode()
    assert identified(text + random.Random(1).randbytes(20_000), "txt").health is Health.DAMAGED
    assert identified(random.Random(1).randbytes(20_000), "txt").format == "other"


@given(st.binary(min_size=8, max_size=400), st.sampled_from(["", "txt", "docx", "bat"]))
def test_random_bytes_are_nothing_in_particular(data: bytes, extension: str) -> None:
    # No signature begins so, neither ours nor one of libmagic's; these two may stand further on.
    assume(b"%PDF-" not in data and b"ustar" not in data)
    assert looked(b"\x00\xf5\xf7\x00" + data, extension).kind == "other"


def test_a_text_may_begin_with_a_hash_and_an_exclamation_mark() -> None:
    assert looked("#!重要通知\n请于本周报送。\n".encode(), "txt").format == "text"
    assert looked(b"#! important note\n", "txt").format == "text"
    assert looked(b"#!/bin/sh\nrm x\n", "txt").format == "script"
    assert looked(b"#! /usr/bin/env python\n", "").format == "script"

"""Every sample opens in a reader that knows nothing of the writer."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from evidence_cli.looks.look import look
from evidence_cli.samples import office, pictures, plain, portable, recording

LINES = [
    "第一行：<甲> & \"乙\" 'ABC' 123",
    "",
    "控制字符\x07\x0b与\ud800无效字符",
    "生僻字𠮷",
    "换\r\n行\t制表",
]
PICTURES = ["png", "jpeg", "gif", "bmp", "tiff", "webp"]
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
OFD = "{http://www.ofdspec.org/2016}"


def everything(seed: int = 0) -> dict[str, bytes]:
    """One sample of every format, by its file name."""
    lines = [*LINES, f"第 {seed} 份"]
    rows: list[list[str | float]] = [["名称", "数量"], [f"第 {seed} 份", 1.5]]
    return {
        "a.docx": office.docx(lines),
        "a.xlsx": office.xlsx(rows),
        "a.pptx": office.pptx(lines),
        "a.pdf": portable.pdf(lines),
        "a.ofd": portable.ofd(lines),
        "a.txt": plain.text(lines),
        "a.csv": plain.csv_table(rows),
        "a.html": plain.html("标题", lines),
        "a.mp4": recording.recording(seed=seed, container="mp4"),
        "a.avi": recording.recording(seed=seed, container="avi"),
        **{f"a.{name}": pictures.picture(name, seed=seed) for name in PICTURES},
    }


def parts(data: bytes) -> dict[str, ElementTree.Element]:
    """The parsed parts of a zip of XML files, after its checksums were found right."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}


def texts(root: ElementTree.Element, tag: str) -> list[str]:
    return [element.text or "" for element in root.iter(tag)]


def need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def run(program: str, *arguments: str | Path) -> str:
    done = subprocess.run([need(program), *map(str, arguments)], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx"])
def test_office_packages_are_complete(name: str) -> None:
    found = parts(everything()[name])
    assert list(found)[:2] == ["[Content_Types].xml", "_rels/.rels"]
    types = {e.get("PartName", "").lstrip("/") for e in found["[Content_Types].xml"] if e.tag.endswith("Override")}
    assert types == {part for part in found if not part.endswith(".rels")} - {"[Content_Types].xml"}
    linked = set()
    for part, root in found.items():
        if part.endswith(".rels"):
            linked |= {normpath(join(dirname(dirname(part)), link.get("Target", ""))) for link in root}
            assert [link.get("Id") for link in root] == [f"rId{n}" for n in range(1, len(root) + 1)]
    assert linked == types
    core = found["docProps/core.xml"]
    assert [(element.tag.rpartition("}")[2], element.text) for element in core] == [("revision", "1")]


def test_docx_text() -> None:
    body = parts(office.docx(LINES))["word/document.xml"]
    shown = ["".join(e.text or f"[{e.tag[len(WORD) :]}]" for e in p.iter() if e.tag in
             {WORD + "t", WORD + "br", WORD + "tab"}) for p in body.iter(WORD + "p")]  # fmt: skip
    assert shown == [LINES[0], "[t]", "控制字符与无效字符", "生僻字𠮷", "换[br]行[tab]制表"]


def test_docx_without_text_still_has_its_one_paragraph() -> None:
    assert len(list(parts(office.docx([]))["word/document.xml"].iter(WORD + "p"))) == 1


def test_xlsx_cells() -> None:
    rows: list[list[str | float]] = [["名 <称>", "", -3], [2.5, float("nan"), True], [], [0] * 28]
    found = parts(office.xlsx(rows, sheet="'清单:1/2\x07" + "长" * 40))
    assert [e.get("name") for e in found["xl/workbook.xml"].iter(SHEET + "sheet")] == ["_清单_1_2" + "长" * 24]
    sheet = found["xl/worksheets/sheet1.xml"]
    cells = [(c.get("r"), c.get("t"), "".join(c.itertext())) for c in sheet.iter(SHEET + "c")]
    assert cells[:6] == [
        ("A1", "inlineStr", "名 <称>"),
        ("B1", "inlineStr", ""),
        ("C1", None, "-3"),
        ("A2", None, "2.5"),
        ("B2", "inlineStr", "nan"),
        ("C2", "b", "1"),
    ]
    assert [place for place, _, _ in cells[-3:]] == ["Z4", "AA4", "AB4"]
    assert [row.get("r") for row in sheet.iter(SHEET + "row")] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("count", [0, 1, 12])
def test_pptx_slides(count: int) -> None:
    found = parts(office.pptx([f"标题 <{n}>" for n in range(count)]))
    slides = [f"ppt/slides/slide{n}.xml" for n in range(1, count + 1)]
    assert [texts(found[name], DRAWING + "t") for name in slides] == [[f"标题 <{n}>"] for n in range(count)]
    ids = [e.get("id") for e in found["ppt/presentation.xml"].iter() if e.tag.endswith("}sldId")]
    assert ids == [str(256 + n) for n in range(count)]


def pdf_objects(data: bytes) -> list[bytes]:
    """The objects where the cross-reference table says they are."""
    start = re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", data)
    assert start is not None
    table = data[int(start[1]) :]
    head = re.match(rb"xref\n0 (\d+)\n", table)
    assert head is not None
    size = int(head[1])
    entries = [table[head.end() + 20 * n : head.end() + 20 * (n + 1)] for n in range(size)]
    assert entries[0] == b"0000000000 65535 f \n"
    assert all(re.fullmatch(rb"\d{10} 00000 n \n", entry) for entry in entries[1:])
    assert table[head.end() + 20 * size :].startswith(b"trailer\n<< /Size %d /Root 1 0 R >>\n" % size)
    offsets = [int(entry[:10]) for entry in entries[1:]]
    objects = [data[a:b] for a, b in pairwise([*offsets, int(start[1])])]
    assert all(body.startswith(b"%d 0 obj\n" % n) and body.endswith(b"endobj\n") for n, body in enumerate(objects, 1))
    return objects


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (30, 1), (31, 2), (95, 4)])
def test_pdf_structure(count: int, pages: int) -> None:
    data = portable.pdf([f"第 {n} 行" for n in range(count)])
    assert data.startswith(b"%PDF-1.4\n%")
    objects = pdf_objects(data)
    assert len([body for body in objects if b"/Type /Page " in body]) == pages
    streams = [m for body in objects if (m := re.search(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", body, re.S))]
    assert [len(stream[2]) for stream in streams] == [int(stream[1]) for stream in streams]
    shown = [
        bytes.fromhex(code.decode()).decode("utf-16-be") for s in streams for code in re.findall(rb"<(\w*)>", s[2])
    ]
    assert shown == [f"第 {n} 行" for n in range(count)]


@pytest.mark.tools
def test_pdf_passes_qpdf(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(portable.pdf(LINES * 20))
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", tmp_path / "a.pdf")


@pytest.mark.tools
def test_pdf_text_with_pdftotext(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(portable.pdf([LINES[0], "生僻字𠮷", "长" * 41]))
    program = need("pdftotext")
    done = subprocess.run([program, tmp_path / "a.pdf", "-"], capture_output=True, timeout=60, check=True)
    if b"language pack" in done.stderr:
        pytest.skip("pdftotext is installed without the data for Chinese")
    shown = done.stdout.decode("utf-8").replace("\f", "").split("\n")
    assert [line for line in shown if line] == [LINES[0], "生僻字□", "长" * 40, "长"]


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (30, 1), (31, 2)])
def test_ofd_structure(count: int, pages: int) -> None:
    found = parts(portable.ofd([f"第 {n} 行 <甲>" for n in range(count)]))
    names = [f"Doc_0/Pages/Page_{n}/Content.xml" for n in range(pages)]
    assert list(found) == ["OFD.xml", "Doc_0/Document.xml", "Doc_0/PublicRes.xml", *names]
    assert found["OFD.xml"].attrib == {"Version": "1.0", "DocType": "OFD"}
    assert texts(found["OFD.xml"], f"{OFD}DocRoot") == ["Doc_0/Document.xml"]
    assert re.fullmatch("[0-9a-f]{32}", texts(found["OFD.xml"], f"{OFD}DocID")[0])
    document = found["Doc_0/Document.xml"]
    assert [f"Doc_0/{page.get('BaseLoc')}" for page in document.iter(f"{OFD}Page")] == names
    shown = [text for name in names for text in texts(found[name], f"{OFD}TextCode")]
    assert shown == [f"第 {n} 行 <甲>" for n in range(count)]


def test_ofd_ids_are_unique_and_fonts_are_there() -> None:
    found = parts(portable.ofd([*LINES * 10, "长" * 41]))
    ids = [int(value) for root in found.values() for e in root.iter() if (value := e.get("ID"))]
    assert len(ids) == len(set(ids))
    assert texts(found["Doc_0/Document.xml"], f"{OFD}MaxUnitID") == [str(max(ids))]
    fonts = {e.get("ID") for e in found["Doc_0/PublicRes.xml"].iter(f"{OFD}Font")}
    for root in found.values():
        assert {e.get("Font") for e in root.iter(f"{OFD}TextObject")} <= fonts
        for code in root.iter(f"{OFD}TextCode"):
            assert len(code.get("DeltaX", "").split()) == len(code.text or "") - 1


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("size", [(640, 400), (1, 1), (37, 211)])
def test_picture_decodes(name: str, size: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(pictures.picture(name, seed=5, size=size))) as image:
        image.load()
        assert (image.format, image.size, len(image.getexif()) == 0 or name == "tiff") == (
            name.upper(),
            size,
            True,
        )
        assert size != (640, 400) or len(image.convert("RGB").getcolors(1 << 24) or []) > 50


def test_picture_refuses_what_it_cannot_make() -> None:
    with pytest.raises(ValueError, match="no such picture format: 'xcf'"):
        pictures.picture("xcf", seed=0)
    with pytest.raises(ValueError, match="no such picture size: 0 x 10"):
        pictures.picture("png", seed=0, size=(0, 10))


@pytest.mark.parametrize("seconds", [1, 3, 7, 4000])
def test_mp4_boxes_and_frames(seconds: int) -> None:
    data = recording.recording(seed=2, seconds=seconds)
    assert len(data) < 60_000
    names, at, moov = [], 0, b""
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        names.append(name)
        moov = data[at : at + length] if name == b"moov" else moov
        at += length
    assert (names, at) == ([b"ftyp", b"moov", b"mdat"], len(data))
    scale, duration = struct.unpack_from(">II", moov, moov.index(b"mvhd") + 16)
    assert duration == seconds * scale
    count = struct.unpack_from(">I", moov, moov.index(b"stsz") + 12)[0]
    assert count == min(4 * seconds, 12)
    sizes = struct.unpack_from(f">{count}I", moov, moov.index(b"stsz") + 16)
    offset = struct.unpack_from(">I", moov, moov.index(b"stco") + 12)[0]
    for size in sizes:
        assert Image.open(io.BytesIO(data[offset : offset + size])).size == (320, 200)
        offset += size
    assert offset == len(data)


def test_avi_index_leads_to_the_frames() -> None:
    data = recording.recording(seed=2, container="avi")
    assert len(data) < 60_000
    assert (data[:4], struct.unpack_from("<I", data, 4)[0] + 8, data[8:12]) == (b"RIFF", len(data), b"AVI ")
    movi, index = data.index(b"movi"), data.index(b"idx1")
    length = struct.unpack_from("<I", data, index + 4)[0]
    entries = [struct.unpack_from("<4s3I", data, index + 8 + 16 * n) for n in range(length // 16)]
    assert (len(entries), index + 8 + length) == (12, len(data))
    for name, _, offset, size in entries:
        at = movi + offset
        assert struct.unpack_from("<4sI", data, at) == (name, size)
        assert Image.open(io.BytesIO(data[at + 8 : at + 8 + size])).size == (320, 200)


@pytest.mark.tools
@pytest.mark.parametrize("container", ["mp4", "avi"])
@pytest.mark.parametrize("seconds", [1, 3, 7, 4000])
def test_recording_plays(tmp_path: Path, container: Any, seconds: int) -> None:
    file = tmp_path / f"a.{container}"
    file.write_bytes(recording.recording(seed=4, seconds=seconds, container=container))
    asked = "stream=codec_name,width,height,nb_read_frames:format=duration"
    shown = json.loads(run("ffprobe", "-v", "error", "-count_frames", "-show_entries", asked, "-of", "json", file))
    frames = str(min(4 * seconds, 12))
    assert shown["streams"] == [{"codec_name": "mjpeg", "width": 320, "height": 200, "nb_read_frames": frames}]
    assert float(shown["format"]["duration"]) == pytest.approx(seconds, abs=0.01)


def test_recording_refuses_what_it_cannot_make() -> None:
    unknown: Any = "mkv"
    with pytest.raises(ValueError, match="no such length: 0 s"):
        recording.recording(seed=0, seconds=0)
    with pytest.raises(ValueError, match="no such container: 'mkv'"):
        recording.recording(seed=0, container=unknown)


def test_text_is_for_notepad() -> None:
    assert plain.text(["甲\x00乙", "一\n二"]) == "\ufeff甲乙\r\n一\r\n二\r\n".encode()


def test_csv_is_for_excel() -> None:
    data = plain.csv_table([["名,称", 'a"b'], [1, 2.5]])
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n1,2.5\r\n")
    shown = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert shown == [["名,称", 'a"b'], ["1", "2.5"]]


def test_html_is_escaped() -> None:
    seen: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            seen.append(f"<{tag}>")

        def handle_data(self, data: str) -> None:
            if data.strip():
                seen.append(data)

    Reader().feed(plain.html("甲<乙>", ["<script>&amp;"]).decode("utf-8"))
    assert seen == [
        "<html>",
        "<head>",
        "<meta>",
        "<title>",
        "甲<乙>",
        "<body>",
        "<h1>",
        "甲<乙>",
        "<p>",
        "<script>&amp;",
    ]


def test_same_arguments_same_bytes_other_seed_other_bytes() -> None:
    once, again, other = everything(1), everything(1), everything(2)
    assert once == again
    assert [name for name in once if once[name] == other[name]] == []
    assert len(set(once.values())) == len(once)


def test_bytes_do_not_depend_on_process_zone_or_hash_seed() -> None:
    here = {name: hashlib.sha256(data).hexdigest() for name, data in everything().items()}
    script = (
        "import hashlib, json, runpy, sys; made = runpy.run_path(sys.argv[1])['everything']();"
        "print(json.dumps({name: hashlib.sha256(data).hexdigest() for name, data in made.items()}))"
    )
    environment = {
        **os.environ,
        "TZ": "Asia/Kathmandu",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run([sys.executable, "-c", script, __file__], env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout) == here


def test_each_looks_like_what_it_is() -> None:
    formats = {"docx": "docx", "xlsx": "xlsx", "pptx": "pptx", "pdf": "pdf", "ofd": "ofd", "html": "html",
               "txt": "text", "mp4": "mp4", "avi": "avi", "png": "png", "jpeg": "jpeg", "gif": "gif",
               "tiff": "tiff", "webp": "webp"}  # fmt: skip
    made = everything()
    seen = {
        end: look(io.BytesIO(made[f"a.{end}"]), size=len(made[f"a.{end}"]), extension=end).format for end in formats
    }
    assert seen == formats

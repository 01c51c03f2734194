"""Zips made by other tools, and zips made to do harm: which faults they get, and that nothing escapes."""

import io
import random
import shutil
import struct
import subprocess
import tempfile
import threading
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_cli.looks.packages import zip_directory
from evidence_cli.looks.packages.zip_read import EntryError, ZipEntry, ZipImage, read_zip
from evidence_cli.looks.packages.zip_streams import Source
from evidence_cli.looks.packages.zip_write import ZipWriter
from support.raw_zip import unicode_path

UTF8 = 0x800
Fault = tuple[str, str | None, dict[str, Any]]


def member(name: bytes, data: bytes = b"data", **fields: Any) -> dict[str, Any]:
    """One entry of a hand-made zip, stored and unflagged; `local` holds what its own header says instead."""
    sizes = {"size": len(data), "packed": len(data), "crc": zlib.crc32(data)}
    plain = {"method": 0, "flags": 0, "host": 0, "attributes": 0, "extra": b"", "offset": None, "disk": 0}
    return {"name": name, "data": data, "local": {}, **sizes, **plain, **fields}


def build(*members: dict[str, Any], comment: bytes = b"", prefix: bytes = b"", **end: int) -> bytes:
    """A zip of these entries, right in all that they do not say."""
    body, central = bytearray(prefix), bytearray()
    for m in members:
        at = len(body) - len(prefix)
        lo = {**m, **m["local"]}
        fixed = (20, lo["flags"], lo["method"], 0, 33, lo["crc"], lo["packed"], lo["size"])
        body += struct.pack("<4s5H3I2H", b"PK\3\4", *fixed, len(lo["name"]), 0) + lo["name"] + m["data"]
        offset = at if m["offset"] is None else m["offset"]
        fixed = (m["host"] << 8 | 20, 20, m["flags"], m["method"], 0, 33, m["crc"], m["packed"], m["size"])
        lengths = (len(m["name"]), len(m["extra"]), 0, m["disk"], 0)
        central += struct.pack("<4s6H3I5H2I", b"PK\1\2", *fixed, *lengths, m["attributes"], offset)
        central += m["name"] + m["extra"]
    e = {"disk": 0, "here": len(members), "count": len(members), "length": len(central),
         "start": len(body) - len(prefix), **end}  # fmt: skip
    tail = struct.pack("<4s4H2IH", b"PK\5\6", e["disk"], 0, e["here"], e["count"], e["length"], e["start"],
                       len(comment))  # fmt: skip
    return bytes(body + central) + tail + comment


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[[bytes], ZipImage]]:
    images: list[ZipImage] = []

    def loader(data: bytes) -> ZipImage:
        (tmp_path / "x.zip").write_bytes(data)
        images.append(read_zip(tmp_path / "x.zip"))
        return images[-1]

    yield loader
    for image in images:
        image.close()


Load = Callable[[bytes], ZipImage]


def faults(image: ZipImage) -> list[Fault]:
    return [(str(fault.code), fault.entry, dict(fault.params)) for fault in image.faults]


def broken(image: ZipImage) -> str | None:
    """The reason of an archive that has a PACKAGE_BROKEN fault and no entries."""
    found = [fault.params["reason"] for fault in image.faults if fault.code == "E504" and fault.entry is None]
    return found[0] if len(found) == 1 and not image.entries else None


def contents(image: ZipImage) -> list[tuple[str, bytes]]:
    found = []
    for entry in image.entries:
        with image.open(entry) as stream:
            found.append((entry.name, stream.read()))
    return found


def test_a_clean_zip(load: Load) -> None:
    image = load(build(member(b"a.txt"), member("答案.docx".encode(), b"", flags=UTF8)))
    assert image.faults == ()
    assert contents(image) == [("a.txt", b"data"), ("答案.docx", b"")]
    first, second = image.entries
    assert (first.utf8, second.utf8, first.encoding, second.encoding) == (False, True, "utf-8", "utf-8")
    assert (first.header_offset, first.data_offset, first.size) == (0, 35, 4)


names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\/:"), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(names, st.tuples(st.binary(max_size=3000), st.booleans()), max_size=6), st.booleans())
def test_what_the_writer_writes_is_clean(files: dict[str, tuple[bytes, bool]], narrow: bool) -> None:
    files = {unicodedata.normalize("NFC", name): v for name, v in files.items() if name.strip(".")}
    stream = io.BytesIO()
    limits = {"zip64_limit": 50, "entries_limit": 2} if narrow else {}
    writer = ZipWriter(stream, **limits)  # type: ignore[arg-type]
    for name, (data, deflate) in files.items():
        writer.add_bytes(name, data, deflate=deflate)
    written = writer.close()
    with image_of(stream.getvalue()) as image:
        assert faults(image) == []
        assert contents(image) == [(name, data) for name, (data, _) in files.items()]
    assert [(e.name, e.size, e.compressed, e.crc, e.header_offset, e.method) for e in image.entries] == [
        (w.path, w.size, w.compressed, w.crc, w.offset, w.method) for w in written
    ]


@contextmanager
def image_of(data: bytes) -> Iterator[ZipImage]:
    """For tests that make many examples in one call."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(data)
        with read_zip(path) as image:
            yield image


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(names, st.tuples(st.binary(max_size=3000), st.booleans()), max_size=6),
    st.binary(max_size=50),
)
def test_what_the_standard_library_writes_is_read_alike(files: dict[str, tuple[bytes, bool]], comment: bytes) -> None:
    files = {unicodedata.normalize("NFC", name): v for name, v in files.items() if name.strip(".")}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.comment = comment
        for name, (data, deflate) in files.items():
            opened.writestr(name, data, zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED)
    with image_of(stream.getvalue()) as image:
        assert faults(image) == []
        assert contents(image) == [(name, data) for name, (data, _) in files.items()]


UNSAFE = [
    (member(b"/etc/x"), "absolute"),
    (member(b"\\\\server\\share\\x"), "absolute"),
    (member(b"../x"), "parent"),
    (member(b"a/../../x"), "parent"),
    (member(b"a\\..\\x"), "parent"),
    (member(b"C:/x"), "drive"),
    (member(b"c:x"), "drive"),
    (member(b"a\\b.txt"), "backslash"),
    (member("佐证材料\\政策.txt".encode("gbk")), "backslash"),
    (member(b"\x80\\..\\x"), "parent"),
    (member(b"a\0.txt"), "control"),
    # only tools that know the Unicode path field read these, or only those that do not
    (member(b"good", extra=unicode_path(b"good", "../evil")), "parent"),
    (member(b"good", flags=UTF8, extra=unicode_path(b"good", "/evil")), "absolute"),
    (member(b"../evil", extra=unicode_path(b"../evil", "good")), "parent"),
    (member(b"a\\evil", extra=unicode_path(b"a\\evil", "a/good")), "backslash"),
    (member(b"a\x1b[1m"), "control"),
    (member("a\u0085b".encode(), flags=UTF8), "control"),
    (member(b"l", b"/etc/passwd", host=3, attributes=0o120777 << 16), "link"),
    (member(b"l", b"", host=10, attributes=0x400), "link"),
    (member(b"p", b"", host=3, attributes=0o010644 << 16), "special"),
    (member(b"d", b"", host=3, attributes=0o060644 << 16), "special"),
    (member(b"folder/", b"hidden"), "special"),
    (member(b"", b"x"), "special"),
]


@pytest.mark.parametrize(("entry", "reason"), UNSAFE)
def test_unsafe_entries(load: Load, entry: dict[str, Any], reason: str) -> None:
    image = load(build(member(b"good"), entry))
    bad = image.entries[1].name
    found = [fault for fault in faults(image) if fault[0] != "E510"]
    assert found == [("E507", bad, {"reason": reason})]


def test_a_gbk_trail_byte_is_no_backslash(load: Load) -> None:
    image = load(build(member("乗.txt".encode("gbk"))))
    assert faults(image) == [("E510", None, {"encoding": "gbk"})]
    assert image.entries[0].name == "乗.txt"


@pytest.mark.parametrize(
    "second",
    [member(b"a"), member(b"./a"), member(b"a/b"), member(b"a/", b"")],
)
def test_a_name_twice(load: Load, second: dict[str, Any]) -> None:
    image = load(build(member(b"a"), second))
    assert [fault[0] for fault in faults(image)] == ["E507"]
    assert image.faults[0].params == {"reason": "duplicate"}


def test_twins_after_nfc_are_one_name_and_case_twins_two(load: Load) -> None:
    image = load(build(member("\u00e9".encode(), flags=UTF8), member("e\u0301".encode(), flags=UTF8)))
    assert faults(image) == [("E507", "\u00e9", {"reason": "duplicate"})]
    assert faults(load(build(member(b"a"), member(b"A")))) == []
    image = load(build(member("€".encode("gb18030")), member(b"\x80")))
    assert [fault for fault in faults(image) if fault[0] != "E510"] == [("E507", "€", {"reason": "duplicate"})]


def test_folders_may_be_listed_in_any_way(load: Load) -> None:
    image = load(build(member(b"./", b""), member(b"d/", b""), member(b"d/", b""), member(b"./d//x")))
    assert faults(image) == []
    assert [(e.name, e.is_folder) for e in image.entries] == [("d", True), ("d", True), ("d/x", False)]


def test_overlapping_data(load: Load) -> None:
    inner = build(member(b"b", b"x" * 20))[:51]
    archive = build(member(b"a", inner), member(b"b", b"", size=20, packed=20, offset=31, crc=zlib.crc32(b"x" * 20)))
    found = faults(load(archive))
    assert ("E507", "b", {"reason": "overlap"}) in found
    assert {fault[1] for fault in found} == {"b"}


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (member(b"a", flags=1), ("E508", "a", {})),
        (member(b"a", flags=0x41), ("E508", "a", {})),
        (member(b"a", flags=1, method=99), ("E508", "a", {})),
        (member(b"a", method=9), ("E514", "a", {"method": "Deflate64"})),
        (member(b"a", method=93), ("E514", "a", {"method": "Zstandard"})),
        (member(b"a", method=77), ("E514", "a", {"method": "77"})),
    ],
)
def test_entries_that_cannot_be_read(load: Load, entry: dict[str, Any], fault: Fault) -> None:
    image = load(build(entry))
    assert faults(image) == [fault]
    with pytest.raises(EntryError, match=r"^data: a$"):
        image.open(image.entries[0])


@pytest.mark.parametrize(
    ("members", "encoding"),
    [
        ([member("政策.pdf".encode("gbk")), member(b"a")], "gbk"),
        ([member("政策.pdf".encode())], "utf-8"),
        ([member("政策.pdf".encode()), member("办事.pdf".encode("gbk"))], "gbk"),
        ([member("政策.pdf".encode("gbk"), flags=UTF8)], "gbk"),
        ([member("政策.pdf".encode()), member("补贴".encode("gbk") + b"\x80.pdf")], "gbk"),
        (
            [member(b"?\xff", extra=unicode_path(b"?\xff", "好"))],
            "utf-8",
        ),
        # as WinRAR writes what its code page lacks
        ([member(b"__", extra=unicode_path(b"__", "通知"))], "utf-8"),
    ],
)
def test_names_that_are_not_flagged(load: Load, members: list[dict[str, Any]], encoding: str) -> None:
    assert faults(load(build(*members))) == [("E510", None, {"encoding": encoding})]


def test_names_that_nothing_decodes_keep_their_bytes(load: Load) -> None:
    image = load(build(member(b"a\xff")))
    assert faults(image) == []
    assert image.entries[0].name.encode("utf-8", "surrogateescape") == b"a\xff"


def test_bombs(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = member(b"a", b"x" * 99, size=300_000_000, method=8)
    assert faults(load(build(huge))) == [("E509", None, {"entries": 1, "bytes": 300_000_000})]
    assert faults(load(build(replace_size(huge, 200_000_000)))) == []
    monkeypatch.setattr(zip_directory, "MAX_ENTRIES", 2)
    bounds = {"reason": "entries", "entries": 3, "maximum": 2}
    assert faults(load(build(*(member(b"%d" % n) for n in range(3))))) == [("E509", None, bounds)]


def test_of_too_many_entries_not_even_the_directory_is_read(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    data = build(*(member(b"%d" % n, b"") for n in range(zip_directory.MAX_ENTRIES + 1)))
    sizes: list[int] = []
    read = Source.readinto_at
    monkeypatch.setattr(Source, "readinto_at", lambda *given: sizes.append(len(given[2])) or read(*given))
    image = load(data)
    assert faults(image) == [("E509", None, {"reason": "entries", "entries": 20_001, "maximum": 20_000})]
    assert image.entries == ()
    assert len(sizes) <= 3
    assert sum(sizes) < 70_000


def test_a_directory_has_a_bound(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_directory, "MAX_DIRECTORY", 100)
    assert broken(load(build(member(b"a")))) is None
    assert broken(load(build(member(b"a"), member(b"b" * 60)))) == "bounds"


def replace_size(entry: dict[str, Any], size: int) -> dict[str, Any]:
    return {**entry, "size": size}


@pytest.mark.parametrize(
    ("local", "reachable"),
    [
        ({"name": b"b"}, True),
        ({"name": b"abc"}, True),
        ({"method": 8}, True),
        ({"flags": 1}, True),
        ({"size": 3}, True),
        ({"packed": 3}, True),
        ({"crc": 3}, True),
        ({"size": 0xFFFFFFFF}, True),
    ],
)
def test_a_local_header_that_disagrees(load: Load, local: dict[str, Any], reachable: bool) -> None:
    image = load(build(member(b"a", local=local)))
    assert [(f[0], f[1], f[2]["reason"]) for f in faults(image)] == [("E504", "a", "header")]
    assert (image.entries[0].data_offset >= 0) is reachable


def test_sizes_after_the_data_are_no_disagreement(load: Load) -> None:
    image = load(build(member(b"a", flags=8, local={"size": 0, "packed": 0, "crc": 0})))
    assert (faults(image), contents(image)) == ([], [("a", b"data")])


@pytest.mark.parametrize(
    ("local", "agrees"),
    [
        ({}, True),
        ({"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF, "crc": 0}, True),
        ({"size": 3}, False),
        ({"packed": 3, "size": 0}, False),
        ({"crc": 3}, False),
    ],
)
def test_sizes_that_may_be_left_out_may_not_be_others(load: Load, local: dict[str, int], agrees: bool) -> None:
    image = load(build(member(b"a", flags=8, local=local)))
    assert (faults(image) == []) is agrees


@pytest.mark.parametrize("fields", [{"offset": 7}, {"offset": 10**6}, {"packed": 10**6, "size": 10**6}])
def test_data_that_are_not_there(load: Load, fields: dict[str, Any]) -> None:
    image = load(build(member(b"first"), member(b"a", **fields)))
    assert [(f[0], f[1]) for f in faults(image)] == [("E504", "a")]
    with pytest.raises(EntryError):
        image.open(image.entries[1])


ONE = member(b"a.txt")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_zip"),
        (b"hello", "not_zip"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "other"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(40), "other"),
        # WinRAR opens this as RAR, Explorer as zip
        (build(ONE, prefix=b"Rar!\x1a\x07\x01\x00"), "other"),
        (build(ONE)[:-22], "cut"),
        (build(ONE)[:-1], "cut"),
        (build(ONE, comment=b"hello")[:-1], "cut"),
        (build(ONE) + bytes(70_000), "cut"),
        (build(ONE, comment=build()), "end"),
        (build(ONE, comment=build() + b"more"), "end"),
        (build(ONE, comment=b"more" + build()), "end"),
        (build(ONE) + build(ONE)[-22:], "directory"),
        (build(ONE) + build(ONE), "cut"),
        (build(ONE, disk=1), "disks"),
        (build(ONE, here=0), "disks"),
        (build({**ONE, "disk": 3}), "disks"),
        (build(ONE, count=2, here=2), "directory"),
        (build(ONE, count=0, here=0), "directory"),
        (build(ONE, length=10**6), "directory"),
        (build(ONE, start=10**6), "directory"),
        (build(ONE, length=2**27), "directory"),
        (build(member(b"x" * 5000)), "bounds"),
        (build({**ONE, "offset": 0xFFFFFFFF}), "directory"),
        (build(ONE).replace(b"PK\1\2", b"PK\1\3"), "directory"),
    ],
)
def test_archives_that_do_not_open(load: Load, data: bytes, reason: str) -> None:
    assert broken(load(data)) == reason


def test_a_cut_package_that_ends_with_a_document_inside_it(load: Load) -> None:
    inner = build(member(b"word/document.xml", b"x" * 50))
    whole = build(member(b"first"), member(b"answer.docx", inner), member(b"last"))
    cut = whole[: whole.index(inner) + len(inner)]
    with zipfile.ZipFile(io.BytesIO(cut)) as opened:
        assert opened.namelist() == ["word/document.xml"], "the trap is still there"
    assert broken(load(cut)) == "cut"
    nothing = build(member(b"first"), member(b"empty.zip", build()))
    assert broken(load(nothing[: nothing.index(build()) + 22])) == "cut"


def test_something_in_front_and_a_comment_behind(load: Load) -> None:
    image = load(build(ONE, prefix=b"MZ" + bytes(500), comment="说明".encode()))
    assert (faults(image), contents(image)) == ([], [("a.txt", b"data")])


def test_names_before_the_first_entry_are_no_entry(load: Load) -> None:
    gap = build(member(b"", b""))[:30]
    image = load(build(ONE, prefix=gap[:28] + b"\x06\0" + bytes(6)))
    assert (faults(image), image.outside) == ([], 36)


@pytest.mark.parametrize("behind", [b"\n", b"\r\n", bytes(10_000), b"PK\3\4", b"some text"])
@pytest.mark.parametrize("prefix", [b"", b"MZ" + bytes(500)])
@pytest.mark.parametrize("comment", [b"", "说明".encode("gbk")])
def test_what_pipes_and_mails_add_behind(load: Load, behind: bytes, prefix: bytes, comment: bytes) -> None:
    image = load(build(ONE, prefix=prefix, comment=comment) + behind)
    assert (faults(image), contents(image)) == ([], [("a.txt", b"data")])
    assert image.outside == len(prefix) + len(behind)


def sample(**limits: int) -> bytes:
    stream = io.BytesIO()
    writer = ZipWriter(stream, **limits)  # type: ignore[arg-type]
    writer.add_bytes("答案.txt", b"answer", deflate=False)
    writer.add_bytes("佐证材料/a.csv", b"1,2,3\n" * 200, deflate=True)
    inner = build(member(b"x", b"inner"))
    writer.add_bytes("佐证材料/b.docx", inner, deflate=False)
    writer.close()
    return stream.getvalue()


@pytest.mark.parametrize("limits", [{}, {"zip64_limit": 0, "entries_limit": 0}])
@pytest.mark.parametrize("prefix", [b"", b"MZ" + bytes(70)])
def test_cut_anywhere(load: Load, limits: dict[str, int], prefix: bytes) -> None:
    whole = prefix + sample(**limits)
    assert faults(load(whole)) == []
    for length in range(len(whole)):
        assert broken(load(whole[:length])) is not None, length


@pytest.mark.parametrize("limits", [{}, {"zip64_limit": 0, "entries_limit": 0}])
def test_changed_anywhere(load: Load, limits: dict[str, int]) -> None:
    whole, chance = sample(**limits), random.Random(5)
    for _ in range(1500):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            data[chance.randrange(len(data))] = chance.choice((0, 0xFF, chance.randrange(256)))
        if chance.random() < 0.2:
            start = chance.randrange(len(data))
            del data[start : start + chance.randrange(60)]
        with load(bytes(data)) as image:
            for entry in image.entries:
                try:
                    with image.open(entry) as stream:
                        assert len(stream.read(100_000)) <= entry.size
                except EntryError as error:
                    assert error.reason in ("crc", "size", "data")


def deflated(name: bytes, data: bytes, **fields: Any) -> dict[str, Any]:
    engine = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = engine.compress(data) + engine.flush()
    return {**member(name, packed, method=8, size=len(data), crc=zlib.crc32(data)), **fields}


TEXT = b"".join(b"%d\n" % number for number in range(60_000))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (member(b"a", crc=1), "crc"),
        (member(b"a", b"", crc=1), "crc"),
        (member(b"a", size=3), "size"),
        (member(b"a", size=5), "size"),
        (deflated(b"a", TEXT, crc=1), "crc"),
        (deflated(b"a", TEXT, size=len(TEXT) - 1), "size"),
        (deflated(b"a", TEXT, size=0), "size"),
        (deflated(b"a", TEXT, size=len(TEXT) + 1), "size"),
        (deflated(b"a", TEXT, size=10**12 % 2**32), "size"),
        (deflated(b"a", TEXT, packed=100), "data"),
        (member(b"a", b"\xff" * 50, method=8, size=60), "data"),
        (member(b"a", b"", method=8, size=60), "data"),
    ],
)
def test_bytes_that_are_not_what_the_directory_says(load: Load, entry: dict[str, Any], reason: str) -> None:
    image = load(build(entry))
    total = 0
    with pytest.raises(EntryError) as caught, image.open(image.entries[0]) as stream:
        while data := stream.read(1000):
            total += len(data)
    assert caught.value.reason == reason
    assert total <= entry["size"]


def test_deflated_data_with_something_behind_it(load: Load) -> None:
    entry = deflated(b"a", TEXT)
    entry = {**entry, "data": entry["data"] + b"hidden", "packed": entry["packed"] + 6}
    image = load(build(entry))
    with pytest.raises(EntryError, match="data"), image.open(image.entries[0]) as stream:
        stream.read()


@pytest.mark.parametrize("make", [member, deflated])
def test_streams_seek(load: Load, make: Callable[..., dict[str, Any]]) -> None:
    image = load(build(make(b"a", TEXT)))
    chance = random.Random(3)
    with image.open(image.entries[0]) as stream:
        assert stream.seekable()
        assert stream.seek(0, io.SEEK_END) == len(TEXT)
        assert stream.read() == b""
        for _ in range(40):
            at, count = chance.randrange(len(TEXT) + 10), chance.choice((1, 100, 90_000))
            stream.seek(at)
            assert stream.read(count) == TEXT[at : at + count]
            assert stream.tell() == at + len(TEXT[at : at + count])
        stream.seek(0)
        assert stream.read() == TEXT
        with pytest.raises(OSError, match=r".*"):
            stream.seek(-1)


def test_a_wrong_crc_speaks_only_after_a_whole_read(load: Load) -> None:
    image = load(build(member(b"a", TEXT, crc=1)))
    with image.open(image.entries[0]) as stream:
        stream.seek(len(TEXT) - 10)
        assert stream.read() == TEXT[-10:]
        stream.seek(0)
        with pytest.raises(EntryError):
            while stream.read(50_000):
                pass


def test_a_container_inside_opens_in_place(load: Load) -> None:
    inner = build(member(b"x", b"inner"), deflated(b"y", TEXT))
    for make in (member, deflated):
        image = load(build(member(b"first"), make(b"a.docx", inner)))
        with image.open(image.entries[1]) as stream, zipfile.ZipFile(stream) as opened:
            assert (opened.read("x"), opened.read("y")) == (b"inner", TEXT)


def test_threads_share_an_image(load: Load) -> None:
    image = load(build(*(make(b"%d" % n, TEXT[n:]) for n, make in enumerate((member, deflated) * 4))))
    found: dict[str, bytes] = {}

    def read(entry: ZipEntry) -> None:
        with image.open(entry) as stream:
            parts = []
            while part := stream.read(5000):
                parts.append(part)
        found[entry.name] = b"".join(parts)

    threads = [threading.Thread(target=read, args=(entry,)) for entry in image.entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {str(n): TEXT[n:] for n in range(8)}


def test_after_close_nothing_is_read(load: Load) -> None:
    image = load(build(ONE))
    stream = image.open(image.entries[0])
    image.close()
    with pytest.raises(OSError, match="closed"):
        stream.read()


def test_a_file_that_becomes_shorter(load: Load, tmp_path: Path) -> None:
    image = load(build(member(b"a", TEXT)))
    with (tmp_path / "x.zip").open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(EntryError, match="size"), image.open(image.entries[0]) as stream:
        stream.read()


def test_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.zip"):
        with pytest.raises(OSError, match=r".*"):
            read_zip(path)


def test_faults_of_one_entry_are_one_for_each_code(load: Load) -> None:
    entry = member(b"../a\\b", flags=1, method=12, local={"crc": 9})
    image = load(build(entry, replace_size(entry, 4)))
    codes = [(fault.code, fault.entry) for fault in image.faults]
    assert sorted({str(code) for code, _ in codes}) == ["E504", "E507", "E508"]
    assert len(codes) == 6
    assert replace(image, faults=()).entries == image.entries


@pytest.mark.tools
@pytest.mark.parametrize(
    ("tool", "command", "expected"),
    [
        ("zip", ["zip", "-q", "-r", "x.zip", "folder"], [("E510", None, {"encoding": "utf-8"})]),
        ("zip", ["zip", "-q", "-0", "-fd", "-r", "x.zip", "folder"], [("E510", None, {"encoding": "utf-8"})]),
        ("zip", ["zip", "-q", "-fz", "-r", "x.zip", "folder"], [("E510", None, {"encoding": "utf-8"})]),
        ("zip", ["zip", "-q", "-y", "-r", "x.zip", "folder", "link"], "link"),
        ("7z", ["7z", "a", "-bd", "x.zip", "folder"], []),
        ("7z", ["7z", "a", "-bd", "-psecret", "x.zip", "folder"], "E508"),
        ("7z", ["7z", "a", "-bd", "-mm=Deflate64", "x.zip", "folder"], "E514"),
        ("7z", ["7z", "a", "-bd", "-mm=LZMA", "x.zip", "folder"], "E514"),
        ("bsdtar", ["bsdtar", "--format=zip", "-cf", "x.zip", "folder"], []),
        ("jar", ["jar", "cf", "x.zip", "folder"], []),
    ],
)
def test_zips_of_real_tools(tmp_path: Path, tool: str, command: list[str], expected: Any) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    files = {"folder/答案.txt": TEXT, "folder/空.txt": b"", "folder/佐证/a.txt": b"a"}
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "link").symlink_to("folder")
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=env)
    with read_zip(tmp_path / "x.zip") as image:
        found = faults(image)
        listed = {entry.name for entry in image.entries if not entry.is_folder and entry.name.startswith("folder")}
        assert listed == set(files)
        if expected == "link":
            assert ("E507", "link", {"reason": "link"}) in found
        elif isinstance(expected, str):
            assert {fault[0] for fault in found} == {expected}
        else:
            assert found == expected
            readable = {e.name: e for e in image.entries if not e.is_folder}
            assert {name: image.open(e).read() for name, e in readable.items() if name in files} == files

"""Zips as offices make them, and as nobody should: the exact findings, and the names that the report shows."""

import io
import random
import stat
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.looks.packages.zip_write import ZipWriter
from evidence_cli.vocabulary.findings import Report
from support import raw_zip
from support.packing import command
from support.raw_zip import late, member, members_of, unicode_path, write
from support.workspace import NOW, PACKAGES

CODE = "1.1-01"
# Last bytes 0x5C in GBK, the backslash of ASCII.
NEW = "佐证材料/01-政策文件/09-乗昞玕縗躙·通知.txt"
OWN = ("package.json", "manifest-sha256.txt", "佐证材料目录.csv")
Members = list[dict[str, Any]]
Entry = dict[str, Any]


def verify(packed: Path) -> Report:
    return evidence_cli.verify([packed / PACKAGES[CODE]], workspace=packed, now=NOW)


def found(report: Report) -> list[tuple[str, str, str]]:
    return [(str(f.code), f.params.get("reason", ""), f.path.partition("!/")[2]) for f in report.findings]


def good(packed: Path) -> Members:
    return members_of(packed / PACKAGES[CODE])


def foreign(packed: Path) -> Members:
    """As another program packs the question: without what evcli adds."""
    return [m for m in good(packed) if m["raw"].decode() not in OWN]


def utf8(entry: Entry) -> Entry:
    return {**entry, "flags": 0}


def gbk(entry: Entry) -> Entry:
    return {**entry, "raw": entry["raw"].decode().encode("gb18030"), "flags": 0, "host": 0, "mode": 0}


def gbk_flagged(entry: Entry) -> Entry:
    return {**gbk(entry), "flags": raw_zip.UTF8}


def gbk_with_path(entry: Entry) -> Entry:
    old = gbk(entry)
    return {**old, "extra": unicode_path(old["raw"], entry["raw"].decode())}


def gbk_with_stale_path(entry: Entry) -> Entry:
    return {**gbk(entry), "extra": unicode_path(b"", "佐证材料/旧名称.txt", crc=1)}


def ascii_with_path(entry: Entry) -> Entry:
    name = entry["raw"].decode()
    raw = name.encode("ascii", "replace").replace(b"?", b"_")
    return {**utf8(entry), "raw": raw, "extra": unicode_path(raw, name)}


@pytest.mark.parametrize(
    ("as_made", "encoding"),
    [
        (utf8, "utf-8"),
        (gbk, "gbk"),
        (gbk_flagged, "gbk"),
        (gbk_with_path, "utf-8"),
        (gbk_with_stale_path, "gbk"),
        (ascii_with_path, "utf-8"),
    ],
)
def test_names_are_read_right_and_the_reading_is_told(
    packed: Path, as_made: Callable[[Entry], Entry], encoding: str
) -> None:
    write(packed / PACKAGES[CODE], *map(as_made, [*good(packed), member(NEW)]))
    report = verify(packed)
    assert found(report) == [("E510", "", ""), ("E506", "unlisted", NEW)]
    assert report.findings[0].params == {"encoding": encoding}
    done = command("verify", PACKAGES[CODE], "--lang", "zh", cwd=packed)
    assert done.returncode == 1
    assert f"这里按 {encoding.upper()} 读取" in done.stdout
    assert f"E506 {NEW}\n" in done.stdout


def test_names_with_the_flag_need_no_reading(packed: Path) -> None:
    write(packed / PACKAGES[CODE], *good(packed), member(NEW))
    assert found(verify(packed)) == [("E506", "unlisted", NEW)]


def descriptors(target: Path, members: Members) -> None:
    write(target, *map(late, members))


def bare_descriptors(target: Path, members: Members) -> None:
    write(target, *(late(entry, signature=b"") for entry in members))


def large_form(target: Path, members: Members) -> None:
    stream = io.BytesIO()
    writer = ZipWriter(stream, zip64_limit=0, entries_limit=0)
    for entry in members:
        data = zlib.decompress(entry["packed"], -15) if entry["method"] else entry["packed"]
        writer.add_bytes(entry["raw"].decode(), data, deflate=bool(entry["method"]))
    writer.close()
    target.write_bytes(stream.getvalue())


def comment(target: Path, members: Members) -> None:
    write(target, *members, comment="营商环境 PK\5\6".encode("gbk"))


def other_order(target: Path, members: Members) -> None:
    write(target, *members[::-1])


def folders_listed(target: Path, members: Members) -> None:
    write(target, member("佐证材料/", b"", mode=stat.S_IFDIR | 0o755), *members)


FORMS = [descriptors, bare_descriptors, large_form, comment, other_order, folders_listed]


@pytest.mark.parametrize("make", FORMS)
def test_forms_that_every_tool_opens(packed: Path, make: Callable[[Path, Members], None]) -> None:
    make(packed / PACKAGES[CODE], good(packed))
    assert found(verify(packed)) == []


@pytest.mark.parametrize("around", [{"prefix": b"MZ" + bytes(300)}, {"behind": b"\r\n"}, {"behind": bytes(10_000)}])
def test_bytes_around_a_zip(packed: Path, around: dict[str, bytes]) -> None:
    write(packed / PACKAGES[CODE], *good(packed), **around)
    assert found(verify(packed)) == [("E505", "outside", "")]
    write(packed / PACKAGES[CODE], *foreign(packed), **around)
    assert found(verify(packed)) == [("E515", "", "")]


def test_a_zip_from_a_mac(packed: Path) -> None:
    top = "1.1-01-事项清单"
    members = [{**utf8(m), "raw": f"{top}/{m['raw'].decode()}".encode()} for m in foreign(packed)]
    fork = b"\0\5\x16\7" + bytes(60)
    left = [utf8(member(f"__MACOSX/{top}/._答案.docx", fork)), utf8(member(f"{top}/.DS_Store", b"\0\0\0\1Bud1"))]
    write(packed / PACKAGES[CODE], member(f"{top}/", b"", mode=stat.S_IFDIR | 0o755), *members, *left)
    assert found(verify(packed)) == [
        ("E510", "", ""),
        ("E515", "", ""),
        ("E516", "", ""),
        ("E205", "", f"{top}/.DS_Store"),
    ]


@pytest.mark.parametrize(
    ("name", "reason", "shown"),
    [
        (b"\\\\server\\share\\x.txt", "absolute", "/server/share/x.txt"),
        (b"//server/share/x.txt", "absolute", "/server/share/x.txt"),
        (b"\\\\?\\C:\\x.txt", "absolute", "/?/C:/x.txt"),
        (b"\\x.txt", "absolute", "/x.txt"),
        (b"C:x.txt", "drive", "C:x.txt"),
        (b"C:\\x.txt", "drive", "C:/x.txt"),
        (b"./C:/x.txt", "drive", "C:/x.txt"),
        (b"a\\../..\\x.txt", "parent", "a/../../x.txt"),
        (b"x.pdf\0.txt", "control", "x.pdf\0.txt"),
    ],
)
def test_names_that_lead_elsewhere(packed: Path, name: bytes, reason: str, shown: str) -> None:
    write(packed / PACKAGES[CODE], *good(packed), member(name))
    assert found(verify(packed)) == [("E507", reason, shown)]


@pytest.mark.parametrize("kind", [stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
@pytest.mark.parametrize("host", [3, 19])
def test_devices(packed: Path, kind: int, host: int) -> None:
    write(packed / PACKAGES[CODE], *good(packed), member("佐证材料/x", b"", mode=kind | 0o644, host=host))
    assert found(verify(packed)) == [("E507", "special", "佐证材料/x")]


def test_a_name_that_is_harmless_in_one_reading_only(packed: Path) -> None:
    raw = b"../../x.txt"
    write(packed / PACKAGES[CODE], *good(packed), utf8(member(raw, extra=unicode_path(raw, NEW))))
    assert found(verify(packed)) == [("E510", "", ""), ("E507", "parent", NEW)]


def test_names_that_differ_in_case_only(packed: Path) -> None:
    twins = [member(f"佐证材料/01-政策文件/08-{name}.txt", name.encode()) for name in ("notice", "Notice")]
    write(packed / PACKAGES[CODE], *foreign(packed), *twins)
    assert ("E204", "") in {line[:2] for line in found(verify(packed))}


LIE = member(NEW, b"1,2,3\n" * 50, deflate=True)


@pytest.mark.parametrize(
    ("entry", "reason", "place"),
    [
        ({**LIE, "local": {"raw": NEW.replace("09", "08").encode()}}, "open", NEW),
        ({**LIE, "local": {"method": 0}}, "open", NEW),
        ({**LIE, "local": {"size": 7}}, "open", NEW),
        ({**LIE, "local": {"length": 7}}, "open", NEW),
        ({**LIE, "local": {"crc": 7}}, "open", NEW),
        ({**late(LIE), "local": {"crc": 0, "length": 7, "size": 0}}, "open", NEW),
        ({**LIE, "offset": 10**8}, "open", NEW),
        ({**LIE, "offset": 5}, "open", NEW),
        ({**LIE, "size": 299}, "crc", NEW),
        ({**LIE, "size": 301}, "crc", NEW),
        ({**LIE, "crc": 7}, "crc", NEW),
    ],
)
def test_entries_that_are_not_what_the_directory_says(packed: Path, entry: Entry, reason: str, place: str) -> None:
    write(packed / PACKAGES[CODE], *good(packed), entry)
    assert [line for line in found(verify(packed)) if line[0] == "E504"] == [("E504", reason, place)]


def nothing(megabytes: int, name: str = "佐证材料/01-政策文件/09.bin", **fields: Any) -> Entry:
    return member(name, bytes(megabytes * 10**6), deflate=True, **fields)


def test_a_size_that_hides_a_bomb(packed: Path) -> None:
    write(packed / PACKAGES[CODE], *good(packed), nothing(100, size=1000))
    began = time.monotonic()
    assert ("E504", "crc", "佐证材料/01-政策文件/09.bin") in found(verify(packed))
    assert time.monotonic() - began < 5


def test_a_bomb_of_many(packed: Path) -> None:
    many = [{**nothing(10), "raw": f"佐证材料/{number}.bin".encode()} for number in range(40)]
    write(packed / PACKAGES[CODE], *good(packed), *many)
    assert found(verify(packed)) == [("E509", "", "")]


@pytest.mark.parametrize("depth", [1, 4])
def test_a_bomb_inside(packed: Path, tmp_path: Path, depth: int) -> None:
    bomb = write(tmp_path / "bomb.zip", *({**nothing(10), "raw": b"%d.bin" % number} for number in range(60)))
    for level in range(depth - 1):
        bomb = write(tmp_path / f"{level}.zip", member("inner.zip", bomb.read_bytes()))
    name = "佐证材料/01-政策文件/09-资料.zip"
    write(packed / PACKAGES[CODE], *foreign(packed), member(name, bomb.read_bytes()))
    codes = {line[0] for line in found(verify(packed)) if line[2] == name}
    assert codes == ({"E314"} if depth == 1 else {"E309"})


def test_entries_that_share_their_data(packed: Path) -> None:
    kernel = nothing(10)
    shared = [{**kernel, "raw": b"%d.bin" % n, "packed": b"", "offset": 0} for n in range(3)]
    lines = found(evidence_cli.verify([write(packed / PACKAGES[CODE], kernel, *shared)], workspace=packed, now=NOW))
    assert {line[:2] for line in lines if line[0] == "E507"} == {("E507", "overlap")}


@pytest.mark.parametrize("method", [9, 12, 14, 93, 95])
def test_other_methods_get_advice(packed: Path, method: int) -> None:
    write(packed / PACKAGES[CODE], *good(packed), member(NEW, b"BZh91AY", method=method))
    done = command("verify", PACKAGES[CODE], "--lang", "zh", cwd=packed)
    assert done.returncode == 1
    assert "请用 evcli pack 重新打包" in done.stdout[done.stdout.index("E514") :]


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2041])
def test_a_password(packed: Path, flags: int) -> None:
    write(packed / PACKAGES[CODE], *good(packed), member(NEW, flags=raw_zip.UTF8 | flags))
    assert found(verify(packed)) == [("E506", "unlisted", NEW), ("E508", "", NEW)]


@pytest.mark.parametrize("make", FORMS)
def test_cut_off(packed: Path, make: Callable[[Path, Members], None]) -> None:
    package = packed / PACKAGES[CODE]
    make(package, good(packed))
    whole, chance = package.read_bytes(), random.Random(7)
    inside = whole.index(b"PK\5\6") + 22
    for length in (1, 100, inside, inside + 40, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(5))):
        package.write_bytes(whole[:length])
        assert found(verify(packed)) == [("E504", "open", "")], length


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_counts_at_the_bound_of_the_small_form(tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from evidence_cli.looks.packages import zip_directory
    from evidence_cli.looks.packages.zip_read import read_zip

    monkeypatch.setattr(zip_directory, "MAX_ENTRIES", 65_536)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(count):
            archive.writestr(str(number), b"")
    with read_zip(tmp_path / "x.zip") as image:
        assert (len(image.entries), image.faults) == (count, ())

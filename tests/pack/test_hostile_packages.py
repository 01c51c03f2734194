"""Packages made to do harm, and packages that lie: the exact findings, with and without a workspace."""

import hashlib
import json
import stat
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.vocabulary.findings import Report
from support import raw_zip
from support.packing import command, environment
from support.raw_zip import member
from support.workspace import NOW, PACKAGES

CODE = "1.1-01"
NAME = PACKAGES[CODE].rpartition("/")[2]
MANIFEST = "manifest-sha256.txt"
Members = list[dict[str, Any]]


def found(report: Report, root: str) -> list[tuple[str, str, str]]:
    """Code, reason and path inside the package of every finding, in the order of the paths."""
    return sorted(
        (str(f.code), f.params.get("reason", ""), f.path.removeprefix(root).removeprefix("!/")) for f in report.findings
    )


def both(packed: Path, members: Members) -> list[tuple[str, str, str]]:
    """The findings of a package of these entries, which are the same with a workspace and without."""
    package = raw_zip.write(packed / PACKAGES[CODE], *members)
    inside = evidence_cli.verify([package], workspace=packed, now=NOW)
    alone = evidence_cli.verify([package], now=NOW)
    lines = found(inside, PACKAGES[CODE])
    assert lines == found(alone, package.as_posix())
    assert [note.reason for note in alone.not_done] == ["no_workspace"]
    assert inside.not_done == ()
    return lines


def good(packed: Path) -> Members:
    return raw_zip.members_of(packed / PACKAGES[CODE])


def text_of(members: Members, name: str) -> bytes:
    [one] = [m for m in members if m["raw"] == name.encode()]
    return zlib.decompress(one["packed"], -15) if one["method"] else one["packed"]


def put(members: Members, name: str, data: bytes) -> Members:
    """The entries with one of them replaced or added."""
    kept = [m for m in members if m["raw"] != name.encode()]
    return [*kept, member(name, data, deflate=True)]


def relisted(members: Members, extra: bytes = b"") -> Members:
    """With a manifest that fits, and more lines behind."""
    rest = [m for m in members if m["raw"] != MANIFEST.encode()]
    lines = [f"{hashlib.sha256(text_of([m], m['raw'].decode())).hexdigest()}  {m['raw'].decode()}\n" for m in rest]
    return put(rest, MANIFEST, "".join(sorted(lines)).encode() + extra)


def test_a_good_package_written_by_hand_is_good(packed: Path) -> None:
    assert both(packed, good(packed)) == []


@pytest.mark.parametrize(
    ("name", "fields", "reason", "shown"),
    [
        ("../../etc/passwd", {}, "parent", "../../etc/passwd"),
        ("佐证材料/../../x.pdf", {}, "parent", "佐证材料/../../x.pdf"),
        ("/etc/passwd", {}, "absolute", "/etc/passwd"),
        ("C:/Windows/x.dll", {}, "drive", "C:/Windows/x.dll"),
        ("佐证材料\\x.pdf", {}, "backslash", "佐证材料/x.pdf"),
        ("..\\..\\x.pdf", {}, "parent", "../../x.pdf"),
        ("佐证材料/x\n.pdf", {}, "control", "佐证材料/x\n.pdf"),
        ("佐证材料/link.pdf", {"mode": stat.S_IFLNK | 0o777}, "link", "佐证材料/link.pdf"),
        ("佐证材料/pipe", {"mode": stat.S_IFIFO | 0o644}, "special", "佐证材料/pipe"),
        ("答案.docx", {}, "duplicate", "答案.docx"),
        ("答案.docx/x.pdf", {}, "duplicate", "答案.docx"),
    ],
)
def test_unsafe_entries(packed: Path, name: str, fields: dict[str, Any], reason: str, shown: str) -> None:
    lines = both(packed, [*good(packed), member(name, **fields)])
    assert ("E507", reason, shown) in lines
    rest = [line for line in lines if line[0] != "E507"]
    assert {line[0] for line in rest} <= {"E506"}


def test_overlapping_entries(packed: Path) -> None:
    members = good(packed)
    lines = both(packed, [*members, {**members[0], "raw": "佐证材料/again".encode(), "offset": 0}])
    assert ("E507", "overlap") in {line[:2] for line in lines}


def test_encrypted_entries(packed: Path) -> None:
    first, *rest = good(packed)
    lines = both(packed, [{**first, "flags": raw_zip.UTF8 | 1}, *rest])
    assert lines == [("E508", "", first["raw"].decode())]


@pytest.mark.parametrize(("number", "name"), [(9, "Deflate64"), (12, "BZIP2"), (14, "LZMA"), (77, "77")])
def test_foreign_methods(packed: Path, number: int, name: str) -> None:
    first, *rest = good(packed)
    assert both(packed, [{**first, "method": number}, *rest]) == [("E514", "", first["raw"].decode())]
    [finding] = evidence_cli.verify([packed / PACKAGES[CODE]]).findings
    assert finding.params == {"method": name}


def test_names_in_gbk(packed: Path) -> None:
    members = [{**m, "raw": m["raw"].decode().encode("gb18030"), "flags": 0} for m in good(packed)]
    assert both(packed, members) == [("E510", "", "")]


def test_names_in_utf8_without_a_flag(packed: Path) -> None:
    assert both(packed, [{**m, "flags": 0} for m in good(packed)]) == [("E510", "", "")]


def test_a_size_that_is_not_true(packed: Path) -> None:
    *rest, last = good(packed)
    lines = both(packed, [*rest, {**last, "size": 3 * 2**30}])
    assert ("E509", "", "") in lines


def test_a_deflated_entry_of_another_size_than_it_says(packed: Path) -> None:
    *rest, last = good(packed)
    assert both(packed, [*rest, {**last, "size": last["size"] + 1}])[0][:2] == ("E504", "crc")


def test_entries_that_imply_more_folders_than_fit_in_memory(packed: Path) -> None:
    deep = "/".join("a" * 2000)
    members = [member(f"佐证材料/{number}/{deep}") for number in range(40)]
    assert both(packed, [*good(packed), *members]) == [("E509", "folders", "")]


@pytest.mark.parametrize(
    "data",
    [b"", b"no json", b"\xff\xfe\x00", b"[]", b"null", b'{"format": "evcli.package/1"}',
     b"[" * 3_000_000, b'{"a":' * 3_000_000],
    ids=["empty", "text", "bytes", "list", "null", "part", "brackets", "braces"],
)  # fmt: skip
def test_a_record_that_is_none(packed: Path, data: bytes) -> None:
    assert both(packed, relisted(put(good(packed), "package.json", data))) == [("E505", "identity", "package.json")]


def test_a_record_of_seventy_megabytes(packed: Path) -> None:
    data = b"[" * 70_000_000
    assert both(packed, relisted(put(good(packed), "package.json", data))) == [("E505", "identity", "package.json")]


def wrong_type(record: dict[str, Any]) -> None:
    record["files"] = {"path": 1}


def another_format(record: dict[str, Any]) -> None:
    record["format"] = "evcli.package/999"


def wrong_digest(record: dict[str, Any]) -> None:
    record["digest"] = "sha256:" + "0" * 64


def wrong_file(record: dict[str, Any]) -> None:
    record["files"][0]["digests"]["sha256"] = "0" * 64


def wrong_size(record: dict[str, Any]) -> None:
    record["files"][0]["size"] += 1


def no_file(record: dict[str, Any]) -> None:
    record["files"] = []


def another_algorithm(record: dict[str, Any]) -> None:
    record["algorithm"] = "md5"


@pytest.mark.parametrize(
    "change", [wrong_type, another_format, wrong_digest, wrong_file, wrong_size, no_file, another_algorithm]
)
def test_a_record_that_lies(packed: Path, change: Callable[[dict[str, Any]], None]) -> None:
    members = good(packed)
    record = json.loads(text_of(members, "package.json"))
    change(record)
    changed = relisted(put(members, "package.json", json.dumps(record).encode()))
    assert both(packed, changed) == [("E505", "identity", "package.json")]


def test_a_record_of_a_later_version_may_say_more(packed: Path) -> None:
    members = good(packed)
    record = json.loads(text_of(members, "package.json")) | {"later": [1]}
    assert both(packed, relisted(put(members, "package.json", json.dumps(record).encode()))) == []


def test_a_manifest_with_paths_that_lead_out(packed: Path) -> None:
    line = "0" * 64 + "  ../../etc/passwd\n"
    assert both(packed, relisted(good(packed), line.encode())) == [("E506", "missing", "../../etc/passwd")]


def test_a_manifest_that_lists_itself(packed: Path) -> None:
    line = "0" * 64 + f"  {MANIFEST}\n"
    assert both(packed, relisted(good(packed), line.encode())) == [("E505", "digest", MANIFEST)]


def test_an_entry_nobody_listed_and_one_that_is_gone(packed: Path) -> None:
    members = good(packed)
    assert both(packed, put(members, "佐证材料/99.txt", b"x")) == [("E506", "unlisted", "佐证材料/99.txt")]
    gone = members[0]["raw"].decode()
    assert both(packed, members[1:]) == [("E506", "missing", gone)]


@pytest.mark.parametrize("other", ["manifest-sha512.txt", "manifest-sm3.txt"])
def test_two_manifests(packed: Path, other: str) -> None:
    members = good(packed)
    assert both(packed, put(members, other, b"whatever\n")) == [("E506", "unlisted", other)]
    assert both(packed, relisted(put(members, other, b"whatever\n"))) == []


def crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def bom(data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


def stars(data: bytes) -> bytes:
    return data.replace(b"  ", b" *")


def upper(data: bytes) -> bytes:
    return b"".join(line[:64].upper() + line[64:] for line in data.splitlines(keepends=True))


@pytest.mark.parametrize("change", [crlf, bom, stars, upper])
def test_manifests_as_other_tools_write_them(packed: Path, change: Callable[[bytes], bytes]) -> None:
    members = good(packed)
    assert both(packed, put(members, MANIFEST, change(text_of(members, MANIFEST)))) == []


@pytest.mark.parametrize("data", [b"\xff\xfe", b"nonsense\n", b"00  a\n", b"0" * 64 + b"  a\n" + b"0" * 64 + b"  a\n"])
def test_a_manifest_that_is_none(packed: Path, data: bytes) -> None:
    assert both(packed, put(good(packed), MANIFEST, data)) == [("E505", "manifest", "")]


def test_no_manifest(packed: Path) -> None:
    assert both(packed, [m for m in good(packed) if m["raw"] != MANIFEST.encode()]) == [("E505", "manifest", "")]


@pytest.mark.parametrize(
    "data",
    [b"", b"text", b"PK\3\4", b"PK\5\6" + bytes(17)],
)
def test_what_is_no_zip(packed: Path, data: bytes) -> None:
    package = packed / PACKAGES[CODE]
    package.write_bytes(data)
    report = evidence_cli.verify([package], workspace=packed)
    assert found(report, PACKAGES[CODE]) == [("E504", "open", "")]
    [line] = report.questions
    assert (line.code, line.package, line.digest, line.passed, line.files) == (CODE, "broken", None, False, 0)


def test_an_empty_zip(packed: Path) -> None:
    assert both(packed, []) == [("E513", "no_answer", ""), ("E515", "", "")]


def test_a_zip_in_a_zip_is_not_looked_into(packed: Path) -> None:
    inner = (packed / PACKAGES["1.1-02"]).read_bytes()
    package = raw_zip.write(packed / PACKAGES[CODE], member(NAME, inner))
    lines = [("E513", "no_evidence", ""), ("E515", "", "")]
    assert found(evidence_cli.verify([package]), package.as_posix()) == lines
    # Only a table knows that no answer may be an archive.
    inside = evidence_cli.verify([package], workspace=packed)
    assert found(inside, PACKAGES[CODE]) == [("E302", "", NAME), *lines]


_MEASURED = """
import re, sys
from pathlib import Path
import evidence_cli
report = evidence_cli.verify([sys.argv[1]], jobs=2)
# What getrusage says begins with the memory of the process that started this one.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(sorted({str(f.code) for f in report.findings}), peak)
"""


def zeros(megabytes: int) -> dict[str, Any]:
    """An entry of so many megabytes of nothing, deflated."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = engine.compress(bytes(10**6)) + engine.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(megabytes):
        crc = zlib.crc32(bytes(10**6), crc)
    fields = {"packed": block * megabytes + engine.flush(), "size": megabytes * 10**6, "crc": crc}
    return member("佐证材料/04-网站截图/09.png", deflate=True) | fields


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.parametrize(("megabytes", "code"), [(200, "E506"), (1100, "E509")])
def test_much_of_nothing_needs_no_memory_and_no_disk(packed: Path, tmp_path: Path, megabytes: int, code: str) -> None:
    package = raw_zip.write(packed / PACKAGES[CODE], *good(packed), zeros(megabytes))
    for name in ("cwd", "tmp"):
        (tmp_path / name).mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(package)],
        cwd=tmp_path / "cwd",
        env=environment(TMPDIR=str(tmp_path / "tmp"), HOME=str(tmp_path / "tmp")),
        capture_output=True,
        text=True,
        check=False,
    )
    codes, _, kilobytes = done.stdout.rpartition(" ")
    assert codes == f"['{code}']", done.stderr
    assert int(kilobytes) < 150_000
    assert [*(tmp_path / "cwd").iterdir(), *(tmp_path / "tmp").iterdir()] == []


def test_nothing_is_unpacked(packed: Path, tmp_path: Path) -> None:
    names = ["../escaped.txt", "/tmp/escaped.txt", "佐证材料/04-网站截图/09.png"]
    package = raw_zip.write(tmp_path / NAME, *good(packed), *(member(name) for name in names))
    for name in ("cwd", "tmp"):
        (tmp_path / name).mkdir()
    before = sorted(path.name for path in tmp_path.iterdir())
    env = {"TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path / "tmp"), "XDG_CACHE_HOME": str(tmp_path / "tmp")}
    for arguments in ([], ["-w", packed]):
        done = command("verify", package, *arguments, "--format", "json", cwd=tmp_path / "cwd", env=env)
        assert done.returncode == 1
        assert json.loads(done.stdout)["summary"]["errors"] >= 2
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert [*(tmp_path / "cwd").iterdir(), *(tmp_path / "tmp").iterdir()] == []
    assert not (Path(tempfile.gettempdir()) / "escaped.txt").exists()


def test_data_in_front_of_a_package(packed: Path) -> None:
    path = packed / PACKAGES[CODE]
    path.write_bytes(b"MZ" + bytes(range(256)) * 80 + path.read_bytes())
    assert found(evidence_cli.verify([path], workspace=packed), PACKAGES[CODE]) == [("E505", "outside", "")]


def test_what_is_true_of_the_whole_package_is_said_once(packed: Path) -> None:
    locked = [{**m, "flags": raw_zip.UTF8 | 1} for m in good(packed)]
    assert both(packed, locked) == [("E508", "", "")]
    torn = bytearray((packed / PACKAGES["1.1-02"]).read_bytes())
    torn[:100] = bytes(100)
    (packed / PACKAGES["1.1-02"]).write_bytes(torn)
    [finding] = evidence_cli.verify([packed / PACKAGES["1.1-02"]]).findings
    assert (str(finding.code), finding.params["reason"]) == ("E504", "open")

"""Bags that want to do harm, or are broken: exact findings, never a read outside the bag, and no exception."""

import os
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.cli.main import run
from evidence_cli.looks.bags import guard
from evidence_cli.looks.bags.guard import is_bag
from support.workspace import NOW

Change = Callable[[Path], object]
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def small(folder: Path) -> Path:
    """A small bag that somebody else made, without bag-info and tag manifests."""
    (folder / "data").mkdir(parents=True)
    (folder / "data/a.txt").write_bytes(b"a")
    (folder / "bagit.txt").write_bytes(DECLARATION)
    (folder / "manifest-sha256.txt").write_text(f"{sha256(b'a').hexdigest()}  data/a.txt\n", encoding="utf-8")
    return folder


def found(bag: Path) -> list[tuple[str, str, str]]:
    """Code, path in the bag and reason of each finding."""
    report = evidence_cli.verify(bag, now=NOW, jobs=1)
    prefix = f"{bag.as_posix()}"
    return [
        (one.code.value, one.path.removeprefix(prefix).removeprefix("/"), str(one.params["reason"]))
        for one in report.findings
    ]


def append(name: str, line: str | bytes) -> Change:
    def change(bag: Path) -> None:
        with (bag / name).open("ab") as stream:
            stream.write(line if isinstance(line, bytes) else line.encode())

    return change


def listed(path: str, name: str = "manifest-sha256.txt") -> Change:
    return append(name, f"{'0' * 64}  {path}\n")


def write(name: str, data: bytes) -> Change:
    def change(bag: Path) -> None:
        (bag / name).parent.mkdir(parents=True, exist_ok=True)
        (bag / name).write_bytes(data)

    return change


def remove(name: str) -> Change:
    return lambda bag: (bag / name).unlink()


def manifest(path: str, reason: str = "path") -> list[tuple[str, str, str]]:
    return [("E704" if reason == "path" else "E701", path, reason)]


MANIFEST = "manifest-sha256.txt"
UNSAFE = [
    "/etc/passwd", "../outside.txt", "data/../../outside.txt", "data/../bagit.txt/../../x", "~/secret", "~root/x",
    "C:/Windows/x", "c:x", "data\\..\\..\\x", "\\\\server\\share\\x", "data/a\x07.txt", "bagit.txt",
]  # fmt: skip
CASES: dict[str, tuple[Change, list[tuple[str, str, str]]]] = {
    **{f"listed {path!r}": (listed(path), manifest(MANIFEST)) for path in UNSAFE},
    "payload in a tag manifest": (
        write("tagmanifest-sha256.txt", f"{'0' * 64}  data/a.txt\n".encode()),
        manifest("tagmanifest-sha256.txt"),
    ),
    "no declaration": (remove("bagit.txt"), [("E701", "bagit.txt", "no_declaration")]),
    "no manifest": (remove(MANIFEST), [("E701", "", "no_manifest")]),
    "only an unknown algorithm": (
        lambda bag: (bag / MANIFEST).rename(bag / "manifest-shake_128.txt"),
        [("E701", "", "no_manifest")],
    ),
    "declaration as a folder": (
        lambda bag: ((bag / "bagit.txt").unlink(), (bag / "bagit.txt").mkdir()),
        [("E701", "bagit.txt", "no_declaration")],
    ),
    "declaration with a mark": (
        write("bagit.txt", b"\xef\xbb\xbf" + DECLARATION),
        [("E701", "bagit.txt", "declaration")],
    ),
    "encoding that runs code paths": (
        write("bagit.txt", DECLARATION.replace(b"UTF-8", b"zip_codec")),
        [("E701", "bagit.txt", "declaration")],
    ),
    "version twice": (write("bagit.txt", DECLARATION + DECLARATION), [("E701", "bagit.txt", "declaration")]),
    "version of the future": (
        write("bagit.txt", DECLARATION.replace(b"1.0", b"99.0")),
        [("E701", "bagit.txt", "declaration")],
    ),
    "large declaration": (write("bagit.txt", DECLARATION + b" " * 5000), [("E701", "bagit.txt", "large")]),
    "large bag-info": (write("bag-info.txt", b"a: b\n" * 300_000), [("E701", "bag-info.txt", "large")]),
    "bag-info in GBK": (write("bag-info.txt", "题名: 评价\n".encode("gbk")), [("E701", "bag-info.txt", "encoding")]),
    "bag-info that is none": (write("bag-info.txt", b"no colon here\n"), [("E701", "", "library")]),
    "oxum that is none": (write("bag-info.txt", b"Payload-Oxum: many\n"), [("E701", "", "library")]),
    "oxum of other sizes": (write("bag-info.txt", b"Payload-Oxum: 2.1\n"), [("E701", "", "library")]),
    "manifest in GBK": (append(MANIFEST, "题名".encode("gbk")), [("E701", MANIFEST, "encoding")]),
    "manifest with zeros": (append(MANIFEST, b"\0"), [("E701", MANIFEST, "encoding")]),
    "manifest in UTF-16": (
        lambda bag: (bag / MANIFEST).write_text("0 data/a.txt", encoding="utf-16"),
        [("E701", MANIFEST, "encoding")],
    ),
    "line that is none": (append(MANIFEST, "not a line of a manifest\n"), [("E701", MANIFEST, "line")]),
    "line cut off": (append(MANIFEST, "0" * 64 + "\n"), [("E701", MANIFEST, "line")]),
    "listed twice": (listed("data/a.txt"), [("E701", MANIFEST, "twice")]),
    "listed twice by detour": (listed("data/./a.txt"), [("E701", MANIFEST, "twice")]),
    "hidden by capitals": (
        write("MANIFEST-sha512.txt", b"0  ../../outside\n"),
        [("E701", "MANIFEST-sha512.txt", "spelling")],
    ),
    "path in a manifest of an unusual algorithm": (
        write("manifest-sha3_256.txt", f"{'0' * 64}  data/../../outside.txt\n".encode()),
        manifest("manifest-sha3_256.txt"),
    ),
    "fetched": (write("fetch.txt", b"http://example.org/a 1 data/b.txt\n"), [("E704", "fetch.txt", "fetch")]),
    "fetch that is none": (write("fetch.txt", b"\xff\n"), [("E704", "fetch.txt", "fetch")]),
    "missing": (listed("data/b.txt"), [("E702", "data/b.txt", "missing")]),
    "missing and altered": (
        lambda bag: (listed("data/b.txt")(bag), append("data/a.txt", b"!")(bag)),
        [("E703", "data/a.txt", "digest"), ("E702", "data/b.txt", "missing")],
    ),
    "added": (write("data/sub/b.txt", b"b"), [("E702", "data/sub/b.txt", "unlisted")]),
    "junk added to the payload": (write("data/Thumbs.db", b"b"), [("E702", "data/Thumbs.db", "unlisted")]),
    "altered": (write("data/a.txt", b"b"), [("E703", "data/a.txt", "digest")]),
    "truncated": (write("data/a.txt", b""), [("E703", "data/a.txt", "digest")]),
    "digest cut short": (
        write(MANIFEST, f"{sha256(b'a').hexdigest()[:40]}  data/a.txt\n".encode()),
        [("E703", "data/a.txt", "digest")],
    ),
    "tag file altered": (
        write("tagmanifest-sha256.txt", f"{'0' * 64}  bagit.txt\n{sha256(b'').hexdigest()}  x.txt\n".encode()),
        [("E703", "bagit.txt", "digest"), ("E702", MANIFEST, "unlisted"), ("E702", "x.txt", "missing")],
    ),
    "other manifest lists less": (
        write("manifest-md5.txt", b""),
        [("E702", "data/a.txt", "partly")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bag = small(tmp_path / "包")
    (tmp_path / "outside.txt").write_bytes(b"a")
    change, expected = CASES[name]
    change(bag)
    assert is_bag(bag)
    assert found(bag) == expected
    assert caplog.records == []


def test_a_bag_of_somebody_else_is_fine(tmp_path: Path) -> None:
    bag = small(tmp_path / "包")
    write("desktop.ini", b"")(bag)
    write("notes.txt", b"not listed, and no tag manifest says that all are")(bag)
    assert found(bag) == []
    (bag / MANIFEST).write_bytes((bag / MANIFEST).read_bytes().replace(b"  ", b" *").replace(b"\n", b"\r\n"))
    assert found(bag) == []


def test_what_is_not_computed_here_is_said(tmp_path: Path) -> None:
    bag = small(tmp_path / "包")
    write("manifest-shake_128.txt", b"0" * 64 + b"  data/a.txt\n")(bag)
    report = evidence_cli.verify(bag, now=NOW, jobs=1)
    assert report.findings == ()
    assert [(note.check, note.reason) for note in report.not_done] == [("digest", "algorithm")]


@pytest.mark.skipif(sys.platform != "linux", reason="needs links, pipes and odd names")
class TestLinks:
    """Nothing behind a link is read."""

    @pytest.mark.parametrize("name", ["data/b.txt", "data", "bagit.txt", "manifest-sha512.txt", "bag-info.txt"])
    def test_a_link(self, tmp_path: Path, name: str) -> None:
        bag, outside = small(tmp_path / "包"), small(tmp_path / "外")
        if name == "data":
            (bag / "data/a.txt").unlink()
            (bag / "data").rmdir()
        (bag / name).unlink(missing_ok=True)
        target = outside / name if (outside / name).exists() else outside / "bagit.txt"
        (bag / name).symlink_to(target)
        assert found(bag) == [("E704", name, "link")]

    def test_a_circle(self, tmp_path: Path) -> None:
        bag = small(tmp_path / "包")
        (bag / "data/again").symlink_to(bag)
        assert found(bag) == [("E704", "data/again", "link")]

    def test_a_pipe(self, tmp_path: Path) -> None:
        bag = small(tmp_path / "包")
        os.mkfifo(bag / "data/pipe")
        assert found(bag) == [("E704", "data/pipe", "special")]

    def test_a_pipe_for_a_declaration(self, tmp_path: Path) -> None:
        bag = small(tmp_path / "包")
        (bag / "bagit.txt").unlink()
        os.mkfifo(bag / "bagit.txt")
        assert found(bag) == [("E704", "bagit.txt", "special")]

    def test_a_name_that_is_no_unicode(self, tmp_path: Path) -> None:
        bag = small(tmp_path / "包")
        Path(os.fsdecode(os.fsencode(bag / "data") + b"/\xff.txt")).write_bytes(b"")
        assert [(code, reason) for code, _, reason in found(bag)] == [("E702", "unlisted")]

    def test_folders_without_end(self, tmp_path: Path) -> None:
        bag = small(tmp_path / "包")
        (bag / "/".join(["data", *["d"] * 300])).mkdir(parents=True)
        assert [(code, reason) for code, _, reason in found(bag)] == [("E701", "deep")]


def test_files_without_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bag = small(tmp_path / "包")
    monkeypatch.setattr(guard, "MAX_FILES", 3)
    assert found(bag) == [("E701", "", "entries")]


def test_a_manifest_without_end_is_not_read(tmp_path: Path) -> None:
    bag = small(tmp_path / "包")
    with (bag / MANIFEST).open("ab") as stream:
        # A hole: as long as it says, and nothing on the disk.
        stream.truncate(guard.MAX_MANIFEST + 1)
    assert found(bag) == [("E701", MANIFEST, "large")]


def test_faults_without_number_are_not_all_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bag = small(tmp_path / "包")
    monkeypatch.setattr(guard, "MAX_FAULTS", 10)
    append(MANIFEST, f"{'0' * 64}  ../a\n" * 100)(bag)
    assert len(found(bag)) == 10


def test_names_in_another_normal_form_are_the_same(tmp_path: Path) -> None:
    bag = small(tmp_path / "包")
    # é composed in the manifest, decomposed on the disk, as a Mac would have it.
    write("data/e\u0301.txt", b"a")(bag)
    append(MANIFEST, f"{sha256(b'a').hexdigest()}  data/\u00e9.txt\n")(bag)
    assert found(bag) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_the_command_line(language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bag = small(tmp_path / "[red]包\u202e")
    append(MANIFEST, f"{'0' * 64}  ../\u202e[/]\n")(bag)
    assert run(["verify", str(bag), "--lang", language]) == 1
    shown = capsys.readouterr()
    assert "E704" in shown.out
    assert "[red]" in shown.out
    assert "\u202e" not in shown.out + shown.err
    assert "Traceback" not in shown.err


def test_a_folder_of_packages_is_no_bag(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert not is_bag(tmp_path)
    assert not is_bag(tmp_path / "nothing")

"""What is in a package: names, order, flags, list, record, manifest; and that other programs agree."""

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import evidence_cli
from evidence_cli.samples import pictures
from support.packing import names, outcomes, pack, read
from support.workspace import PACKAGES, QUESTIONS, build, files

CODE = "1.1-01"
LISTED = [
    "佐证材料/01-政策文件/01-清单管理办法.pdf",
    "佐证材料/01-政策文件/02-公布通知.ofd",
    "佐证材料/02-办事指南/01-办事指南.html",
    "佐证材料/04-网站截图/01-清单页面.png",
    "佐证材料/04-网站截图/02-查询页面.jpg",
    "答案.docx",
]
EVERYTHING = [*LISTED, "佐证材料目录.csv", "package.json", "manifest-sha256.txt"]


def lines(package: Path, name: str = "manifest-sha256.txt") -> list[tuple[str, str]]:
    text = read(package, name).decode()
    assert text.endswith("\n")
    pairs = [line.split("  ", 1) for line in text[:-1].split("\n")]
    return [(digest, path) for digest, path in pairs]


def test_entries_and_their_order(packed: Path) -> None:
    package = packed / PACKAGES[CODE]
    assert names(package) == EVERYTHING
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        assert archive.comment == b""
        for info in archive.infolist():
            assert info.flag_bits == 0x800
            assert unicodedata.is_normalized("NFC", info.filename)
            assert (info.date_time, info.create_system, info.external_attr) == (
                (1980, 1, 1, 0, 0, 0),
                3,
                0o100644 << 16,
            )
            assert (info.extra, info.comment, info.internal_attr) == (b"", b"", 0)
        stored = {info.filename for info in archive.infolist() if info.compress_type == zipfile.ZIP_STORED}
        deflated = {info.filename for info in archive.infolist() if info.compress_type == zipfile.ZIP_DEFLATED}
    assert stored == set(LISTED) - {"佐证材料/02-办事指南/01-办事指南.html"}
    assert stored | deflated == set(EVERYTHING)


def test_the_bytes_are_those_of_the_folder(packed: Path) -> None:
    for path in LISTED:
        assert read(packed / PACKAGES[CODE], path) == files()[f"{QUESTIONS[CODE]}/{path}"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no names in NFD")
def test_junk_empty_folders_and_foreign_normal_forms_do_not_get_in(clean: Path) -> None:
    folder = clean / QUESTIONS[CODE]
    shutil.move(folder / "答案.docx", folder / "终稿.DOCX")
    policy = folder / "佐证材料/01-政策文件"
    for name in ("Thumbs.db", "~$方案.docx", "._x.pdf", "x.tmp"):
        (policy / name).write_bytes(b"junk")
    (folder / "佐证材料/__MACOSX").mkdir()
    (folder / "佐证材料/__MACOSX/a.pdf").write_bytes(b"junk")
    (folder / "佐证材料/08-典型经验做法").mkdir()
    decomposed = unicodedata.normalize("NFD", "03-Café.png")
    (folder / "佐证材料/04-网站截图" / decomposed).write_bytes(pictures.picture("png", seed=9, size=(300, 200)))
    assert outcomes(pack(clean, CODE)) == {CODE: "packed"}
    expected = [*LISTED[:5], "佐证材料/04-网站截图/03-Café.png", *LISTED[5:]]
    assert names(clean / PACKAGES[CODE])[: len(expected)] == expected


def test_folders_that_are_recognised_keep_their_names_and_what_is_in_them(clean: Path) -> None:
    folder = clean / QUESTIONS["1.1-02"]
    (folder / "佐证材料/03-流程图").rename(folder / "佐证材料/流程图")
    (folder / "佐证材料/流程图/甲/乙").mkdir(parents=True)
    (folder / "佐证材料/流程图/甲/乙/01-图.png").write_bytes(pictures.picture("png", seed=8, size=(300, 200)))
    pack(clean, "1.1-02")
    found = names(clean / PACKAGES["1.1-02"])
    assert "佐证材料/流程图/甲/乙/01-图.png" in found
    assert "佐证材料/流程图/01-归集流程.xlsx" in found
    assert not [name for name in found if name.endswith("/")]


def test_the_contents_list_opens_in_a_spreadsheet(packed: Path) -> None:
    data = read(packed / PACKAGES[CODE], "佐证材料目录.csv")
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["序号", "类别", "名称", "类型", "大小（字节）", "摘要"]
    digests = {path: digest for digest, path in lines(packed / PACKAGES[CODE])}
    categories = ["政策文件", "政策文件", "办事指南", "网站截图", "网站截图", ""]
    kinds = ["pdf", "ofd", "web", "image", "image", "word"]
    sizes = [str(len(files()[f"{QUESTIONS[CODE]}/{path}"])) for path in LISTED]
    expected = zip(range(1, 7), categories, LISTED, kinds, sizes, (f"sha256:{digests[p]}" for p in LISTED), strict=True)
    assert rows[1:] == [[str(number), *rest] for number, *rest in expected]


def test_a_name_that_looks_like_a_formula_is_defused(tmp_path: Path) -> None:
    layout = {"layout": {"answer": "=答案", "evidence": "@佐证材料"}, "categories": {0: {"name": "+政策文件"}}}
    root = build(tmp_path, layout)
    for code, path in QUESTIONS.items():
        folder = root / path
        (folder / "佐证材料").rename(folder / "@佐证材料")
        if code != "1.2-01":
            (folder / "@佐证材料/01-政策文件").rename(folder / "@佐证材料/01-+政策文件")
    assert set(outcomes(pack(root)).values()) == {"packed"}
    package = root / PACKAGES[CODE]
    rows = list(csv.reader(io.StringIO(read(package, "佐证材料目录.csv").decode("utf-8-sig"), newline="")))
    assert [row[1:3] for row in rows[1:3]] == [
        ["", "'=答案.docx"],
        ["'+政策文件", "'@佐证材料/01-+政策文件/01-清单管理办法.pdf"],
    ]
    assert names(package)[:1] == ["=答案.docx"]
    # The table's own choice of a name is only worth knowing.
    assert [str(found.code) for found in evidence_cli.verify([package], workspace=root).findings] == ["E203"]


def test_the_record(packed: Path) -> None:
    package = packed / PACKAGES[CODE]
    record = json.loads(read(package, "package.json"))
    digests = {path: digest for digest, path in lines(package)}
    content = b"".join(sorted(f"{digests[path]}  {path}\n".encode() for path in LISTED))
    assert list(record) == ["format", "evaluation", "question", "layout", "algorithm", "digest", "files"]
    assert record["format"] == "evcli.package/1"
    assert record["evaluation"] == "test-2099"
    assert record["question"] == {"code": CODE, "title": "事项清单"}
    assert record["layout"] == {"answer": "答案", "evidence": "佐证材料"}
    assert record["algorithm"] == "sha256"
    assert record["digest"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert record["files"][1] == {
        "path": LISTED[1],
        "category": "政策文件",
        "kind": "ofd",
        "size": len(files()[f"{QUESTIONS[CODE]}/{LISTED[1]}"]),
        "digests": {"sha256": digests[LISTED[1]]},
    }
    assert [file["path"] for file in record["files"]] == LISTED


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "sm3"])
def test_the_manifest_covers_every_entry_but_itself(tmp_path: Path, algorithm: str) -> None:
    try:
        hashlib.new(algorithm)
    except ValueError:
        pytest.skip(f"OpenSSL of this Python has no {algorithm}")
    root = build(tmp_path, {"defaults": {"package": {"digest": algorithm}}})
    [result] = pack(root, CODE).results
    package = root / PACKAGES[CODE]
    manifest = f"manifest-{algorithm}.txt"
    listed = lines(package, manifest)
    assert names(package) == [*EVERYTHING[:-1], manifest]
    assert [path for _, path in listed] == sorted(EVERYTHING[:-1], key=str.encode)
    for digest, path in listed:
        assert hashlib.new(algorithm, read(package, path)).hexdigest() == digest
    content = b"".join(sorted(f"{digest}  {path}\n".encode() for digest, path in listed if path in LISTED))
    assert result.digest == f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"
    assert evidence_cli.verify([package], workspace=root).findings == ()
    assert evidence_cli.verify([package]).findings == ()


def needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@pytest.mark.tools
@pytest.mark.parametrize(
    "arguments", [["unzip", "-t"], ["7z", "t"], ["bsdtar", "-tf"], ["jar", "tf"]], ids=["unzip", "7z", "bsdtar", "jar"]
)
def test_other_programs_open_it(packed: Path, arguments: list[str]) -> None:
    needed(arguments[0])
    for package in PACKAGES.values():
        done = run([*arguments, packed / package])
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.tools
@pytest.mark.parametrize("program", ["unzip", "bsdtar"])
def test_anyone_can_verify_it_without_evcli(packed: Path, tmp_path: Path, program: str) -> None:
    needed(program), needed("sha256sum"), needed("sort")
    package, target = packed / PACKAGES[CODE], tmp_path / "unpacked"
    target.mkdir()
    unpack = ["unzip", "-q", package] if program == "unzip" else ["bsdtar", "-xf", package]
    assert run(unpack, cwd=target).returncode == 0
    assert sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()) == sorted(EVERYTHING)
    done = run(["sha256sum", "-c", "--strict", "manifest-sha256.txt"], cwd=target)
    assert (done.returncode, done.stdout.count(": OK\n")) == (0, len(EVERYTHING) - 1)
    shell = "grep -e '  答案' -e '  佐证材料/' manifest-sha256.txt | LC_ALL=C sort | sha256sum"
    said = run(["sh", "-c", shell], cwd=target).stdout.split()[0]
    assert json.loads((target / "package.json").read_text(encoding="utf-8"))["digest"] == f"sha256:{said}"


def run(arguments: list[Any], *, cwd: Path | None = None, env: Mapping[str, str] = {}) -> Any:
    return subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_answer_of_another_kind_keeps_its_extension(clean: Path) -> None:
    folder = clean / QUESTIONS["1.2-01"]
    (folder / "答案.docx").unlink()
    (folder / "定稿（盖章）.Txt").write_text("事项可以全程在线办理，办理之后由企业评价。", encoding="utf-8")
    pack(clean, "1.2-01")
    assert names(clean / PACKAGES["1.2-01"])[-4:] == ["答案.txt", *EVERYTHING[-3:]]


def test_an_empty_file_that_was_waived_is_packed(tmp_path: Path) -> None:
    waiver = {"rule": "E301", "question": "1.1-02", "reason": "占位", "by": "副组长"}
    root = build(tmp_path, {"waivers": [waiver]})
    (root / QUESTIONS["1.1-02"] / "佐证材料/09-案例").mkdir()
    (root / QUESTIONS["1.1-02"] / "佐证材料/09-案例/01-空.docx").write_bytes(b"")
    assert outcomes(pack(root, "1.1-02")) == {"1.1-02": "packed"}
    assert read(root / PACKAGES["1.1-02"], "佐证材料/09-案例/01-空.docx") == b""
    found = evidence_cli.verify([root / PACKAGES["1.1-02"]], workspace=root).findings
    assert [(finding.code, finding.waived) for finding in found] == [("E301", True)]

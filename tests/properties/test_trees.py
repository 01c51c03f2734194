"""Random small folders: judged without an exception and always alike; what passes survives packing byte for byte."""

import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import FILE_NAMES, TITLES

import evidence_cli
from evidence_cli.samples import office, pictures, plain, portable
from evidence_cli.vocabulary.catalogue import Severity
from evidence_cli.vocabulary.outcomes import Outcome
from evidence_cli.workspace.naming import question_folder
from support.workspace import NOW, QUESTIONS, build

CODE = "1.1-02"
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
CONTENTS = [
    b"",
    b"\x00",
    b"PK\x03\x04" + bytes(30),
    b"%PDF-1.4\n",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    b"MZ" + bytes(70),
    "纯文本，够长的一段话。".encode("gbk"),
    "<html><body>网页</body></html>".encode(),
    plain.text(["一段够长的纯文本。"]),
    portable.pdf(["甲"]),
    pictures.picture("png", seed=7),
    office.docx(["一份够长的文档，写着答案。"]),
]
CATEGORY = "佐证材料/01-政策文件"
FOLDERS = ["", "佐证材料", CATEGORY, f"{CATEGORY}/子文件夹", "佐证材料/杂项", "佐证材料 (2)", "别的"]
TREES = st.dictionaries(
    st.tuples(st.sampled_from(FOLDERS), FILE_NAMES),
    st.sampled_from(CONTENTS) | st.binary(max_size=200) | st.none(),
    max_size=8,
)
# Names that deserve no error: what is left to chance is only what they say.
GOOD_NAMES = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=20)


def fill(folder: Path, files: Mapping[tuple[str, str], bytes | None]) -> None:
    """Write files, or folders where the content is None; what the file system itself refuses is left out."""
    for (parent, name), data in files.items():
        target = folder / parent / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if data is None:
                target.mkdir(exist_ok=True)
            else:
                target.write_bytes(data)
        except (OSError, ValueError):
            continue


@SLOW
@given(TREES)
def test_any_folder_is_judged_and_always_alike(files: dict[tuple[str, str], bytes | None]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        root = build(Path(temporary), skip=(CODE,))
        fill(root / QUESTIONS[CODE], files)
        (root / QUESTIONS[CODE]).mkdir(exist_ok=True)
        first, second = (evidence_cli.check(root, [CODE], now=NOW, jobs=jobs) for jobs in (1, 2))
        assert first == second
        places = [(finding.path, finding.code) for finding in first.findings]
        assert len(set(places)) == len(places)
        packed = evidence_cli.pack(root, [CODE], now=NOW)
        [result] = packed.results
        passes = not any(f.severity is Severity.ERROR for f in first.findings)
        assert (result.outcome is Outcome.PACKED) == passes
        assert [f for f in packed.report.findings if f.severity is Severity.ERROR] == [
            f for f in first.findings if f.severity is Severity.ERROR
        ]
        if passes:
            assert_whole(root, root / result.path)


@SLOW
@given(
    st.dictionaries(
        st.tuples(st.sampled_from([CATEGORY, f"{CATEGORY}/子文件夹", "佐证材料/02-办事指南"]), GOOD_NAMES),
        st.binary(min_size=1, max_size=64),
        min_size=1,
        max_size=5,
    )
)
def test_what_passes_is_packed_byte_for_byte(extra: dict[tuple[str, str], bytes]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        root = build(Path(temporary), skip=(CODE,))
        # Each file is a document of its own: its bytes say what it is, the random ones keep it apart from the others.
        documents = {
            (parent, f"{name}.pdf"): portable.pdf(["正文"]) + b"%" + salt.hex().encode() + b"\n%%EOF\n"
            for (parent, name), salt in extra.items()
        }
        fill(root / QUESTIONS[CODE], {("", "答案.docx"): office.docx(["这是一份够长的答案。"]), **documents})
        report = evidence_cli.check(root, [CODE], now=NOW)
        errors = {finding.code.value for finding in report.findings if finding.severity is Severity.ERROR}
        # Only names that Windows takes for one another can be wrong.
        assert errors <= {"E204", "E201", "E209"}
        [result] = evidence_cli.pack(root, [CODE], now=NOW).results
        assert (result.outcome is Outcome.PACKED) == (not errors)
        if not errors:
            assert_whole(root, root / result.path)


def assert_whole(root: Path, package: Path) -> None:
    """A package that evcli made: what the standard library reads is what lies in the folder, and it stays as it is."""
    answers = [path for path in (root / QUESTIONS[CODE]).iterdir() if path.is_file()]
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        inside = {name: archive.read(name) for name in archive.namelist()}
    [answer] = [data for name, data in inside.items() if name.startswith("答案")]
    assert answer in [path.read_bytes() for path in answers]
    evidence = sorted(data for name, data in inside.items() if name.startswith("佐证材料/"))
    lying = [path for path in (root / QUESTIONS[CODE] / "佐证材料").rglob("*") if path.is_file()]
    contents = sorted(path.read_bytes() for path in lying)
    # Junk stays behind.
    assert all(data in contents for data in evidence)
    assert len(evidence) <= len(contents)
    verified = evidence_cli.verify([package], workspace=root, now=NOW)
    assert [f for f in verified.findings if f.code.value.startswith("E5") or f.severity is Severity.ERROR] == []
    bytes_before, time_before = package.read_bytes(), package.stat().st_mtime_ns
    [again] = evidence_cli.pack(root, [CODE], now=NOW).results
    assert again.outcome is Outcome.CURRENT
    assert (package.read_bytes(), package.stat().st_mtime_ns) == (bytes_before, time_before)


@SLOW
@given(TITLES)
def test_any_title_the_table_takes_makes_a_clean_workspace(title: str) -> None:
    patch = {"indicators": {"0": {"children": {"0": {"questions": {"1": {"title": title}}}}}}}
    with tempfile.TemporaryDirectory() as temporary:
        root = build(Path(temporary), patch, skip=(CODE,))
        try:
            table = evidence_cli.open_workspace(root).table
        except evidence_cli.TableError:
            return
        question = table.question(CODE)
        assert question is not None
        name = question_folder(question)
        source = build(root / "other") / QUESTIONS[CODE]
        source.rename((root / QUESTIONS[CODE]).with_name(name))
        report = evidence_cli.check(root, [CODE], now=NOW)
        assert report.findings == ()
        [result] = evidence_cli.pack(root, [CODE], now=NOW).results
        assert result.outcome is Outcome.PACKED
        assert evidence_cli.verify([root / result.path], workspace=root, now=NOW).findings == ()

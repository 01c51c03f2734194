"""Ordinary office files give no error, no warning and no check that could not be done: an alarm over one is false.

Made here by several libraries and by LibreOffice, laid out as evidence, and checked as a whole.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import evidence_cli
from evidence_cli.samples import office, pictures, plain, portable, recording
from evidence_cli.vocabulary.findings import Severity
from support import ordinary, workspace
from support.libreoffice import Conversion, convert

PLACE = f"{workspace.QUESTIONS['1.1-02']}/佐证材料/09-案例"
# Everything is a case here, whatever its kind; else the question is as it comes.
TABLE = {"categories": {"8": {"kinds": ["pdf", "ofd", "word", "excel", "slides", "image", "text", "web", "video"]}}}

# By library.
MADE: dict[str, tuple[Callable[[Path, str], None], str]] = {
    "通知.docx": (ordinary.word, "关于优化政务服务的通知"),
    "公告.docx": (ordinary.notice, "关于公布事项清单的公告"),
    "月报.xlsx": (ordinary.workbook, "2025年政务服务月报"),
    "明细.xlsx": (ordinary.exported, "政务服务明细表（2025年）"),
    "台账.xls": (ordinary.old_workbook, "政务服务台账"),
    "汇报.pptx": (ordinary.slides, "优化营商环境工作汇报"),
    "report.pdf": (ordinary.portable, "Annual service report 2025"),
}
# By LibreOffice: source, extension, filter. (Version 7.4 cannot store a document that has a comment by python-docx.)
CONVERTED = (
    ("公告.docx", "doc", "MS Word 97"),
    ("公告.docx", "docx", "MS Word 2007 XML"),
    ("公告.docx", "odt", "writer8"),
    ("公告.docx", "rtf", "Rich Text Format"),
    ("公告.docx", "fodt", "OpenDocument Text Flat XML"),
    ("公告.docx", "html", "HTML (StarWriter)"),
    ("公告.docx", "txt", "Text (encoded)"),
    ("公告.docx", "pdf", "writer_pdf_Export"),
    ("月报.xlsx", "xls", "MS Excel 97"),
    ("月报.xlsx", "xlsx", "Calc MS Excel 2007 XML"),
    ("月报.xlsx", "ods", "calc8"),
    ("月报.xlsx", "csv", "Text - txt - csv (StarCalc)"),
    ("月报.xlsx", "pdf", "calc_pdf_Export"),
    ("明细.xlsx", "xls", "MS Excel 97"),
    ("明细.xlsx", "ods", "calc8"),
    ("汇报.pptx", "ppt", "MS PowerPoint 97"),
    ("汇报.pptx", "pptx", "Impress MS PowerPoint 2007 XML"),
    ("汇报.pptx", "odp", "impress8"),
    ("汇报.pptx", "pdf", "impress_pdf_Export"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file by each library."""
    folder = tmp_path_factory.mktemp("made")
    for name, (make, title) in MADE.items():
        make(folder / name, title)
    return folder


def alarms(root: Path, files: list[Path]) -> list[tuple[str, ...]]:
    """What a check of a workspace with these files as evidence says: errors, warnings, and what was not done."""
    folder = workspace.build(root, TABLE) / PLACE
    folder.mkdir(parents=True)
    for number, source in enumerate(files, 1):
        shutil.copyfile(source, folder / f"{number:02}-{source.name}")
    report = evidence_cli.check(root, now=workspace.NOW, cache=False)
    findings = [(one.code, one.path, str(one.params)) for one in report.findings if one.severity is not Severity.INFO]
    return findings + [(one.check, one.path, one.reason) for one in report.not_done]


def test_what_libraries_write(made: Path, tmp_path: Path) -> None:
    assert alarms(tmp_path, [made / name for name in MADE]) == []


def test_what_the_samples_are(tmp_path: Path) -> None:
    rows = [ordinary.HEAD, *ordinary.ROWS]
    samples = {
        "a.docx": office.docx(ordinary.LINES),
        "a.xlsx": office.xlsx(rows),
        "a.pptx": office.pptx(ordinary.LINES),
        "a.pdf": portable.pdf(ordinary.LINES),
        "a.ofd": portable.ofd(ordinary.LINES),
        "a.txt": plain.text(ordinary.LINES),
        "a.csv": plain.csv_table(rows),
        "a.html": plain.html("办事指南", ordinary.LINES),
        "a.mp4": recording.recording(seed=1, container="mp4"),
        "a.avi": recording.recording(seed=2, container="avi"),
        **{f"a.{name}": pictures.picture(name, seed=3) for name in ("png", "jpeg", "gif", "bmp", "tiff", "webp")},
    }
    folder = tmp_path / "samples"
    folder.mkdir()
    for name, data in samples.items():
        (folder / name).write_bytes(data)
    assert alarms(tmp_path / "space", sorted(folder.iterdir())) == []


@pytest.mark.tools
@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here")
def test_what_libreoffice_writes(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "converted"
    folder.mkdir()
    conversions = [
        Conversion(made / source, folder / f"{number:02}{Path(source).stem}.{end}", kind)
        for number, (source, end, kind) in enumerate(CONVERTED)
    ]
    convert(tmp_path / "profile", conversions)
    assert [one.target for one in conversions if not one.target.is_file()] == []
    assert alarms(tmp_path / "space", [one.target for one in conversions]) == []

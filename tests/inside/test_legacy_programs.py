"""Office 97-2003 files as a program writes them, with and without a password."""

import shutil
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest

from evidence_cli.looks.facts import Facts, Health, Passage
from evidence_cli.looks.look import look
from support.inside import look_inside
from support.libreoffice import Conversion, convert

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here"),
]

_FILES = {
    "plain.doc": ("a.docx", "MS Word 97", ""),
    "locked.doc": ("a.docx", "MS Word 97", "secret"),
    "plain.rtf": ("a.docx", "Rich Text Format", ""),
    "plain.xls": ("a.xlsx", "MS Excel 97", ""),
    "locked.xls": ("a.xlsx", "MS Excel 97", "secret"),
    "known.xls": ("a.xlsx", "MS Excel 97", "VelvetSweatshop"),
    "plain.ppt": ("a.pptx", "MS PowerPoint 97", ""),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of every sort, made by one run of LibreOffice."""
    folder = tmp_path_factory.mktemp("legacy")
    document = docx.Document()
    document.add_paragraph("第一段 hello")
    document.add_table(1, 1).cell(0, 0).text = "单元"
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.sections[0].footer.paragraphs[0].text = "页脚"
    document.save(str(folder / "a.docx"))
    book = openpyxl.Workbook()
    book.active.title = "数据"
    book.active["B7"] = "姓名"
    book.active["C7"] = '=B7&"!"'
    book.save(folder / "a.xlsx")
    show = pptx.Presentation()
    for title in ("标题一", "标题二"):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = title
    show.save(str(folder / "a.pptx"))
    conversions = [
        Conversion(folder / source, folder / name, kind, secret) for name, (source, kind, secret) in _FILES.items()
    ]
    convert(folder / "profile", conversions)
    return folder


def looked(path: Path) -> Facts:
    with path.open("rb") as stream:
        return look(stream, size=path.stat().st_size, extension=path.suffix[1:])


def texts(path: Path) -> list[tuple[str, int | str, str]]:
    kind = path.suffix[1:]
    _, passages = look_inside(path.read_bytes(), kind)
    return [(item.place.unit.value, item.place.value, item.text) for item in passages if isinstance(item, Passage)]


@pytest.mark.parametrize("name", [name for name in _FILES if name.startswith("plain")])
def test_whole_files(written: Path, name: str) -> None:
    facts = looked(written / name)
    assert (facts.format, facts.health, facts.active, facts.gaps) == (name[-3:], Health.OK, (), ())


@pytest.mark.parametrize("name", [name for name in _FILES if name.startswith("plain")])
def test_cut_files(written: Path, name: str, tmp_path: Path) -> None:
    data = (written / name).read_bytes()
    cut_file = tmp_path / name
    for cut in range(700, len(data) - 1024, max(1, len(data) // 25)):
        cut_file.write_bytes(data[:cut])
        assert looked(cut_file).health is Health.DAMAGED, cut


def test_passwords(written: Path) -> None:
    assert looked(written / "locked.doc").health is Health.ENCRYPTED
    assert looked(written / "locked.xls").health is Health.ENCRYPTED
    assert looked(written / "known.xls").health is Health.OK


def test_text(written: Path) -> None:
    expected = [
        ("paragraph", 1, "第一段 hello"),
        ("paragraph", 2, "单元"),
        ("header", 1, "页眉"),
        ("footer", 1, "页脚"),
    ]
    assert texts(written / "plain.doc") == expected
    assert sorted(texts(written / "plain.rtf")) == sorted(expected)
    cells = [item for item in texts(written / "plain.xls") if item[0] == "cell"]
    assert cells == [("cell", "数据", "数据"), ("cell", "数据!B7", "姓名"), ("cell", "数据!C7", "姓名!")]
    assert texts(written / "plain.ppt") == [("slide", 1, "标题一"), ("slide", 2, "标题二")]

"""Ordinary office files, made by the libraries that offices' programs use, with what ordinary documents hold."""

from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pptx
import xlsxwriter
import xlwt
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from fpdf import FPDF
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

from evidence_cli.samples import pictures

SITE = "https://zwfw.example.gov.cn/portal?id=610900&from=list"
LINES = (
    "为深化“放管服”改革，全市累计办理政务服务事项1234567件，网上可办率99.5%，平均用时由5.2天压减至1.8天。",
    "企业和群众可拨打12345政务服务便民热线，或致电窗口0915-1234567咨询，工作时间9:00—17:00。",
    "本级财政安排资金1,280.50万元，惠及企业3,456户，户均减负3704.86元。",
    "项目代码2501-610900-04-01-123456，受理编号20250314000123，统一社会信用代码91610900MAB0ABCD1X。",
    "工作人员应当保守国家秘密和企业的商业秘密，遵守机密性、完整性和可用性的要求。",
    "The service hotline answers within 15 seconds; see item 3.2.1 (b) of ISO 9001:2015.",
)
NUMBER = "安审服发〔2025〕12号"
PERIOD = "2025年3月14日"
ROWS = (("汉滨区", 1203, 0.995, 1280.5), ("石泉县", 845, 0.982, 640.25), ("宁陕县", 310, 0.974, 98.75))
HEAD = ("县区", "办件量", "网办率", "资金（万元）")
_EXTENSION = "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"
_SECTIONS = "http://schemas.microsoft.com/office/powerpoint/2010/main"


def _picture(seed: int) -> BytesIO:
    return BytesIO(pictures.picture("png", seed=seed, size=(320, 200)))


def word(path: Path, title: str) -> None:
    """A notice with all that `notice` has, and a comment."""
    notice(path, title)
    document = docx.Document(str(path))
    document.add_comment(
        runs=document.paragraphs[2].runs, text="数据截至三季度，请核对。", author="综合科", initials="综"
    )
    document.save(str(path))


def notice(path: Path, title: str) -> None:
    """A notice with a table, a picture, a header and footer, a hyperlink, tracked changes and a field."""
    document = docx.Document()
    document.core_properties.title = title
    document.add_heading(title, 0)
    document.add_paragraph(NUMBER)
    paragraphs = [document.add_paragraph(line) for line in LINES]
    table = document.add_table(rows=1, cols=4, style="Table Grid")
    for row in (HEAD, *ROWS):
        cells = table.rows[0].cells if row is HEAD else table.add_row().cells
        for cell, value in zip(cells, row, strict=True):
            cell.text = str(value)
    table.cell(2, 0).merge(table.cell(3, 0))
    document.add_picture(_picture(11), width=docx.shared.Cm(8))
    document.add_paragraph("一体化平台首页", style="Caption")
    section = document.sections[0]
    section.header.paragraphs[0].text = "市行政审批服务局文件"
    footer = section.footer.paragraphs[0]
    footer.text = "第 "
    footer._p.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'))
    _link(paragraphs[1], SITE)
    _track(paragraphs[2])
    document.add_page_break()
    document.add_paragraph(f"市行政审批服务局　{PERIOD}")
    document.save(str(path))


def _link(paragraph: "docx.text.paragraph.Paragraph", address: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>政务服务网</w:t></w:r>"))
    paragraph._p.append(link)


def _track(paragraph: "docx.text.paragraph.Paragraph") -> None:
    """Somebody added a few words and took others away."""
    mark = f'{nsdecls("w")} w:author="综合科" w:date="2025-03-14T09:30:00Z"'
    paragraph._p.append(parse_xml(f'<w:ins {mark} w:id="901"><w:r><w:t>同比下降一成。</w:t></w:r></w:ins>'))
    paragraph._p.append(parse_xml(f'<w:del {mark} w:id="902"><w:r><w:delText>（待核）</w:delText></w:r></w:del>'))


def workbook(path: Path, title: str) -> None:
    """By openpyxl: formulas, merged cells, a chart, a picture, a comment, links, names, three sheets, headings."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "汇总"
    sheet.append([title])
    sheet.merge_cells("A1:D1")
    sheet["A1"].font = Font(bold=True, size=16)
    for row in (HEAD, *ROWS, ("合计", "=SUM(B3:B5)", "=AVERAGE(C3:C5)", "=SUM(D3:D5)")):
        sheet.append(row)
    sheet["F2"], sheet["F3"], sheet["F4"] = "统计日期", date(2025, 3, 14), datetime(2025, 9, 30, 17, 30)
    sheet["G2"], sheet["G3"], sheet["G4"] = "受理编号", 20250314000123, "00120250314000456"
    sheet["H2"] = "政务服务网"
    sheet["H2"].hyperlink = SITE
    sheet["A3"].comment = Comment("含开发区", "综合科")
    sheet.oddHeader.center.text = "政务服务月报"
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
    sheet.freeze_panes = "A3"
    chart = BarChart()
    chart.title = "办件量"
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=5), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=3, max_row=5))
    sheet.add_chart(chart, "A10")
    sheet.add_image(Image(_picture(12)), "H10")
    book.defined_names["办件量"] = DefinedName("办件量", attr_text="汇总!$B$3:$B$5")
    for name, visible in (("说明", "visible"), ("代码表", "hidden")):
        other = book.create_sheet(name)
        other.sheet_state = visible
        for number, line in enumerate(LINES, 1):
            other.cell(number, 1, line)
    book.save(path)


def exported(path: Path, title: str) -> None:
    """By xlsxwriter: rich text, a validated list, a text box, a filter, formats, conditions, notes, a chart sheet."""
    with xlsxwriter.Workbook(str(path)) as book:
        bold, percent, day = (
            book.add_format(kind) for kind in ({"bold": True}, {"num_format": "0.0%"}, {"num_format": 14})
        )
        sheet = book.add_worksheet("明细")
        sheet.merge_range("A1:E1", title, bold)
        sheet.write_row("A2", HEAD, bold)
        for number, (name, count, share, amount) in enumerate(ROWS, 2):
            sheet.write_row(number, 0, (name, count))
            sheet.write(number, 2, share, percent)
            sheet.write(number, 3, amount)
            sheet.write_datetime(number, 4, datetime(2025, 6, number), day)
        sheet.write_formula("B6", "=SUM(B3:B5)", None, 2358)
        sheet.write_rich_string("A7", "其中", bold, "网上办理", "占九成以上")
        sheet.write_url("A8", SITE, string="政务服务网")
        sheet.write_url("A9", "internal:'说明'!A1")
        sheet.write_comment("A3", "含高新区")
        sheet.autofilter("A2:D5")
        sheet.data_validation("G2", {"validate": "list", "source": ["已办结", "办理中"]})
        sheet.conditional_format("B3:B5", {"type": "data_bar"})
        sheet.insert_textbox("G4", "热线：12345")
        sheet.insert_image("G10", "map.png", {"image_data": _picture(13)})
        sheet.set_header("&C政务服务明细表&R&D")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"categories": "=明细!$A$3:$A$5", "values": "=明细!$B$3:$B$5", "name": "办件量"})
        sheet.insert_chart("A12", chart)
        book.define_name("总量", "=明细!$B$6")
        book.add_worksheet("说明").write_column("A1", LINES)
        book.add_chartsheet("图").set_chart(_pie(book))


def _pie(book: xlsxwriter.Workbook) -> "xlsxwriter.chart.Chart":
    chart = book.add_chart({"type": "pie"})
    chart.add_series({"categories": "=明细!$A$3:$A$5", "values": "=明细!$D$3:$D$5"})
    return chart


def old_workbook(path: Path, title: str) -> None:
    """By xlwt: the format of Excel 97, with formulas, merged cells, a hyperlink and several sheets."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("月报")
    sheet.write_merge(0, 0, 0, 3, title, xlwt.easyxf("font: bold on; align: horiz center"))
    for number, row in enumerate((HEAD, *ROWS), 1):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    sheet.write(5, 1, xlwt.Formula("SUM(B3:B5)"))
    sheet.write(5, 4, xlwt.Formula(f'HYPERLINK("{SITE}";"政务服务网")'))
    sheet.write(6, 0, date(2025, 3, 14), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    other = book.add_sheet("说明")
    for number, line in enumerate(LINES):
        other.write(number, 0, line)
    book.save(str(path))


def slides(path: Path, title: str) -> None:
    """A title, a table, a chart, a picture, a hyperlink, notes, and sections as PowerPoint 2010 keeps them."""
    show = pptx.Presentation()
    first = show.slides.add_slide(show.slide_layouts[0])
    first.shapes.title.text = title
    first.placeholders[1].text = f"市行政审批服务局　{PERIOD}"
    second = show.slides.add_slide(show.slide_layouts[1])
    second.shapes.title.text = "主要做法"
    second.placeholders[1].text = "\n".join(LINES)
    second.notes_slide.notes_text_frame.text = "讲解约三分钟，热线12345可演示。"
    third = show.slides.add_slide(show.slide_layouts[5])
    third.shapes.title.text = "成效"
    table = third.shapes.add_table(len(ROWS) + 1, 4, Cm(1), Cm(4), Cm(14), Cm(4)).table
    for number, row in enumerate((HEAD, *ROWS)):
        for column, value in enumerate(row):
            table.cell(number, column).text = str(value)
    data = CategoryChartData()
    data.categories = [row[0] for row in ROWS]
    data.add_series("办件量", [row[1] for row in ROWS])
    third.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(9), Cm(12), Cm(8), data)
    third.shapes.add_picture(_picture(14), Cm(16), Cm(9), Cm(8))
    run = third.shapes.add_textbox(Cm(16), Cm(4), Cm(6), Cm(1)).text_frame.paragraphs[0].add_run()
    run.text = "政务服务网"
    run.hyperlink.address = SITE
    _add_section(show)
    show.save(str(path))


def _add_section(show: "pptx.presentation.Presentation") -> None:
    numbers = "".join(f'<p14:sldId id="{slide.slide_id}"/>' for slide in show.slides)
    section = f'<p14:section name="正文" id="{{6F3A1C52-0B7D-4E8A-9C11-2D5E7F904A63}}"><p14:sldIdLst>{numbers}'
    extension = (
        f'<p:extLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:ext uri="{_EXTENSION}">'
        f'<p14:sectionLst xmlns:p14="{_SECTIONS}">{section}</p14:sldIdLst></p14:section></p14:sectionLst>'
        "</p:ext></p:extLst>"
    )
    element = show.part._element
    for old in element.findall("{http://schemas.openxmlformats.org/presentationml/2006/main}extLst"):
        element.remove(old)
    element.append(parse_xml(extension))


def portable(path: Path, title: str) -> None:
    """By fpdf2: an outline, a table, a picture, a link and page numbers."""
    sheet = FPDF()
    sheet.set_title(title)
    sheet.add_page()
    sheet.set_font("helvetica", size=16)
    sheet.start_section(title)
    sheet.cell(text=title, new_x="LMARGIN", new_y="NEXT")
    sheet.set_font("helvetica", size=11)
    sheet.multi_cell(0, text=f"{LINES[-1]}\nHotline 12345, office 0915-1234567, 1,280.50 (10k yuan), 2025-03-14.")
    sheet.ln()
    with sheet.table() as table:
        for row in (("Item", "Count", "Share"), ("Online", "1203", "99.5%"), ("Window", "845", "98.2%")):
            table.row(row)
    sheet.image(_picture(15), w=80)
    sheet.cell(text="Portal", link=SITE)
    sheet.add_page()
    sheet.start_section("Annex")
    sheet.cell(text="Order 20250314000123")
    sheet.output(str(path))

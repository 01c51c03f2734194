"""Office documents, Office Open XML transitional (ECMA-376, ISO/IEC 29500-4): docx, xlsx and pptx.

Each holds what Word, Excel, PowerPoint, WPS and LibreOffice need to open it without offering a repair, and no
author, company or date.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from evidence_cli.samples.container import XML_HEAD, allowed, escaped, zipped
from evidence_cli.samples.theme import THEME

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OOXML = "application/vnd.openxmlformats-officedocument."

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_X = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = f'xmlns:r="{_DOCUMENT}"'
_P = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    f' {_R} xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)

_CORE = (
    f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"><cp:revision>1</cp:revision>'
    "</cp:coreProperties>"
)
_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"

# A4 in twentieths of a point; 宋体 by its English name, 12 pt.
_WORD_SECTION = (
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1800" w:bottom="1440"'
    ' w:left="1800" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr>'
)
_WORD_STYLES = (
    f'<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman"'
    ' w:eastAsia="SimSun" w:hAnsi="Times New Roman" w:cs="Times New Roman"/>'
    '<w:sz w:val="24"/><w:szCs w:val="24"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr>'
    "</w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
    "</w:style></w:styles>"
)

_SHEET_STYLES = (
    f'<styleSheet {_X}><fonts count="1"><font><sz val="11"/><name val="SimSun"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1">'
    "<border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\n\t]|^'|'$")
_MAX_SHEET_NAME = 31

_EMPTY_GROUP = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>'
    '<a:off x="0" y="0"/><a:ext cx="0" cy="0"/>'
    '<a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
)
# English metric units: 16 : 9, and the box of the title.
_SLIDE_SIZE = '<p:sldSz cx="12192000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/>'
_TITLE_PLACE = (
    '<a:xfrm><a:off x="838200" y="2286000"/><a:ext cx="10515600" cy="1325563"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
)
_COLOUR_MAP = (
    '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3"'
    ' accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>'
)
_MASTER_TEXT = (
    '<p:txStyles><p:titleStyle><a:lvl1pPr algn="ctr"><a:defRPr sz="4000"><a:solidFill>'
    '<a:schemeClr val="tx1"/></a:solidFill><a:latin typeface="+mj-lt"/><a:ea typeface="+mj-ea"/>'
    '<a:cs typeface="+mj-cs"/></a:defRPr></a:lvl1pPr></p:titleStyle>'
    "<p:bodyStyle/><p:otherStyle/></p:txStyles>"
)
_OWN_COLOURS = "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>"
# The ids of masters and layouts share one range, those of slides have their own.
_MASTER_ID, _LAYOUT_ID, _FIRST_SLIDE_ID = 2**31, 2**31 + 1, 256


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the package: its name, its content type after the common prefix, its XML.

    `links` are its relationships, rId1 first: the last word of the type and the target relative to the part.
    """

    name: str
    type: str
    xml: str
    links: tuple[tuple[str, str], ...] = ()


def docx(paragraphs: Sequence[str]) -> bytes:
    """A Word document. A line end in a paragraph is a line break, a tab is a tab."""
    body = "".join(f"<w:p>{_run(text)}</w:p>" for text in paragraphs) or "<w:p/>"
    document = f"<w:document {_W}><w:body>{body}{_WORD_SECTION}</w:body></w:document>"
    kind = "wordprocessingml."
    return _package(
        _Part("word/document.xml", f"{kind}document.main", document, (("styles", "styles.xml"),)),
        _Part("word/styles.xml", f"{kind}styles", _WORD_STYLES),
    )


def xlsx(rows: Sequence[Sequence[str | int | float]], sheet: str = "Sheet1") -> bytes:
    """A workbook with one sheet, strings inline.

    What Excel does not allow in the sheet's name becomes `_`, and it is cut at 31 characters. Infinity and
    NaN, which no cell can hold, are written as text.
    """
    data = "".join(_row(number, row) for number, row in enumerate(rows, start=1))
    name = _FORBIDDEN_IN_SHEET_NAME.sub("_", allowed(sheet)[:_MAX_SHEET_NAME]) or "Sheet1"
    listed = f'<sheet name="{escaped(name)}" sheetId="1" r:id="rId1"/>'
    workbook = f"<workbook {_X} {_R}><sheets>{listed}</sheets></workbook>"
    kind = "spreadsheetml."
    links = (("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"))
    return _package(
        _Part("xl/workbook.xml", f"{kind}sheet.main", workbook, links),
        _Part(
            "xl/worksheets/sheet1.xml",
            f"{kind}worksheet",
            f"<worksheet {_X}><sheetData>{data}</sheetData></worksheet>",
        ),
        _Part("xl/styles.xml", f"{kind}styles", _SHEET_STYLES),
    )


def pptx(titles: Sequence[str]) -> bytes:
    """A presentation with one slide for each title."""
    numbers = range(1, len(titles) + 1)
    # rId1 is the master, the slides follow.
    listed = "".join(f'<p:sldId id="{_FIRST_SLIDE_ID + n - 1}" r:id="rId{n + 1}"/>' for n in numbers)
    presentation = (
        f'<p:presentation {_P}><p:sldMasterIdLst><p:sldMasterId id="{_MASTER_ID}" r:id="rId1"/>'
        f"</p:sldMasterIdLst>{f'<p:sldIdLst>{listed}</p:sldIdLst>' if listed else ''}"
        f"{_SLIDE_SIZE}</p:presentation>"
    )
    kind = "presentationml."
    slides = [
        _Part(
            f"ppt/slides/slide{n}.xml",
            f"{kind}slide",
            f"<p:sld {_P}>{_slide_content(title)}{_OWN_COLOURS}</p:sld>",
            (("slideLayout", "../slideLayouts/slideLayout1.xml"),),
        )
        for n, title in zip(numbers, titles, strict=True)
    ]
    links = (
        ("slideMaster", "slideMasters/slideMaster1.xml"),
        *(("slide", f"slides/slide{n}.xml") for n in numbers),
    )
    presentation_part = _Part("ppt/presentation.xml", f"{kind}presentation.main", presentation, links)
    return _package(presentation_part, *_slide_design(), *slides)


def _slide_design() -> tuple[_Part, ...]:
    """The master, its one layout and its theme: no slide is valid without them."""
    kind = "presentationml."
    place = _slide_content("", place=_TITLE_PLACE)
    master = (
        f"<p:sldMaster {_P}>{place}{_COLOUR_MAP}<p:sldLayoutIdLst>"
        f'<p:sldLayoutId id="{_LAYOUT_ID}" r:id="rId1"/></p:sldLayoutIdLst>{_MASTER_TEXT}</p:sldMaster>'
    )
    layout = f'<p:sldLayout {_P} type="titleOnly">{_slide_content("")}{_OWN_COLOURS}</p:sldLayout>'
    return (
        _Part(
            "ppt/slideMasters/slideMaster1.xml",
            f"{kind}slideMaster",
            master,
            (("slideLayout", "../slideLayouts/slideLayout1.xml"), ("theme", "../theme/theme1.xml")),
        ),
        _Part(
            "ppt/slideLayouts/slideLayout1.xml",
            f"{kind}slideLayout",
            layout,
            (("slideMaster", "../slideMasters/slideMaster1.xml"),),
        ),
        _Part("ppt/theme/theme1.xml", "theme", THEME),
    )


def _slide_content(title: str, *, place: str = "") -> str:
    """The shapes of a slide, a layout or a master: a title. Without a place it inherits the one above it."""
    breaks = "<a:br/>".join(f"<a:r><a:t>{escaped(line)}</a:t></a:r>" for line in title.splitlines())
    return (
        f'<p:cSld><p:spTree>{_EMPTY_GROUP}<p:sp><p:nvSpPr><p:cNvPr id="2" name="Title 1"/><p:cNvSpPr>'
        '<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr>'
        f"<p:spPr>{place}</p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p>{breaks}</a:p></p:txBody></p:sp>"
        "</p:spTree></p:cSld>"
    )


def _run(text: str) -> str:
    shown = escaped(text)
    for char, element in (("\t", "<w:tab/>"), ("\n", "<w:br/>")):
        shown = shown.replace(char, f'</w:t>{element}<w:t xml:space="preserve">')
    return f'<w:r><w:t xml:space="preserve">{shown}</w:t></w:r>'


def _row(number: int, cells: Sequence[str | int | float]) -> str:
    shown = "".join(_cell(f"{_column(index)}{number}", value) for index, value in enumerate(cells))
    return f'<row r="{number}">{shown}</row>'


def _cell(place: str, value: str | int | float) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str) or not math.isfinite(value):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escaped(str(value))}</t></is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


def _column(index: int) -> str:
    """The letters of a column, counted from 0: A to Z, AA and on."""
    letters = ""
    while index >= 0:
        letters = chr(ord("A") + index % 26) + letters
        index = index // 26 - 1
    return letters


def _package(main: _Part, *others: _Part) -> bytes:
    """The parts with their content types and relationships (ECMA-376 part 2), the main document first."""
    parts = [main, *others]
    overrides = "".join(f'<Override PartName="/{part.name}" ContentType="{_OOXML}{part.type}+xml"/>' for part in parts)
    files = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'{overrides}<Override PartName="/docProps/core.xml" ContentType="{_CORE_TYPE}"/></Types>'
        ),
        "_rels/.rels": _relationships(
            (f"{_DOCUMENT}/officeDocument", main.name),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
    }
    for part in parts:
        files[part.name] = part.xml
        if part.links:
            folder, _, name = part.name.rpartition("/")
            links = ((f"{_DOCUMENT}/{kind}", target) for kind, target in part.links)
            files[f"{folder}/_rels/{name}.rels"] = _relationships(*links)
    files["docProps/core.xml"] = _CORE
    return zipped({name: XML_HEAD + xml for name, xml in files.items()})


def _relationships(*links: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'

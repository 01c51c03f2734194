"""Fixed-layout documents: PDF (ISO 32000-1) and OFD (GB/T 33190-2016). A4, one page per thirty lines."""

import hashlib
from collections.abc import Iterator, Sequence

from evidence_cli.samples.container import XML_HEAD, allowed, escaped, zipped

_LINES_PER_PAGE = 30
# Forty 12 pt Chinese characters are as wide as the type area of an A4 page.
_LINE_WIDTH = 40.0
_OUTSIDE_BMP = "\u25a1"

_OFD_NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_FONT_ID, _FIRST_FREE_ID = 1, 2
# Millimetres.
_FONT_SIZE, _LINE_HEIGHT, _MARGIN = 4.2, 8.0, 20.0

# The names and the metrics of a font that every reader knows and replaces by its own Song type.
_FONT_OBJECTS = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UCS2-H /Encoding /UniGB-UCS2-H"
    " /DescendantFonts [4 0 R] >>",
    "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R /DW 1000"
    " /W [1 95 500] /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
    "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
    " /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
)
_FIRST_PAGE_OBJECT = 6


def pdf(lines: Sequence[str]) -> bytes:
    """A PDF 1.4 whose text can be searched; long lines are broken.

    The font is the predefined CID font STSong-Light, not embedded; UniGB-UCS2-H has no characters outside the
    basic multilingual plane, a box stands for those.
    """
    pages = _pages(lines)
    numbers = [_FIRST_PAGE_OBJECT + 2 * index for index in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        *_FONT_OBJECTS,
    ]
    for number, page in zip(numbers, pages, strict=True):
        content = _pdf_content(page)
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {number + 1} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    return _pdf_file(objects)


def ofd(lines: Sequence[str]) -> bytes:
    """An OFD 1.0 container whose text can be searched; long lines are broken. The font is not embedded."""
    pages = _pages(lines)
    parts: dict[str, str] = {"OFD.xml": "", "Doc_0/Document.xml": "", "Doc_0/PublicRes.xml": _ofd_resources()}
    unused, tree = _FIRST_FREE_ID, ""
    for index, page in enumerate(pages):
        location = f"Pages/Page_{index}/Content.xml"
        tree += f'<ofd:Page ID="{unused}" BaseLoc="{location}"/>'
        parts[f"Doc_0/{location}"] = _ofd_page(page, first_id=unused + 1)
        unused += 2 + len(page)
    parts["Doc_0/Document.xml"] = (
        f"{XML_HEAD}<ofd:Document {_OFD_NAMESPACE}><ofd:CommonData>"
        f"<ofd:MaxUnitID>{unused - 1}</ofd:MaxUnitID>"
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData>"
        f"<ofd:Pages>{tree}</ofd:Pages></ofd:Document>"
    )
    # The standard wants 32 hexadecimal digits; the content's own keep the bytes reproducible.
    identity = hashlib.sha256("\n".join(parts.values()).encode("utf-8")).hexdigest()[:32]
    parts["OFD.xml"] = (
        f'{XML_HEAD}<ofd:OFD {_OFD_NAMESPACE} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{identity}</ofd:DocID></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )
    return zipped(parts)


def _pages(lines: Sequence[str]) -> list[list[str]]:
    """The lines as they fit on pages; at least one page."""
    fitting = list(_broken(lines))
    starts = range(0, max(len(fitting), 1), _LINES_PER_PAGE)
    return [fitting[start : start + _LINES_PER_PAGE] for start in starts]


def _broken(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        for row in allowed(line).expandtabs(4).split("\n"):
            start, used = 0, 0.0
            for end, char in enumerate(row):
                used += _width(char)
                if used > _LINE_WIDTH:
                    yield row[start:end]
                    start, used = end, _width(char)
            yield row[start:]


def _width(char: str) -> float:
    """In multiples of the font size: a letter takes half of what a Chinese character takes."""
    return 0.5 if " " <= char <= "~" else 1.0


def _pdf_content(page: Sequence[str]) -> str:
    shown = "\n".join(f"<{_ucs2(line)}> Tj T*" for line in page)
    return f"BT\n/F1 12 Tf\n22 TL\n56 770 Td\n{shown}\nET"


def _ucs2(line: str) -> str:
    line = "".join(char if char <= "\uffff" else _OUTSIDE_BMP for char in line)
    return line.encode("utf-16-be").hex().upper()


def _pdf_file(objects: Sequence[str]) -> bytes:
    """Header, the objects numbered from 1 (the first is the catalogue), cross-reference table and trailer."""
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    start = len(data)
    size = len(objects) + 1
    # Each entry is exactly 20 bytes, its two-byte line end included.
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    data += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ).encode("ascii")
    return bytes(data)


def _ofd_resources() -> str:
    return (
        f'{XML_HEAD}<ofd:Res {_OFD_NAMESPACE} BaseLoc="Res"><ofd:Fonts>'
        f'<ofd:Font ID="{_FONT_ID}" FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>'
    )


def _ofd_page(page: Sequence[str], *, first_id: int) -> str:
    objects = "".join(
        _ofd_text(line, object_id=first_id + 1 + row, top=_MARGIN + row * _LINE_HEIGHT)
        for row, line in enumerate(page)
        if line
    )
    return (
        f"{XML_HEAD}<ofd:Page {_OFD_NAMESPACE}><ofd:Area>"
        "<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:Area>"
        f'<ofd:Content><ofd:Layer ID="{first_id}" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def _ofd_text(line: str, *, object_id: int, top: float) -> str:
    """One line. Without DeltaX all its characters would lie on one another."""
    steps = " ".join(f"{_FONT_SIZE * _width(char):g}" for char in line[:-1])
    delta = f' DeltaX="{steps}"' if steps else ""
    return (
        f'<ofd:TextObject ID="{object_id}" Boundary="{_MARGIN:g} {top:g} 170 {_LINE_HEIGHT:g}"'
        f' Font="{_FONT_ID}" Size="{_FONT_SIZE:g}"><ofd:TextCode X="0" Y="{_FONT_SIZE:g}"{delta}>'
        f"{escaped(line)}</ofd:TextCode></ofd:TextObject>"
    )

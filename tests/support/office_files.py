"""Small Office containers for tests, with their members in any order."""

import io
import zipfile
from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OOXML = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": ("word/document.xml", f"{OOXML}wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{OOXML}spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", f"{OOXML}presentationml.presentation.main+xml"),
}


def zipped(members: Mapping[str, str | bytes], *, stored: bool = False) -> bytes:
    """A zip of these members, in their order."""
    out = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def content_types(part: str, content_type: str) -> str:
    """A [Content_Types].xml that declares one main part."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    )


def word_part(body: str) -> str:
    """A main part of a Word document with this body."""
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{declaration}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'


def office_members(name: str, main: str = "<x/>") -> dict[str, str | bytes]:
    """The members of a minimal docx, xlsx or pptx, in the order Office writes them."""
    part, content_type = MAIN[name]
    return {
        "[Content_Types].xml": content_types(part, content_type),
        "_rels/.rels": f'<Relationships><Relationship Id="r" Target="{part}"/></Relationships>',
        "docProps/app.xml": "<Properties/>",
        part: main,
    }


def docx(body: str) -> bytes:
    """A minimal Word document."""
    return zipped(office_members("docx", word_part(body)))

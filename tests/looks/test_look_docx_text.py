"""The text of a Word document, and documents whose XML is damaged or hostile."""

import io

import pytest

from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.look import look
from support.office_files import W, docx, office_members, word_part, zipped


def text_of(data: bytes) -> Facts:
    return look(io.BytesIO(data), size=len(data), extension="docx", want_text=True)


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<w:p>{run('甲')}{run('乙')}</w:p><w:p>{run('丙&amp;丁')}</w:p>", "甲乙\n丙&丁\n"),
        ("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:cr/></w:r></w:p>", "a\tb\nc\n\n"),
        ("<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr></w:p>", "\n"),
        (
            f"<w:tbl><w:tr><w:tc><w:p>{run('格')}</w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>",
            "格\n\n",
        ),
        (f"<w:p><w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:ins>{run('增')}</w:ins></w:p>", "增\n"),
        (f"<w:p><w:moveFrom>{run('旧')}</w:moveFrom><w:moveTo>{run('新')}</w:moveTo></w:p>", "新\n"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>", "\n"),
        (
            f"<w:p><mc:AlternateContent xmlns:mc='{MC}'><mc:Choice><w:txbxContent><w:p>{run('框')}</w:p>"
            f"</w:txbxContent></mc:Choice><mc:Fallback><w:p>{run('框')}</w:p></mc:Fallback></mc:AlternateContent></w:p>",
            "框\n\n",
        ),
        (f"<w:sdt><w:sdtContent><w:p>{run('控件')}</w:p></w:sdtContent></w:sdt>", "控件\n"),
        ("<x:t xmlns:x='urn:other'>别处</x:t>", ""),
        ("", ""),
    ],
)
def test_text(body: str, expected: str) -> None:
    assert text_of(docx(body)) == Facts("docx", text=expected)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_strict_documents_and_other_encodings(encoding: str) -> None:
    part = word_part(f"<w:p>{run('严格')}</w:p>").replace(W, "http://purl.oclc.org/ooxml/wordprocessingml/main")
    part = part.replace('encoding="UTF-8"', f'encoding="{encoding}"')
    members = office_members("docx") | {"word/document.xml": part.encode(encoding)}
    assert text_of(zipped(members)) == Facts("docx", text="严格\n")


DOCTYPE = '<!DOCTYPE w:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("doctype", [DOCTYPE, "<!DOCTYPE x SYSTEM 'file:///etc/hostname'>"])
def test_a_document_type_is_refused(encoding: str, doctype: str) -> None:
    part = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<x>&b;</x>'
    members = office_members("docx") | {"word/document.xml": part.encode(encoding)}
    assert text_of(zipped(members)) == Facts("docx", Health.DAMAGED, "declares a document type or an entity")


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"<w:document",
        word_part("<w:p>").encode(),
        b'<?xml version="1.0" encoding="klingon"?><x/>',
        b"\xff\xfe\x00",
        b"<a>" * 100_000,
        word_part(f"<w:p>{run('x')}</w:p>").encode()[:-5],
    ],
)
def test_a_damaged_part_is_damage(part: bytes) -> None:
    facts = text_of(zipped(office_members("docx") | {"word/document.xml": part}))
    assert (facts.format, facts.health, facts.text) == ("docx", Health.DAMAGED, None)


def test_damaged_compressed_data_is_damage() -> None:
    data = bytearray(docx(f"<w:p>{run('甲乙丙丁戊己庚辛')}</w:p>" * 30))
    place = data.index(b"word/document.xml") + len("word/document.xml") + 20
    data[place] ^= 0xFF
    facts = text_of(bytes(data))
    assert (facts.format, facts.health, facts.text) == ("docx", Health.DAMAGED, None)


def test_only_so_much_text_is_kept() -> None:
    facts = text_of(docx(f"<w:p>{run('中' * 1000)}</w:p>" * 3000))
    assert facts.health is Health.OK
    assert facts.text is not None
    assert len(facts.text) == 2_000_000


def test_a_part_that_expands_beyond_the_limit_is_read_up_to_it() -> None:
    facts = text_of(docx(f"<w:p>{run('first')}</w:p><!--" + " " * 40_000_000 + f"--><w:p>{run('last')}</w:p>"))
    assert facts == Facts("docx", text="first\n")

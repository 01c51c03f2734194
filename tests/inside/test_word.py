"""Word documents as their inspector sees them."""

import io

import docx as python_docx
import pytest

from evidence_cli.looks.facts import Active, Gap, Health
from support.inside_cases import (
    changed,
    check_bomb,
    check_cuts,
    check_flips,
    check_locked,
    check_mutations,
    facts_of,
    gaps_of,
    replaced,
    texts,
)
from support.office_files import W, docx, office_members, word_part, zipped

MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
MAIN = "word/document.xml"
RELS = "word/_rels/document.xml.rels"
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def body_texts(data: bytes) -> list[tuple[str, int | str, str]]:
    return texts(data, "docx")


@pytest.fixture(scope="module")
def ordinary() -> bytes:
    document = python_docx.Document()
    document.add_heading("工作总结", 1)
    document.add_paragraph("第一段")
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "格一"
    table.cell(0, 1).text = "格二"
    commented = document.add_paragraph("第二段")
    document.add_comment(commented.runs, text="请核对", author="a")
    section = document.sections[0]
    section.header.paragraphs[0].text = "页眉"
    section.footer.paragraphs[0].text = "页脚"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_an_ordinary_document(ordinary: bytes) -> None:
    assert body_texts(ordinary) == [
        ("paragraph", 1, "工作总结"),
        ("paragraph", 2, "第一段"),
        ("paragraph", 3, "格一"),
        ("paragraph", 4, "格二"),
        ("paragraph", 5, "第二段"),
        ("header", 1, "页眉"),
        ("footer", 1, "页脚"),
        ("comment", 1, "请核对"),
    ]
    facts = facts_of(ordinary, "docx")
    assert (facts.active, facts.gaps) == ((), ())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<w:p>{run('甲')}{run('乙')}</w:p><w:p/><w:p>{run('丙&amp;丁')}</w:p>", [(1, "甲乙"), (3, "丙&丁")]),
        ("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:cr/></w:r></w:p>", [(1, "a\tb\nc\n")]),
        ("<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr></w:p>", []),
        (f"<w:p><w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:ins>{run('增')}</w:ins></w:p>", [(1, "增")]),
        (f"<w:p><w:moveFrom>{run('旧')}</w:moveFrom><w:moveTo>{run('新')}</w:moveTo></w:p>", [(1, "新")]),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>", []),
        (
            f"<w:p>{run('前')}<mc:AlternateContent xmlns:mc='{MC}'><mc:Choice><w:txbxContent><w:p>{run('框')}</w:p>"
            f"</w:txbxContent></mc:Choice><mc:Fallback><w:p>{run('框')}</w:p></mc:Fallback></mc:AlternateContent></w:p>",
            [(2, "框"), (1, "前")],
        ),
        (f"<w:sdt><w:sdtContent><w:p>{run('控件')}</w:p></w:sdtContent></w:sdt>", [(1, "控件")]),
        ("<x:t xmlns:x='urn:other'>别处</x:t>", []),
        ("", []),
    ],
)
def test_paragraphs(body: str, expected: list[tuple[int, str]]) -> None:
    assert body_texts(docx(body)) == [("paragraph", number, text) for number, text in expected]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_strict_documents_and_other_encodings(encoding: str) -> None:
    part = word_part(f"<w:p>{run('严格')}</w:p>").replace(W, "http://purl.oclc.org/ooxml/wordprocessingml/main")
    part = part.replace('encoding="UTF-8"', f'encoding="{encoding}"')
    assert body_texts(zipped(office_members("docx") | {MAIN: part.encode(encoding)})) == [("paragraph", 1, "严格")]


def test_notes_are_counted_through() -> None:
    links = f'<Relationships><Relationship Id="a" Type="{TYPES}/footnotes" Target="footnotes.xml"/>'
    links += f'<Relationship Id="b" Type="{TYPES}/endnotes" Target="/word/endnotes.xml"/></Relationships>'
    foot = f"<w:footnote><w:p/></w:footnote><w:footnote><w:p>{run('脚注')}</w:p><w:p>{run('二')}</w:p></w:footnote>"
    end = f"<w:endnote><w:p>{run('尾注')}</w:p></w:endnote>"
    added: dict[str, str | bytes | None] = {
        RELS: links,
        "word/footnotes.xml": word_part(foot),
        "word/endnotes.xml": word_part(end),
    }
    assert body_texts(changed(docx(""), added)) == [("note", 1, "脚注\n二"), ("note", 2, "尾注")]


DOCTYPE = '<!DOCTYPE w:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"<w:document",
        b"<x/>",
        word_part("<w:p>").encode(),
        b'<?xml version="1.0" encoding="klingon"?><document/>',
        b"\xff\xfe\x00",
        b"<document>" + b"<a>" * 100_000,
        word_part(f"<w:p>{run('x')}</w:p>").encode()[:-5],
        f'<?xml version="1.0"?>{DOCTYPE}<document>&b;</document>'.encode(),
        f'<?xml version="1.0" encoding="utf-16"?>{DOCTYPE}<document>&b;</document>'.encode("utf-16"),
    ],
)
def test_a_damaged_main_part_is_damage(part: bytes) -> None:
    data = zipped(office_members("docx") | {MAIN: part})
    assert facts_of(data, "docx").health is Health.DAMAGED


@pytest.mark.parametrize("name", ["[Content_Types].xml", "_rels/.rels", MAIN])
def test_a_document_without_what_holds_it_together_is_damaged(ordinary: bytes, name: str) -> None:
    assert facts_of(changed(ordinary, {name: None}), "docx").health is Health.DAMAGED


def test_a_document_without_styles_is_fine(ordinary: bytes) -> None:
    data = changed(ordinary, {"word/styles.xml": None, "word/fontTable.xml": None, "docProps/app.xml": None})
    assert facts_of(data, "docx").health is Health.OK


def test_two_parts_of_one_name_are_damage(ordinary: bytes) -> None:
    assert facts_of(changed(ordinary, {"WORD/document.xml": "<x/>"}), "docx").health is Health.DAMAGED


def linked(ordinary: bytes, type_: str, target: str, *, external: bool = True) -> bytes:
    mode = ' TargetMode="External"' if external else ""
    link = f'<Relationship Id="z9" Type="{TYPES}/{type_}" Target="{target}"{mode}/></Relationships>'
    return replaced(ordinary, RELS, "</Relationships>", link)


@pytest.mark.parametrize(
    ("type_", "target", "expected"),
    [
        ("hyperlink", "https://example.org/", ()),
        ("attachedTemplate", "file:///C:\\Users\\a\\Normal.dotm", ()),
        ("attachedTemplate", "C:\\Users\\a\\Normal.dotm", ()),
        ("attachedTemplate", "http://example.org/a.dotm", (Active.EXTERNAL,)),
        ("attachedTemplate", "file://server/share/a.dotm", (Active.EXTERNAL,)),
        ("attachedTemplate", "file:///\\\\server\\share\\a.dotm", (Active.EXTERNAL,)),
        ("attachedTemplate", "\\\\server\\share\\a.dotm", (Active.EXTERNAL,)),
        ("oleObject", "mhtml:http://example.org/a!x-usc:http://example.org/a", (Active.EXTERNAL,)),
        ("image", "file:///C:/a.png", ()),
        ("image", "https://example.org/a.png", (Active.EXTERNAL,)),
        ("frame", "ftp://example.org/a.htm", (Active.EXTERNAL,)),
    ],
)
def test_links(ordinary: bytes, type_: str, target: str, expected: tuple[Active, ...]) -> None:
    assert facts_of(linked(ordinary, type_, target), "docx").active == expected


@pytest.mark.parametrize(
    ("type_", "part", "expected"),
    [
        ("vbaProject", "word/renamed.bin", (Active.MACROS,)),
        ("other", "word/vbaProject.bin", (Active.MACROS,)),
        ("oleObject", "word/embeddings/oleObject1.bin", (Active.OBJECT,)),
        ("package", "word/embeddings/a.xlsx", ()),
        ("package", "word/embeddings/a.xlsm", (Active.OBJECT,)),
        ("control", "word/activeX/activeX1.xml", (Active.OBJECT,)),
        ("image", "word/media/a.png", ()),
    ],
)
def test_parts_that_act(ordinary: bytes, type_: str, part: str, expected: tuple[Active, ...]) -> None:
    data = linked(changed(ordinary, {part: b"\xd0\xcf\x11\xe0"}), type_, "/" + part, external=False)
    assert facts_of(data, "docx").active == expected


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["PAGE"], ()),
        (["DDEAUTO c:\\\\windows\\\\calc.exe"], (Active.EXTERNAL,)),
        ([" D", "DE", " excel a"], (Active.EXTERNAL,)),
        (["DDT"], ()),
        ([' HYPERLINK "http://example.org" '], ()),
        ([' INCLUDEPICTURE "http://example.org/a.png" \\* MERGEFORMAT'], (Active.EXTERNAL,)),
        ([' INCLUDEPICTURE "C:\\\\a\\\\b.png" \\* MERGEFORMAT \\d'], ()),
        ([' LINK Excel.Sheet.8 "\\\\\\\\server\\\\a.xls" "" \\a'], (Active.EXTERNAL,)),
    ],
)
def test_fields(codes: list[str], expected: tuple[Active, ...]) -> None:
    runs = "".join(f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>' for code in codes)
    body = f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{runs}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    assert facts_of(docx(body), "docx").active == expected
    code = "".join(codes).replace('"', "&quot;")
    assert facts_of(docx(f'<w:p><w:fldSimple w:instr="{code}"/></w:p>'), "docx").active == expected


def test_a_chunk_in_another_format_is_a_gap(ordinary: bytes) -> None:
    data = linked(changed(ordinary, {"word/a.mht": b"x"}), "aFChunk", "a.mht", external=False)
    assert gaps_of(data, "docx") == [Gap("text", "format")]


def test_a_document_that_is_too_long_says_so() -> None:
    assert gaps_of(docx("<x/>" * 1_000_000), "docx") == [Gap("text", "long")]


def test_states(ordinary: bytes) -> None:
    check_cuts(ordinary, "docx")
    check_flips(ordinary, "docx", MAIN)
    check_locked(ordinary, "docx")
    check_bomb(ordinary, "docx")


def test_mutations(ordinary: bytes) -> None:
    check_mutations(ordinary, "docx", [MAIN, RELS, "[Content_Types].xml", "_rels/.rels"])

"""OpenDocument files as their inspector sees them."""

import shutil
import subprocess
from pathlib import Path

import docx
import openpyxl
import pptx
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
    member,
    texts,
)
from support.office_files import zipped

TYPE = "application/vnd.oasis.opendocument."
NAMES = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "draw", "presentation", "style", "script", "manifest")
)
SPACES += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
MANIFEST = f"<manifest:manifest {SPACES}><manifest:file-entry manifest:full-path='/'/></manifest:manifest>"


def content(format_name: str, body: str) -> str:
    name = NAMES[format_name]
    return (
        f"<office:document-content {SPACES}><office:body><office:{name}>{body}</office:{name}></office:body>"
        "</office:document-content>"
    )


def odf(format_name: str, body: str, members: dict[str, str | bytes] | None = None) -> bytes:
    """A small package."""
    parts: dict[str, str | bytes] = {
        "mimetype": TYPE + NAMES[format_name],
        "META-INF/manifest.xml": MANIFEST,
        "content.xml": content(format_name, body),
    }
    return zipped(parts | (members or {}))


def flat(format_name: str, body: str, before: str = "") -> bytes:
    """The same as one XML file."""
    name = NAMES[format_name]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {SPACES} office:mimetype="{TYPE}{name}">{before}'
        f"<office:body><office:{name}>{body}</office:{name}></office:body></office:document>"
    ).encode()


def found(format_name: str, data: bytes) -> list[tuple[str, int | str, str]]:
    return texts(data, format_name)


TEXT = [
    ("<text:h>标题</text:h><text:p/><text:p>甲<text:span>乙</text:span></text:p>", [(1, "标题"), (3, "甲乙")]),
    ('<text:p>a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d</text:p>', [(1, "a  b\tc\nd")]),
    ('<text:p>a<text:s text:c="99999999999999"/></text:p>', [(1, "a ")]),
    ("<text:p><draw:text-box><text:p>框</text:p></draw:text-box>后</text:p>", [(2, "框"), (1, "后")]),
    ("<text:list><text:list-item><text:p>项</text:p></text:list-item></text:list>", [(1, "项")]),
    ("<table:table><table:table-row><table:table-cell><text:p>格</text:p></table:table-cell></table:table-row>"
     "</table:table>", [(1, "格")]),
]  # fmt: skip


def test_deleted_text_is_beside_the_text() -> None:
    who = "<office:change-info><dc:creator>甲</dc:creator><text:p>说明</text:p></office:change-info>"
    deletion = f"<text:changed-region><text:deletion>{who}<text:p>删</text:p></text:deletion></text:changed-region>"
    body = f"<text:tracked-changes>{deletion}</text:tracked-changes><text:p>在</text:p>"
    assert found("odt", odf("odt", body)) == [("comment", 1, "删"), ("paragraph", 1, "在")]


def test_properties_that_somebody_wrote() -> None:
    meta = (
        f'<office:document-meta {SPACES} xmlns:meta="m"><office:meta><dc:title>题</dc:title><dc:creator>甲</dc:creator>'
        "<meta:keyword>词</meta:keyword><meta:user-defined>值</meta:user-defined></office:meta></office:document-meta>"
    )
    assert found("odt", odf("odt", "<text:p>在</text:p>", {"meta.xml": meta})) == [
        ("paragraph", 1, "在"),
        ("note", 1, "题"),
        ("note", 1, "词"),
        ("note", 1, "值"),
    ]


@pytest.mark.parametrize(("body", "expected"), TEXT)
def test_text_documents(body: str, expected: list[tuple[int, str]]) -> None:
    wanted = [("paragraph", number, text) for number, text in expected]
    assert found("odt", odf("odt", body)) == wanted
    assert found("odt", flat("odt", body)) == wanted


def test_notes_and_comments_stand_apart() -> None:
    note = "<text:note><text:note-citation>1</text:note-citation><text:p>注</text:p></text:note>"
    comment = "<office:annotation><dc:creator>a</dc:creator><text:p>批</text:p><text:p>注</text:p></office:annotation>"
    body = f"<text:p>前{note}中{comment}后</text:p>"
    assert found("odt", odf("odt", body)) == [("note", 1, "注"), ("comment", 1, "批\n注"), ("paragraph", 1, "前中后")]


def test_headers_and_footers() -> None:
    styles = (
        f"<office:document-styles {SPACES}><office:master-styles><style:master-page><style:header><text:p>眉</text:p>"
        "</style:header><style:footer><text:p>第<text:page-number>1</text:page-number>页</text:p></style:footer>"
        "</style:master-page></office:master-styles></office:document-styles>"
    )
    data = odf("odt", "<text:p>文</text:p>", {"styles.xml": styles})
    assert found("odt", data) == [("paragraph", 1, "文"), ("header", 1, "眉"), ("footer", 1, "第页")]


def test_spreadsheets_count_repeated_cells_without_expanding_them() -> None:
    cell = '<table:table-cell office:value-type="{}" office:value="{}"{}><text:p>{}</text:p></table:table-cell>'
    rows = (
        '<table:table table:name="表 一"><table:table-row table:number-rows-repeated="1048570"><table:table-cell '
        'table:number-columns-repeated="99999999999"/></table:table-row><table:table-row>'
        '<table:covered-table-cell table:number-columns-repeated="2"/>'
        + cell.format("float", "1.3812345678E10", ' table:number-columns-repeated="3"', "1.38E+10")
        + cell.format("string", "", "", "文")
        + "</table:table-row></table:table>"
    )
    assert found("ods", odf("ods", rows)) == [
        ("cell", "表 一!C1048571", "13812345678"),
        ("cell", "表 一!F1048571", "文"),
    ]


def test_comments_of_cells() -> None:
    comment = "<office:annotation><text:p>批</text:p></office:annotation>"
    cell = f"<table:table-cell>{comment}<text:p>值</text:p></table:table-cell>"
    rows = f'<table:table table:name="S"><table:table-row>{cell}</table:table-row></table:table>'
    assert found("ods", odf("ods", rows)) == [("comment", "S!A1", "批"), ("cell", "S!A1", "值")]


def test_slides_and_notes() -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p><text:p>{}</text:p></draw:text-box></draw:frame>"
    notes = f"<presentation:notes>{box.format('备', '注')}</presentation:notes>"
    pages = f"<draw:page>{box.format('一', '二')}{notes}</draw:page><draw:page>{box.format('三', '')}</draw:page>"
    assert found("odp", odf("odp", pages)) == [("slide", 1, "一\n二"), ("note", 1, "备\n注"), ("slide", 2, "三")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<text:p><text:a xlink:href="https://example.org/">x</text:a></text:p>', ()),
        ('<draw:image xlink:href="Pictures/a.png"/>', ()),
        ('<draw:image xlink:href="https://example.org/a.png"/>', (Active.EXTERNAL,)),
        ('<text:section-source xlink:href="file://server/share/a.odt"/>', (Active.EXTERNAL,)),
        ('<draw:image xlink:href="file:///home/a.png"/>', ()),
        ('<draw:object xlink:href="./Object 1"/><draw:image xlink:href="./ObjectReplacements/Object 1"/>', ()),
        ('<draw:object-ole xlink:href="./Object 1"/>', (Active.OBJECT,)),
        ("<text:dde-connection-decl/>", (Active.EXTERNAL,)),
        ('<script:event-listener xlink:href="vnd.sun.star.script:S.M.Main?language=Basic"/>', (Active.MACROS,)),
        ('<presentation:event-listener presentation:action="next-page"/>', ()),
    ],
)
def test_links_and_objects(body: str, expected: tuple[Active, ...]) -> None:
    for data in (odf("odt", body), flat("odt", body)):
        assert facts_of(data, "odt").active == expected


MODULE = '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="M">{}</script:module>'


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("Basic/script-lc.xml", "<x/>", ()),
        ("Basic/Standard/script-lb.xml", "<x/>", ()),
        ("Basic/Standard/Module1.xml", MODULE.format("REM  *****  BASIC  *****\n\nSub Main\n\nEnd Sub\n"), ()),
        ("Basic/Standard/Module1.xml", MODULE.format("Sub Main\nShell(&quot;x&quot;)\nEnd Sub"), (Active.MACROS,)),
        ("Scripts/python/a.py", "print()", (Active.MACROS,)),
        ("Configurations2/accelerator/current.xml", "", ()),
    ],
)
def test_macros(name: str, source: str, expected: tuple[Active, ...]) -> None:
    assert facts_of(odf("odt", "", {name: source}), "odt").active == expected


def test_encrypted_packages() -> None:
    manifest = MANIFEST.replace("/></", "><manifest:encryption-data/></manifest:file-entry></")
    data = changed(odf("odt", ""), {"META-INF/manifest.xml": manifest})
    assert facts_of(data, "odt").health is Health.ENCRYPTED


@pytest.mark.parametrize("name", ["content.xml", "META-INF/manifest.xml"])
def test_a_package_without_a_part_it_needs_is_damaged(name: str) -> None:
    assert facts_of(changed(odf("odt", ""), {name: None}), "odt").health is Health.DAMAGED


def test_content_that_ends_early_is_damage() -> None:
    data = odf("odt", "<text:p>甲</text:p>" * 20)
    text = member(data, "content.xml")
    for cut in range(0, len(text), 20):
        assert facts_of(changed(data, {"content.xml": text[:cut]}), "odt").health is Health.DAMAGED
    whole = flat("odt", "<text:p>甲</text:p>" * 20)
    for cut in range(1, len(whole) - 1, 37):
        assert facts_of(whole[:cut], "odt").health is Health.DAMAGED


def test_too_long_a_document_says_so() -> None:
    assert gaps_of(odf("odt", "<x/>" * 1_000_000), "odt") == [Gap("text", "long")]


def test_states() -> None:
    data = odf("odt", "".join(f"<text:p>第 {number} 段</text:p>" for number in range(300)))
    check_cuts(data, "odt")
    check_flips(data, "odt", "content.xml")
    check_locked(data, "odt")
    check_bomb(data, "odt")


@pytest.mark.parametrize(
    ("format_name", "body"), [("odt", TEXT[1][0]), ("odp", "<draw:page><text:p>x</text:p></draw:page>")]
)
def test_mutations(format_name: str, body: str) -> None:
    data = odf(format_name, body * 5, {"Basic/Standard/M.xml": MODULE.format("x = 1")})
    check_mutations(data, format_name, ["content.xml", "META-INF/manifest.xml", "Basic/Standard/M.xml"])


@pytest.mark.tools
def test_what_libreoffice_writes(tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("soffice (LibreOffice) is missing")
    document = docx.Document()
    document.add_paragraph("正文")
    document.save(str(tmp_path / "a.docx"))
    book = openpyxl.Workbook()
    book.active.title = "表"
    book.active["B2"] = 13812345678
    book.save(tmp_path / "b.xlsx")
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = "汇报"
    show.save(str(tmp_path / "c.pptx"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for source, name in (("a.docx", "odt"), ("b.xlsx", "ods"), ("c.pptx", "odp")):
        subprocess.run(
            [program, profile, "--headless", "--convert-to", name, "--outdir", str(tmp_path), str(tmp_path / source)],
            check=True,
            capture_output=True,
        )
    assert found("odt", (tmp_path / "a.odt").read_bytes())[:2] == [
        ("paragraph", 1, "正文"),
        ("note", 1, "generated by python-docx"),
    ]
    assert ("cell", "表!B2", "13812345678") in found("ods", (tmp_path / "b.ods").read_bytes())
    assert ("slide", 1, "汇报") in found("odp", (tmp_path / "c.odp").read_bytes())
    assert facts_of((tmp_path / "c.odp").read_bytes(), "odp").active == ()

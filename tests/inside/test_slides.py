"""Presentations as their inspector sees them."""

import io
import zipfile

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE

from evidence_cli.looks.facts import Active, Health
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
    replaced,
    texts,
)

MAIN = "ppt/presentation.xml"
RELS = "ppt/_rels/presentation.xml.rels"
SLIDE = "ppt/slides/slide1.xml"


@pytest.fixture(scope="module")
def ordinary() -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[0])
    slide.shapes.title.text = "汇报"
    slide.placeholders[1].text = "第一行\n第二行"
    slide.notes_slide.notes_text_frame.text = "备注"
    slide = show.slides.add_slide(show.slide_layouts[6])
    table = slide.shapes.add_table(1, 2, 0, 0, 100, 100).table
    table.cell(0, 0).text = "格"
    data = CategoryChartData()
    data.categories = ["a"]
    data.add_series("s", (1,))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, 9, 9, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "图题"
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def test_an_ordinary_presentation(ordinary: bytes) -> None:
    assert texts(ordinary, "pptx") == [
        ("slide", 1, "汇报"),
        ("slide", 1, "第一行\n第二行"),
        ("note", 1, "备注"),
        ("slide", 2, "格"),
        ("slide", 2, "图题"),
        ("slide", 2, "s"),
        ("slide", 2, "a"),
        ("note", 1, "generated using python-pptx"),
    ]
    assert gaps_of(ordinary, "pptx") == []
    facts = facts_of(ordinary, "pptx")
    # The workbook behind the chart is no finding.
    assert (facts.active, facts.gaps, facts.pages) == ((), (), 2)


def test_slides_come_in_the_order_of_the_presentation(ordinary: bytes) -> None:
    text = member(ordinary, MAIN)
    start = text.index("<p:sldIdLst>") + len("<p:sldIdLst>")
    end = text.index("</p:sldIdLst>")
    first, second = text[start:end].split("/>")[:2]
    data = changed(ordinary, {MAIN: f"{text[:start]}{second}/>{first}/>{text[end:]}"})
    assert [(value, text) for unit, value, text in texts(data, "pptx") if unit == "slide"] == [
        (1, "格"),
        (1, "图题"),
        (1, "s"),
        (1, "a"),
        (2, "汇报"),
        (2, "第一行\n第二行"),
    ]


def test_what_a_master_shows_counts_once(ordinary: bytes) -> None:
    shape = "<p:sp><p:nvSpPr><p:nvPr/></p:nvSpPr><p:txBody><a:p><a:r><a:t>内部资料</a:t></a:r></a:p></p:txBody></p:sp>"
    data = replaced(ordinary, "ppt/slideMasters/slideMaster1.xml", "</p:spTree>", shape + "</p:spTree>")
    assert [piece for piece in texts(data, "pptx") if piece[2] == "内部资料"] == [("slide", 1, "内部资料")]


def test_numbers_of_slides_and_fallbacks_are_no_text(ordinary: bytes) -> None:
    field = '<a:p><a:fld type="slidenum"><a:t>7</a:t></a:fld><mc:Fallback xmlns:mc="m"><a:t>x</a:t></mc:Fallback></a:p>'
    data = replaced(ordinary, SLIDE, "</p:txBody>", field + "</p:txBody>")
    assert texts(data, "pptx")[0] == ("slide", 1, "汇报")


def test_comments(ordinary: bytes) -> None:
    old = '<p:cmLst xmlns:p="p"><p:cm><p:text>旧批注</p:text></p:cm></p:cmLst>'
    new = '<p188:cmLst xmlns:p188="q" xmlns:a="a"><p188:cm><p188:txBody><a:p><a:r><a:t>新批注</a:t></a:r></a:p>'
    new += "</p188:txBody></p188:cm></p188:cmLst>"
    rels = "ppt/slides/_rels/slide1.xml.rels"
    links = "".join(f'<Relationship Id="c{n}" Type="a/comments" Target="../comments/c{n}.xml"/>' for n in (1, 2))
    data = replaced(ordinary, rels, "</Relationships>", links + "</Relationships>")
    data = changed(data, {"ppt/comments/c1.xml": old, "ppt/comments/c2.xml": new})
    assert [piece for piece in texts(data, "pptx") if piece[0] == "comment"] == [
        ("comment", 1, "旧批注"),
        ("comment", 1, "新批注"),
    ]


def test_what_a_picture_is_said_to_show_is_beside_the_text(ordinary: bytes) -> None:
    picture = '<p:pic><p:nvPicPr><p:cNvPr id="9" name="n" descr="说明"/></p:nvPicPr></p:pic></p:spTree>'
    assert ("note", 1, "说明") in texts(replaced(ordinary, SLIDE, "</p:spTree>", picture), "pptx")


def test_names_in_a_chart(ordinary: bytes) -> None:
    names = "<c:strCache><c:pt><c:v>甲街</c:v></c:pt><c:pt><c:v>乙街</c:v></c:pt></c:strCache>"
    numbers = "<c:numCache><c:formatCode>0</c:formatCode><c:pt><c:v>13812345678</c:v></c:pt></c:numCache>"
    series = f"<c:ser><c:tx><c:v>户数</c:v></c:tx><c:cat>{names}</c:cat><c:val>{numbers}</c:val></c:ser>"
    new = "<x:strDim><x:f>A</x:f><x:lvl><x:pt>丙街</x:pt></x:lvl></x:strDim>"
    new += "<x:numDim><x:lvl><x:pt>9</x:pt></x:lvl></x:numDim>"
    chart = f'<c:chartSpace xmlns:c="c" xmlns:x="x">{series}{series}{new}</c:chartSpace>'
    data = changed(ordinary, {"ppt/charts/" + chart_name(ordinary): chart})
    assert [text for unit, value, text in texts(data, "pptx") if (unit, value) == ("slide", 2)] == [
        "格", "户数", "甲街", "乙街", "丙街",
    ]  # fmt: skip


def chart_name(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return next(name for name in archive.namelist() if name.startswith("ppt/charts/chart")).rpartition("/")[2]


@pytest.mark.parametrize("name", [MAIN, RELS, SLIDE, "_rels/.rels"])
def test_a_presentation_without_a_part_it_needs_is_damaged(ordinary: bytes, name: str) -> None:
    assert facts_of(changed(ordinary, {name: None}), "pptx").health is Health.DAMAGED


@pytest.mark.parametrize("name", [MAIN, RELS, SLIDE])
def test_a_part_that_ends_early_is_damage(ordinary: bytes, name: str) -> None:
    text = member(ordinary, name)
    for cut in range(0, len(text), max(1, len(text) // 10)):
        assert facts_of(changed(ordinary, {name: text[:cut]}), "pptx").health is Health.DAMAGED


def test_a_presentation_without_slides_is_fine() -> None:
    out = io.BytesIO()
    pptx.Presentation().save(out)
    facts = facts_of(out.getvalue(), "pptx")
    assert (facts.health, facts.pages) == (Health.OK, 0)


def test_active_parts(ordinary: bytes) -> None:
    link = '<Relationship Id="z9" Type="a/{}" Target="{}"{}/></Relationships>'
    macros = replaced(ordinary, RELS, "</Relationships>", link.format("vbaProject", "v.bin", ""))
    assert facts_of(changed(macros, {"ppt/v.bin": b"x"}), "pptx").active == (Active.MACROS,)
    rels = "ppt/slides/_rels/slide1.xml.rels"
    video = link.format("video", "https://example.org/a.mp4", ' TargetMode="External"')
    assert facts_of(replaced(ordinary, rels, "</Relationships>", video), "pptx").active == (Active.EXTERNAL,)


def test_states(ordinary: bytes) -> None:
    check_cuts(ordinary, "pptx")
    check_flips(ordinary, "pptx", SLIDE)
    check_locked(ordinary, "pptx")
    check_bomb(ordinary, "pptx")


def test_mutations(ordinary: bytes) -> None:
    check_mutations(ordinary, "pptx", [MAIN, RELS, SLIDE], 80)

"""What the text of a document tells: lengths, dates of its first lines, references of an answer, and the bounds."""

import unicodedata
from collections.abc import Iterator
from time import perf_counter

import pytest

from evidence_cli.looks.facts import Gap, Passage, Place, Unit, Writing
from evidence_cli.looks.text.references import MAX_REFERENCES, references
from evidence_cli.looks.text.writing import MAX_TEXT, write_up
from evidence_cli.looks.wanted import Wanted, dense
from evidence_cli.table import default_table
from evidence_cli.vocabulary.dates import datings
from evidence_cli.vocabulary.folding import fold, fold_pattern

GATE = default_table().effective_gate


def passages(*texts: str, unit: Unit = Unit.PARAGRAPH) -> list[Passage | Gap]:
    return [Passage(Place(unit, number), text) for number, text in enumerate(texts, 1)]


def written(*texts: str, template: tuple[str, ...] | None = None, unit: Unit = Unit.PARAGRAPH) -> Writing:
    lines = None if template is None else tuple(dense(line) for line in template)
    return write_up(passages(*texts, unit=unit), Wanted(GATE, lines))[0]


# --- lengths ---


def test_blanks_and_invisible_characters_do_not_count() -> None:
    writing = written(" 一 二\u3000三\t四\n\u200b五\ufeff\u00ad", "", "\n\n")
    assert (writing.length, writing.own) == (5, 5)


TEMPLATE = ("1.1-01 事项清单", "请说明事项清单的编制和公布情况。", "（请在此处填写答案，并删除本行。）")


@pytest.mark.parametrize(
    ("texts", "own"),
    [
        (TEMPLATE, 0),
        (("\n".join(TEMPLATE),), 0),
        (("请说明事项清单的\n编制和公布\n情况。",), 0),
        (("请说明事项清单的\n编制完毕。",), 13),
        (("请说明事项",), 5),
        ((*TEMPLATE, "已公布。"), 4),
        (("已公布。", *TEMPLATE), 4),
    ],
)
def test_lines_of_the_template_are_not_ones_own(texts: tuple[str, ...], own: int) -> None:
    writing = written(*texts, template=TEMPLATE)
    assert writing.own == own
    assert writing.length == sum(len(dense(line)) for text in texts for line in text.splitlines())


def test_gaps_are_handed_on_once() -> None:
    gap = Gap("text", "scan")
    writing, gaps = write_up([*passages("甲"), gap, *passages("乙"), gap], Wanted(GATE))
    assert (writing.length, gaps) == (2, (gap,))


def test_a_long_text_is_read_up_to_its_bound() -> None:
    drawn = 0

    def endless() -> Iterator[Passage]:
        nonlocal drawn
        while True:
            drawn += 1
            yield Passage(Place(Unit.PAGE, drawn), "字" * 99_998)

    writing, gaps = write_up(endless(), Wanted(GATE))
    assert gaps == (Gap("text", "long"),)
    assert drawn == MAX_TEXT // 100_000
    assert writing.length == 99_998 * drawn
    one, gaps = write_up(passages("字" * (MAX_TEXT + 1)), Wanted())
    assert (one.length, gaps) == (MAX_TEXT, (Gap("text", "long"),))
    assert write_up(passages("字" * 1000), Wanted())[1] == ()


def test_places_across_the_stretches_that_are_searched_at_once() -> None:
    texts = ["字" * 300_000 + f"\n1380000000{number}" for number in range(5)]
    writing = written(*texts)
    assert writing.counts == (("E403", 5),)
    assert [spotted.place.value for spotted in writing.spotted] == [1, 2, 3, 4, 5]
    whole = written("13800000000 " * 100_000, unit=Unit.PAGE)
    assert whole.counts == (("E403", 100_000),)
    assert len(whole.spotted) == 50


@pytest.mark.parametrize(
    "unit", ["\n", "a\n", "请说\n", "附件1-", "见《abc》", "a.pdf", "2020年", "\ufdfa", "\u0301\u0323"]
)
def test_an_answer_is_read_in_time(unit: str) -> None:
    start = perf_counter()
    written(unit * (200_000 // len(unit)), template=TEMPLATE)
    assert perf_counter() - start < 2


# --- folding ---


def test_folding() -> None:
    assert fold("ＡＢ１２（：★）\u3000\u200b⽇\r\n终\u2028x") == "AB12(:★) 日\n终\nx"
    assert fold("1\ufe0f2\U000e01003\u31644\u115f5\u11606\uffa07\u034f8\u180b9\U000e00410") == "1234567890"
    assert fold("字\U00020001\U0001f600") == "字\U00020001\U0001f600"
    digits = [chr(c) for c in range(0x110000) if unicodedata.decimal(chr(c), None) is not None]
    assert [fold(digit) for digit in digits] == [str(unicodedata.decimal(digit)) for digit in digits]
    assert fold_pattern("（[：a]）.") == "\\([:a]\\)."
    assert len(fold("\ufdfa" * 1000)) == 1000


# --- dates ---

DATES = [
    ("2020年", ["2020年 2020-01-01 2020-12-31"]),
    ("2020 年 3 月 5 日", ["2020 年 3 月 5 日 2020-03-05 2020-03-05"]),
    ("２０２０年３月", ["2020年3月 2020-03-01 2020-03-31"]),
    ("01-2020-03-05-截图", ["2020-03-05 2020-03-05 2020-03-05"]),
    ("2020.3.5", ["2020.3.5 2020-03-05 2020-03-05"]),
    ("IMG_20200305_101112.jpg", ["20200305 2020-03-05 2020-03-05"]),
    ("关于2020年度工作总结", ["2020年度 2020-01-01 2020-12-31"]),
    ("二〇二〇年三月二十一日", ["二〇二〇年三月二十一日 2020-03-21 2020-03-21"]),
    ("二○二○年", ["二○二○年 2020-01-01 2020-12-31"]),
    ("某政发〔2020〕12号", ["〔2020〕12号 2020-01-01 2020-12-31"]),
    ("[2020]12号", ["[2020]12号 2020-01-01 2020-12-31"]),
    ("（2020）12号", ["(2020)12号 2020-01-01 2020-12-31"]),
    ("［2020］第12号", ["[2020]第12号 2020-01-01 2020-12-31"]),
    ("2019-2021年", ["2019-2021年 2019-01-01 2021-12-31"]),
    ("2019年至2021年", ["2019年至2021年 2019-01-01 2021-12-31"]),
    ("2018—2022", ["2018—2022 2018-01-01 2022-12-31"]),
    ("2020年1-6月", ["2020年1-6月 2020-01-01 2020-06-30"]),
    ("2020年1月至6月", ["2020年1月至6月 2020-01-01 2020-06-30"]),
    ("2020年3月5日-8日", ["2020年3月5日-8日 2020-03-05 2020-03-08"]),
    ("20210101-20210630", ["20210101-20210630 2021-01-01 2021-06-30"]),
    ("2021年上半年", ["2021年上半年 2021-01-01 2021-06-30"]),
    ("2020年第三季度", ["2020年第三季度 2020-07-01 2020-09-30"]),
    ("2019年和2021年", ["2019年 2019-01-01 2019-12-31", "2021年 2021-01-01 2021-12-31"]),
    *[
        (text, [])
        for text in (
            "2020", "2020份", "v2020.3.5", "12345", "0531-20200305", "“十四五”规划", "2030年前碳达峰", "到2025年",
            "2035年远景目标", "(2020)某01民初12号", "20200305101112", "2020.13.5", "2020-02-30", "2020-03", "近20年",
            "1.1-01", "2020.3.5.1", "20200305元", "12020年", "2020年代",
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DATES)
def test_dates_in_titles_and_names(text: str, expected: list[str]) -> None:
    assert [" ".join(dating) for dating in datings(text)] == expected


def test_dates_of_a_document_come_from_its_first_lines() -> None:
    writing = written(
        "某市人民政府办公室文件",
        "某政办发〔2020〕12号",
        "关于做好2021年政务服务工作的通知",
        "各县区：",
        "2019年以来，成效明显。",
    )
    assert [dating.text for dating in writing.dates] == ["〔2020〕12号", "2021年"]


@pytest.mark.parametrize(
    "texts",
    [
        ("工作总结", "甲", "乙", "2019年取得成效"),
        ("根据某政发〔2019〕3号文件精神，", "开展工作。"),
        ("关于转发某政发〔2019〕3号文件的通知",),
        ("2019年，全市完成任务。",),
        ("长" * 61 + "2019年",),
    ],
)
def test_running_text_gives_no_date(texts: tuple[str, ...]) -> None:
    assert written(*texts).dates == ()


def test_headers_give_no_date() -> None:
    assert written("2019年汇编", unit=Unit.HEADER).dates == ()


# --- references ---

REFERENCES = [
    ("见佐证材料3", ["number 3"]),
    ("（详见佐证材料1-3、5）", ["number 1", "number 2", "number 3", "number 5"]),
    ("见附件一和附件 2", ["attachment 1", "attachment 2"]),
    ("见材料（2）", ["number 2"]),
    ("印发通知（佐证材料十二）", ["number 12"]),
    ("印发《某市工作方案》（见附件3）", ["attachment 3", "title 某市工作方案"]),
    ("印发《关于推进工作的通知》（佐证材料4）", ["number 4", "title 关于推进工作的通知"]),
    ("详见《清单甲类》《清单乙类》", ["title 清单甲类", "title 清单乙类"]),
    ("见《清单甲类》、《关于〈清单〉的说明》", ["title 清单甲类", "title 关于〈清单〉的说明"]),
    ("截图见03-网站首页.png", ["file 03-网站首页.png"]),
    ("办理流程截图(首页(旧).png)", ["file 首页(旧).png"]),
    ("见“政务大厅现场.JPG”", ["file 政务大厅现场.JPG"]),
    ("佐证材料1：事项清单.pdf", ["number 1", "file 事项清单.pdf"]),
    *[
        (text, [])
        for text in (
            "申请材料1-3项", "佐证材料3份", "共有附件2个", "根据《某市办法》附件2规定", "材料1套", "一件事一次办",
            "依据《中华人民共和国行政许可法》", "见《中华人民共和国行政许可法》", "征求意见《某某管理办法》",
            "贯彻《优化营商环境条例》", "支持上传.pdf、.docx等格式", "见 https://www.example.gov.cn/a.pdf",
            "见佐证材料2021年",
            "附近《某某商场》", "附件2", "版本1.2.docx4j", "佐证一是",
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REFERENCES)
def test_references(text: str, expected: list[str]) -> None:
    assert [f"{reference.sort} {reference.value}" for reference in references([fold(text)])] == expected


@pytest.mark.parametrize("head", [["附件：1.事项清单"], ["附件：", "1.事项清单"]])
def test_the_list_of_attachments(head: list[str]) -> None:
    lines = [fold(line) for line in [*head, "2.办事指南", "3、截图", "正文", "4.其他"]]
    assert [reference.value for reference in references(lines)] == ["1", "2", "3"]


def test_attachments_that_the_answer_holds() -> None:
    assert [r.value for r in references(["见附件1和附件2", "附件1", "事项清单"])] == ["2"]


def test_references_are_bounded_and_said_once() -> None:
    assert len(references([f"见佐证材料{n}" for n in range(1, 200)])) == MAX_REFERENCES
    assert len(references(["见佐证材料1、1、1", "佐证材料1"])) == 1


def test_references_come_from_answers_alone_and_not_from_the_template() -> None:
    assert written("见附件2").references == ()
    template = ("请填写，见附件1：",)
    found = written("请填写，见附件1：", "见附件2", template=template).references
    assert [reference.value for reference in found] == ["2"]

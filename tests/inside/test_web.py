"""Pages: their text line by line, what in them runs, and pages that are cut off."""

import base64
import quopri
import random
import time

import pytest

from evidence_cli.looks.facts import Active, Facts, Gap, Health, Passage
from support.inside import look_inside

PAGE = """<!DOCTYPE html>
<html lang="zh"><head><meta charset="{charset}"><title>题 目</title>
<style>p {{ color: red }}</style><link rel="stylesheet" href="https://example.org/a.css">
<script type="application/ld+json">{{"a": 1}}</script></head>
<body><h1>标题</h1><p>第一段
接着写，&amp; 没完<br>换行 1 < 2</p><!-- 看不见 <p>x</p> -->
<table><tr><td>甲</td><td title="a>b">乙</td></tr></table><img src="https://example.org/a.png"></body></html>
"""
LINES = ["题 目", "标题", "第一段 接着写，& 没完", "换行 1 < 2", "甲\t乙"]


def page(charset: str = "utf-8") -> str:
    return PAGE.format(charset=charset)


def looked(data: bytes | str, format_name: str = "html") -> tuple[Facts, list[str]]:
    raw = data.encode() if isinstance(data, str) else data
    facts, passages = look_inside(raw, format_name)
    texts = [passage.text for passage in passages if isinstance(passage, Passage)]
    values = [passage.place.value for passage in passages if isinstance(passage, Passage)]
    assert values == sorted(values)
    return facts, texts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb2312", "gbk", "gb18030", "big5", "utf-16", "utf-16-le"])
def test_text_in_every_encoding(encoding: str) -> None:
    made = page(encoding) if encoding != "big5" else page("big5").replace("换", "換").replace("题", "題")
    expected = LINES if encoding != "big5" else ["題 目", "标题"[:0] or "標題", *LINES[2:]]
    if encoding == "big5":
        made = made.replace("标題", "標題").replace("着写", "著寫").replace("没完", "沒完")
        made = made.replace("看不见", "看不見")
        expected = ["題 目", "標題", "第一段 接著寫，& 沒完", "換行 1 < 2", "甲\t乙"]
    facts, texts = looked(made.encode(encoding))
    assert (facts.health, facts.active, facts.gaps, texts) == (Health.OK, (), (), expected)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<script>x()</script>", {Active.SCRIPT}),
        ("<SCRIPT SRC=a.js></SCRIPT>", {Active.SCRIPT}),
        ("<script type='module'>x()</script>", {Active.SCRIPT}),
        ("<script language=VBScript>x</script>", {Active.SCRIPT}),
        ("<script type='text/template'><p onclick=x()></script>", set()),
        ("<script type=application/json>{}</script>", set()),
        ("<script> </script>", set()),
        ("<p onclick='x()'>", {Active.SCRIPT}),
        ("<body\nonload=x()>", {Active.SCRIPT}),
        ("<p data-onclick='x()' once=1 on=1>", set()),
        ("<p onclick=''>", set()),
        ("<a href=' java\nscript:x()'>", {Active.SCRIPT}),
        ("<a href='&#106;avascript:x()'>", {Active.SCRIPT}),
        ("<a href='vbscript:x'>", {Active.SCRIPT}),
        ("<form action=javascript:x()>", {Active.SCRIPT}),
        ("<a href='javascript:void(0);'>", set()),
        ("<a href='javascript:;'>", set()),
        ("<a href='https://example.org/'>", set()),
        ("<p>javascript:x() onclick=x()</p>", set()),
        ("<!-- <script>x()</script> -->", set()),
        ("<textarea><script>x()</script></textarea>", set()),
        ("<iframe src='https://example.org/'></iframe>", {Active.EXTERNAL}),
        ("<iframe src='a_files/b.html'></iframe>", set()),
        ("<iframe srcdoc='&lt;script>x()&lt;/script>'></iframe>", {Active.SCRIPT}),
        ("<iframe src='data:text/html,x'></iframe>", {Active.SCRIPT}),
        ("<object classid='clsid:0'></object>", {Active.OBJECT}),
        ("<applet code=A.class></applet>", {Active.OBJECT}),
        ("<meta http-equiv=Refresh content='0; URL=https://example.org/'>", {Active.EXTERNAL}),
        ("<meta http-equiv=refresh content='5'>", set()),
        ("<meta http-equiv=refresh content='5;url=b.html'>", set()),
        ("<link rel=stylesheet href='//example.org/a.css'><img src='http://example.org/b.png'>", set()),
        ("<hta:application id=x />", {Active.SCRIPT}),
        (r"<img src='\\host\a.png'>", {Active.EXTERNAL}),
        ("<img src='&#92;&#92;host/a.png'>", {Active.EXTERNAL}),
        ("<img src='file://host/a.png'>", {Active.EXTERNAL}),
        ("<base href='file:////host/a/'>", {Active.EXTERNAL}),
        (r"<link rel=StyleSheet href=\\host\a.css>", {Active.EXTERNAL}),
        (r"<style>p { background: URL( '\\\\host\\a.png') }</style>", {Active.EXTERNAL}),
        (r"<style>@import '\\host\a.css';</style>", {Active.EXTERNAL}),
        ("<p style='background: url(file://host/a.png)'>", {Active.EXTERNAL}),
        ("<img src='file:///C:/a.png'><img src='file://localhost/a.png'><img src='file://C:/a.png'>", set()),
        (r"<a href='\\host\a.doc'>x</a><link rel=File-List href='file://host/a.xml'><p title='\\host\a'>", set()),
        ("<style>p { background: url(https://example.org/a.png) } q { content: '\\\\201c' }</style>", set()),
    ],
)
def test_what_runs(markup: str, expected: set[Active]) -> None:
    facts, _ = looked(f"<html><body>{markup}</body></html>")
    assert (facts.health, set(facts.active)) == (Health.OK, expected)


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body><p>text</p><a href='x",
        "<html><body><p>text</p><!-- comment",
        "<html><body><script>function x() {",
        "<html><head><style>p { color",
        "<html><body><p",
    ],
)
def test_a_page_that_ends_inside_something_is_cut(markup: str) -> None:
    assert looked(markup)[0].health is Health.DAMAGED


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body><p>text",
        "<p>a fragment",
        "<html><body>1 < 2 and <",
        "<html><body><!-- never closed </body></html>",
        "<html><body><a href='never closed>text</a></body></html>",
        "<html><body><script>x()</body></html>",
        "<?xml version='1.0'?><html><head><title/><script src='a.js'/></head><body>text</body></html>",
        "<!-- saved from url=(0014)about:internet -->\r\n<html><body>x</body></html>",
    ],
)
def test_sloppy_pages_are_whole(markup: str) -> None:
    assert looked(markup)[0].health is Health.OK


def test_xhtml_writes_empty_elements_as_one_tag() -> None:
    markup = (
        "<?xml version='1.0'?><html><head><script src='a.js'/><title>题</title></head><body>文<script/></body></html>"
    )
    assert looked(markup)[1] == ["题", "文"]


def test_zeros_in_a_page_are_damage() -> None:
    assert looked(page().encode() + bytes(4096))[0].health is Health.DAMAGED


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<!-->", "<script", "<a ", "<a b='", "&", "&amp", "<p>", "<iframe/>", "<td a=1>", "<a a a "]
)
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    data = b"<html>" + piece.encode() * (3_000_000 // len(piece))
    start = time.monotonic()
    looked(data)
    assert time.monotonic() - start < 5


def test_what_was_not_read_is_said() -> None:
    facts, passages = look_inside(b"<html>" + b"<i></i>" * 400_000, "html")
    assert facts.gaps == (Gap("active", "large"),)
    assert passages == [Gap("text", "long")]


def mhtml(*, transfer: str = "quoted-printable", inner: bool = False) -> bytes:
    raw = page("gbk").encode("gbk")
    body = quopri.encodestring(raw) if transfer == "quoted-printable" else base64.encodebytes(raw)
    part = (
        f'Content-Type: text/html;\r\n\tcharset="gb2312"\r\nContent-Transfer-Encoding: {transfer}\r\n'
        "Content-Location: http://example.org/\r\n\r\n"
    ).encode() + body
    if inner:
        part = b'Content-Type: multipart/alternative; boundary="b2"\r\n\r\n--b2\r\n' + part + b"\r\n--b2--\r\n"
    picture = b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(bytes(3000))
    head = (
        b"From: <Saved by a browser>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        b'\ttype="text/html";\r\n\tboundary="----=_Next.b"\r\n\r\nThis is a multi-part message.\r\n\r\n'
    )
    mark = b"------=_Next.b"
    return head + mark + b"\r\n" + part + b"\r\n" + mark + b"\r\n" + picture + b"\r\n" + mark + b"--\r\n"


@pytest.mark.parametrize("transfer", ["quoted-printable", "base64"])
@pytest.mark.parametrize("inner", [False, True])
def test_a_page_saved_as_one_file(transfer: str, inner: bool) -> None:
    facts, texts = looked(mhtml(transfer=transfer, inner=inner), "mhtml")
    assert (facts.health, facts.active, facts.gaps, texts) == (Health.OK, (), (), LINES)


def test_a_saved_page_that_is_cut_is_damaged() -> None:
    data = mhtml()
    for cut in {*range(260, len(data) - 4, len(data) // 37), len(data) - 4}:
        assert looked(data[:cut], "mhtml")[0].health is Health.DAMAGED, cut


def test_changed_pages_raise_nothing_else() -> None:
    dice = random.Random(8)
    for data, format_name in ((page().encode(), "html"), (mhtml(), "mhtml"), (page().encode("utf-16"), "html")):
        for _ in range(150):
            changed = bytearray(data)
            for _ in range(dice.randint(1, 6)):
                changed[dice.randrange(len(data))] = dice.choice(b"<>\"'&/=- \n\x00\xff")
            start = time.monotonic()
            looked(bytes(changed), format_name)
            assert time.monotonic() - start < 5

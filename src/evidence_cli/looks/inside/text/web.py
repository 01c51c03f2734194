"""Web pages: HTML in any encoding, and pages saved as one file (MHTML, RFC 2557).

What is shown in a browser is text; what a browser would run or follow by itself is active.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace

from evidence_cli.looks.facts import Active, Facts, Gap, Passage
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.text.plain import passages_of
from evidence_cli.looks.sample import Sample, TornError
from evidence_cli.looks.text.encoding import decoded, encoding_of
from evidence_cli.looks.text.html_text import STEPS, Page, read_page
from evidence_cli.looks.text.mime_parts import parts_of

# Four times as much where it holds characters beyond the basic plane.
_PAGE_BYTES = 24 * 1024 * 1024
_CHARSET = re.compile(rb"charset\s{0,20}=\s{0,20}[\"']?\s{0,20}([\w.:-]{1,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding\s{0,20}=\s{0,20}[\"']([\w.:-]{1,40})", re.IGNORECASE)
_DECLARED_WITHIN = 4096
# Bytes of a text in an encoding that is none of ours; browsers take it for this.
_FALLBACK = "gb18030"
_ZEROS = bytes(512)


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """The text of a page and what in it runs. Raises TornError when it is cut off or goes on as zeros; OSError."""
    return _look_at_mhtml(sample, facts) if facts.format == "mhtml" else _look_at_html(sample, facts)


def _look_at_html(sample: Sample, facts: Facts) -> Inside:
    data = sample.read(0, _PAGE_BYTES)
    whole = len(data) >= sample.size
    _check_zeros(data)
    encoding = page_encoding(data)
    page = read_page(decoded(data, encoding))
    if whole and page.cut:
        raise TornError(page.cut)
    return _inside(facts, encoding, [page], whole=whole and page.complete)


def _look_at_mhtml(sample: Sample, facts: Facts) -> Inside:
    pages = []
    whole = True
    steps = STEPS
    for part in parts_of(sample):
        if isinstance(part, Gap):
            whole = False
            continue
        text = decoded(part.content, page_encoding(part.content, declared=part.charset))
        page = read_page(text, steps) if part.html else Page(text.splitlines())
        steps = min(steps, page.steps_left)
        pages.append(page)
    return _inside(facts, facts.detail, pages, whole=whole and all(page.complete for page in pages))


def _inside(facts: Facts, detail: str, pages: list[Page], *, whole: bool) -> Inside:
    found = {reason for page in pages for reason in page.active}
    gaps = () if whole else (Gap("active", "large"),)
    facts = replace(facts, detail=detail, active=tuple(kind for kind in Active if kind in found), gaps=gaps)
    return Inside(facts, _passages(pages, whole=whole))


def _passages(pages: list[Page], *, whole: bool) -> Iterator[Passage | Gap]:
    yield from passages_of(line + "\n" for page in pages for line in page.lines)
    if not whole:
        yield Gap("text", "long")


def _check_zeros(data: bytes) -> None:
    zeros = data.find(_ZEROS)
    if zeros >= 0:
        raise TornError(f"zeros from byte {zeros}")


def page_encoding(data: bytes, *, declared: str = "") -> str:
    """The encoding of a page: what its bytes tell, then what it declares, then a guess."""
    encoding = encoding_of(data)
    if encoding is not None and encoding != "gb18030":
        return encoding
    beginning = data[:_DECLARED_WITHIN]
    found = _XML_ENCODING.match(beginning) or _CHARSET.search(beginning)
    for name in (declared, found[1].decode("ascii") if found else ""):
        if name and (known := _text_codec(name)):
            return known
    return encoding or _FALLBACK


def _text_codec(name: str) -> str | None:
    """The name under which Python knows an encoding of text; GB2312 and GBK as what holds them."""
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return None
    if codec.name in ("gb2312", "gbk", "hz", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"):
        return _FALLBACK
    return codec.name if getattr(codec, "_is_text_encoding", False) and codec.name in _PAGE_CODECS else None


_PAGE_CODECS = frozenset(
    {"big5", "big5hkscs", "shift_jis", "euc_jp", "euc_kr", "cp949", "iso8859-1", "iso8859-15", "cp1252", "cp1251"}
    | {"koi8-r", "gb18030", "utf-8", "cp932", "cp950", "iso8859-2", "iso8859-5", "cp1250"}
)

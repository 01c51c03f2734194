"""The entry sheet as a page for any browser: the answers in boxes, each with a button that copies it."""

from html import escape

from evidence_cli.messages import Words
from evidence_cli.reporters.sheet.phrases import facts, heading, pasted, warnings
from evidence_cli.vocabulary.course import Sheet, SheetRow
from evidence_cli.vocabulary.printable import printable

_STYLE = """
body{font:16px/1.6 "Microsoft YaHei","PingFang SC",sans-serif;margin:2em auto;max-width:52em;padding:0 1em;color:#222}
h2{margin:2em 0 .3em;border-top:1px solid #bbb;padding-top:1em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em 1em;margin:.5em 0}
dt{color:#666}dd{margin:0;overflow-wrap:anywhere}
textarea{box-sizing:border-box;width:100%;font:inherit;min-height:12em}
.warning{color:#a40000}button{font:inherit;margin:.3em 0}
@media print{button{display:none}h2{break-after:avoid}}
"""
# The text stands in the page already: without scripts it is marked and copied by hand.
_SCRIPT = """
document.querySelectorAll("button").forEach(function(button){button.onclick=function(){
var box=document.getElementById(button.dataset.box);box.select();document.execCommand("copy");
button.textContent=button.dataset.done}});
"""


def render(sheet: Sheet, words: Words, width: int, color: bool) -> str:
    """The page, whole in itself; `width` and `color` mean nothing here."""
    title = _shown(heading(sheet, words))
    body = "\n".join(_section(number, row, words) for number, row in enumerate(sheet.rows))
    nothing = f"<p>{_shown(words.text('sheet.nothing'))}</p>"
    language = "zh-CN" if words.language == "zh" else words.language
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n"
        f"{body or nothing}\n<script>{_SCRIPT}</script>\n</html>\n"
    )


def _section(number: int, row: SheetRow, words: Words) -> str:
    pairs = "".join(f"<dt>{_shown(label)}</dt><dd>{_shown(value)}</dd>" for label, value in facts(row, words))
    said = "".join(f'<p class="warning">{_shown(text)}</p>' for text in warnings(row, words))
    return f"<h2>{_shown(f'{row.code} {row.title}')}</h2>\n<dl>{pairs}</dl>\n{said}{_box(number, row, words)}"


def _box(number: int, row: SheetRow, words: Words) -> str:
    if not row.text:
        return ""
    copy, done = _shown(words.text("sheet.copy")), _shown(words.text("sheet.copied"))
    # A line feed right behind the tag is not part of the text.
    return (
        f'<textarea id="answer-{number}" readonly>\n{escape(pasted(row.text))}</textarea>'
        f'<button type="button" data-box="answer-{number}" data-done="{done}">{copy}</button>'
    )


def _shown(text: str) -> str:
    return escape(printable(text))

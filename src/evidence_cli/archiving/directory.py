"""`文件目录.XML` as annex 2 of 档发〔2012〕7号 has it: one entry for each archived file, answer or evidence.

The number that the archive itself gives (档号) stays empty, and so does nothing else that evcli can know.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from html import escape

from evidence_cli.archiving.packages import Archived
from evidence_cli.messages import Words

# What no XML 1.0 document can hold (its §2.2), not even as a reference.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def directory(files: Sequence[Archived], moment: datetime, marked: Collection[tuple[str, str]], words: Words) -> bytes:
    """The document in UTF-8. `moment` is that of the submission; `marked` are question and path of files in which a
    secrecy mark was found, whose grade a person must say; the path of an answer is empty there."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<文件目录>"]
    for number, file in enumerate(files, start=1):
        lines.append("<文件>")
        is_marked = (file.question.code, file.path if "/" in file.path else "") in marked
        lines += [f"  <{tag}>{_text(value)}</{tag}>" for tag, value in _entry(number, file, moment, is_marked, words)]
        lines.append("</文件>")
    lines.append("</文件目录>\n")
    return "\n".join(lines).encode()


def _entry(number: int, file: Archived, moment: datetime, is_marked: bool, words: Words) -> Iterator[tuple[str, str]]:
    question = file.question
    name = file.path.rpartition("/")[2]
    yield "顺序号", str(number)
    yield "档号", ""
    yield "责任者", question.unit or question.owner or words.text("archive.nobody")
    yield "题名", f"{question.code} {question.title} {name.rpartition('.')[0] or name}"
    # Eight digits, as DA/T 22 writes a day.
    yield "日期", f"{moment:%Y%m%d}"
    yield "密级", words.text("archive.secrecy.marked" if is_marked else "archive.secrecy.none")
    yield "电子档案名称", file.place.removeprefix("data/")
    yield "备注", file.category or words.text("archive.answer")


def _text(value: str) -> str:
    return escape(_NO_XML.sub("\ufffd", value), quote=False)

"""`说明文件.TXT`: what the archive is, what is needed to read it, and how to verify it (annex 2 of 档发〔2012〕7号)."""

from datetime import datetime

from evidence_cli.messages import Words
from evidence_cli.table import Table
from evidence_cli.vocabulary.version import __version__


def description(
    table: Table, moment: datetime, *, check: str, digest: str, questions: int, files: int, missing: int, words: Words
) -> bytes:
    """The text's bytes: UTF-8 with BOM and CRLF, so that every Windows editor shows it right.

    `moment` is that of the submission, or of the draft; `check` and `digest` are the submission's, empty in a draft.
    """
    period = table.evaluation.period
    lines = [
        words.text("archive.description.title", title=table.evaluation.title),
        "",
        *([words.text("archive.description.draft", missing=missing), ""] if not check else []),
        words.text("archive.description.evaluation", id=table.evaluation.id, start=period.start, end=period.end),
        words.text(
            "archive.description.submitted" if check else "archive.description.drafted",
            moment=f"{moment:%Y-%m-%d %H:%M}",
            zone=words.zone(table.evaluation.timezone),
        ),
        *([words.text("archive.description.check", check=check, digest=digest)] if check else []),
        words.text("archive.description.units", units=" ".join(units(table)) or "—"),
        words.text("archive.description.counts", questions=questions, files=files),
        words.text("archive.description.software", version=__version__),
        "",
        words.text("archive.description.body"),
    ]
    text = "\n".join(lines) + "\n"
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8-sig", "backslashreplace")


def units(table: Table) -> list[str]:
    """The units that answer for the questions, each once, in the order of the table."""
    return list(dict.fromkeys(question.unit for question in table.questions() if question.unit))

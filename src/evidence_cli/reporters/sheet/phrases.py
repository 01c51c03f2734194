"""What all formats for people say of a question in the entry sheet."""

from evidence_cli.messages import Words
from evidence_cli.vocabulary.course import Sheet, SheetRow
from evidence_cli.vocabulary.printable import printable
from evidence_cli.vocabulary.process import State


def facts(row: SheetRow, words: Words) -> list[tuple[str, str]]:
    """What there is to know before entering, as (label, value)."""
    pairs = [("state", words.term("state", row.state)), ("indicator", row.indicator)]
    if row.question:
        pairs.append(("asked", " ".join(row.question.split())))
    if row.size is not None:
        pairs += [
            ("package", row.package),
            ("size", words.text("sheet.bytes", size=row.size, bytes=f"{row.size:,}")),
            ("digest", row.digest or ""),
            ("answer", row.answer),
        ]
    return [(words.text(f"sheet.label.{key}"), value) for key, value in pairs]


def warnings(row: SheetRow, words: Words) -> list[str]:
    """What the operator must know: it may not be entered yet, or the text is not all of the answer."""
    said = [] if row.state.reaches(State.APPROVED) else [words.text("sheet.not_approved")]
    return said + ([words.text(f"sheet.lacking.{row.lacking}")] if row.lacking else [])


def heading(sheet: Sheet, words: Words) -> str:
    """The sheet's name."""
    return words.text("sheet.heading", title=sheet.title)


def pasted(text: str) -> str:
    """The answer's text as it is, but for characters that are not fit to show; its lines stay."""
    return "\n".join(printable(line.replace("\t", "    ")) for line in text.splitlines())

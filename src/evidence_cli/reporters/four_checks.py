"""The four aspects (四性检测, DA/T 70-2018) as `evcli.four-checks/1`, to which fields are only ever added, and as HTML.

The page needs nothing else: it opens in any browser and prints on A4.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any, NamedTuple

from evidence_cli.messages import Words
from evidence_cli.reporters.json import dump
from evidence_cli.vocabulary.catalogue import Aspect
from evidence_cli.vocabulary.course import AspectCheck, CheckState
from evidence_cli.vocabulary.printable import printable
from evidence_cli.vocabulary.version import __version__

SCHEMA = "evcli.four-checks/1"
# So many places of a check are named on the page; all of them stand in the report of the check.
_NAMED = 20
_STYLE = """
@page { size: A4; margin: 18mm 15mm; }
body { font: 10.5pt/1.5 "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif; color: #111;
  max-width: 190mm; margin: 1em auto; padding: 0 1em; }
h1 { font-size: 16pt; } h2 { font-size: 13pt; break-after: avoid; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #888; padding: .25em .5em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead { display: table-header-group; } tr { break-inside: avoid; } th { background: #eee; }
.passed { color: #060; } .failed { color: #a00; font-weight: bold; } .not_done { color: #555; } .person { color: #850; }
"""


class Heading(NamedTuple):
    """What the report is about: title and id of the evaluation, the moment of the submission or draft, and the check
    code of the submission, empty in a draft."""

    title: str
    evaluation: str
    generated: datetime
    check_code: str


def counts(checks: Sequence[AspectCheck]) -> dict[str, int]:
    """How many checks ended in which way."""
    return {state.value: sum(1 for check in checks if check.state is state) for state in CheckState}


def render_json(checks: Sequence[AspectCheck], words: Words, heading: Heading) -> str:
    """The document, ended by a line feed."""
    aspects = {aspect.value: counts([check for check in checks if check.aspect is aspect]) for aspect in Aspect}
    document = {
        "schema": SCHEMA,
        "tool": {"name": "evcli", "version": __version__},
        "evaluation": heading.evaluation,
        "generated": heading.generated.isoformat(timespec="seconds"),
        "language": words.language,
        "draft": not heading.check_code,
        "check_code": heading.check_code,
        "summary": {"all": counts(checks), **aspects},
        "checks": [_document(check, words) for check in checks],
    }
    return dump(document)


def _document(check: AspectCheck, words: Words) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": _title(check, words),
        "aspect": check.aspect.value,
        "state": check.state.value,
        "findings": sum(1 for finding in check.findings if not finding.waived),
        "waived": sum(1 for finding in check.findings if finding.waived),
        "not_done": [{"check": what, "reason": why, "files": count} for what, why, count in check.gaps],
        "off": check.off,
        "note": check.note,
        "remarks": list(_remarks(check, words)),
    }


def render_html(checks: Sequence[AspectCheck], words: Words, heading: Heading) -> str:
    """The page. Every text in it is escaped."""
    title = words.text("four.title")
    parts = [
        f'<!DOCTYPE html>\n<html lang="{words.language}">\n<head>\n<meta charset="utf-8">',
        f"<title>{_safe(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f"<h1>{_safe(title)}</h1>",
        f"<p>{_safe(heading.title)} ({_safe(heading.evaluation)})<br>",
        f"{_safe(words.text('four.made', moment=f'{heading.generated:%Y-%m-%d %H:%M}'))}<br>",
        f"{_safe(words.text('four.check' if heading.check_code else 'four.draft', check=heading.check_code))}</p>",
        f"<p>{_safe(words.text('four.summary', **counts(checks)))}</p>",
        f"<p>{_safe(words.text('four.meaning'))}</p>",
    ]
    for aspect in Aspect:
        of_it = [check for check in checks if check.aspect is aspect]
        parts.append(f"<h2>{_safe(words.text(f'aspect.{aspect}'))}</h2>")
        parts.append(f"<p>{_safe(words.text('four.summary', **counts(of_it)))}</p>")
        cells = "".join(f"<th>{_safe(words.text(f'four.column.{name}'))}</th>" for name in ("check", "state", "remark"))
        parts.append(f"<table>\n<thead><tr>{cells}</tr></thead>\n<tbody>")
        parts.extend(_row(check, words) for check in of_it)
        parts.append("</tbody>\n</table>")
    parts.append("</body>\n</html>\n")
    return "\n".join(parts)


def _row(check: AspectCheck, words: Words) -> str:
    name = f"{check.id} {_title(check, words)}" if check.id[0] == "E" else _title(check, words)
    state = f'<td class="{check.state.value}">{_safe(words.text(f"four.state.{check.state}"))}</td>'
    remarks = "<br>".join(_safe(line) for line in _remarks(check, words))
    return f"<tr><td>{_safe(name)}</td>{state}<td>{remarks}</td></tr>"


def _title(check: AspectCheck, words: Words) -> str:
    return words.text(f"four.by_others.{check.id}") if check.id[0] != "E" else words.rule(check.id).title


def _remarks(check: AspectCheck, words: Words) -> Iterator[str]:
    """What led to the state, one line each."""
    open_ones = [finding.path for finding in check.findings if not finding.waived]
    waived = [finding.path for finding in check.findings if finding.waived]
    if open_ones:
        yield words.text("four.remark.findings", count=len(open_ones), names=words.join(open_ones, limit=_NAMED))
    if waived:
        yield words.text("four.remark.waived", count=len(waived), names=words.join(waived, limit=_NAMED))
    for what, why, count in check.gaps:
        yield words.text(
            "four.remark.gap",
            what=words.text(f"not_done.check.{what}"),
            why=words.text(f"not_done.reason.{why}"),
            count=count,
        )
    if check.off:
        yield words.text("four.remark.off")
    if check.later:
        yield words.text("four.remark.later")
    if check.note:
        yield words.text("four.remark.note", note=check.note)
    elif check.id[0] != "E":
        yield words.text("four.remark.by_others")


def _safe(text: str) -> str:
    return escape(printable(text))

"""Merge the forms that units sent into one summary."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.examine.contributions import Contributed, examine_contributions
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import default_jobs
from evidence_cli.looks.opening import open_regular
from evidence_cli.making.summary import Row, SummaryTexts, share, summary
from evidence_cli.making.workbooks import is_ours
from evidence_cli.messages import Words, words
from evidence_cli.rules.grade import grade
from evidence_cli.table import Contribution, Table
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.course import Given
from evidence_cli.vocabulary.errors import EnvironmentFailure, RefusedError, UsageError
from evidence_cli.vocabulary.outcomes import CollectReport, CollectResult, UnitResult
from evidence_cli.workspace.forms import COLUMNS
from evidence_cli.workspace.naming import summary_name
from evidence_cli.workspace.open import Workspace, as_workspace
from evidence_cli.workspace.store import refuse_link, replacing
from evidence_cli.workspace.survey import survey

_LARGEST = 64 * 1024 * 1024


def collect(
    workspace: Workspace | Path | str | None,
    code: str,
    *,
    output: Path | str | None = None,
    language: str | None = None,
    jobs: int | None = None,
    now: datetime | None = None,
) -> CollectReport:
    """Merge all units' forms of a contribution, or of those of an indicator, into a workbook with totals.

    `code` is the id of a contribution or an indicator's code. `output` is where the workbook goes (default: beside the
    units' folders); there only a workbook that evcli made, and nobody changed since, is replaced. `language` is that of
    its headings (default: the table's). `now` (aware) decides what is late. Rows in which something is wrong are left
    out; the second sheet names them. Raises UsageError, RefusedError, TableError or EnvironmentFailure.
    """
    space = as_workspace(workspace)
    table = space.table
    chosen = _choose(table, code)
    if output is not None and len(chosen) > 1:
        raise UsageError("collect_several", code=code, ids=[one.id for one in chosen])
    moment = now or datetime.now(UTC)
    wording = words(language or table.evaluation.language)
    seen = survey(space.root, table)
    results = []
    for one in chosen:
        with Looking(table.effective_gate, jobs or default_jobs()) as looking:
            sent = examine_contributions(seen, [one], looking, seen.listing, moment)
        if output is None and one.indicator in seen.blocked:
            raise RefusedError("collect_blocked", code=one.indicator)
        results.append(_merge(space, one, sent, output, wording, moment))
    return CollectReport(tuple(results))


def _choose(table: Table, code: str) -> Sequence[Contribution]:
    """The contributions with a form that a code means. Raises UsageError."""
    with_form = [one for one in table.contributions if one.form is not None]
    named = [one for one in table.contributions if one.id == code]
    if not named:
        try:
            named = list(table.contributions_of([code]))
        except UsageError as error:
            if not with_form:
                raise UsageError("collect_none") from error
            raise UsageError("collect_unknown", code=code, ids=[one.id for one in with_form]) from error
    chosen = [one for one in named if one.form is not None]
    if not chosen:
        raise UsageError("collect_nothing", code=code)
    return chosen


def _merge(
    space: Workspace,
    contribution: Contribution,
    sent: Sequence[Contributed],
    output: Path | str | None,
    words: Words,
    moment: datetime,
) -> CollectResult:
    rows = list(_rows(sent, words))
    units = tuple(_unit(one, space.table, moment) for one in sent)
    others = [
        (unit.unit, words.term("given", unit.state), _details(unit, words))
        for unit in units
        if unit.state is not Given.THERE
    ]
    data = summary(_texts(words), rows, others or [("", "", words.text("collect.all_there"))])
    path = f"{sent[0].delivery.path.rsplit('/', 2)[0]}/{summary_name(contribution)}"
    target = space.root / path if output is None else Path(output)
    written = _put(target, data, space.root if output is None else None)
    entitled, received = rows[-1].entitled, rows[-1].received
    return CollectResult(
        id=contribution.id,
        title=contribution.title,
        indicator=contribution.indicator,
        path=path if output is None else str(output),
        units=units,
        entitled=entitled,
        received=received,
        coverage=share(entitled, received),
        written=written,
    )


def _rows(sent: Sequence[Contributed], words: Words) -> list[Row]:
    """Every row that is right with its unit, each unit's total, and that of all."""
    rows: list[Row] = []
    for one in sent:
        own = [
            Row(one.delivery.unit, row.policy, row.document, row.department, row.entitled, row.received)
            for row in one.judged.policies
        ]
        if own:
            rows += [*own, _total(words.text("collect.subtotal", unit=one.delivery.unit), own)]
    return [*rows, _total(words.text("collect.total"), [row for row in rows if not row.total])]


def _total(name: str, rows: Sequence[Row]) -> Row:
    return Row(name, "", "", "", sum(row.entitled for row in rows), sum(row.received for row in rows), total=True)


def _unit(one: Contributed, table: Table, moment: datetime) -> UnitResult:
    findings, _ = grade(one.judged.hits, table, moment)
    # That nothing came is what the state says.
    told = tuple(finding for finding in findings if finding.code is not Code.CONTRIBUTION_MISSING)
    return UnitResult(one.delivery.unit, one.judged.state, told, len(one.judged.policies))


def _details(unit: UnitResult, words: Words) -> str:
    told = [f"{words.message(finding.code, finding.params)} {finding.path}" for finding in unit.findings]
    return "\n".join(told) or (words.text("collect.missing") if unit.state is Given.MISSING else "")


def _texts(words: Words) -> SummaryTexts:
    headings = tuple(words.text(f"form.column.{column}") for column in COLUMNS)
    other = (words.text("collect.unit"), words.text("collect.state"), words.text("collect.detail"))
    return SummaryTexts(words.text("collect.sheet"), (other[0], *headings), words.text("collect.others"), other)


def _put(target: Path, data: bytes, root: Path | None) -> bool:
    """Write the summary; False where the same is there. Below `root` nothing is written through a link.

    Raises RefusedError for what evcli did not make, EnvironmentFailure.
    """
    try:
        if root is not None:
            _make_folders(root, target.parent)
        there = _read(target)
        if there == data:
            return False
        if there is not None and not is_ours(there):
            raise RefusedError("collect_foreign", path=str(target))
        with replacing(target, new=there is None) as stream:
            stream.write(data)
    except FileExistsError as error:
        raise RefusedError("collect_foreign", path=str(target)) from error
    except OSError as error:
        raise EnvironmentFailure("write", path=str(target), detail=error.strerror or str(error)) from error
    return True


def _make_folders(root: Path, folder: Path) -> None:
    place = root
    for part in folder.relative_to(root).parts:
        place = place / part
        refuse_link(place)
        place.mkdir(exist_ok=True)


def _read(target: Path) -> bytes | None:
    """What is there, or as much of it as evcli never makes; None where nothing is. Raises OSError."""
    try:
        with open_regular(str(target)) as stream:
            return stream.read(_LARGEST + 1)
    except FileNotFoundError:
        return None

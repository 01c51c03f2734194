"""The entry sheet: what the operator pastes and uploads, question by question."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from evidence_cli.examine.answers import answer_in
from evidence_cli.examine.overview import Overview, overview
from evidence_cli.examine.pool import default_jobs, in_parallel
from evidence_cli.looks.processes.workers import Workers
from evidence_cli.table import QuestionSpec
from evidence_cli.vocabulary.course import Sheet, SheetRow
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.findings import PackageState
from evidence_cli.vocabulary.progress import SILENT, Progress
from evidence_cli.workspace.naming import package_name
from evidence_cli.workspace.open import Workspace, as_workspace


def sheet(
    workspace: Workspace | Path | str | None = None,
    codes: Sequence[str] = (),
    *,
    cache: bool = True,
    jobs: int | None = None,
    now: datetime | None = None,
    progress: Progress = SILENT,
) -> Sheet:
    """The chosen questions in the table's order, with the text of the answer in each package. `now` is aware.

    Raises UsageError, TableError or EnvironmentFailure.
    """
    space = as_workspace(workspace)
    threads = jobs or default_jobs()
    seen = overview(space, codes, now or datetime.now(UTC), cache=cache, jobs=threads, progress=progress)
    progress.begin("transcribe", len(seen.questions))
    with Workers(space.table.effective_gate, threads) as workers:

        def one(question: QuestionSpec) -> SheetRow:
            row = _row(space, seen, question, workers)
            progress.advance(1)
            return row

        rows = tuple(in_parallel(one, seen.questions, threads))
    evaluation = space.table.evaluation
    return Sheet(evaluation.id, evaluation.title, seen.report.generated, rows)


def _row(space: Workspace, seen: Overview, question: QuestionSpec, workers: Workers) -> SheetRow:
    content = seen.contents[question.code]
    path = f"{space.table.layout.packages}/{package_name(space.table, question)}"
    row = SheetRow(
        code=question.code,
        title=question.title,
        question=question.text,
        indicator=question.indicator,
        state=seen.standings[question.code].state,
        package=path,
        lacking="package",
    )
    if content.held is None or content.package is not PackageState.CURRENT:
        return row
    try:
        size = (space.root / path).stat().st_size
        answer = answer_in(space.root / path, path, space.table, workers)
    except OSError as error:
        raise EnvironmentFailure("read", path=path, detail=error.strerror or str(error)) from error
    return replace(
        row,
        size=size,
        digest=content.held,
        answer=answer.name,
        text=answer.transcript.text,
        lacking=answer.transcript.lacking,
    )

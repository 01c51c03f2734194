"""Read and judge the chosen questions of a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass

from evidence_cli.examine.duplicates import compare_contents
from evidence_cli.examine.looking import Looking
from evidence_cli.examine.pool import in_parallel
from evidence_cli.examine.question import Examination, find_question, judge_all, look_into
from evidence_cli.rules import structure
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.progress import Progress
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.survey import survey


@dataclass(slots=True)
class Examined:
    """The chosen questions, in the table's order, and the findings that belong to none of them."""

    chosen: list[Examination]
    hits: list[Hit]


def examine(space: Workspace, codes: Sequence[str], looking: Looking, progress: Progress) -> Examined:
    """Read every chosen question: its folder, its files' facts, what schema and rules say.

    The other questions' folders are listed too, and their files read where one could equal a chosen one: whether
    content is used elsewhere does not depend on what was chosen. Raises UsageError for an unknown code,
    EnvironmentFailure when a folder of the workspace or a needed library fails.
    """
    root, table, jobs = space.root, space.table, looking.jobs
    codes = [codes] if isinstance(codes, str) else codes
    selected = {question.code for question in table.select(codes)}
    leaves = {leaf.code for leaf in table.leaves_of(codes)}
    # A single question's check says nothing of what lies beside its folder.
    indicators = [code for code in codes if table.question(code) is None]
    whole = {leaf.code for leaf in table.leaves_of(indicators)} if indicators or not codes else set()
    seen = survey(root, table)
    everyone = in_parallel(lambda place: find_question(place, root, table), seen.places.values(), jobs)
    chosen = [found for found in everyone if found.code in selected]
    look_into(chosen, root, table, looking, progress)
    compare_contents(chosen, [found for found in everyone if found.code not in selected], looking)
    judge_all(chosen)
    hits = list(structure.strays(seen, whole, everything=not codes))
    return Examined(chosen, hits + list(structure.indicators(seen, leaves)))

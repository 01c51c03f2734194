"""A text to a tree, with what can be mended mended in memory, so that the rest is read in the same run."""

from dataclasses import dataclass

import yaml

from evidence_cli.table.causes import Cause
from evidence_cli.table.complaints import complaint
from evidence_cli.table.edits import Edit, applied, as_written, put_back
from evidence_cli.table.mending import find_mend
from evidence_cli.table.source import Builder, Node, SourceError
from evidence_cli.table.trials import Trials
from evidence_cli.vocabulary.errors import Problem

_MAX_MENDS = 50


@dataclass(slots=True)
class Reading:
    """What reading a text gave: the root if there is one, and what is wrong so far."""

    root: Node | None
    problems: list[Problem]


def read(text: str) -> Reading:
    """The tree of a decoded text. Never raises, whatever the text."""
    problems: list[Problem] = []
    done: list[Edit] = []
    trials = Trials(text)
    for left in range(_MAX_MENDS, -1, -1):
        builder = Builder()
        try:
            root = builder.build(text)
        except SourceError as fault:
            return Reading(None, problems + _placed([*builder.problems, fault.problem], done))
        except (yaml.YAMLError, UnicodeError, ValueError) as error:
            mend = find_mend(text, error, trials) if left else None
            if mend is None:
                return Reading(None, problems + _placed([*builder.problems, complaint(text, error)], done))
            problems.extend(_placed(mend.problems, done))
            text = "".join(applied([*text.splitlines(keepends=True), ""], mend.edits))
            done.extend(mend.edits)
            continue
        break
    problems.extend(_placed(builder.problems, done))
    if root is not None and done:
        put_back(root, done)
    if root is None and not problems:
        problems.append(Problem(1, 1, "", Cause.EMPTY_FILE))
    return Reading(root, problems)


def _placed(problems: list[Problem] | tuple[Problem, ...], done: list[Edit]) -> list[Problem]:
    return [as_written(problem, done) for problem in problems]

"""evcli: evidence packaging and validation.

One YAML table drives everything: `load_table` reads it, `check` holds question folders against it, `pack` writes one
package per question, `verify` reads packages back, `receive` files those that others made; `status` tells where each
question stands, `decide` records what was decided about its package, `sheet` gives what the operator enters, `submit`
seals everything, `archive` makes a bag of it and `history` tells what happened; `collect` merges the forms that other
units sent. The command line calls exactly these functions, each of which returns a typed report.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "Action",
    "ArchiveReport",
    "CollectReport",
    "DecisionReport",
    "EnvironmentFailure",
    "EvcliError",
    "Finding",
    "LogEntry",
    "PackReport",
    "ReceiveReport",
    "RefusedError",
    "Report",
    "Sheet",
    "State",
    "StatusReport",
    "SubmitReport",
    "Table",
    "TableError",
    "UsageError",
    "Workspace",
    "__version__",
    "archive",
    "check",
    "collect",
    "decide",
    "history",
    "load_table",
    "open_workspace",
    "pack",
    "receive",
    "reopen",
    "sheet",
    "status",
    "submit",
    "verify",
]

if TYPE_CHECKING:
    from evidence_cli.jobs.archive import archive
    from evidence_cli.jobs.check import check
    from evidence_cli.jobs.collect import collect
    from evidence_cli.jobs.decide import decide
    from evidence_cli.jobs.history import history
    from evidence_cli.jobs.pack import pack
    from evidence_cli.jobs.receive import receive
    from evidence_cli.jobs.sheet import sheet
    from evidence_cli.jobs.status import status
    from evidence_cli.jobs.submit import reopen, submit
    from evidence_cli.jobs.verify import verify
    from evidence_cli.table import Table, load_table
    from evidence_cli.vocabulary.course import (
        ArchiveReport,
        DecisionReport,
        LogEntry,
        Sheet,
        StatusReport,
        SubmitReport,
    )
    from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError, RefusedError, TableError, UsageError
    from evidence_cli.vocabulary.findings import Finding, Report
    from evidence_cli.vocabulary.outcomes import CollectReport, PackReport, ReceiveReport
    from evidence_cli.vocabulary.process import Action, State
    from evidence_cli.vocabulary.version import __version__
    from evidence_cli.workspace.open import Workspace, open_workspace

_HOMES = {
    "__version__": "vocabulary.version",
    "ArchiveReport": "vocabulary.course",
    "archive": "jobs.archive",
    "check": "jobs.check",
    "collect": "jobs.collect",
    "CollectReport": "vocabulary.outcomes",
    "PackReport": "vocabulary.outcomes",
    "pack": "jobs.pack",
    "receive": "jobs.receive",
    "ReceiveReport": "vocabulary.outcomes",
    "verify": "jobs.verify",
    "DecisionReport": "vocabulary.course",
    "Sheet": "vocabulary.course",
    "sheet": "jobs.sheet",
    "StatusReport": "vocabulary.course",
    "SubmitReport": "vocabulary.course",
    "LogEntry": "vocabulary.course",
    "decide": "jobs.decide",
    "history": "jobs.history",
    "reopen": "jobs.submit",
    "status": "jobs.status",
    "submit": "jobs.submit",
    "Action": "vocabulary.process",
    "State": "vocabulary.process",
    "Table": "table",
    "load_table": "table",
    "EnvironmentFailure": "vocabulary.errors",
    "EvcliError": "vocabulary.errors",
    "RefusedError": "vocabulary.errors",
    "TableError": "vocabulary.errors",
    "UsageError": "vocabulary.errors",
    "Finding": "vocabulary.findings",
    "Report": "vocabulary.findings",
    "Workspace": "workspace.open",
    "open_workspace": "workspace.open",
}


def __getattr__(name: str) -> Any:
    # Importing the package must cost nothing: `evcli --version` starts here too.
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"evidence_cli.{_HOMES[name]}"), name)

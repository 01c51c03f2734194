"""evcli: evidence packaging and validation.

One YAML table drives everything: `load_table` reads it, `check` holds question folders against it, `pack` writes one
package per question, `verify` reads packages back, `receive` files those that others made. The command line calls
exactly these functions; `check` and `verify` return a typed `Report`, `pack` a `PackReport`, `receive` a
`ReceiveReport`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "EnvironmentFailure",
    "EvcliError",
    "Finding",
    "PackReport",
    "ReceiveReport",
    "Report",
    "Table",
    "TableError",
    "UsageError",
    "Workspace",
    "__version__",
    "check",
    "load_table",
    "open_workspace",
    "pack",
    "receive",
    "verify",
]

if TYPE_CHECKING:
    from evidence_cli.jobs.check import check
    from evidence_cli.jobs.pack import pack
    from evidence_cli.jobs.receive import receive
    from evidence_cli.jobs.verify import verify
    from evidence_cli.table import Table, load_table
    from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError, TableError, UsageError
    from evidence_cli.vocabulary.findings import Finding, Report
    from evidence_cli.vocabulary.outcomes import PackReport, ReceiveReport
    from evidence_cli.workspace.open import Workspace, open_workspace

_HOMES = {
    "check": "jobs.check",
    "PackReport": "vocabulary.outcomes",
    "pack": "jobs.pack",
    "receive": "jobs.receive",
    "ReceiveReport": "vocabulary.outcomes",
    "verify": "jobs.verify",
    "Table": "table",
    "load_table": "table",
    "EnvironmentFailure": "vocabulary.errors",
    "EvcliError": "vocabulary.errors",
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

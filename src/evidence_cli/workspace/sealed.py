"""Whether everything is submitted: told by a file that is there. What it says is the business of `submission`.

Apart from it because whoever packs asks this first, and need not load what reads submissions.
"""

import os
from pathlib import Path

from evidence_cli.looks.listing import Listing
from evidence_cli.vocabulary.errors import EnvironmentFailure, RefusedError
from evidence_cli.workspace.survey import list_folder

SUBMISSION = ".evcli/submission.json"


def list_seal(root: Path, listing: Listing) -> bool:
    """Whether there is a submission, readable or not; what is listed for that joins the listing.

    Raises EnvironmentFailure.
    """
    folder = SUBMISSION.partition("/")[0]
    try:
        entries = list_folder(root, folder)
    except FileNotFoundError:
        listing.add_missing(folder)
        return False
    except OSError as error:
        raise EnvironmentFailure("read", path=folder, detail=error.strerror or str(error)) from error
    listing.add(folder, entries)
    return any(entry.path == SUBMISSION for entry in entries)


def is_sealed(root: Path) -> bool:
    """Whether there is a submission; it need not be readable."""
    return os.path.lexists(root / SUBMISSION)


def refuse_sealed(root: Path) -> None:
    """Nothing is packed, received or decided after the submission. Raises RefusedError."""
    if is_sealed(root):
        raise RefusedError("sealed")

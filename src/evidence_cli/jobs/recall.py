"""Answer a check from its last report, where nothing has changed since."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from evidence_cli.examine.kept import Asked, Recalled, find
from evidence_cli.workspace.find import TABLE_PATH

__all__ = ["Recalled", "recall"]

# More bytes than a table may have: of one that is larger no report was ever kept.
_MOST = 16 * 1024 * 1024


def recall(
    root: Path, codes: Sequence[str] = (), *, packages: bool = False, now: datetime | None = None
) -> Recalled | None:
    """The report that `check` of the same workspace gave, if it would give the same now.

    It costs little more than listing the folders: no file is opened but the table, and nothing is judged. `now` (aware)
    decides whether milestones have passed or waivers have ended meanwhile.
    """
    try:
        with (root / TABLE_PATH).open("rb") as stream:
            table = stream.read(_MOST)
    except OSError:
        return None
    return find(Asked(root, tuple(codes), packages), sha256(table).hexdigest(), now or datetime.now(UTC))

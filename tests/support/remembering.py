"""Changes what the cache remembers, for tests that must see who believes it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from evidence_cli.looks import cache as caching

# The names of whole reports, as SQL compares them.
REPORTS = '["check"%'


def rewrite(file: Path, change: Callable[[str, caching.Row], caching.Row | None], *, place: str = "%") -> int:
    """Change rows of the cache as evcli itself would write them; gives the number of rows changed.

    `place` limits it to what is known there. Whole reports are forgotten: they are another test's matter.
    """
    database = sqlite3.connect(file)
    database.execute(f"DELETE FROM looks WHERE CAST(name AS TEXT) LIKE '{REPORTS}'")
    query = "SELECT name, stamp, looker, facts, digest FROM looks WHERE CAST(place AS TEXT) LIKE ?"
    rows = database.execute(query, (place,)).fetchall()
    count = 0
    for name, *values in rows:
        row = change(name.decode(), caching.Row(*values))
        if row is not None:
            proof = caching._proof(name, row)
            update = "UPDATE looks SET stamp = ?, looker = ?, facts = ?, digest = ?, proof = ? WHERE name = ?"
            database.execute(update, (*row, proof, name))
            count += 1
    database.commit()
    database.close()
    return count

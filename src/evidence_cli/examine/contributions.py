"""What units have sent for the chosen indicators: listed, forms read by a worker, judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evidence_cli.examine.looking import Looking
from evidence_cli.examine.settling import Settling
from evidence_cli.looks.listing import Listing
from evidence_cli.looks.tree import Entry, EntryType, Tree
from evidence_cli.rules.contributions import Judged, Sent, judge
from evidence_cli.rules.entries import being_written, linked, unopenable
from evidence_cli.table import Contribution
from evidence_cli.vocabulary.course import ContributionRow, Given
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.kinds import extension_of
from evidence_cli.workspace.contributed import Delivery, find_deliveries
from evidence_cli.workspace.forms import Form, read_form
from evidence_cli.workspace.naming import form_name
from evidence_cli.workspace.survey import Survey

# What a form may be saved as; `.et` and `.ett` are WPS's own.
_SHEETS = frozenset({"xlsx", "xlsm", "xlsb", "xls", "et", "ett", "ods", "csv", "tsv"})
# So many spreadsheets of one unit are read; the empty form's own name comes first.
_MOST = 20
# What may be otherwise the next time although no file changed.
_PASSING = frozenset({"time", "memory", "crashed", "library"})
# What a file that is only half there may seem to be.
_UNRIPE = frozenset({"damaged", "empty", "format", "crashed"})


@dataclass(frozen=True, slots=True)
class Contributed:
    """One unit's contribution, and what is to be said of it. `due` is in the evaluation's zone."""

    delivery: Delivery
    judged: Judged
    due: datetime | None
    late: bool

    @property
    def row(self) -> ContributionRow:
        """As `status` lists it."""
        one = self.delivery.contribution
        return ContributionRow(
            one.id,
            one.title,
            one.indicator,
            self.delivery.unit,
            self.judged.state,
            self.delivery.path,
            self.due,
            self.late,
        )


def examine_contributions(
    seen: Survey,
    contributions: Sequence[Contribution],
    looking: Looking,
    listing: Listing,
    moment: datetime,
    *,
    settling: Settling | None = None,
) -> list[Contributed]:
    """Every unit's contribution, in the order of the table; `moment` is aware. See `find_deliveries`.

    What is listed joins `listing`. With `settling` nothing is said of a form that is being written. Raises
    EnvironmentFailure without a worker.
    """
    found = []
    said: set[str] = set()
    for delivery in find_deliveries(seen, contributions, listing):
        due = seen.table.due_of(delivery.contribution)
        late = due is not None and moment > due
        work = _Work(looking, listing, settling, said)
        found.append(Contributed(delivery, work.judge(delivery, due, late=late), due, late))
    return found


class _Work:
    """Reads and judges what one unit sent."""

    def __init__(self, looking: Looking, listing: Listing, settling: Settling | None, said: set[str]) -> None:
        self.looking = looking
        self.listing = listing
        self.settling = settling
        # Links above the units' folders concern all of them, and are told once.
        self.said = said
        self.hits: list[Hit] = []

    def judge(self, delivery: Delivery, due: datetime | None, *, late: bool) -> Judged:
        """What is to be said of it."""
        if delivery.blocked:
            # Of the indicator's folder something is said already.
            return Judged(Given.MISSING)
        wanted = delivery.contribution.form is not None
        sheets = [pair for pair in delivery.files if wanted and extension_of(pair[1].name) in _SHEETS]
        own = form_name(delivery.contribution)
        sheets.sort(key=lambda pair: (pair[1].name != own, pair[1].path))
        sheets, unread = sheets[:_MOST], len(sheets[_MOST:])
        forms = [(tree.shown(entry.path), form) for tree, entry in sheets if (form := self._read(tree, entry))]
        others = len(delivery.files) - len(sheets)
        sent = Sent(delivery.contribution, delivery.unit, delivery.path, others, forms, due, late, unread)
        for entry, path in delivery.faults:
            if path not in self.said:
                self.said.add(path)
                self.hits.append(self._unusable(entry, path))
        if (self.hits or delivery.faults) and not forms and not others:
            return Judged(Given.FAULTY, tuple(self.hits))
        judged = judge(sent)
        return Judged(judged.state, (*judged.hits, *self.hits), judged.policies)

    def _read(self, tree: Tree, entry: Entry) -> Form | None:
        """What a file holds of the form; None where that cannot be told now, and a hit says why."""
        path = tree.shown(entry.path)
        try:
            form = read_form(self.looking.cells(tree, entry))
        except OSError as error:
            self.listing.whole = False
            self.hits.append(unopenable(None, path, error.strerror or str(error)))
            return None
        self.listing.whole = self.listing.whole and form.lacking not in _PASSING
        place = tree.locate(entry)
        if form.lacking in _UNRIPE and self.settling and place and self.settling.changing([(entry, place.path)]):
            self.hits.append(being_written(None, path))
            return None
        return form

    def _unusable(self, entry: Entry, path: str) -> Hit:
        if entry.error:
            self.listing.whole = False
            return unopenable(None, path, entry.error)
        return linked(None, path, special=entry.type is EntryType.SPECIAL)

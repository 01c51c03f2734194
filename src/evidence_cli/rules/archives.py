"""Rules about archives: what was found of a bag, as findings."""

from typing import TYPE_CHECKING

from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit

if TYPE_CHECKING:
    from evidence_cli.looks.bags.guard import BagFault


def of_bag(shown: str, fault: "BagFault") -> Hit:
    """The hit for a fault of a bag, which reports show as `shown`."""
    path = f"{shown}/{fault.path}" if fault.path else shown
    params = {"reason": fault.reason, "detail": fault.detail}
    match fault.trouble.value:
        case "unreadable":
            return Hit(Code.ARCHIVE_UNREADABLE, None, path, params=params)
        case "incomplete":
            return Hit(Code.ARCHIVE_INCOMPLETE, None, path, params=params)
        case "altered":
            return Hit(Code.ARCHIVE_ALTERED, None, path, params=params)
    return Hit(Code.ARCHIVE_UNSAFE, None, path, params=params)

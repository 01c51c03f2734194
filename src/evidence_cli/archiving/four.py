"""The four aspects (四性检测, DA/T 70-2018): how each rule ended, and each check that evcli cannot do. Counts only."""

from collections import Counter
from collections.abc import Mapping, Sequence

from evidence_cli.table import Table
from evidence_cli.vocabulary.catalogue import RULES, Aspect, Code, Severity
from evidence_cli.vocabulary.course import AspectCheck, CheckState
from evidence_cli.vocabulary.findings import Finding, NotDone, Report

# Done by other means or not at all; passed only where somebody says so.
BY_OTHERS = {"seals": Aspect.AUTHENTICITY, "virus": Aspect.SAFETY, "media": Aspect.SAFETY}
# They are about the archive, which is whole only after this was written.
_LATER = frozenset({Code.ARCHIVE_UNREADABLE, Code.ARCHIVE_INCOMPLETE, Code.ARCHIVE_ALTERED, Code.ARCHIVE_UNSAFE})

_HEALTH = {Code.DAMAGED, Code.NEEDS_PASSWORD, Code.FILE_BOMB, Code.RESTRICTED, Code.PICTURE_SMALL, Code.RECORDING_UNFIT}
_TEXT = {
    *(Code.SECRECY_MARK, Code.RESIDENT_ID, Code.MOBILE_NUMBER, Code.BANK_CARD),
    *(Code.ANSWER_SHORT, Code.ANSWER_NO_TEXT, Code.OUT_OF_PERIOD, Code.REFERENCE_MISSING),
}
_ACTIVE = {Code.ACTIVE_CONTENT}
# Which rules a check of `not_done` leaves open.
_OPEN = {
    "health": _HEALTH,
    "text": _TEXT,
    "active": _ACTIVE,
    "inside": _HEALTH | _TEXT | _ACTIVE | {Code.GPS_POSITION, Code.EXTENSION_MISMATCH, Code.KIND_NOT_ACCEPTED},
}


def four_checks(report: Report, table: Table, results: Mapping[str, tuple[bool, str]]) -> tuple[AspectCheck, ...]:
    """Every rule of the catalogue by aspect, then what others check. `results` say of those whether they passed, and a
    note."""
    by_code: dict[Code, list[Finding]] = {}
    for finding in report.findings:
        by_code.setdefault(finding.code, []).append(finding)
    checks = [_of_rule(code, by_code.get(code, []), report.not_done, table) for code in RULES]
    for name, aspect in BY_OTHERS.items():
        passed, note = results.get(name, (None, ""))
        state = {None: CheckState.NOT_DONE, True: CheckState.PASSED, False: CheckState.FAILED}[passed]
        checks.append(AspectCheck(name, aspect, state, note=note))
    order = list(Aspect)
    return tuple(sorted(checks, key=lambda check: order.index(check.aspect)))


def _of_rule(code: Code, findings: Sequence[Finding], notes: Sequence[NotDone], table: Table) -> AspectCheck:
    off = code in table.rules.severity and table.rules.severity[code] is None
    gaps = Counter((note.check, note.reason) for note in notes if code in _OPEN.get(note.check, ()))
    if any(finding.severity is Severity.ERROR and not finding.waived for finding in findings):
        state = CheckState.FAILED
    elif any(finding.waived or finding.severity is Severity.WARNING for finding in findings):
        state = CheckState.PERSON
    elif off or gaps or code in _LATER:
        state = CheckState.NOT_DONE
    else:
        state = CheckState.PASSED
    counted = tuple((check, reason, count) for (check, reason), count in sorted(gaps.items()))
    return AspectCheck(code.value, RULES[code].aspect, state, tuple(findings), counted, off=off, later=code in _LATER)

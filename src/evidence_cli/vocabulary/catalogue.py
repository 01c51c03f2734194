"""The rules' public codes with what is known of each before any file is read.

Codes are public: never renumbered, never reused. Words for them live in locale/; the code that emits each one lives in
schema/ and rules/, and exactly one place emits a code (a test keeps both so).
"""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How grave: an error blocks packing, a warning must be looked at by a person, info is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def weight(self) -> int:
        """For comparisons: the graver, the larger."""
        return _WEIGHTS[self]


_WEIGHTS = {Severity.INFO: 1, Severity.WARNING: 2, Severity.ERROR: 3}


class Aspect(StrEnum):
    """The four aspects of DA/T 70-2018 (四性检测)."""

    AUTHENTICITY = "authenticity"
    COMPLETENESS = "completeness"
    USABILITY = "usability"
    SAFETY = "safety"


class Code(StrEnum):
    """Every rule by the name that the source uses for it."""

    FOLDER_MISSING = "E101"
    FOLDER_TWICE = "E102"
    NO_ANSWER = "E103"
    ANSWERS_TOO_MANY = "E104"
    NO_EVIDENCE = "E105"
    EVIDENCE_TWICE = "E106"
    CATEGORY_EMPTY = "E107"
    CATEGORY_UNKNOWN = "E108"
    FILE_UNCATEGORISED = "E109"
    FILE_COUNT = "E110"
    STRAY = "E111"
    NUMBERING = "E112"
    TITLE_DIFFERS = "E113"
    FOLDER_UNEXPECTED = "E114"

    NAME_NOT_WINDOWS = "E201"
    NAME_TOO_LONG = "E202"
    NAME_UNUSUAL = "E203"
    NAME_TWIN = "E204"
    JUNK = "E205"
    LINK = "E206"
    FOLDER_EMPTY = "E207"
    UNREADABLE = "E208"
    NAME_HIDDEN = "E209"
    NAME_NOT_UNICODE = "E210"
    BEING_WRITTEN = "E211"

    FILE_EMPTY = "E301"
    KIND_NOT_ACCEPTED = "E302"
    EXTENSION_MISMATCH = "E303"
    DAMAGED = "E304"
    NEEDS_PASSWORD = "E305"  # noqa: S105 - the code of a rule
    FILE_TOO_LARGE = "E306"
    ACTIVE_CONTENT = "E307"
    EXECUTABLE = "E308"
    ARCHIVE_INSIDE = "E309"
    PICTURE_SMALL = "E310"
    RECORDING_UNFIT = "E311"
    ANSWER_SHORT = "E312"
    RESTRICTED = "E313"
    FILE_BOMB = "E314"
    ANSWER_NO_TEXT = "E315"

    SECRECY_MARK = "E401"
    RESIDENT_ID = "E402"
    MOBILE_NUMBER = "E403"
    BANK_CARD = "E404"
    GPS_POSITION = "E405"
    SAME_IN_QUESTION = "E411"
    SAME_ELSEWHERE = "E412"
    OUT_OF_PERIOD = "E413"
    REFERENCE_MISSING = "E414"

    PACKAGE_MISSING = "E501"
    PACKAGE_STALE = "E502"
    PACKAGE_TWICE = "E503"
    PACKAGE_BROKEN = "E504"
    DIGEST_WRONG = "E505"
    MANIFEST_DIFFERS = "E506"
    ENTRY_UNSAFE = "E507"
    ENTRY_ENCRYPTED = "E508"
    PACKAGE_BOMB = "E509"
    NAMES_NOT_UTF8 = "E510"
    PACKAGE_TOO_LARGE = "E511"
    PACKAGE_UNKNOWN = "E512"
    PACKAGE_SHAPE = "E513"
    METHOD_FOREIGN = "E514"
    PACKAGE_FOREIGN = "E515"
    PACKAGE_WRAPPED = "E516"

    DEADLINE_MISSED = "E601"
    DEADLINE_NEAR = "E602"
    CHANGED_SINCE = "E603"
    CHANGED_AFTER_SUBMISSION = "E604"
    RETURNED = "E605"
    RECORD_DAMAGED = "E606"
    SAME_PERSON = "E607"
    CONTRIBUTION_MISSING = "E608"
    FORM_FAULTY = "E609"

    ARCHIVE_UNREADABLE = "E701"
    ARCHIVE_INCOMPLETE = "E702"
    ARCHIVE_ALTERED = "E703"
    ARCHIVE_UNSAFE = "E704"


class Rule(NamedTuple):
    """What is known of a rule before any file is read.

    `yields_to` are the codes that say the same of the same path more exactly; `yields_in_question` those that explain
    it anywhere in the question. While one of them stands (not waived, not off, at least as grave), this rule is silent:
    one mistake, one finding. `needs_table` marks what cannot be judged of a package without its table.
    """

    code: Code
    severity: Severity
    aspect: Aspect
    yields_to: frozenset[Code] = frozenset()
    yields_in_question: frozenset[Code] = frozenset()
    needs_table: bool = False


def _codes(*codes: Code) -> frozenset[Code]:
    return frozenset(codes)


# What cannot be opened by anybody: nothing more is said of what is inside.
_SHUT = (Code.FILE_EMPTY, Code.EXECUTABLE, Code.DAMAGED, Code.NEEDS_PASSWORD, Code.FILE_BOMB)

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_A, _C, _U, _S = Aspect.AUTHENTICITY, Aspect.COMPLETENESS, Aspect.USABILITY, Aspect.SAFETY

RULES: dict[Code, Rule] = {
    rule.code: rule
    for rule in (
        Rule(Code.FOLDER_MISSING, _ERROR, _C),
        Rule(Code.FOLDER_TWICE, _ERROR, _C),
        Rule(Code.NO_ANSWER, _ERROR, _C),
        Rule(Code.ANSWERS_TOO_MANY, _ERROR, _C),
        Rule(Code.NO_EVIDENCE, _ERROR, _C),
        Rule(Code.EVIDENCE_TWICE, _ERROR, _C),
        Rule(
            Code.CATEGORY_EMPTY,
            _ERROR,
            _C,
            needs_table=True,
            yields_to=_codes(Code.CATEGORY_UNKNOWN),
        ),
        Rule(Code.CATEGORY_UNKNOWN, _ERROR, _C, needs_table=True),
        Rule(Code.FILE_UNCATEGORISED, _WARNING, _C, needs_table=True),
        Rule(
            Code.FILE_COUNT,
            _ERROR,
            _C,
            needs_table=True,
            yields_in_question=_codes(Code.CATEGORY_EMPTY, Code.CATEGORY_UNKNOWN),
        ),
        Rule(Code.STRAY, _WARNING, _C),
        Rule(Code.NUMBERING, _INFO, _C),
        Rule(
            Code.TITLE_DIFFERS,
            _INFO,
            _C,
            yields_to=_codes(Code.NAME_NOT_UNICODE, Code.NAME_HIDDEN, Code.NAME_NOT_WINDOWS),
        ),
        # Without an answer or an evidence set, such a folder most likely holds it or is it.
        Rule(Code.FOLDER_UNEXPECTED, _WARNING, _C, yields_in_question=_codes(Code.NO_EVIDENCE, Code.NO_ANSWER)),
        Rule(Code.NAME_NOT_WINDOWS, _ERROR, _U, yields_to=_codes(Code.NAME_NOT_UNICODE, Code.NAME_HIDDEN)),
        Rule(Code.NAME_TOO_LONG, _ERROR, _U, needs_table=True),
        Rule(
            Code.NAME_UNUSUAL,
            _INFO,
            _U,
            yields_to=_codes(Code.NAME_NOT_UNICODE, Code.NAME_HIDDEN, Code.NAME_NOT_WINDOWS),
        ),
        Rule(Code.NAME_TWIN, _ERROR, _U),
        Rule(Code.JUNK, _INFO, _U),
        Rule(Code.LINK, _ERROR, _S),
        Rule(Code.FOLDER_EMPTY, _INFO, _C),
        Rule(Code.UNREADABLE, _ERROR, _U, yields_to=_codes(Code.ENTRY_ENCRYPTED, Code.METHOD_FOREIGN)),
        Rule(Code.NAME_HIDDEN, _ERROR, _S, yields_to=_codes(Code.NAME_NOT_UNICODE)),
        Rule(Code.NAME_NOT_UNICODE, _ERROR, _U),
        Rule(Code.BEING_WRITTEN, _INFO, _U),
        Rule(Code.FILE_EMPTY, _ERROR, _U),
        Rule(
            Code.KIND_NOT_ACCEPTED,
            _ERROR,
            _U,
            needs_table=True,
            yields_to=_codes(*_SHUT, Code.EXTENSION_MISMATCH),
        ),
        Rule(
            Code.EXTENSION_MISMATCH,
            _ERROR,
            _A,
            yields_to=_codes(*_SHUT),
        ),
        Rule(Code.DAMAGED, _ERROR, _U),
        Rule(Code.NEEDS_PASSWORD, _ERROR, _U),
        Rule(Code.FILE_TOO_LARGE, _ERROR, _U, needs_table=True),
        Rule(Code.ACTIVE_CONTENT, _WARNING, _S),
        Rule(Code.EXECUTABLE, _ERROR, _S),
        Rule(
            Code.ARCHIVE_INSIDE,
            _WARNING,
            _U,
            needs_table=True,
            yields_to=_codes(*_SHUT, Code.EXTENSION_MISMATCH),
        ),
        Rule(Code.PICTURE_SMALL, _WARNING, _U, needs_table=True, yields_to=_codes(Code.KIND_NOT_ACCEPTED)),
        Rule(Code.RECORDING_UNFIT, _ERROR, _U, needs_table=True, yields_to=_codes(Code.KIND_NOT_ACCEPTED)),
        Rule(
            Code.ANSWER_SHORT,
            _ERROR,
            _C,
            needs_table=True,
            yields_to=_codes(*_SHUT, Code.EXTENSION_MISMATCH, Code.KIND_NOT_ACCEPTED),
        ),
        Rule(Code.RESTRICTED, _INFO, _U),
        Rule(Code.FILE_BOMB, _ERROR, _S),
        Rule(Code.ANSWER_NO_TEXT, _WARNING, _U, yields_to=_codes(Code.KIND_NOT_ACCEPTED)),
        Rule(Code.SECRECY_MARK, _ERROR, _S),
        Rule(Code.RESIDENT_ID, _ERROR, _S),
        Rule(Code.MOBILE_NUMBER, _WARNING, _S),
        Rule(Code.BANK_CARD, _WARNING, _S),
        Rule(Code.GPS_POSITION, _WARNING, _S),
        Rule(Code.SAME_IN_QUESTION, _WARNING, _C),
        Rule(Code.SAME_ELSEWHERE, _INFO, _A),
        Rule(Code.OUT_OF_PERIOD, _WARNING, _A, needs_table=True),
        Rule(Code.REFERENCE_MISSING, _WARNING, _C),
        Rule(Code.PACKAGE_MISSING, _WARNING, _C),
        Rule(Code.PACKAGE_STALE, _ERROR, _A),
        Rule(Code.PACKAGE_TWICE, _ERROR, _C),
        Rule(Code.PACKAGE_BROKEN, _ERROR, _U),
        Rule(Code.DIGEST_WRONG, _ERROR, _A),
        Rule(Code.MANIFEST_DIFFERS, _ERROR, _A),
        Rule(Code.ENTRY_UNSAFE, _ERROR, _S),
        Rule(Code.ENTRY_ENCRYPTED, _ERROR, _U),
        Rule(Code.PACKAGE_BOMB, _ERROR, _S),
        Rule(Code.NAMES_NOT_UTF8, _WARNING, _U),
        Rule(Code.PACKAGE_TOO_LARGE, _ERROR, _U, needs_table=True),
        Rule(Code.PACKAGE_UNKNOWN, _ERROR, _C, needs_table=True),
        Rule(Code.PACKAGE_SHAPE, _ERROR, _C),
        Rule(Code.METHOD_FOREIGN, _ERROR, _U),
        Rule(Code.PACKAGE_FOREIGN, _WARNING, _A),
        Rule(Code.PACKAGE_WRAPPED, _WARNING, _U),
        # What was returned, changed or never packed is late for that very reason.
        Rule(
            Code.DEADLINE_MISSED,
            _WARNING,
            _C,
            yields_in_question=_codes(Code.RETURNED, Code.CHANGED_SINCE, Code.PACKAGE_MISSING),
        ),
        Rule(Code.DEADLINE_NEAR, _INFO, _C, yields_in_question=_codes(Code.DEADLINE_MISSED)),
        Rule(Code.CHANGED_SINCE, _WARNING, _A),
        Rule(Code.CHANGED_AFTER_SUBMISSION, _ERROR, _A),
        Rule(Code.RETURNED, _WARNING, _C),
        Rule(Code.RECORD_DAMAGED, _ERROR, _A),
        Rule(Code.SAME_PERSON, _ERROR, _A),
        Rule(Code.CONTRIBUTION_MISSING, _WARNING, _C),
        Rule(Code.FORM_FAULTY, _ERROR, _U),
        Rule(Code.ARCHIVE_UNREADABLE, _ERROR, _U),
        Rule(Code.ARCHIVE_INCOMPLETE, _ERROR, _C),
        Rule(Code.ARCHIVE_ALTERED, _ERROR, _A),
        Rule(Code.ARCHIVE_UNSAFE, _ERROR, _S),
    )
}

"""What a number must stand beside its pattern before it counts: dates, check digits, where it is written."""

import re
from collections.abc import Callable
from datetime import date

from evidence_cli.looks.text.block import Block

Proof = Callable[[Block, int, int], bool]

_NOT_SAID = re.compile("[^0-9X]+")
# What people type for the X of a check digit: small, Cyrillic, a multiplication sign.
_LIKE_X = str.maketrans(dict.fromkeys("x\u0425\u0445\u00d7", "X"))
# GB/T 2260, its first two digits: provinces as they are in the numbers of resident identity cards.
_PROVINCES = frozenset(
    str(code)
    for region in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(region[0], region[1] + 1)
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FIRST_YEAR, _LAST_YEAR = 1900, 2049
_YEAR = re.compile(r"19[5-9][0-9]|20[0-4][0-9]")
_UNIONPAY = re.compile(r"6[02]|9")
# What a grouped number of a foreign card follows; four numbers of a row in a table follow one another.
_INTRODUCED = re.compile(r"(?:^[ \t]*|[^\w\s.%+-][ \t]?|[^\W0-9A-Za-z_])$")
_REACH = 16


def resident_id(block: Block, start: int, end: int) -> bool:
    """Whether this is the number of a resident identity card: GB 11643-1999, check digit by ISO 7064 MOD 11-2."""
    number = _NOT_SAID.sub("", block.text[start:end].translate(_LIKE_X))
    return len(number) == 18 and number[:2] in _PROVINCES and _is_day(number[6:14]) and number[17] == _check(number)


def _is_day(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def _check(number: str) -> str:
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) % 11]


def card(block: Block, start: int, end: int) -> bool:
    """Whether this is the number of a bank card: ISO/IEC 7812-1, check digit by its annex B (Luhn)."""
    written = block.text[start:end]
    digits = _NOT_SAID.sub("", written)
    if len(set(digits)) == 1 or not _luhn(digits):
        return False
    before = block.text[max(start - _REACH, 0) : start].rpartition("\n")[2]
    if digits != written:
        return bool(_UNIONPAY.match(digits)) or bool(_INTRODUCED.search(before))
    # Region, then year: the number of a case or an application.
    return not _YEAR.fullmatch(digits[6:10])


def _luhn(digits: str) -> bool:
    total = sum(map(int, digits[-1::-2]))
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0


def front(block: Block, start: int, end: int) -> bool:
    """Whether this stands in a document's first lines, a header or a footer."""
    return block.in_front(start)


PROOFS: dict[str, Proof] = {"resident_id": resident_id, "card": card, "front": front}

"""Numbers as people write them into a form: full-width digits, separators of thousands, percent signs."""

import re
from decimal import Decimal
from typing import NamedTuple

# More digits than there are enterprises; fewer than would cost time.
_NUMBER = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(\.[0-9]{0,15})?(%?)")
# Full-width forms (U+FF01 to U+FF5E) are those of ASCII; of superscripts and the like nobody means the digit.
_ASCII = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_ASCII |= {0x2212: "-", 0x2013: "-", 0x2014: "-", 0x3002: ".", ord("'"): ",", 0x2019: ","}
_LONGEST = 60  # characters


class Figure(NamedTuple):
    """A number, how many decimal places it was written with, and whether a percent sign stood behind it."""

    value: Decimal
    places: int = 0
    percent: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is a whole number."""
        return self.value == self.value.to_integral_value()


def figure(text: str) -> Figure | None:
    """The number that a text stands for; None for anything else."""
    if len(text) > _LONGEST:
        return None
    plain = "".join(text.translate(_ASCII).split())
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return None
    sign, whole, fraction, percent = found.groups()
    decimals = (fraction or "").removeprefix(".")
    value = Decimal(f"{sign}{whole.replace(',', '')}.{decimals or '0'}")
    return Figure(value, len(decimals), bool(percent))


def coverage(entitled: int, received: int) -> Decimal | None:
    """Received of entitled in percent; None where nobody is entitled."""
    return Decimal(received) * 100 / Decimal(entitled) if entitled else None


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Rounded as people do it: a half goes up."""
    from decimal import ROUND_HALF_UP  # late: start-up time

    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def follows(written: Figure, entitled: int, received: int) -> bool:
    """Whether a coverage follows from the two numbers, rounded as it was written.

    A cell in percent format holds 0.85 for what it shows as 85%, so a fraction of one means the same.
    """
    exact = coverage(entitled, received)
    if exact is None:
        return written.value == 0
    choices = [(written.value, written.places)]
    if not written.percent and 0 <= written.value <= 1:
        choices.append((written.value * 100, max(written.places - 2, 0)))
    # A stored result has some fifteen digits, and not all of them are right.
    return any(abs(value - exact) <= max(Decimal(5).scaleb(-places - 1), Decimal("1e-9")) for value, places in choices)

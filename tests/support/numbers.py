"""Numbers that look like somebody's and are nobody's: born on 1 January 1900 or made of zeros, with check digits."""

import re

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(serial: int = 0) -> str:
    """A number after GB 11643-1999."""
    body = f"11010119000101{serial:03}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


def card(prefix: str = "6200", length: int = 16) -> str:
    """A number after ISO/IEC 7812-1, with its check digit by annex B."""
    body = prefix.ljust(length - 1, "0")
    total = sum(sum(divmod(int(d) * (2 - n % 2), 10)) for n, d in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def _values() -> dict[str, str]:
    number = resident_id()
    with_x = next(one for one in map(resident_id, range(1000)) if one.endswith("X"))
    wrong = {digit: str((int(digit) + 1) % 10) for digit in "0123456789"}
    return {
        "id": number,
        "id_x": with_x,
        "id_wrong": number[:-1] + wrong.get(number[-1], "0"),
        "id_masked": f"{number[:6]}********{number[14:]}",
        "card": card(),
        "card_wrong": card()[:-1] + wrong[card()[-1]],
    }


_VALUES = _values()


def filled(text: str) -> str:
    """A text with `{id}`, `{id_x}`, `{id_wrong}`, `{id_masked}`, `{card}` and `{card_wrong}` written out."""
    return re.sub(r"\{(\w+)\}", lambda match: _VALUES[match[1]], text)

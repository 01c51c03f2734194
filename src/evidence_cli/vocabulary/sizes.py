"""Sizes as people write them: `300MB` (powers of 1000), `1GiB` (powers of 1024)."""

import re

_UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", start=1):
    _UNITS[f"{_letter}B"] = 1000**_power
    _UNITS[f"{_letter}IB"] = 1024**_power

_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]?I?B?)\s*", re.IGNORECASE | re.ASCII)


def parse_size(text: str) -> int:
    """Bytes of a written size. Raises ValueError for anything else."""
    match = _SIZE.fullmatch(text)
    unit = _UNITS.get(match[2].upper()) if match else None
    if match is None or unit is None:
        raise ValueError(text)
    return round(float(match[1]) * unit) if "." in match[1] else int(match[1]) * unit


def format_size(count: int) -> str:
    """A size for people, in powers of 1000, as in the table: `12.3 MB`, or `300 MB` where it is exactly that."""
    names = ("B", "kB", "MB", "GB", "TB")
    power = next((n for n in range(len(names)) if count < 999.95 * 1000**n), len(names) - 1)
    unit = 1000**power
    return f"{count // unit if count % unit == 0 else f'{count / unit:.1f}'} {names[power]}"

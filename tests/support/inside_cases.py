"""What every inspector of a zipped document must stand: cuts, flipped bytes, members that are gone or locked."""

import io
import random
import time
import zipfile

from evidence_cli.looks.facts import Facts, Gap, Health, Passage
from support.inside import look_inside

_SECONDS = 5


def texts(data: bytes, format_name: str) -> list[tuple[str, int | str, str]]:
    """The passages of a sound document as (unit, value, text)."""
    facts, passages = look_inside(data, format_name)
    assert facts.health is Health.OK, facts.detail
    assert all(isinstance(passage, Passage) for passage in passages)
    return [(p.place.unit.value, p.place.value, p.text) for p in passages if isinstance(p, Passage)]


def facts_of(data: bytes, format_name: str) -> Facts:
    """The facts alone."""
    return look_inside(data, format_name)[0]


def gaps_of(data: bytes, format_name: str) -> list[Gap]:
    """The gaps among the passages."""
    return [piece for piece in look_inside(data, format_name)[1] if isinstance(piece, Gap)]


def changed(data: bytes, changes: dict[str, str | bytes | None]) -> bytes:
    """The same zip with members replaced, added, or (None) left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def member(data: bytes, name: str) -> str:
    """A member of a zip as text."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def replaced(data: bytes, name: str, old: str, new: str) -> bytes:
    """The same zip with a text replaced in one member."""
    text = member(data, name)
    assert old in text
    return changed(data, {name: text.replace(old, new, 1)})


def check_cuts(data: bytes, format_name: str) -> None:
    """A document that is cut off is damaged, wherever it is cut."""
    for cut in [*range(100, len(data), max(1, len(data) // 30)), len(data) - 1]:
        assert facts_of(data[:cut], format_name).health is Health.DAMAGED, cut


def check_flips(data: bytes, format_name: str, name: str) -> None:
    """A member whose bytes changed fails its checksum."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(name)
    start = info.header_offset + 30 + len(name.encode())
    for place in range(start, start + info.compress_size, max(1, info.compress_size // 20)):
        broken = bytearray(data)
        broken[place] ^= 0x55
        assert facts_of(bytes(broken), format_name).health is Health.DAMAGED, place


def check_locked(data: bytes, format_name: str) -> None:
    """A document with an encrypted member needs a password."""
    locked = bytearray(data)
    entry = locked.index(b"PK\x01\x02")
    locked[entry + 8] |= 1
    assert facts_of(bytes(locked), format_name).health is Health.ENCRYPTED


def check_bomb(data: bytes, format_name: str) -> None:
    """A document that says it would expand to a terabyte is a bomb."""
    bomb = bytearray(data)
    entry = bomb.index(b"PK\x01\x02")
    bomb[entry + 24 : entry + 28] = b"\xf0\xff\xff\xff"
    assert facts_of(bytes(bomb), format_name).health is Health.BOMB


def check_mutations(data: bytes, format_name: str, parts: list[str], count: int = 150) -> None:
    """Changed bytes, in the container and inside its parts: nothing but the three exceptions, and nothing slow."""
    chance = random.Random(20_240_607)
    contents = {part: member(data, part).encode() for part in parts}
    for number in range(count):
        if number % 2:
            broken = _mutated(data, chance)
        else:
            part = chance.choice(parts)
            broken = changed(data, {part: _mutated(contents[part], chance)})
        start = time.monotonic()
        assert facts_of(broken, format_name).health in Health
        assert time.monotonic() - start < _SECONDS


def _mutated(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(broken))
        broken[place] = chance.choice((0, 0x20, 0x26, 0x3C, 0x7F, 0xFF, chance.randrange(256)))
    return bytes(broken)

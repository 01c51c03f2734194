"""Damage bytes the way transfers, editors and attackers do. The same number always gives the same damage."""

import io
import random
import zipfile
from collections.abc import Sequence

# Numbers that stand for lengths, counts and marks in binary formats, and words that formats look for.
_NUMBERS = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_WORDS = (
    b"<", b">", b"</", b"/>", b"&", b"<!ENTITY a '&a;&a;'>", b"<!--", b"]]>", b"{", b"}", b"\\", b"(", b")", b"<<",
    b"obj", b"endobj", b"stream", b"endstream", b"/Length 99999999", b"/Kids [1 0 R]", b"/Count 99999999", b"/Filter",
    b"/FlateDecode", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"moov", b"mdat", b"trak", b"RIFF", b"LIST",
    b"\xff\xd8", b"\xff\xd9", b"\xff\xda", b"IDAT", b"IEND", b"%n%s", b"\x00" * 16, b"\xff" * 16, b"../" * 8, b"\\u-1 ",
)  # fmt: skip


def mutated(seeds: Sequence[bytes], number: int) -> bytes:
    """The damaged file of this number, made from one or two of the seeds."""
    chance = random.Random(number)
    seed = chance.choice(seeds)
    # Behind a wrong CRC nobody looks: what lies in a container is damaged inside, and packed again.
    if seed.startswith(b"PK\x03\x04") and not seed[6] & 1 and chance.random() < 0.6:
        return _packed_again(seed, chance, seeds)
    return bytes(_damaged(bytearray(seed), chance, seeds))


def _packed_again(seed: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(seed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = set(chance.sample(names, min(len(names), chance.choice((1, 1, 2, 4)))))
        for name in names:
            data = bytearray(old.read(name))
            new.writestr(name, bytes(_damaged(data, chance, seeds)) if name in chosen else bytes(data))
    return out.getvalue()


def _damaged(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> bytearray:
    for _ in range(chance.choice((1, 1, 2, 3, 5, 10, 40))):
        chance.choice(_WAYS)(data, chance, seeds)
    return data


def _place(data: bytearray, chance: random.Random) -> int:
    # The beginning and the end hold what the rest hangs on.
    spot = chance.random()
    if spot < 0.3:
        return chance.randrange(min(len(data), 512) + 1)
    if spot < 0.5:
        return max(0, len(data) - chance.randrange(1024))
    return chance.randrange(len(data) + 1)


def _flip(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    at = _place(data, chance)
    if at < len(data):
        data[at] ^= 1 << chance.randrange(8)


def _byte(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    at = _place(data, chance)
    if at < len(data):
        data[at] = chance.randrange(256)


def _number(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    at, size = _place(data, chance), chance.choice((1, 2, 4, 8))
    value = chance.choice(_NUMBERS) & ((1 << 8 * size) - 1)
    data[at : at + size] = value.to_bytes(size, chance.choice(("little", "big")))


def _word(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    at, word = _place(data, chance), chance.choice(_WORDS)
    data[at : at + (len(word) if chance.random() < 0.5 else 0)] = word


def _digits(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    """A number written in digits becomes another one."""
    at = _place(data, chance)
    end = at
    while end < len(data) and end - at < 12 and data[end : end + 1].isdigit():
        end += 1
    if end > at:
        data[at:end] = str(chance.choice(_NUMBERS)).encode()


def _cut(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    del data[_place(data, chance) :]


def _remove(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 2, 8, 64, 512, 4096))]


def _repeat(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    at, size = _place(data, chance), chance.choice((1, 4, 32, 256, 2048))
    data[at:at] = data[at : at + size] * chance.choice((1, 2, 30))


def _blank(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    at, size = _place(data, chance), chance.choice((16, 512, 4096, 65536))
    data[at : at + size] = bytes(len(data[at : at + size]))


def _splice(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    other = chance.choice(seeds)
    start, size = chance.randrange(len(other) + 1), chance.choice((8, 64, 1024, 16384))
    at = _place(data, chance)
    data[at : at + (size if chance.random() < 0.5 else 0)] = other[start : start + size]


_WAYS = (_flip, _byte, _number, _number, _word, _digits, _cut, _remove, _repeat, _blank, _splice)

"""Zips written field by field, so that any of them can lie."""

import struct
import zlib
from pathlib import Path
from typing import Any

UTF8 = 0x800
_LATE_SIZES = 8


def member(name: str | bytes, data: bytes = b"data", *, deflate: bool = False, **fields: Any) -> dict[str, Any]:
    """One entry, right in all that `fields` does not say; `local` holds what its own header says instead, `extra` the
    extra field of the directory, `behind` what follows its data."""
    raw = name.encode() if isinstance(name, str) else name
    packed = _deflated(data) if deflate else data
    plain = {"flags": UTF8, "method": 8 if deflate else 0, "host": 3, "mode": 0o100644, "offset": None}
    more = {"extra": b"", "behind": b"", "local": {}}
    return {"raw": raw, "packed": packed, "size": len(data), "crc": zlib.crc32(data), **plain, **more, **fields}


def _deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def unicode_path(raw: bytes, name: str, *, crc: int | None = None) -> bytes:
    """Info-ZIP's extra field that gives this stored name its real one."""
    text = name.encode()
    return struct.pack("<2HBI", 0x7075, 5 + len(text), 1, zlib.crc32(raw) if crc is None else crc) + text


def late(entry: dict[str, Any], *, signature: bytes = b"PK\7\x08") -> dict[str, Any]:
    """The entry as one writes it who does not know its size before its end: with a data descriptor."""
    descriptor = signature + struct.pack("<3I", entry["crc"], len(entry["packed"]), entry["size"])
    unknown = {"crc": 0, "length": 0, "size": 0}
    return {**entry, "flags": entry["flags"] | _LATE_SIZES, "local": unknown, "behind": descriptor}


def write(
    target: Path, *members: dict[str, Any], prefix: bytes = b"", comment: bytes = b"", behind: bytes = b""
) -> Path:
    """Write a zip of these entries, with bytes before and behind it."""
    body, central = bytearray(prefix), bytearray()
    for m in members:
        offset = len(body) if m["offset"] is None else m["offset"]
        body += _local({"length": len(m["packed"]), **m, **m["local"]}) + m["packed"] + m["behind"]
        numbers = (m["method"], 0, 33, m["crc"], len(m["packed"]), m["size"], len(m["raw"]), len(m["extra"]))
        central += struct.pack("<4s3H", b"PK\1\2", m["host"] << 8 | 20, 20, m["flags"])
        central += struct.pack("<3H3I5H", *numbers, 0, 0, 0)
        central += struct.pack("<2I", m["mode"] << 16, offset) + m["raw"] + m["extra"]
    counts = (len(members), len(members), len(central), len(body), len(comment))
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, *counts) + comment
    target.write_bytes(bytes(body + central) + end + behind)
    return target


def _local(m: dict[str, Any]) -> bytes:
    numbers = (m["method"], 0, 33, m["crc"], m["length"], m["size"], len(m["raw"]), 0)
    return struct.pack("<4s5H3I2H", b"PK\3\4", 20, m["flags"], *numbers) + bytes(m["raw"])


def members_of(package: Path) -> list[dict[str, Any]]:
    """The entries of a good package, to be written again with changes."""
    import zipfile

    with zipfile.ZipFile(package) as archive:
        return [
            member(info.filename, archive.read(info), deflate=info.compress_type == zipfile.ZIP_DEFLATED)
            for info in archive.infolist()
        ]

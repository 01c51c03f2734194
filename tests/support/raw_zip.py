"""Zips written field by field, so that any of them can lie."""

import struct
import zlib
from pathlib import Path
from typing import Any

UTF8 = 0x800


def member(name: str | bytes, data: bytes = b"data", *, deflate: bool = False, **fields: Any) -> dict[str, Any]:
    """One entry, right in all that `fields` does not say."""
    raw = name.encode() if isinstance(name, str) else name
    packed = _deflated(data) if deflate else data
    plain = {"flags": UTF8, "method": 8 if deflate else 0, "host": 3, "mode": 0o100644, "offset": None}
    return {"raw": raw, "packed": packed, "size": len(data), "crc": zlib.crc32(data), **plain, **fields}


def _deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def write(target: Path, *members: dict[str, Any]) -> Path:
    """Write a zip of these entries."""
    body, central = bytearray(), bytearray()
    for m in members:
        offset = len(body) if m["offset"] is None else m["offset"]
        numbers = (m["method"], 0, 33, m["crc"], len(m["packed"]), m["size"], len(m["raw"]), 0)
        body += struct.pack("<4s5H3I2H", b"PK\3\4", 20, m["flags"], *numbers) + m["raw"] + m["packed"]
        central += struct.pack("<4s4H", b"PK\1\2", m["host"] << 8 | 20, 20, m["flags"], m["method"])
        central += struct.pack("<2H3I3H", 0, 33, *numbers[3:7], 0, 0)
        central += struct.pack("<2H2I", 0, 0, m["mode"] << 16, offset) + m["raw"]
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(members), len(members), len(central), len(body), 0)
    target.write_bytes(bytes(body + central) + end)
    return target


def members_of(package: Path) -> list[dict[str, Any]]:
    """The entries of a good package, to be written again with changes."""
    import zipfile

    with zipfile.ZipFile(package) as archive:
        return [
            member(info.filename, archive.read(info), deflate=info.compress_type == zipfile.ZIP_DEFLATED)
            for info in archive.infolist()
        ]

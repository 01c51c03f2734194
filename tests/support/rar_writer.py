"""RAR archives with stored members, written after technote.txt of WinRAR: versions 4 and 5."""

import struct
import zlib

MARK4, MARK5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"


def _block4(kind: int, flags: int, fields: bytes = b"") -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def rar4(members: dict[str, bytes], *, main: int = 0, file: int = 0, method: int = 0x30, end: bool = True) -> bytes:
    """`main` and `file` are flags: 0x80 headers encrypted, 0x01 volume; 0x04 member encrypted."""
    out = MARK4 + _block4(0x73, main, bytes(6))
    for name, data in members.items():
        raw = name.encode()
        fields = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x5A210000, 29, method, len(raw), 0
        )
        out += _block4(0x74, 0x8000 | file, fields + raw) + data
    return out + (_block4(0x7B, 0x4000) if end else b"")


def number(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def block5(kind: int, flags: int, fields: bytes, *, extra: bytes = b"", data: bytes = b"") -> bytes:
    """One block; its flags for an extra area and for data follow from these."""
    flags |= (1 if extra else 0) | (2 if data else 0)
    body = number(kind) + number(flags)
    body += (number(len(extra)) if extra else b"") + (number(len(data)) if data else b"") + fields + extra
    header = number(len(body)) + body
    return struct.pack("<I", zlib.crc32(header)) + header + data


def rar5(
    members: dict[str, bytes], *, main: int = 0, extra: bytes = b"", method: int = 0, size: int | None = None
) -> bytes:
    """`extra` is each member's extra area, `size` the length it claims."""
    out = MARK5 + block5(1, 0, number(main))
    for name, data in members.items():
        raw = name.encode()
        fields = number(4) + number(len(data) if size is None else size) + number(0o644)
        fields += struct.pack("<I", zlib.crc32(data)) + number(method << 7) + number(1) + number(len(raw)) + raw
        out += block5(2, 0, fields, extra=extra, data=data)
    return out + block5(5, 0, number(0))

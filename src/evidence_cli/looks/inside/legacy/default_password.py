"""Whether an encrypted Office file opens without asking: Office tries a password of its own first.

[MS-OFFCRYPTO] 2.3.5 (RC4 CryptoAPI), 2.3.6 (RC4) and 2.3.7 (XOR). Excel encrypts a workbook whose structure is
protected, and PowerPoint a show that may not be changed, with a password that every copy of them knows.
"""

import hashlib
from struct import error as struct_error
from struct import pack, unpack_from

EXCEL = "VelvetSweatshop"
POWERPOINT = "/01Hannes Ruescher/01"


def opens_xor(verifier: int, password: str) -> bool:
    """Whether this is the password's 16-bit verifier of XOR obfuscation (method 1)."""
    raw = password.encode("latin-1")
    value = 0
    for byte in reversed(bytes([len(raw)]) + raw):
        value = (((value >> 14) & 1) | ((value << 1) & 0x7FFF)) ^ byte
    return value ^ 0xCE4B == verifier


def opens_rc4(header: bytes, password: str) -> bool:
    """Whether the password opens what this header of 40-bit RC4 locks: salt, verifier and hash, 16 bytes each."""
    salt, verifier, digest = header[:16], header[16:32], header[32:48]
    if len(digest) < 16:
        return False
    start = _md5(password.encode("utf-16-le"))[:5]
    key = _md5(_md5((start + salt) * 16)[:5] + pack("<I", 0))
    plain = _rc4(key, verifier + digest)
    return _md5(plain[:16]) == plain[16:]


def opens_crypto_api(info: bytes, password: str) -> bool:
    """Whether the password opens what this EncryptionInfo (from its version on) locks."""
    try:
        header_size = unpack_from("<I", info, 8)[0]
        key_bits = unpack_from("<I", info, 12 + 16)[0] or 40
        place = 12 + header_size
        salt = info[place + 4 : place + 20]
        verifier = info[place + 20 : place + 36]
        digest = info[place + 40 : place + 60]
    except struct_error:
        return False
    if len(digest) < 20 or key_bits > 128:
        return False
    start = _sha1(salt + password.encode("utf-16-le"))
    key = _sha1(start + pack("<I", 0))[: key_bits // 8]
    plain = _rc4(key.ljust(16, b"\0") if key_bits == 40 else key, verifier + digest)
    return _sha1(plain[:16]) == plain[16:]


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    if not key:
        return data
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) & 255])
    return bytes(out)

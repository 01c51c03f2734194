"""The groups of an RTF file: whether they all close, and what objects and fields they hold."""

import re
from struct import unpack_from

from evidence_cli.looks.facts import Active, Gap
from evidence_cli.looks.inside.legacy.objects import ordinary_program
from evidence_cli.looks.inside.ooxml.xml_parts import is_remote
from evidence_cli.looks.sample import Sample, TornError

# Codes of characters (`\'c4`) need no look: what follows them is no brace.
_MARK = re.compile(rb"[{}]|\\(?:bin([0-9]{1,10}) ?|(obj[a-z]+|fldinst|template(?![a-z]))|[^a-zA-Z'])", re.DOTALL)
_BLOCK = 128 * 1024
_OVERLAP = 64
_SEARCHED = 400 * 1024 * 1024  # bytes
_MARKS = 2_000_000
_FIELDS = 5000  # fields and objects that are looked at
_OBJECTS = 500
_OBJECT_BYTES = 1024
_FIELD_BYTES = 200
# A file somebody ended without its last brace: it still ends with a whole paragraph or group, and a new line.
_ENDED = re.compile(rb"(?:\\par[ \r\n\0\x1a]*|\}[ \r\n\0\x1a]*[\r\n\0\x1a])\Z")
_LINK_FIELD = re.compile(rb"\W*(?:DDE|DDEAUTO|LINK)\b", re.IGNORECASE)
_CONTROL = re.compile(rb"\\'[0-9a-fA-F]{2}|\\[a-zA-Z]+-?[0-9]* ?|[{}\r\n\\*]")
_NOT_HEX = re.compile(rb"\{[^{}]{0,64}\}|\\'[0-9a-fA-F]{0,2}|\\[a-zA-Z]+-?[0-9]* ?|[^0-9a-fA-F]")
_TEMPLATE_BYTES = 1024
_TEMPLATES = 100
# As far as it may be obfuscated: codes of bytes, numbers of characters with a substitute, other words and groups.
_PATH_TOKEN = re.compile(rb"\\'([0-9a-fA-F]{2})|\\u(-?[0-9]{1,6}) ?\??|\\([\\{}])|\\[a-zA-Z]+-?[0-9]* ?|[{}\r\n*\\]")
_LINKED = 1
_LINK_CLASSES = ("ole2link", "link")


def check_groups(sample: Sample) -> tuple[set[Active], tuple[Gap, ...]]:
    """What in the file is active, and what was not searched. Raises TornError when it is cut off; OSError."""
    scan = _Scan(sample)
    place = 0
    while place < sample.size and not scan.closed:
        if place > _SEARCHED or scan.marks > _MARKS:
            return scan.active, (Gap("health", "large"), Gap("active", "large"))
        block = sample.read(place, _BLOCK)
        last = place + len(block) >= sample.size or not block
        if not block:
            break
        place += scan.search(block, place, len(block) if last else max(1, len(block) - _OVERLAP))
    if place > sample.size:
        raise TornError("binary data reaches beyond the end of the file")
    if not scan.closed:
        tail = sample.read(max(0, sample.size - _OVERLAP), _OVERLAP)
        if scan.depth != 1 or not _ENDED.search(tail):
            raise TornError(f"{scan.depth} groups are not closed")
    return scan.active, () if scan.looked_at_all else (Gap("active", "large"),)


class _Scan:
    """Follows braces, and nothing else, through the file."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self.depth = 0
        self.marks = 0
        self.closed = False
        self.active: set[Active] = set()
        self._fields = self._objects = self._templates = 0

    @property
    def looked_at_all(self) -> bool:
        """Whether there were no more fields, objects and templates than are looked at."""
        return self._fields <= _FIELDS and self._objects <= _OBJECTS and self._templates <= _TEMPLATES

    def search(self, block: bytes, place: int, end: int) -> int:
        """Searches the block, which lies at `place`, up to `end`; how many bytes of it are done with."""
        if not (b"{" in block or b"}" in block or b"\\" in block):
            return end
        at = 0
        while match := _MARK.search(block, at):
            if match.start() >= end:
                return match.start()
            self.marks += 1
            at = match.end()
            found = match[0]
            if found == b"{":
                self.depth += 1
            elif found == b"}":
                self.depth -= 1
                if self.depth <= 0:
                    self.closed = True
                    return at
            elif match[1]:
                at += int(match[1])
                if at >= end:
                    return at
            elif match[2]:
                self._look(match[2], place + at)
        return max(at, end)

    def _look(self, word: bytes, place: int) -> None:
        if word == b"fldinst":
            self._fields += 1
            if self._fields > _FIELDS:
                return
            code = _CONTROL.sub(b"", self._sample.read(place, _FIELD_BYTES))
            if _LINK_FIELD.match(code):
                self.active.add(Active.EXTERNAL)
        elif word == b"template":
            self._templates += 1
            if self._templates <= _TEMPLATES and is_remote(_path(self._sample.read(place, _TEMPLATE_BYTES))):
                self.active.add(Active.EXTERNAL)
        elif word in (b"objautlink", b"objlink"):
            self.active.add(Active.EXTERNAL)
        elif word == b"objupdate":
            self.active.add(Active.OBJECT)
        elif word == b"objdata":
            self._objects += 1
            if self._objects <= _OBJECTS:
                self._look_at_object(place)

    def _look_at_object(self, place: int) -> None:
        """The header of an object of OLE 1 ([MS-OLEDS] 2.2.4) names its program."""
        digits = _NOT_HEX.sub(b"", self._sample.read(place, 2 * _OBJECT_BYTES))
        data = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        if len(data) < 12:
            return
        kind, length = unpack_from("<II", data, 4)
        program = data[12 : 12 + min(length, 255)].split(b"\0", 1)[0].decode("latin-1")
        if kind == _LINKED or program.lower() in _LINK_CLASSES:
            self.active.add(Active.EXTERNAL)
        elif not ordinary_program(program):
            self.active.add(Active.OBJECT)


def _path(text: bytes) -> str:
    """The path that a group holds, up to its end."""
    parts: list[bytes] = []
    place = depth = 0
    for token in _PATH_TOKEN.finditer(text):
        parts.append(text[place : token.start()])
        place = token.end()
        depth += {b"{": 1, b"}": -1}.get(token[0], 0)
        if depth < 0:
            break
        parts.append(_plain(token))
    else:
        parts.append(text[place:])
    return b"".join(parts).decode("latin-1").strip(' \t"')


def _plain(token: re.Match[bytes]) -> bytes:
    code, number, sign = token.groups()
    if code:
        return bytes.fromhex(code.decode())
    return bytes((int(number) & 0xFF,)) if number else sign or b""

"""Synthetic workspaces that pass the check: real formats, filled with noise that no compression shrinks.

The same specification always gives the same bytes.
"""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

Pieces = Iterable[bytes | memoryview]
KB, MB = 1000, 1000**2
_BLOCK = 16 * 2**20
_LEAVES = 15


@dataclass(frozen=True)
class Filing:
    """How many files of one kind a question gets, and how large one is on average, in bytes."""

    category: str
    extension: str
    count: int
    size: int


@dataclass(frozen=True)
class Workspace:
    """What to make. `scale` multiplies all sizes but those of the answers."""

    questions: int
    filings: tuple[Filing, ...]
    scale: float = 1.0

    @property
    def files(self) -> int:
        """Answers and evidence."""
        return self.questions * (1 + sum(filing.count for filing in self.filings))


# 20 files with the answer, 3.6 MB: an everyday question.
EVERYDAY = (
    Filing("政策文件", "pdf", 4, 300 * KB),
    Filing("网站截图", "jpg", 4, 130 * KB),
    Filing("网站截图", "png", 3, 180 * KB),
    Filing("操作演示录屏", "mp4", 1, 1000 * KB),
    Filing("案例", "docx", 4, 60 * KB),
    Filing("案例", "xlsx", 2, 40 * KB),
    Filing("案例", "txt", 1, 8 * KB),
)
# 568 MB in 31 files: recordings, scans, photographs, and a tenth that compression shrinks.
HEAVY = (
    Filing("操作演示录屏", "mp4", 2, 172 * MB),
    Filing("政策文件", "pdf", 10, 11 * MB),
    Filing("网站截图", "jpg", 10, 5800 * KB),
    Filing("网站截图", "bmp", 1, 18 * MB),
    Filing("网站截图", "tif", 1, 18 * MB),
    Filing("案例", "csv", 6, 3 * MB),
)

_CATEGORIES = {
    "政策文件": ("policy", "pdf"),
    "网站截图": ("screenshot", "image"),
    "操作演示录屏": ("recording", "video"),
    "案例": ("case", "word, excel, text"),
}
# Pixels in a row of what a screen shows, and how many different rows there are.
_WIDTH, _ROWS = 1920, 48


class _Noise:
    """Bytes that look random, from one block; a file begins anywhere in it."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._block = memoryview(self._random.randbytes(_BLOCK))

    def about(self, size: float) -> int:
        """A size near this one; hardly two files share theirs."""
        return int(size * self._random.uniform(0.8, 1.2))

    def pieces(self, size: int) -> Iterator[memoryview]:
        """So many bytes."""
        start = self._random.randrange(_BLOCK)
        while size > 0:
            piece = self._block[start : start + size]
            yield piece
            size -= len(piece)
            start = 0

    def bytes(self, size: int) -> bytes:
        """So many bytes, at once."""
        return b"".join(self.pieces(size))


def make_workspace(root: Path, wanted: Workspace) -> int:
    """Write a workspace into a new folder; the bytes of answers and evidence."""
    from evidence_cli.samples.office import docx  # late: the caller must stay small

    noise = _Noise(wanted.questions)
    codes = [f"1.{number % _LEAVES + 1}-{number // _LEAVES + 1:02d}" for number in range(wanted.questions)]
    (root / "config").mkdir(parents=True)
    (root / "config/indicators.yaml").write_text(table(codes, _CATEGORIES), encoding="utf-8")
    total = 0
    for code in codes:
        leaf = code.partition("-")[0]
        folder = root / f"指标/{leaf}-指标{leaf}/{code}-题目{code}"
        folder.mkdir(parents=True)
        total += _write(folder / "答案.docx", [docx([f"{code}：本题的答案写在这里，说明做法、依据和成效。"])])
        for category in _CATEGORIES:
            total += _fill(folder / "佐证材料", category, wanted, noise)
    (root / "报送").mkdir()
    return total


def _fill(evidence: Path, category: str, wanted: Workspace, noise: _Noise) -> int:
    kinds = [filing for filing in wanted.filings if filing.category == category for _ in range(filing.count)]
    if not kinds:
        return 0
    folder = evidence / f"{list(_CATEGORIES).index(category) + 1:02d}-{category}"
    folder.mkdir(parents=True)
    total = 0
    for number, filing in enumerate(kinds, start=1):
        size = noise.about(filing.size * wanted.scale)
        name = f"{number:02d}-材料{number}.{filing.extension}"
        total += _write(folder / name, _MAKERS[filing.extension](noise, size))
    return total


def _write(path: Path, pieces: Pieces) -> int:
    with path.open("wb") as stream:
        return sum(stream.write(piece) for piece in pieces)


def table(codes: list[str], categories: dict[str, tuple[str, str]]) -> str:
    """A table with these questions, and categories as name → (id, kinds)."""
    lines = [
        "version: 1",
        "evaluation: {id: benchmark, title: 性能测试, period: {start: 2021-01-01, end: 2021-12-31}}",
        "categories:",
        *(f"  - {{id: {id}, name: {name}, kinds: [{kinds}]}}" for name, (id, kinds) in categories.items()),
        "defaults: {package: {max_size: 100GB}, evidence: {max_file_size: 100GB}}",
        'indicators:\n  - code: "1"\n    name: 指标\n    children:',
    ]
    # A table without a leaf is none, even where no question is asked yet.
    for leaf in sorted({code.partition("-")[0] for code in codes} or {"1.1"}):
        own = ", ".join(f'{{code: "{code}", title: "题目{code}"}}' for code in codes if code.startswith(f"{leaf}-"))
        lines += [f'      - code: "{leaf}"', f"        name: 指标{leaf}", f"        questions: [{own}]"]
    return "\n".join(lines) + "\n"


def _pdf(noise: _Noise, size: int) -> Pieces:
    """One page whose content stream is noise (ISO 32000-1, 7.5)."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
        b"<</Length %d>>stream\n" % size,
    ]
    head = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(head))
        head += b"%d 0 obj" % number + content + (b"endobj\n" if number < len(objects) else b"")
    yield head
    yield from noise.pieces(size)
    end = b"\nendstream endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(head) + size + len(end)
    yield end + b"xref\n0 5\n0000000000 65535 f \n" + table
    yield b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def _jpg(noise: _Noise, size: int) -> Pieces:
    """A picture with the noise in comments (ITU-T T.81, B.2.4.5)."""
    from evidence_cli.samples.pictures import picture

    base = picture("jpg", seed=size)
    yield base[:2]
    for length in _parts(size, 65533):
        yield b"\xff\xfe" + struct.pack(">H", length + 2)
        yield from noise.pieces(length)
    yield base[2:]


def _png(noise: _Noise, size: int) -> Pieces:
    """A picture with the noise in a private chunk before its end (ISO/IEC 15948)."""
    from evidence_cli.samples.pictures import picture

    base = picture("png", seed=size, size=(320, 240))
    kind, data = b"noIs", noise.bytes(size)
    yield base[:-12] + struct.pack(">I", size) + kind
    yield data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))) + base[-12:]


def _mp4(noise: _Noise, size: int) -> Pieces:
    """A recording with the noise in a box that players skip (ISO/IEC 14496-12, 8.1.2)."""
    from evidence_cli.samples.recording import recording

    yield recording(seed=size, seconds=4) + struct.pack(">I4s", size + 8, b"free")
    yield from noise.pieces(size)


def _office(base: bytes, picture: str, data: bytes) -> Pieces:
    buffer = io.BytesIO(base)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(picture, (1980, 1, 1, 0, 0, 0)), data)
    return [buffer.getvalue()]


def _docx(noise: _Noise, size: int) -> Pieces:
    from evidence_cli.samples.office import docx

    return _office(docx([f"案例材料 {size}"]), "word/media/image1.jpeg", noise.bytes(size))


def _xlsx(noise: _Noise, size: int) -> Pieces:
    from evidence_cli.samples.office import xlsx

    return _office(xlsx([["数量", size]]), "xl/media/image1.jpeg", noise.bytes(size))


def _txt(noise: _Noise, size: int) -> Pieces:
    """Lines of 汉字, as the noise has them."""
    letters = "".join(chr(0x4E00 + byte) for byte in noise.bytes(max(1, size // 3)))
    width = 40
    return ["\r\n".join(letters[place : place + width] for place in range(0, len(letters), width)).encode("utf-8-sig")]


def _screen(noise: _Noise, size: int) -> tuple[int, Iterator[bytes]]:
    """How many rows of a screen take so many bytes, and the rows: areas of one colour, much alike one another."""
    kinds = []
    for _ in range(_ROWS):
        runs = noise.bytes(64)
        row = b"".join(bytes((runs[at], runs[at + 1], 230)) * 60 for at in range(0, len(runs), 2))
        kinds.append(row[: 3 * _WIDTH])
    count = max(200, size // (3 * _WIDTH))
    order = noise.bytes(count)
    return count, (kinds[number % _ROWS] for number in order)


def _bmp(noise: _Noise, size: int) -> Pieces:
    """A screenshot without compression: 24 bits a pixel, rows from the bottom up."""
    count, rows = _screen(noise, size)
    length = 3 * _WIDTH * count
    yield struct.pack("<2sIII", b"BM", 54 + length, 0, 54)
    yield struct.pack("<IiiHHIIiiII", 40, _WIDTH, count, 1, 24, 0, length, 2835, 2835, 0, 0)
    yield from rows


def _tif(noise: _Noise, size: int) -> Pieces:
    """A scan without compression in one strip (TIFF 6.0, section 6)."""
    count, rows = _screen(noise, size)
    short, long = 3, 4
    fields = [
        (256, long, 1, _WIDTH), (257, long, 1, count), (258, short, 3, 8 + 2 + 12 * 9 + 4), (259, short, 1, 1),
        (262, short, 1, 2), (273, long, 1, 8 + 2 + 12 * 9 + 4 + 6), (277, short, 1, 3), (278, long, 1, count),
        (279, long, 1, 3 * _WIDTH * count),
    ]  # fmt: skip
    yield b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(fields))
    yield b"".join(struct.pack("<HHII", *entry) for entry in fields) + bytes(4) + struct.pack("<3H", 8, 8, 8)
    yield from rows


def _csv(noise: _Noise, size: int) -> Pieces:
    """A list of cases: number, name, count, share."""
    yield "\ufeff编号,事项,办件量,网办率\r\n".encode()
    done = 0
    while done < size:
        values = struct.unpack("<1200H", noise.bytes(2400))
        lines = (
            f"{first % 9973},{chr(0x4E00 + second % 9000)}{chr(0x4E00 + third % 900)},{second % 997},0.{third % 99}\r\n"
            for first, second, third in zip(values[::3], values[1::3], values[2::3], strict=True)
        )
        piece = "".join(lines).encode()
        done += len(piece)
        yield piece


def _parts(size: int, most: int) -> Iterator[int]:
    for number in range(math.ceil(size / most)):
        yield min(most, size - number * most)


_MAKERS: dict[str, Callable[[_Noise, int], Pieces]] = {
    "pdf": _pdf,
    "jpg": _jpg,
    "png": _png,
    "mp4": _mp4,
    "docx": _docx,
    "xlsx": _xlsx,
    "txt": _txt,
    "bmp": _bmp,
    "tif": _tif,
    "csv": _csv,
}

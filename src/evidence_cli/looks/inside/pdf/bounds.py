"""Objects of a PDF that are written out at such length that no reader of objects should be given them."""

import re

from evidence_cli.looks.inside.pdf.structure import MAX_DECODED
from evidence_cli.looks.sample import BombError, Sample

_STEP = 512 * 1024
_GLANCE = 2048
# qpdf and pdfium make up to 75 bytes of each byte of an array of numbers.
_MAX_STEPS = 4
_MAX_SEARCHED = 24 * 1024 * 1024
_MAX_CONTAINERS = 1000
_CONTAINER = re.compile(rb"/(?:ObjStm|XRef)\b[^\0]{0,500}?>>[\0\t\n\f\r ]*stream\r?\n")
_BINARY = re.compile(rb"[^\t\n\f\r -~]|\bobj\b|\b\d{10} \d{5} [nf]")


def expect_short_objects(sample: Sample) -> None:
    """Raises BombError where more than 2 MiB are neither stream nor cross-reference nor hold the end of an object.

    Glances at 2 KiB of every 512 KiB, and reads only what looks so. Raises OSError.
    """
    begin = run = 0
    for offset in range(0, sample.size, _STEP):
        if _BINARY.search(sample.read(offset, _GLANCE)):
            run = 0
            continue
        begin = begin if run else offset
        run += 1
        if run > _MAX_STEPS:
            if _is_one_object(sample, begin):
                raise BombError(f"an object of more than {_MAX_STEPS * _STEP} bytes")
            run = 0


def _is_one_object(sample: Sample, begin: int) -> bool:
    data = sample.read(begin, _MAX_STEPS * _STEP)
    if b"endobj" in data or b"endstream" in data:
        return False
    earlier = sample.read(max(0, begin - _STEP), begin - max(0, begin - _STEP)) + data[:_GLANCE]
    # In a stream that is plain text, the word that opened it is the last one before.
    return earlier.rfind(b"stream") < earlier.rfind(b"obj") or earlier.endswith(b"endstream")


def expect_small_containers(sample: Sample) -> None:
    """Raises BombError for an object or cross-reference stream (ISO 32000-1 7.5.7, 7.5.8) that swells absurdly.

    For readers without limits of their own. Looks at the first 24 MiB, at most 1000 streams. Raises OSError.
    """
    import zlib  # late: start-up time

    data = sample.read(0, _MAX_SEARCHED)
    for count, mark in enumerate(_CONTAINER.finditer(data)):
        if count >= _MAX_CONTAINERS:
            break
        try:
            size = len(zlib.decompressobj().decompress(memoryview(data)[mark.end() :], MAX_DECODED))
        except zlib.error:
            continue
        if size >= MAX_DECODED:
            raise BombError(f"object stream that expands to more than {MAX_DECODED} bytes")

"""XML 1.0 in encodings that expat lacks: GBK and its kin, which Chinese programs declare and write."""

import codecs
import re
from collections.abc import Iterable, Iterator

_DECLARED = re.compile(rb"^(\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"'])([A-Za-z0-9._-]{1,40})([\"'])")
# What expat reads by itself.
_NATIVE = frozenset({"utf-8", "utf-16", "iso8859-1", "ascii", "utf-16-le", "utf-16-be"})


def utf8_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of an XML document, as UTF-8 where it declares an encoding that expat lacks (GBK, say).

    Raises UnicodeError where the bytes are not of that encoding, and whatever drawing a chunk raises.
    """
    chunks = iter(chunks)
    first = next(chunks, b"")
    found = _DECLARED.match(first.removeprefix(codecs.BOM_UTF8))
    name = _codec(found[2]) if found else None
    if found is None or name is None or name in _NATIVE:
        yield first
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(name)()
    yield found[1] + b"utf-8" + found[3] + decoder.decode(first[found.end() :]).encode("utf-8")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8")
    yield decoder.decode(b"", True).encode("utf-8")


def _codec(name: bytes) -> str | None:
    """The name of a codec of characters; those that unpack or decode otherwise are none."""
    try:
        found = codecs.lookup(name.decode("ascii"))
        found.incrementaldecoder().decode(b"")
        "".encode(found.name)
    except (LookupError, TypeError, AttributeError):
        return None
    # GB2312 that a Windows program wrote is GBK, and both are parts of GB18030.
    return "gb18030" if found.name in ("gb2312", "gbk") else found.name

"""Plain text and what is written in it: HTML, MHTML, SVG, CSV, scripts, flat OpenDocument."""

import codecs
import re

from evidence_cli.looks.answer_text import TEXT_LIMIT, html_text
from evidence_cli.looks.facts import Facts
from evidence_cli.looks.library import format_of_mime, mime_of
from evidence_cli.looks.sample import Sample
from evidence_cli.vocabulary.kinds import SCRIPT_EXTENSIONS

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# GB18030 holds GBK and GB2312.
_WITHOUT_BOM = ("utf-8", "gb18030")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"
# One control character in so many bytes still is a text: an old log, a stray backspace.
_BYTES_PER_CONTROL = 64
_LONGEST_CHARACTER = 4  # bytes
# A picture written as text tells so in its first lines, and libmagic takes a millisecond for a long text.
_TEXT_PICTURE = 1024

_ROOT = re.compile(r"<(!doctype\s+)?([a-z_][\w.:-]*)([^<>]{0,4000})", re.IGNORECASE)
_FLAT_ODF = re.compile(
    r"office:mimetype\s*=\s*[\"']application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)"
)
_FLAT = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_SKIPPED = (("<!--", "-->"), ("<?", ">"))
_HEADER_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]*:|[ \t]")
_BY_EXTENSION = {"csv": "csv", "tsv": "csv", "html": "html", "htm": "html", "xhtml": "html", "shtml": "html"}
_READABLE = frozenset({"text", "csv", "html"})


def look_at_rest(sample: Sample) -> Facts:
    """The facts of a file without a signature. Raises OSError; EnvironmentFailure without libmagic."""
    encoding = encoding_of(sample.head, whole=sample.whole)
    mime = mime_of(sample.head if encoding is None else sample.head[:_TEXT_PICTURE])
    named = format_of_mime(mime)
    if encoding is None:
        name = _refined("text", sample.extension) if named == "text" else named
        detail = mime
    else:
        beginning = decoded(sample.head, encoding)
        # libmagic knows rare pictures written as text. Its other guesses about text are worse than ours.
        fallback = named if named in ("image", "svg") else "text"
        name = _refined(_written_in(beginning) or fallback, sample.extension)
        detail = encoding
    if not sample.want_text or name not in _READABLE:
        return Facts(name, detail=detail)
    text = _all_text(sample)
    return Facts(name, detail=detail, text=html_text(text) if name == "html" else text)


def _refined(name: str, extension: str) -> str:
    """What the extension adds to plain text, and only to plain text: Windows runs a script by its name."""
    if extension in SCRIPT_EXTENSIONS:
        return "script"
    return _BY_EXTENSION.get(extension, name) if name == "text" else name


def encoding_of(data: bytes, *, whole: bool) -> str | None:
    """The encoding of a text, or None if the bytes are no text.

    Unless they are the `whole` file, the last character may be cut.
    """
    encodings = next(((name,) for bom, name in _BOMS if data.startswith(bom)), _WITHOUT_BOM)
    return next((name for name in encodings if _is_text(data, name, whole=whole)), None)


def _is_text(data: bytes, encoding: str, *, whole: bool) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    plain = text.encode("utf-8", "surrogatepass") if encoding == "utf-16" else data
    plain = plain.removesuffix(b"\x1a")  # the end mark of DOS editors
    controls = len(plain) - len(plain.translate(None, _CONTROLS))
    return controls * _BYTES_PER_CONTROL <= len(plain) and b"\x00" not in plain


def decoded(data: bytes, encoding: str) -> str:
    """The text of these bytes; what does not fit the encoding, or is cut, becomes a replacement character."""
    return data.decode(encoding, "replace").removeprefix("\ufeff")


def _all_text(sample: Sample) -> str:
    """The text of the file as far as it is kept. A late character may change the guess of its encoding."""
    limit = TEXT_LIMIT * _LONGEST_CHARACTER
    data = sample.head if sample.whole else sample.read(0, limit)
    whole = len(data) >= sample.size
    text = decoded(data, encoding_of(data, whole=whole) or "gb18030")
    return (text if whole else text.rstrip("\ufffd"))[:TEXT_LIMIT]


def _written_in(text: str) -> str | None:
    """The format that a text shows by its beginning, or None for any other text."""
    if root := _ROOT.match(text, _start_of_root(text)):
        tag = root[2].lower()
        if tag == "html":
            return "html"
        if tag == "svg" or tag.endswith(":svg"):
            return "svg"
        if tag == "office:document" and (flat := _FLAT_ODF.search(root[3])):
            return _FLAT[flat[1]]
        if root[1]:
            # `<!DOCTYPE something>`: another language of XML.
            return None
    return "mhtml" if _is_mhtml(text) else None


def _start_of_root(text: str) -> int:
    """Where the root element or its document type begins: behind blanks, comments and instructions."""
    place = 0
    while True:
        while place < len(text) and text[place].isspace():
            place += 1
        opening, closing = next((pair for pair in _SKIPPED if text.startswith(pair[0], place)), ("", ""))
        end = text.find(closing, place) if opening else -1
        if end < 0:
            return place
        place = end + len(closing)


def _is_mhtml(text: str) -> bool:
    """RFC 2557: the first headers declare MIME and a multipart/related body."""
    headers = []
    for line in text[:8192].lstrip().splitlines():
        if not line.strip():
            break
        if not _HEADER_LINE.match(line):
            return False
        headers.append(line.lower())
    content = "".join(line for line in headers if line.startswith(("content-type:", " ", "\t")))
    return any(line.startswith("mime-version:") for line in headers) and "multipart/related" in content

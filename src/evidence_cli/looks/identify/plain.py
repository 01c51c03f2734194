"""Plain text and what is written in it: HTML, MHTML, SVG, CSV, scripts, flat OpenDocument."""

import re

from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.identify.library import format_of_mime, mime_of
from evidence_cli.looks.sample import Sample
from evidence_cli.looks.text.encoding import decoded, encoding_of, is_plain_chinese
from evidence_cli.vocabulary.kinds import FORMATS, SCRIPT_EXTENSIONS

# A picture written as text tells so in its first lines, and libmagic takes a millisecond for a long text.
_TEXT_PICTURE = 1024
# X bitmaps and pixmaps, portable anymaps, FITS, VICAR, DXF, XFig, VRML.
_MAY_BE_PICTURE = re.compile(
    r"P[1-7]\s|/\*|#define|! XPM|SIMPLE  =|LBLSIZE=|\s*(?:0|999)\s|#FIG|#VRML|#Inventor|AutoCAD|%!PS|ISO-10303"
)
# PostScript that is one picture; libmagic knows some writers of it only.
_ENCAPSULATED = re.compile(r"%!PS-Adobe-\d\.\d EPSF-\d")
_FEW_LINES = 8192
# How many bytes must be text before what follows is called damage and not another format: zeros, and anything else.
_TEXT_BEFORE_ZEROS = 16
_TEXT_BEFORE_OTHER = 4096

_ROOT = re.compile(r"<(!doctype\s+)?([a-z_][\w.:-]*)([^<>]{0,4000})", re.IGNORECASE)
_FLAT_ODF = re.compile(
    r"office:mimetype\s*=\s*[\"']application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)"
)
_FLAT = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
# What stands in a PDF that has lost its header, and in no text (ISO 32000-1 7.5).
_PDF_PARTS = re.compile(rb"\d[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+obj\b|startxref[\r\n ]+\d|trailer[\r\n ]*<<")
_SKIPPED = (("<!--", "-->"), ("<?", ">"))
_HEADER_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]*:|[ \t]")
_BY_EXTENSION = {"csv": "csv", "tsv": "csv", "html": "html", "htm": "html", "xhtml": "html", "shtml": "html"}
_TGA = frozenset({"tga", "targa", "icb", "vda", "vst"})
_TEXT_EXTENSIONS = frozenset(end for name in ("text", "csv", "html", "mhtml") for end in FORMATS[name][1])


def look_at_rest(sample: Sample) -> Facts:
    """The facts of a file without a signature. Raises OSError; EnvironmentFailure without libmagic."""
    if sample.extension == "pdf" and _PDF_PARTS.search(sample.head):
        return Facts("pdf", Health.DAMAGED, "no header")
    encoding = encoding_of(sample.head)
    if encoding is not None:
        return Facts(_refined(_text_format(sample.head, encoding), sample.extension), detail=encoding)
    if torn := _zeroed_text(sample):
        return torn
    if zipped := _zip_by_end(sample):
        return zipped
    mime = mime_of(sample.head)
    name = "other" if _is_doubtful(mime, sample) else format_of_mime(mime)
    if name == "text":
        # Some other encoding. Its markup is ASCII in all of them.
        name = _refined(_written_in(decoded(sample.head, "latin-1")) or name, sample.extension)
    elif name == "other" and sample.extension in _TEXT_EXTENSIONS and _begins_as_text(sample.head):
        return Facts(_refined("text", sample.extension), Health.DAMAGED, "text that goes on as something else")
    return Facts(name, detail=mime)


def _zip_by_end(sample: Sample) -> Facts | None:
    """A file named .zip that begins as something else and ends as a zip does, with its directory in sight.

    Unpackers open one with something before it; of several volumes the last one is named .zip.
    """
    end = sample.read(sample.size - 22, 22) if sample.extension == "zip" else b""
    if not end.startswith(b"PK\x05\x06"):
        return None
    if end[4:8] != bytes(4):
        return Facts("zip", Health.DAMAGED, "the last of several volumes")
    return Facts("zip")


def _is_doubtful(mime: str, sample: Sample) -> bool:
    """A TGA has no signature: libmagic takes any small numbers for one. Its name, or its footer, makes it sure."""
    if mime != "image/x-tga" or sample.extension in _TGA:
        return False
    return not sample.read(sample.size - 18, 18).startswith(b"TRUEVISION-XFILE")


def _begins_as_text(head: bytes) -> bool:
    return len(head) > _TEXT_BEFORE_OTHER and encoding_of(head[:_TEXT_BEFORE_OTHER]) is not None


def _text_format(head: bytes, encoding: str) -> str:
    beginning = decoded(head, encoding)
    if written := _written_in(beginning):
        return written
    if _ENCAPSULATED.match(beginning):
        return "image"
    sure = encoding != "gb18030" or is_plain_chinese(head[:_FEW_LINES])
    if sure and not _MAY_BE_PICTURE.match(beginning):
        return "text"
    # libmagic knows rare pictures written as text. Its other guesses about text are worse than ours.
    named = format_of_mime(mime_of(head[:_TEXT_PICTURE]))
    return named if named in ("image", "svg") else "text"


def _refined(name: str, extension: str) -> str:
    """What the extension adds to plain text, and only to plain text: Windows runs a script by its name."""
    if extension in SCRIPT_EXTENSIONS:
        return "script"
    return _BY_EXTENSION.get(extension, name) if name == "text" else name


def _zeroed_text(sample: Sample) -> Facts | None:
    """A text whose tail, or all of it, a failed copy left as zeros. Only the name still tells that it was one."""
    if sample.extension not in _TEXT_EXTENSIONS or not sample.head.endswith(b"\x00"):
        return None
    rest = sample.head.rstrip(b"\x00")
    if not rest and len(sample.head) >= _TEXT_BEFORE_ZEROS:
        return Facts(_refined("text", sample.extension), Health.DAMAGED, "nothing but zeros")
    encoding = encoding_of(rest) if len(rest) >= _TEXT_BEFORE_ZEROS else None
    if encoding is None:
        return None
    name = _refined(_text_format(rest, encoding), sample.extension)
    return Facts(name, Health.DAMAGED, f"zeros from byte {len(rest)}")


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
    for line in text[:_FEW_LINES].lstrip().splitlines():
        if not line.strip():
            break
        if not _HEADER_LINE.match(line):
            return False
        headers.append(line.lower())
    content = "".join(line for line in headers if line.startswith(("content-type:", " ", "\t")))
    return any(line.startswith("mime-version:") for line in headers) and "multipart/related" in content

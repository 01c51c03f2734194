"""What a zip container is: OOXML (ECMA-376), OFD (GB/T 33190), ODF (ISO/IEC 26300), a program, just a zip."""

import re
from collections.abc import Collection, Iterable, Iterator
from struct import unpack_from
from urllib.parse import unquote

from evidence_cli.looks.containers.zipped import STARTS, Container, TooLargeError, first_names, open_container
from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.sample import Sample, TornError
from evidence_cli.vocabulary.kinds import FORMATS, kind_of

_MEMBER_LIMIT = 1024 * 1024
TYPES = "[content_types].xml"
_ROOT_RELATIONSHIPS = "_rels/.rels"
_MAIN_PARTS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "ppt/presentation.xml": "pptx",
}
_FOLDERS = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_OOXML_PLACES = (TYPES, "_rels/", "docprops/", "customxml/")

# One declaration in [Content_Types].xml or one relationship, and its attributes in any order.
_DECLARATION = re.compile(r"<(?:\w+:)?(?:Override|Default|Relationship)\b([^<>]{0,2000})")
_ATTRIBUTE = re.compile(r"\b(\w++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)')")
_OPEN = "application/vnd.openxmlformats-officedocument."
_WORD, _EXCEL, _SLIDES = (f"application/vnd.ms-{name}." for name in ("word", "excel", "powerpoint"))
# Content types of main parts, in lower case: ECMA-376 part 1, 11-13; [MS-OFFMACRO2]; [MS-XLSB].
_MAIN_TYPES = {
    f"{_OPEN}wordprocessingml.document.main+xml": "docx",
    f"{_OPEN}wordprocessingml.template.main+xml": "dotx",
    f"{_WORD}document.macroenabled.main+xml": "docm",
    f"{_WORD}template.macroenabledtemplate.main+xml": "dotm",
    f"{_WORD}template.macroenabled.main+xml": "dotm",
    f"{_OPEN}spreadsheetml.sheet.main+xml": "xlsx",
    f"{_OPEN}spreadsheetml.template.main+xml": "xltx",
    f"{_EXCEL}sheet.macroenabled.main+xml": "xlsm",
    f"{_EXCEL}template.macroenabled.main+xml": "xltm",
    f"{_EXCEL}addin.macroenabled.main+xml": "xlsm",
    f"{_EXCEL}sheet.binary.macroenabled.main": "xlsb",
    f"{_OPEN}presentationml.presentation.main+xml": "pptx",
    f"{_OPEN}presentationml.slideshow.main+xml": "pptx",
    f"{_OPEN}presentationml.template.main+xml": "potx",
    f"{_SLIDES}presentation.macroenabled.main+xml": "pptm",
    f"{_SLIDES}slideshow.macroenabled.main+xml": "pptm",
    f"{_SLIDES}addin.macroenabled.main+xml": "pptm",
    f"{_SLIDES}template.macroenabled.main+xml": "potm",
}
_MANIFEST = "meta-inf/manifest.xml"
_ENTRY = re.compile(r"<(?:\w+:)?file-entry\b([^<>]{0,2000})")
_VISIO = re.compile(r"application/vnd\.ms-visio\..*main\+xml")

_ODF = "application/vnd.oasis.opendocument."
# OpenOffice.org 1, before there was a standard.
_OLD = "application/vnd.sun.xml."
_MIMETYPES = {
    f"{_ODF}text": "odt",
    f"{_ODF}text-template": "odt",
    f"{_ODF}text-master": "odt",
    f"{_ODF}spreadsheet": "ods",
    f"{_ODF}spreadsheet-template": "ods",
    f"{_ODF}presentation": "odp",
    f"{_ODF}presentation-template": "odp",
}


def look_at_zip(sample: Sample) -> Facts | None:
    """The facts of a zip container, or None if the file is none. Raises OSError."""
    if not sample.head.startswith(STARTS):
        return None
    try:
        container = open_container(sample)
    except TooLargeError:
        return Facts("zip", detail="zip directory too large to look into")
    except TornError as torn:
        if _hides_directory(sample.head):
            return Facts("zip", Health.ENCRYPTED, "zip with an encrypted directory")
        return Facts(_format_of_torn(sample), Health.DAMAGED, str(torn))
    names = container.members
    if _is_program(names):
        return Facts("executable", detail="Java or Android program")
    # GM/T 0099: an encrypted OFD may hide its first file, too.
    if "ofd.xml" in names or ("encryptions.xml" in names and names.keys() & {"decryptseed.dat", "entriesmap.dat"}):
        return Facts("ofd")
    if any(names[name].flag_bits & 1 for name in ("mimetype", TYPES) if name in names):
        return Facts(_format_by_names(names, sample.extension), Health.ENCRYPTED, "zip with encrypted members")
    try:
        return _by_mimetype(container) or _by_parts(container) or _plain_zip(container)
    except TornError as torn:
        return Facts(_format_by_names(names, sample.extension), Health.DAMAGED, str(torn))


def _hides_directory(head: bytes) -> bool:
    """APPNOTE.TXT 4.4.4, bits 0 and 13: where the directory is encrypted, local headers hide their values."""
    return head.startswith(b"PK\x03\x04") and len(head) >= 8 and unpack_from("<H", head, 6)[0] & 0x2001 == 0x2001


def _is_program(names: Collection[str]) -> bool:
    if "androidmanifest.xml" in names:
        return True
    return "meta-inf/manifest.mf" in names and any(name.endswith(".class") for name in names)


def _by_mimetype(container: Container) -> Facts | None:
    """ODF and EPUB say what they are in a member of that name."""
    manifest = container.read(_MANIFEST, _MEMBER_LIMIT) if _MANIFEST in container.members else b""
    if "mimetype" in container.members:
        mime = container.read("mimetype", 256).decode("ascii", "replace").strip()
    else:
        mime = _root_type(manifest)
    name = _format_of_mimetype(mime)
    if name is None:
        return None
    if b"encryption-data" in manifest:
        return Facts(name, Health.ENCRYPTED, mime)
    return Facts(name, detail=mime)


def _root_type(manifest: bytes) -> str:
    """The media type of the package itself, as its manifest tells: the member `mimetype` is not obligatory."""
    for entry in _ENTRY.finditer(manifest.decode("utf-8", "replace")):
        attributes = {name: first or second for name, first, second in _ATTRIBUTE.findall(entry[1])}
        if attributes.get("path") == "/":
            return str(attributes.get("type", ""))
    return ""


def _format_of_mimetype(mime: str) -> str | None:
    if mime in _MIMETYPES:
        return _MIMETYPES[mime]
    return "other" if mime.startswith((_ODF, _OLD)) or mime == "application/epub+zip" else None


def _by_parts(container: Container) -> Facts | None:
    """OOXML, by the content type of its main part or by where that lies; members in any order."""
    main = main_part(container)
    if main is not None:
        name, part = main
        return Facts(name) if part in container.members else Facts(name, Health.DAMAGED, "main part is missing")
    if TYPES in container.members:
        folder = next((name for start, name in _FOLDERS.items() if _any_below(start, container.members)), None)
        if folder is not None:
            return Facts(folder, Health.DAMAGED, "main part is missing")
    return None


def main_part(container: Container) -> tuple[str, str] | None:
    """The format of an OOXML package and the name of its main part as `members` has it; None if it is none.

    The part may be declared only, and missing. Raises TornError, OSError.
    """
    names = container.members
    declared = _declared_main_parts(container)
    for name, part in declared:
        if part in names:
            return name, part
    usual = next(((name, part) for part, name in _MAIN_PARTS.items() if part in names), None)
    # A Default may declare the type of every .xml; the part is then where it usually is, or where the links lead.
    by_default = next((name for name, part in declared if not part), None)
    if by_default is None:
        return usual or (declared[0] if declared else None)
    part = usual[1] if usual else _linked_main_part(container)
    return by_default, part


def _declarations(container: Container, member: str) -> Iterator[dict[str, str]]:
    if member not in container.members:
        return
    data = container.read(member, _MEMBER_LIMIT)
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    for declaration in _DECLARATION.finditer(data.decode(encoding, "replace")):
        yield {name: first or second for name, first, second in _ATTRIBUTE.findall(declaration[1])}


def _declared_main_parts(container: Container) -> list[tuple[str, str]]:
    """Format and part name (lower case, empty if a Default declares it) of each declared main part."""
    declared = []
    for attributes in _declarations(container, TYPES):
        content_type = attributes.get("ContentType", "").partition(";")[0].strip().lower()
        name = _MAIN_TYPES.get(content_type) or ("other" if _VISIO.fullmatch(content_type) else None)
        if name is not None:
            declared.append((name, unquote(attributes.get("PartName", "")).lstrip("/").lower()))
    return declared


def _linked_main_part(container: Container) -> str:
    """Where the package's own relationship to its document leads; empty if there is none."""
    for attributes in _declarations(container, _ROOT_RELATIONSHIPS):
        if attributes.get("Type", "").lower().endswith("/officedocument"):
            return unquote(attributes.get("Target", "")).lstrip("/").lower()
    return ""


def _plain_zip(container: Container) -> Facts:
    if any(member.flag_bits & 1 for member in container.members.values()):
        return Facts("zip", Health.ENCRYPTED, "zip with encrypted members")
    return Facts("zip")


def _any_below(folder: str, names: Iterable[str]) -> bool:
    return any(name.startswith(folder) for name in names)


def _format_of_torn(sample: Sample) -> str:
    """What a cut zip was: by the names in its first local headers, with the extension's help."""
    head = sample.head
    names = first_names(head)
    if names[:1] == ["mimetype"]:
        length, extra = unpack_from("<HH", head, 26)
        start = 30 + length + extra
        # Stored without a data descriptor, as ODF and EPUB demand, it can be read right here.
        size = unpack_from("<I", head, 18)[0]
        mime = head[start : start + min(size, 256)].decode("ascii", "replace")
        if name := _format_of_mimetype(mime):
            return name
    return _format_by_names(names, sample.extension)


def _format_by_names(names: Collection[str], extension: str) -> str:
    if _is_program(names):
        return "executable"
    if "ofd.xml" in names or (extension == "ofd" and _any_below("doc_0/", names)):
        return "ofd"
    for folder, name in _FOLDERS.items():
        if _any_below(folder, names):
            return _variant(name, extension)
    if any(_any_below(place, names) for place in _OOXML_PLACES):
        return next((name for name in _MAIN_TYPES.values() if extension in FORMATS[name][1]), "zip")
    return "zip"


def _variant(name: str, extension: str) -> str:
    """What the extension tells of a document whose content types are out of sight: its variant, not its kind."""
    same_kind = (other for other in _MAIN_TYPES.values() if kind_of(other) is kind_of(name))
    return next((other for other in same_kind if extension in FORMATS[other][1]), name)

"""What a zip container is: OOXML (ECMA-376), OFD (GB/T 33190), ODF (ISO/IEC 26300), a program, just a zip."""

import re
from collections.abc import Collection, Iterable
from struct import unpack_from

from evidence_cli.looks.answer_text import docx_text
from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.sample import Sample, TornError
from evidence_cli.looks.zipped import STARTS, Container, TooLargeError, first_names, open_container
from evidence_cli.vocabulary.kinds import FORMATS

_MEMBER_LIMIT = 1024 * 1024
_TYPES = "[content_types].xml"
_MAIN_PARTS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_FOLDERS = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_OOXML_PLACES = (_TYPES, "_rels/", "docprops/", "customxml/")

# One declaration in [Content_Types].xml, and its attributes in any order.
_DECLARATION = re.compile(r"<(?:\w+:)?(?:Override|Default)\b([^<>]{0,2000})")
_ATTRIBUTE = re.compile(r"\b(\w++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)')")
# Content types of main parts: plain, strict, template, slide show, add-in, with macros, binary workbook.
_OPEN = r"openxmlformats-officedocument\."
_MAIN_TYPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"application/vnd\.(?:{families})\..*main(?:\+xml)?"), name)
    for families, name in (
        (rf"{_OPEN}wordprocessingml|ms-word", "docx"),
        (rf"{_OPEN}spreadsheetml|ms-excel", "xlsx"),
        (rf"{_OPEN}presentationml|ms-powerpoint", "pptx"),
        ("ms-visio", "other"),
    )
)

_ODF = "application/vnd.oasis.opendocument."
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
        return Facts(_format_of_torn(sample), Health.DAMAGED, str(torn))
    names = container.members
    if _is_program(names):
        return Facts("executable", detail="Java or Android program")
    if "ofd.xml" in names:
        return Facts("ofd")
    try:
        return _by_mimetype(container) or _by_parts(sample, container) or _plain_zip(container)
    except TornError as torn:
        return Facts(_format_by_names(names, sample.extension), Health.DAMAGED, str(torn))


def _is_program(names: Collection[str]) -> bool:
    if "androidmanifest.xml" in names:
        return True
    return "meta-inf/manifest.mf" in names and any(name.endswith(".class") for name in names)


def _by_mimetype(container: Container) -> Facts | None:
    """ODF and EPUB say what they are in a member of that name."""
    if "mimetype" not in container.members:
        return None
    mime = container.read("mimetype", 256).decode("ascii", "replace").strip()
    name = _format_of_mimetype(mime)
    if name is None:
        return None
    manifest = "meta-inf/manifest.xml"
    if manifest in container.members and b"encryption-data" in container.read(manifest, _MEMBER_LIMIT):
        return Facts(name, Health.ENCRYPTED, mime)
    return Facts(name, detail=mime)


def _format_of_mimetype(mime: str) -> str | None:
    if mime in _MIMETYPES:
        return _MIMETYPES[mime]
    return "other" if mime.startswith(_ODF) or mime == "application/epub+zip" else None


def _by_parts(sample: Sample, container: Container) -> Facts | None:
    """OOXML, by the content type of its main part or by where that lies; members in any order."""
    names = container.members
    declared = _declared_main_parts(container) if _TYPES in names else []
    for name, part in declared:
        if part in names:
            return _document(sample, container, name, part)
    for part, name in _MAIN_PARTS.items():
        if part in names:
            return _document(sample, container, name, part)
    if declared:
        return Facts(declared[0][0], Health.DAMAGED, f"main part {declared[0][1] or '?'} is missing")
    if _TYPES in names:
        folder = next((name for start, name in _FOLDERS.items() if _any_below(start, names)), None)
        if folder is not None:
            return Facts(folder, Health.DAMAGED, "main part is missing")
    return None


def _declared_main_parts(container: Container) -> list[tuple[str, str]]:
    """Format and part name (lower case, empty if a Default declares it) of each declared main part."""
    data = container.read(_TYPES, _MEMBER_LIMIT)
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    declared = []
    for declaration in _DECLARATION.finditer(data.decode(encoding, "replace")):
        attributes = {name: first or second for name, first, second in _ATTRIBUTE.findall(declaration[1])}
        content_type = attributes.get("ContentType", "")
        name = next((name for pattern, name in _MAIN_TYPES if pattern.fullmatch(content_type)), None)
        if name is not None:
            declared.append((name, attributes.get("PartName", "").lstrip("/").lower()))
    return declared


def _document(sample: Sample, container: Container, name: str, part: str) -> Facts:
    if name != "docx" or not sample.want_text:
        return Facts(name)
    try:
        return Facts(name, text=docx_text(container.chunks, part))
    except TornError as torn:
        return Facts(name, Health.DAMAGED, str(torn))


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
            return name
    if any(_any_below(place, names) for place in _OOXML_PLACES):
        for name in _FOLDERS.values():
            if extension in FORMATS[name][1]:
                return name
    return "zip"

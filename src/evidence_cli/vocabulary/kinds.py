"""Kinds and formats of files, and the extensions each format may carry."""

from enum import StrEnum

from evidence_cli.vocabulary.names import visible_part


class Kind(StrEnum):
    """What a file is, decided by its content. The words of the table's `kinds:`."""

    PDF = "pdf"
    OFD = "ofd"
    WORD = "word"
    EXCEL = "excel"
    SLIDES = "slides"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    WEB = "web"
    ARCHIVE = "archive"
    EXECUTABLE = "executable"
    OTHER = "other"


# format → (kind, extensions a file of that format may carry; the first is the one to advise).
FORMATS: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "pdf": (Kind.PDF, ("pdf",)),
    "ofd": (Kind.OFD, ("ofd",)),
    # The variants of Office are formats of their own: Office opens none under another's extension.
    "docx": (Kind.WORD, ("docx",)),
    "docm": (Kind.WORD, ("docm",)),
    "dotx": (Kind.WORD, ("dotx",)),
    "dotm": (Kind.WORD, ("dotm",)),
    # Writers of the WPS suite save the same OLE2 document under their own extension.
    "doc": (Kind.WORD, ("doc", "wps", "dot", "wpt")),
    "odt": (Kind.WORD, ("odt", "ott", "fodt")),
    # Every Word opens an RTF that is named .doc, and many programs save it so.
    "rtf": (Kind.WORD, ("rtf", "doc")),
    "xlsx": (Kind.EXCEL, ("xlsx",)),
    "xlsm": (Kind.EXCEL, ("xlsm", "xlam")),
    "xlsb": (Kind.EXCEL, ("xlsb",)),
    "xltx": (Kind.EXCEL, ("xltx",)),
    "xltm": (Kind.EXCEL, ("xltm",)),
    "xls": (Kind.EXCEL, ("xls", "et", "xlt", "ett")),
    "ods": (Kind.EXCEL, ("ods", "ots")),
    "csv": (Kind.EXCEL, ("csv", "tsv")),
    # A show and a presentation differ in how they begin only: both open under either name.
    "pptx": (Kind.SLIDES, ("pptx", "ppsx")),
    "pptm": (Kind.SLIDES, ("pptm", "ppsm")),
    "potx": (Kind.SLIDES, ("potx",)),
    "potm": (Kind.SLIDES, ("potm",)),
    "ppt": (Kind.SLIDES, ("ppt", "dps", "pps", "pot", "dpt")),
    "odp": (Kind.SLIDES, ("odp", "otp")),
    "png": (Kind.IMAGE, ("png", "apng")),
    "jpeg": (Kind.IMAGE, ("jpg", "jpeg", "jpe", "jfif")),
    "gif": (Kind.IMAGE, ("gif",)),
    "bmp": (Kind.IMAGE, ("bmp", "dib")),
    "tiff": (Kind.IMAGE, ("tif", "tiff")),
    "webp": (Kind.IMAGE, ("webp",)),
    "heic": (Kind.IMAGE, ("heic", "heif", "hif", "avif")),
    "svg": (Kind.IMAGE, ("svg",)),
    "image": (Kind.IMAGE, ()),
    "mp4": (Kind.VIDEO, ("mp4", "m4v", "mov", "qt", "3gp", "3g2", "m4a", "m4b")),
    "avi": (Kind.VIDEO, ("avi",)),
    "wmv": (Kind.VIDEO, ("wmv", "asf", "wma")),
    "mkv": (Kind.VIDEO, ("mkv", "webm", "mka", "weba")),
    "ogv": (Kind.VIDEO, ("ogv", "ogg", "ogm")),
    "flv": (Kind.VIDEO, ("flv", "f4v")),
    "mpeg": (Kind.VIDEO, ("mpg", "mpeg", "vob", "ts", "mts", "m2ts")),
    "video": (Kind.VIDEO, ()),
    "mp3": (Kind.AUDIO, ("mp3",)),
    "wav": (Kind.AUDIO, ("wav",)),
    "flac": (Kind.AUDIO, ("flac",)),
    "ogg": (Kind.AUDIO, ("ogg", "oga", "opus", "spx")),
    "m4a": (Kind.AUDIO, ("m4a", "m4b", "mp4", "aac")),
    "wma": (Kind.AUDIO, ("wma", "asf")),
    "mka": (Kind.AUDIO, ("mka", "weba")),
    "aac": (Kind.AUDIO, ("aac",)),
    "amr": (Kind.AUDIO, ("amr",)),
    "audio": (Kind.AUDIO, ()),
    "text": (
        Kind.TEXT,
        ("txt", "md", "text", "log", "json", "xml", "yaml", "yml", "ini", "cfg", "toml", "srt", "vcf"),
    ),
    "html": (Kind.WEB, ("html", "htm", "xhtml", "shtml")),
    "mhtml": (Kind.WEB, ("mht", "mhtml")),
    "zip": (Kind.ARCHIVE, ("zip",)),
    "rar": (Kind.ARCHIVE, ("rar",)),
    "7z": (Kind.ARCHIVE, ("7z",)),
    "tar": (Kind.ARCHIVE, ("tar",)),
    "gzip": (Kind.ARCHIVE, ("gz", "tgz")),
    "bzip2": (Kind.ARCHIVE, ("bz2", "tbz", "tbz2")),
    "xz": (Kind.ARCHIVE, ("xz", "txz")),
    "zstd": (Kind.ARCHIVE, ("zst",)),
    "cab": (Kind.ARCHIVE, ("cab",)),
    "iso": (Kind.ARCHIVE, ("iso",)),
    "archive": (Kind.ARCHIVE, ()),
    "executable": (Kind.EXECUTABLE, ()),
    "script": (Kind.EXECUTABLE, ()),
    "empty": (Kind.OTHER, ()),
    "other": (Kind.OTHER, ()),
}

# What Windows runs on a double click although its content is plain text or markup.
SCRIPT_EXTENSIONS = frozenset(
    [
        "bat", "cmd", "vbs", "vbe", "js", "jse", "ws", "wsf", "wsh", "ps1", "psm1", "hta", "reg", "sh",
        "py", "pyw", "pl", "rb", "msc", "inf", "scf", "url", "lnk",
    ]
)  # fmt: skip
EXECUTABLE_EXTENSIONS = frozenset(["exe", "com", "scr", "pif", "dll", "msi", "msp", "cpl", "sys", "jar", "apk"])

_BY_EXTENSION: dict[str, set[str]] = {}
for _format, (_kind, _extensions) in FORMATS.items():
    for _extension in _extensions:
        _BY_EXTENSION.setdefault(_extension, set()).add(_format)


def kind_of(format_name: str) -> Kind:
    """The kind a format belongs to."""
    return FORMATS[format_name][0]


def extension_of(name: str) -> str:
    """The extension of a file name in lower case, without the dot; empty if there is none.

    Blanks and dots at the end, and what nobody can see, are not part of it: that they are there is a fault of the name.
    """
    stem, dot, extension = visible_part(name).rstrip(" .").rpartition(".")
    return extension.lower() if dot and stem else ""


def known_extension(extension: str) -> bool:
    """Whether the extension promises a format that evcli knows, or a program."""
    return extension in _BY_EXTENSION or extension in SCRIPT_EXTENSIONS or extension in EXECUTABLE_EXTENSIONS


def kinds_of_extension(extension: str) -> frozenset[Kind]:
    """The kinds that an extension promises."""
    return frozenset(kind_of(name) for name in _BY_EXTENSION.get(extension, ()))


def extension_fits(format_name: str, extension: str) -> bool:
    """Whether a file of this format may carry this extension.

    A format without a list of its own (some rare picture, say) fits what promises its kind or nothing known.
    """
    kind, extensions = FORMATS[format_name]
    if extensions:
        if extension in extensions:
            return True
        # Any unknown ending may hold plain text; it promises nothing that could be untrue.
        return format_name == "text" and extension != "" and not known_extension(extension)
    return kind in kinds_of_extension(extension) or not known_extension(extension)

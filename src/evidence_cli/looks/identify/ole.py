"""What an OLE2 compound file is: Office 97-2003 and WPS documents, encrypted Office files, installers, mails."""

from evidence_cli.looks.containers.ole_file import SIGNATURE, Compound
from evidence_cli.looks.facts import Facts, Health
from evidence_cli.looks.sample import Sample, TornError
from evidence_cli.vocabulary.kinds import FORMATS, Kind, kinds_of_extension

# The root's class of a Windows Installer package {000C1084-…-C000-…46} and of its patches {000C1086-…}.
_INSTALLER_CLASSES = (
    bytes.fromhex("84100c0000000000c000000000000046"),
    bytes.fromhex("86100c0000000000c000000000000046"),
)
_MAIN_STREAMS = {
    "worddocument": "doc",
    "workbook": "xls",
    "book": "xls",
    "powerpoint document": "ppt",
    "pp97_dualstorage": "ppt",
    "pp40": "ppt",
}
# What only goes with a main stream: where that is lost, these tell what the file was.
_COMPANIONS = {"0table": "doc", "1table": "doc", "current user": "ppt", "_vba_project_cur": "xls"}
_OFFICE = {Kind.WORD: "docx", Kind.EXCEL: "xlsx", Kind.SLIDES: "pptx"}


def look_at_ole(sample: Sample) -> Facts | None:
    """The facts of an OLE2 compound file, or None if the file is none. Raises OSError."""
    if not sample.head.startswith(SIGNATURE):
        return None
    try:
        compound = Compound(sample)
    except TornError as torn:
        return Facts(_legacy_format(sample.extension), Health.DAMAGED, str(torn))
    facts = _named(compound, sample.extension)
    try:
        cut = compound.find_cut()
    except TornError as torn:
        cut = str(torn)
    return Facts(facts.format, Health.DAMAGED, cut) if cut and facts.format != "executable" else facts


def _named(compound: Compound, extension: str) -> Facts:
    top = compound.inside("")
    main = next((name for name in _MAIN_STREAMS if name in top), None)
    name = _MAIN_STREAMS[main] if main else "other"
    if "encryptedpackage" in top:
        return Facts(_encrypted_format(extension), Health.ENCRYPTED, "encrypted Office package")
    if "\tdrmcontent" in top or any(path.endswith("drmencrypteddataspace") for path in compound.paths):
        return Facts(name if main else _encrypted_format(extension), Health.ENCRYPTED, "rights management")
    if compound.root.class_id in _INSTALLER_CLASSES:
        return Facts("executable", detail="Windows Installer package")
    if "__properties_version1.0" in top:
        return Facts("other", detail="Outlook message")
    if main is None:
        companion = next((format_name for stream, format_name in _COMPANIONS.items() if stream in top), None)
        if companion:
            return Facts(companion, Health.DAMAGED, "OLE2 main stream is missing")
        return Facts("other", detail="OLE2 compound file")
    return Facts(name)


def _legacy_format(extension: str) -> str:
    return next((name for name in ("doc", "xls", "ppt") if extension in FORMATS[name][1]), "other")


def _encrypted_format(extension: str) -> str:
    """The package inside is out of sight: only the name tells what it is."""
    kinds = kinds_of_extension(extension)
    return next((name for kind, name in _OFFICE.items() if kind in kinds), "docx")

"""Office 97-2003 and WPS documents, and the little that is worth knowing of what came before them."""

from collections.abc import Callable
from dataclasses import replace
from struct import error as struct_error
from struct import unpack_from

from evidence_cli.looks.containers.ole_file import SIGNATURE, Compound
from evidence_cli.looks.facts import Active, Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.legacy import excel_binary, slides_binary, word_binary
from evidence_cli.looks.inside.legacy.objects import macros_in, objects_in
from evidence_cli.looks.inside.ooxml.parts import in_order
from evidence_cli.looks.sample import Sample, TornError

_READERS: dict[str, Callable[[Compound, Facts], Inside]] = {
    "doc": word_binary.look_inside,
    "xls": excel_binary.look_inside,
    "ppt": slides_binary.look_inside,
}
# Word 2 and 1 for Windows; their files are no containers.
_OLD_WORD = (0xA5DB, 0xA59B, 0xA59C, 0xA5DC)


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """See `inside.Inspector`."""
    try:
        if not sample.head.startswith(SIGNATURE):
            return _look_without_container(sample, facts)
        compound = Compound(sample)
        inside = _READERS[facts.format](compound, facts)
    except (struct_error, OverflowError) as problem:
        raise TornError(f"{facts.format}: {problem}") from problem
    active = {*inside.facts.active, *objects_in(compound)}
    if macros_in(compound):
        active.add(Active.MACROS)
    return replace(inside, facts=replace(inside.facts, active=in_order(active)))


def _look_without_container(sample: Sample, facts: Facts) -> Inside:
    """Excel 2 to 4 and Word 1 and 2, whose files libmagic names like their successors."""
    if excel_binary.begins_old_sheet(sample.head):
        return excel_binary.look_inside_old(sample, facts)
    missing = [Gap("text", "format")]
    if len(sample.head) < 32 or unpack_from("<H", sample.head)[0] not in _OLD_WORD:
        missing.insert(0, Gap("health", "format"))
    return Inside(replace(facts, gaps=(*facts.gaps, *missing)))

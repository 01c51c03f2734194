"""Looking inside a PDF (ISO 32000-1): whether it is whole and opens, its pages, its text, what in it may run.

qpdf (by way of pikepdf) reads the structure and repairs what every reader repairs; pdfium reads the text. A file
that is merely untidy is whole; one whose end, pages or page content is missing is damaged.
"""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from evidence_cli.looks.facts import Active, Facts, Gap, Passage
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.pdf.actions import self_acting
from evidence_cli.looks.inside.pdf.bounds import expect_short_objects, expect_small_containers
from evidence_cli.looks.inside.pdf.pages import Sketcher
from evidence_cli.looks.inside.pdf.structure import MAX_DECODED, Leaves, Walk, leaves_of, walk
from evidence_cli.looks.inside.pdf.tail import End, tail_of
from evidence_cli.looks.inside.pdf.text import pages_by_pdfium, passages_of
from evidence_cli.looks.inside.pdf.titles import titles_of
from evidence_cli.looks.sample import LockedError, Sample, TornError

if TYPE_CHECKING:
    from pikepdf import Pdf

_WALK_SECONDS = 0.8
_SKETCH_SECONDS = 0.7
_TEXT_SECONDS = 2.5
# Characters. The page that asks to wait until the form is there says no more.
_PLACEHOLDER = 1000
_MAX_WARNINGS = 20_000
_MAX_CONTAINER = 500_000
# Small files whose objects share lines are put in order for qpdf, which looks for lost objects at the start of lines.
_MAX_REARRANGED = 8 * 1024 * 1024
# qpdf takes about 0.1 s for each MiB that it searches for lost objects.
_MAX_REBUILT = 24 * 1024 * 1024
_ONE_LINE = re.compile(rb"(\bendobj|>>|\bendstream)[\0\t\f ]*(?=\d+[\0\t\f ]+\d+[\0\t\f ]+obj\b|trailer\b)")
_OBJECT = re.compile(rb"\b(\d{1,7})[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj\b")
_ROOM = 3
_MAX_NUMBER = 500_000
_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,300}?/L[\0\t\n\f\r ]+(\d{1,12})\b")
_LINEARIZED_WITHIN = 2048
_NOT_THERE = re.compile(r"expected (?:n n|\d+ \d+) obj")
# How qpdf names what it reads from.
_SOURCE = re.compile(r"stream <[^>]*>[: ]*|/[^ ]*[/\\\\][^ ]*: ?")
_ENDINGS = {
    End.INSIDE: "ends inside an object",
    End.TABLE: "ends inside its cross-reference table",
}


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """What a PDF holds. Raises TornError, LockedError, BombError, and OSError of the stream."""
    end = tail_of(sample).end
    if end in _ENDINGS:
        raise TornError(_ENDINGS[end])
    expect_short_objects(sample)
    pdf = _opened(sample, end)
    if isinstance(pdf, int):
        reason = "large" if sample.size > _MAX_REBUILT else "format"
        return Inside(replace(facts, pages=pdf, gaps=(*facts.gaps, Gap("active", reason), Gap("text", reason))))
    try:
        # Programs try the empty password as the user's alone (7.6.3.4).
        if pdf.owner_password_matched and not pdf.user_password_matched:
            raise LockedError("needs a password")
        return _inside(pdf, sample, facts, end)
    except BaseException:
        pdf.close()
        raise


def _opened(sample: Sample, end: End) -> "Pdf | int":
    """The document, or the number of pages where pdfium alone can open it."""
    import pikepdf  # late: start-up time
    from pikepdf.settings import set_qpdf_limits  # late: start-up time

    set_qpdf_limits(
        flate_max_memory=MAX_DECODED,
        run_length_max_memory=MAX_DECODED,
        png_max_memory=MAX_DECODED,
        tiff_max_memory=MAX_DECODED,
        doc_max_warnings=_MAX_WARNINGS,
        parser_max_container_size=_MAX_CONTAINER,
    )
    refused = (pikepdf.PikepdfError, RuntimeError, ValueError, TypeError)
    problem: Exception
    try:
        return _open(sample, rebuild=True) if sample.size <= _MAX_REBUILT else _open_large(sample)
    except refused as error:
        problem = error
    if not isinstance(problem, pikepdf.PasswordError) and sample.size <= _MAX_REARRANGED:
        with suppress(*refused):
            lines = _ONE_LINE.sub(rb"\1\n", sample.read(0, sample.size))
            return pikepdf.open(BytesIO(_with_room(lines)), inherit_page_attributes=False)
    if end is End.CLOSED:
        expect_small_containers(sample)
        if pages := pages_by_pdfium(sample):
            return pages
    raise _verdict(problem, locked=isinstance(problem, pikepdf.PasswordError)) from problem


def _with_room(data: bytes) -> bytes:
    """With blanks before the last startxref: qpdf leaves out objects whose numbers are beyond a third of the length."""
    highest = max((int(number) for number in _OBJECT.findall(data)), default=0)
    blanks = _ROOM * (highest + 2) - len(data)
    place = data.rfind(b"startxref")
    if blanks <= 0 or place < 0 or highest > _MAX_NUMBER:
        return data
    return data[:place] + b" " * blanks + b"\n" + data[place:]


def _open(sample: Sample, *, rebuild: bool) -> "Pdf":
    import pikepdf  # late: start-up time

    return pikepdf.open(
        sample.file(),
        inherit_page_attributes=False,
        attempt_recovery=rebuild,
        # A map of the file would count as memory of this process.
        access_mode=pikepdf.AccessMode.stream,
    )


def _open_large(sample: Sample) -> "Pdf":
    """With qpdf's repairs only where they do not make it search the whole file. Raises TornError."""
    strict = _open(sample, rebuild=False)
    seen = walk(strict, seconds=_WALK_SECONDS)
    # qpdf gives each warning once.
    warnings = [str(warning) for warning in strict.get_warnings()]
    absent = any(map(_NOT_THERE.search, warnings))
    if absent and (seen.lost or leaves_of(strict).lost or any(map(_is_pruned, warnings))):
        strict.close()
        raise TornError("objects of pages are not where the cross-reference table says")
    if absent or not seen.complete:
        return strict
    strict.close()
    return _open(sample, rebuild=True)


def _is_pruned(warning: str) -> bool:
    """Whether qpdf left an entry of the page tree out."""
    return "Pages tree includes" in warning


def _verdict(problem: Exception, *, locked: bool) -> Exception:
    words = str(problem)
    if locked:
        return LockedError("needs a password")
    if "encrypt" in words or "password" in words:
        return LockedError("unknown encryption")
    return TornError("no pages" if "no pages" in words else _SOURCE.sub("", words) or "cannot be read")


def _inside(pdf: "Pdf", sample: Sample, facts: Facts, end: End) -> Inside:
    leaves = leaves_of(pdf)
    seen = walk(pdf, seconds=_WALK_SECONDS)
    mended = _expect_whole(pdf, sample, leaves, seen, end)
    if not leaves.pages:
        raise TornError("no pages")
    sketcher = Sketcher(pdf, leaves.pages)
    _sketch_some(sketcher)
    acting = self_acting(pdf, leaves.pages, triggers=seen.triggers)
    active = seen.active | acting.active
    gaps = acting.gaps
    if not (seen.complete and leaves.complete):
        gaps.append(Gap("active", "large"))
    if seen.large:
        gaps.append(Gap("text", "large"))
    facts = replace(
        facts,
        pages=len(leaves.pages),
        restricted=_is_restricted(pdf),
        active=tuple(kind for kind in Active if kind in active),
        gaps=(*facts.gaps, *dict.fromkeys(gaps)),
    )
    if seen.large:
        pdf.close()
        return Inside(facts)
    return Inside(facts, _passages(pdf, sample, sketcher, mended=mended, dynamic=acting.dynamic))


def _expect_whole(pdf: "Pdf", sample: Sample, leaves: Leaves, seen: Walk, end: End) -> bool:
    """Whether qpdf had to mend anything.

    Raises TornError where the cross-reference had to be rebuilt and the file lacks what a whole one has, or pdfium
    cannot rebuild it too. References that lead nowhere are legal, so they count only beside other signs of loss.
    """
    warnings = [str(warning) for warning in pdf.get_warnings()]
    if not any("reconstruct" in warning for warning in warnings):
        return bool(warnings)
    pruned = sum(map(_is_pruned, warnings))
    if leaves.lost or pruned:
        raise TornError(f"{max(leaves.lost, pruned)} pages are missing")
    if seen.lost:
        raise TornError(f"object {seen.lost[0]} of a page is missing")
    if any("not found in file after regenerating" in warning for warning in warnings):
        raise TornError("objects of the cross-reference table are missing")
    if end is End.BETWEEN and any("unable to find trailer" in warning for warning in warnings):
        raise TornError("ends after an object, with neither cross-reference nor trailer")
    if end is End.BETWEEN and _said_length(sample) > sample.size:
        raise TornError("shorter than its linearization dictionary says")
    if end is End.BETWEEN and seen.dangling:
        raise TornError(f"ends after an object; {seen.dangling} objects are missing")
    if sample.size <= _MAX_REBUILT:
        expect_small_containers(sample)
        if not pages_by_pdfium(sample):
            raise TornError("the cross-reference table is beyond repair")
    return True


def _said_length(sample: Sample) -> int:
    """The length that a linearized file gives itself (ISO 32000-1 F.3.3); 0 for any other."""
    found = _LINEARIZED.search(sample.head, 0, _LINEARIZED_WITHIN)
    return int(found[1]) if found else 0


def _sketch_some(sketcher: Sketcher) -> None:
    """Looks at the first pages, as far as the time goes, so that damage is found although nobody reads the text."""
    deadline = time.monotonic() + _SKETCH_SECONDS
    for index in range(len(sketcher.pages)):
        sketcher.sketch(index)
        if time.monotonic() > deadline:
            break


def _is_restricted(pdf: "Pdf") -> bool:
    """Whether printing or copying is forbidden to whoever opens it without the owner's password (7.6.3.2)."""
    return pdf.is_encrypted and not (pdf.allow.print_lowres and pdf.allow.extract)


def _passages(
    pdf: "Pdf", sample: Sample, sketcher: Sketcher, *, mended: bool, dynamic: bool
) -> Iterator[Passage | Gap]:
    """The text; a Gap ends it where the document is a dynamic form and its pages say next to nothing."""
    length = 0
    try:
        for passage in passages_of(sample, sketcher, seconds=_TEXT_SECONDS, mended=mended):
            length += len(passage.text) if isinstance(passage, Passage) else 0
            yield passage
        yield from titles_of(pdf)
        if dynamic and length <= _PLACEHOLDER:
            yield Gap("text", "format")
    finally:
        pdf.close()

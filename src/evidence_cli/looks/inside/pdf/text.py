"""The text of a PDF, page by page, by pdfium. pdfium is not thread-safe: one lock is around every use of it."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import Any

from evidence_cli.looks.facts import Gap, Passage, Place, Unit
from evidence_cli.looks.inside.pdf.pages import MAX_COST, Sketch, Sketcher, is_scan
from evidence_cli.looks.sample import LockedError, Sample, TornError

MAX_PAGES = 3000
_PAGES_FOUND = 500
# pdfium keeps the stored data of every picture that it came upon until the document is closed.
_MAX_STORED = 64 * 1024 * 1024
_MAX_CHARACTERS = 2_000_000
# On a longer page, what a field holds may stand twice.
_MAX_COMPARED = 50_000
# What pdfium gives for glyphs of which the font does not say what they mean: their codes.
_CODES = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_MIN_CODES = 3
_CODES_OF_ALL = 0.2

_PDFIUM = Lock()


@cache
def _no_folders() -> Any:
    """An empty list of folders, which must live as long as pdfium."""
    import ctypes  # late: start-up time

    return (ctypes.POINTER(ctypes.c_char) * 1)()


@cache
def _library() -> Any:
    """pdfium, without the fonts of the system: nothing is drawn, and looking for a font takes longer than its text."""
    import ctypes  # late: start-up time

    import pypdfium2  # late: start-up time
    from pypdfium2 import raw

    folders = ctypes.cast(_no_folders(), ctypes.POINTER(ctypes.POINTER(ctypes.c_char)))
    raw.FPDF_DestroyLibrary()
    raw.FPDF_InitLibraryWithConfig(raw.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=folders))
    return pypdfium2


def pages_by_pdfium(sample: Sample) -> int:
    """The number of pages by pdfium; 0 where it cannot open the document or find its first pages.

    No content is interpreted.
    """
    with _PDFIUM:
        pypdfium2 = _library()
        try:
            document = pypdfium2.PdfDocument(sample.file())
        except (pypdfium2.PdfiumError, ValueError):
            return 0
        try:
            for index in range(min(len(document), _PAGES_FOUND)):
                document.get_page_size(index)
            return len(document)
        except pypdfium2.PdfiumError:
            return 0
        finally:
            document.close()


def passages_of(sample: Sample, sketcher: Sketcher, *, seconds: float, mended: bool) -> Iterator[Passage | Gap]:
    """One passage for each page that has text; at the end, each gap once.

    Reading stops after `MAX_PAGES` pages and after so many seconds of work, the time of whoever draws not counted.
    Raises TornError and BombError as `Sketcher` does; TornError too for a page that pdfium refuses where qpdf had to
    mend the document, LockedError where pdfium asks for a password.
    """
    text = _Text(sample, encrypted=sketcher.pdf.is_encrypted, mended=mended)
    gaps: set[str] = set()
    spent = 0.0
    try:
        for index in range(len(sketcher.pages)):
            if index >= MAX_PAGES or spent > seconds:
                gaps.add("long")
                break
            began = time.monotonic()
            sketch = sketcher.sketch(index)
            page = _page(text, index, sketch, gaps) if sketch.load.writes else ""
            if not page.strip() and is_scan(sketch):
                gaps.add("scan")
            whole = "\n".join((page, *_unseen(sketch, page))) if sketch.notes else page
            spent += time.monotonic() - began
            if whole.strip():
                yield Passage(Place(Unit.PAGE, index + 1), whole)
        yield from (Gap("text", reason) for reason in sorted(gaps))
    finally:
        text.close()


def _page(text: "_Text", index: int, sketch: Sketch, gaps: set[str]) -> str:
    load = sketch.load
    if load.cost > MAX_COST or load.stored > _MAX_STORED:
        gaps.add("format" if load.unknown else "large")
        return ""
    page = text.page(index, load.stored, covered=sketch.covered)
    if page is None:
        gaps.add("format")
        return ""
    if len(page) >= _MAX_CHARACTERS:
        gaps.add("long")
    if _is_in_code(page):
        gaps.add("format")
    return page


def _is_in_code(page: str) -> bool:
    codes = len(_CODES.findall(page))
    return codes >= _MIN_CODES and codes >= _CODES_OF_ALL * len("".join(page.split()))


def _unseen(sketch: Sketch, page: str) -> Iterator[str]:
    """The notes that the page itself does not show."""
    seen = "".join(page.split()) if sketch.covered and len(page) <= _MAX_COMPARED else ""
    for note in sketch.notes:
        if not seen or "".join(note.split()) not in seen:
            yield note


class _Text:
    """A document in pdfium, opened when the first page is asked for."""

    def __init__(self, sample: Sample, *, encrypted: bool, mended: bool) -> None:
        self._sample = sample
        self._encrypted = encrypted
        self._mended = mended
        self._document: Any = None
        self._refused = False
        self._stored = 0

    def page(self, index: int, stored: int, *, covered: bool) -> str | None:
        """The text of a page whose pictures take so many bytes; None where pdfium cannot load it.

        `covered` says that there is text in what lies over it. Raises LockedError and TornError as `passages_of`.
        """
        if self._refused:
            return None
        self._stored += stored
        if self._stored > _MAX_STORED:
            self.close()
            self._stored = stored
        with _PDFIUM:
            pypdfium2 = _library()
            try:
                if self._document is None:
                    self._document = pypdfium2.PdfDocument(self._sample.file())
            except (pypdfium2.PdfiumError, ValueError) as problem:
                self._refused = True
                # Of a file that is not encrypted, it may be the code of an earlier failure.
                if self._encrypted and "password" in str(problem):
                    raise LockedError("needs a password") from problem
                self._expect_tidy(index)
                return None
            try:
                return (
                    _flat_text(self._document, index)
                    if covered and not self._mended
                    else _text_at(self._document, index)
                )
            except (pypdfium2.PdfiumError, IndexError):
                self._expect_tidy(index)
                return None

    def _expect_tidy(self, index: int) -> None:
        if self._mended:
            raise TornError(f"page {index + 1} cannot be loaded")

    def close(self) -> None:
        with _PDFIUM, suppress(ValueError):
            if self._document is not None:
                self._document.close()
                self._document = None


def _flat_text(document: Any, index: int) -> str:
    """The text of a page together with what is drawn over it."""
    from pypdfium2 import raw  # late: start-up time

    page = document[index]
    try:
        raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
    finally:
        page.close()
    return _text_at(document, index)


def _text_at(document: Any, index: int) -> str:
    page = document[index]
    try:
        return _text_of(page)
    finally:
        page.close()


def _text_of(page: Any) -> str:
    reader = page.get_textpage()
    try:
        count = min(reader.count_chars(), _MAX_CHARACTERS)
        raw: str = reader.get_text_range(0, count) if count > 0 else ""
    finally:
        reader.close()
    # pdfium marks a hyphen at a line's end with U+FFFE.
    return raw.replace("\ufffe", "").replace("\r\n", "\n")

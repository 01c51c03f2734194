"""Workbooks made to do harm: read in a process apart, bounded, nothing computed, nothing followed."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from contributing import FINANCE, NOW, TAXES, found, prepare, put

import evidence_cli
from evidence_cli.looks import cells
from evidence_cli.looks.cells import Cells
from evidence_cli.looks.look import identify
from evidence_cli.looks.sample import sample_of
from evidence_cli.workspace.forms import read_form
from support import forms
from support.sample_files import encrypted_office

FORM = f"{FINANCE}/惠企政策.xlsx"
MISSING = ("E608", TAXES, "市税务局")
SHEET = "xl/worksheets/sheet1.xml"


def changed(data: bytes, part: str, change: dict[bytes, bytes]) -> bytes:
    """A workbook with one part changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for info in source.infolist():
            content = source.read(info)
            for old, new in change.items() if info.filename == part else ():
                assert old in content
                content = content.replace(old, new, 1)
            archive.writestr(info.filename, content)
    return target.getvalue()


def seen(data: bytes, extension: str = "xlsx") -> Cells:
    stream = io.BytesIO(data)
    sample = sample_of(stream, size=len(data), extension=extension)
    return cells.cells(sample, identify(sample))


ROW = [["稳岗补贴", "", "财政", 10, 5, 50]]
ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HOSTILE = {
    "entities": changed(forms.filled(ROW), SHEET, {b"<worksheet": ENTITY + b"<worksheet"}),
    "bomb": changed(forms.filled(ROW), SHEET, {b"</worksheet>": b"</worksheet>" + b" " * 300_000_000}),
    "encrypted": encrypted_office(),
    "nothing": b"",
    "noise": bytes(range(256)) * 100,
    "a zip": b"PK\x03\x04" + bytes(200),
}


REASONS = {
    "entities": "damaged",
    "bomb": "bomb",
    "encrypted": "encrypted",
    "nothing": "empty",
    "noise": "format",
    "a zip": "damaged",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_said_and_no_more(workspace: Path, name: str) -> None:
    put(prepare(workspace), FORM, HOSTILE[name])
    assert found(workspace) == [("E609", FORM, REASONS[name]), MISSING]


def test_a_sheet_of_enormous_dimensions(workspace: Path) -> None:
    far = b'<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    wide = b'<dimension ref="A1:XFD1048576"'
    data = changed(forms.filled(ROW), SHEET, {b"<sheetData>": far, b'<dimension ref="A1:F32"': wide})
    put(prepare(workspace), FORM, data)
    assert found(workspace) == [MISSING]


def test_more_rows_than_a_form_has(workspace: Path) -> None:
    put(prepare(workspace), FORM, forms.filled(ROW * 6000))
    assert found(workspace) == [("E609", FORM, "long"), MISSING]
    [finding] = evidence_cli.check(workspace, now=NOW, jobs=1).findings
    assert (finding.params["reason"], finding.params["rows"]) == ("long", 5000)


def test_a_cell_far_below_ends_the_reading() -> None:
    book = openpyxl.Workbook()
    book.active["A1048576"] = "x"
    target = io.BytesIO()
    book.save(target)
    assert seen(target.getvalue()) == Cells((), "long")


def test_long_cells_are_cut_and_many_sheets_left_out() -> None:
    book = openpyxl.Workbook()
    for number in range(20):
        book.create_sheet(f"表{number}")["B2"] = "长" * 30_000
    target = io.BytesIO()
    book.save(target)
    found = seen(target.getvalue())
    assert [set(grid.items()) for grid in found.sheets] == [{((2, 2), "长" * cells.MAX_TEXT)}] * cells.MAX_SHEETS


def test_one_line_of_a_csv_without_end() -> None:
    found = seen(b'"' + b"a," * 1_000_000, "csv")
    assert all(len(text) <= cells.MAX_TEXT for grid in found.sheets for text in grid.values())
    assert read_form(found).rows == ()


def test_macros_are_no_matter_to_who_reads(workspace: Path) -> None:
    data = io.BytesIO(forms.filled(ROW))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    put(prepare(workspace), FORM, data.getvalue())
    assert found(workspace) == [MISSING]


def test_what_a_worker_says_is_not_believed() -> None:
    for value in ({}, {"sheets": 1, "lacking": ""}, {"sheets": [[["x", 1, "a"]]], "lacking": ""}, {"sheets": [[[1]]]}):
        with pytest.raises((ValueError, TypeError, LookupError)):
            cells.cells_in(value)
    grid = {(row, 1): "x" for row in range(3)}
    assert cells.cells_in(cells.cells_out(Cells((grid, {}), "long", ("a", "b")))) == Cells(
        (grid, {}), "long", ("a", "b")
    )

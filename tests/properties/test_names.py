"""Any Unicode title gives a folder and a package that every system takes; and what names mean to one another."""

import re
import unicodedata
from contextlib import suppress
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st
from strategies import ANY_TEXT, TITLES

from evidence_cli.table import parse_table
from evidence_cli.vocabulary.globs import glob_matches
from evidence_cli.vocabulary.names import (
    carries_code,
    hidden_characters,
    loose_key,
    nfc,
    safe_name,
    twin_key,
    windows_fault,
)
from evidence_cli.vocabulary.printable import printable
from evidence_cli.vocabulary.sizes import format_size, parse_size
from evidence_cli.workspace.naming import package_name, question_folder
from support.workspace import TABLE

WINDOWS_FORBIDS = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
DEVICES = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[1-9¹²³])(\.|$)", re.IGNORECASE)
STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def fits_everywhere(name: str) -> bool:
    return (
        not WINDOWS_FORBIDS.search(name)
        and not name.endswith((" ", "."))
        and not DEVICES.match(name)
        and name == unicodedata.normalize("NFC", name)
        and hidden_characters(name) == []
    )


@given(TITLES)
@example("CON")
@example("....")
@example("a" * 300)
@example("e\u0301" * 40)
def test_a_safe_name_is_safe_for_all(title: str) -> None:
    name = safe_name(title, 60)
    assert len(name) <= 60
    # Folder and zip carry the code before it, so a device's name alone is no danger.
    assert fits_everywhere(f"1.1-01-{name}" if name else "1.1-01")
    assert safe_name(name, 60) == name
    assert safe_name(nfc(title), 60) == name


TABLE_MODEL = parse_table(TABLE.encode(), "indicators.yaml")
QUESTION = TABLE_MODEL.questions()[0]


@given(TITLES)
def test_a_title_gives_a_folder_and_a_package_that_fit_everywhere(title: str) -> None:
    question = replace(QUESTION, title=title)
    folder, package = question_folder(question), package_name(TABLE_MODEL, question)
    assert fits_everywhere(folder)
    assert package == f"{folder}.zip"
    assert len(package) <= QUESTION.requirements.names.max_name
    assert carries_code(folder, QUESTION.code)
    # However the title is typed, the name is one.
    decomposed = replace(QUESTION, title=unicodedata.normalize("NFD", title))
    assert question_folder(decomposed) == folder


@given(TITLES)
def test_a_safe_name_keeps_what_was_safe(title: str) -> None:
    if fits_everywhere(title) and title == title.strip(" .-") and not re.search(r"-{2,}| {2,}", title):
        assert safe_name(title, 400) == title[:400]


@given(st.text())
def test_printable_text_is_one_line_that_encodes_and_steers_nothing(text: str) -> None:
    shown = printable(text)
    assert not STEERING.search(shown)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")
    assert printable(shown) == shown
    if not STEERING.search(text) and all(unicodedata.category(c) not in ("Cf", "Cn", "Mn", "Lo") for c in text):
        assert shown == text


@given(st.binary(max_size=40))
def test_printable_shows_every_undecodable_byte(data: bytes) -> None:
    text = data.decode("ascii", "surrogateescape")
    assert printable(text) == "".join(chr(b) if 32 <= b < 127 else f"\\x{b:02x}" for b in data)


@given(ANY_TEXT, ANY_TEXT)
def test_names_that_are_one_to_windows_have_one_key(one: str, other: str) -> None:
    for variant in (one.upper(), one.lower(), unicodedata.normalize("NFD", one), unicodedata.normalize("NFC", one)):
        if variant.casefold() == one.casefold() or nfc(variant) == nfc(one):
            assert twin_key(variant) == twin_key(one)
    assert (twin_key(one) == twin_key(other)) == (twin_key(other) == twin_key(one))
    assert loose_key(f" {one}\u200b. ") == loose_key(one)


@given(TITLES)
def test_a_folder_is_recognised_by_its_code(title: str) -> None:
    safe = safe_name(title)
    assert carries_code(f"1.1-01-{safe}", "1.1-01")
    assert not carries_code(f"1.1-011{safe}", "1.1-01")
    assert not carries_code(f"1.1-01{safe}", "1.1-01") or safe.startswith("-") or loose_key(safe) == ""


@given(st.text(max_size=12))
def test_windows_faults_are_windows_faults(name: str) -> None:
    expected = bool(WINDOWS_FORBIDS.search(name) or name.endswith((" ", ".")) or DEVICES.match(name))
    # “CON .txt” is the device too.
    assert bool(windows_fault(name)) == expected or DEVICES.match(name.replace(" ", ""))


@given(st.integers(0, 999), st.sampled_from(["B", "KB", "MB", "GB", "TB", "kb", "Mb"]))
def test_sizes_by_thousands(count: int, unit: str) -> None:
    power = "BKMGT".index(unit[0].upper())
    assert parse_size(f"{count}{unit}") == parse_size(f" {count} {unit} ") == count * 1000**power
    if unit != "B":
        assert parse_size(f"{count}{unit[0]}iB") == count * 1024**power


@given(st.integers(0, 10**15))
def test_a_formatted_size_reads_back_within_its_last_digit(count: int) -> None:
    shown = format_size(count)
    assert abs(parse_size(shown) - count) <= max(count * 0.051, 0) + (0 if count < 1000 else 50)
    assert len(shown) <= 9 or count >= 10**15


@given(st.text(max_size=20))
def test_a_size_is_a_number_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert parse_size(text) >= 0


PARTS = st.text(st.sampled_from("ab清.[]{}()^$+\\|"), min_size=1, max_size=4)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


@given(PATHS)
def test_a_path_is_a_glob_for_itself_and_all_below(path: str) -> None:
    assert glob_matches(path, path)
    assert glob_matches(path, f"{path}/x/y.pdf")
    assert glob_matches("**", path)
    assert glob_matches("*", path)
    assert not glob_matches(f"{path}x", path)
    assert not glob_matches(f"{path}/x", path)


@given(PATHS, PARTS)
def test_what_stars_stand_for(path: str, last: str) -> None:
    assert glob_matches(f"{path}/*", f"{path}/{last}")
    assert glob_matches(f"**/{last}", f"{path}/{last}")
    assert glob_matches(f"**/{last}", last)
    assert glob_matches(f"{path}/**", f"{path}/{last}/{last}")
    assert glob_matches(f"{path}/?{last[1:]}", f"{path}/{last}")
    assert not glob_matches(f"z/{path}/**", f"{path}/{last}")

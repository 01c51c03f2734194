"""The form in the hands of LibreOffice: opened, filled, and saved in the formats that offices use."""

import shutil
import subprocess
from pathlib import Path

import pytest
from contributing import FINANCE, TAXES, found, prepare, put

from support import forms
from support.libreoffice import Conversion, convert

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here"),
]

ROWS = [
    ["稳岗补贴", "财〔2021〕1号", "财政", 1200, 900, "=E3/D3*100"],
    ["科技券", "2021-12", "科技", "８", "4", None],
    ["展会补贴", "", "商务", 10, 11, None],
    ["技改贴息", "", "工信", 2.5, -1, 60],
    ["人才补贴", "", "人社", 3, 2, "=E7/D7"],
]
WRONG = [("E5", "more"), ("D6", "fraction"), ("E6", "negative")]
KINDS = {
    "a.xlsx": "Calc MS Excel 2007 XML",
    "a.xls": "MS Excel 97",
    # What WPS writes by itself has the same format under its own name.
    "a.et": "MS Excel 97",
    "a.ods": "calc8",
}
CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1"  # comma, quotes, UTF-8


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    (folder / "source.xlsx").write_bytes(forms.filled(ROWS))
    convert(
        folder / "profile",
        [Conversion(folder / "source.xlsx", folder / name, kind) for name, kind in KINDS.items()],
    )
    home = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", CSV, "--outdir", str(folder), str(folder / "a.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder


@pytest.mark.parametrize("name", [*KINDS, "a.csv"])
def test_a_form_saved_by_a_program(saved: Path, workspace: Path, name: str) -> None:
    path = f"{FINANCE}/{name}"
    put(prepare(workspace), path, (saved / name).read_bytes())
    assert found(workspace) == [("E609", path, WRONG), ("E608", TAXES, "市税务局")]


def test_the_empty_form_opens_and_stays_empty(tmp_path: Path, workspace: Path) -> None:
    (tmp_path / "empty.xlsx").write_bytes(forms.empty())
    convert(tmp_path / "profile", [Conversion(tmp_path / "empty.xlsx", tmp_path / "again.xlsx", KINDS["a.xlsx"])])
    put(prepare(workspace), f"{FINANCE}/惠企政策.xlsx", (tmp_path / "again.xlsx").read_bytes())
    assert [line[0] for line in found(workspace)] == ["E608", "E608"]

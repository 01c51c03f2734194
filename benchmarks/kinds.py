"""Workspaces of one kind of file each, with content worth looking at: text, tables, pages, pictures, frames."""

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from trees import table

_CODE = "1.1-01"
_CATEGORY = "材料"
# What a program must make, from what.
_CONVERTED = {"doc": "docx", "xls": "xlsx", "ppt": "pptx"}
_SYLLABLES = "政务服务事项网上办理指南材料流程公开标准统一受理时限压缩企业登记注册数据共享平台应用推广便民中心窗口"


def make_kind(root: Path, extension: str, copies: int) -> int:
    """Write a workspace with so many different files of a kind; the bytes of its files, 0 if none can be made."""
    from evidence_cli.samples.office import docx  # late: the caller must stay small

    files = list(_files(extension, copies))
    (root / "config").mkdir(parents=True)
    kinds = "pdf, ofd, word, excel, slides, image, video, audio, text, web, archive"
    (root / "config/indicators.yaml").write_text(table([_CODE], {_CATEGORY: ("material", kinds)}), encoding="utf-8")
    (root / "报送").mkdir()
    folder = root / f"指标/1.1-指标1.1/{_CODE}-题目{_CODE}"
    shelf = folder / f"佐证材料/01-{_CATEGORY}"
    shelf.mkdir(parents=True)
    (folder / "答案.docx").write_bytes(docx(["本题的答案写在这里，说明做法、依据和成效。"]))
    for number, data in enumerate(files, start=1):
        (shelf / f"{number:03d}-材料{number}.{extension}").write_bytes(data)
    return sum(map(len, files))


def _files(extension: str, copies: int) -> Iterator[bytes]:
    if extension in _CONVERTED:
        source = _CONVERTED[extension]
        return _converted([MAKERS[source](seed) for seed in range(copies)], source, extension)
    return (MAKERS[extension](seed) for seed in range(copies))


def _converted(files: list[bytes], source: str, extension: str) -> Iterator[bytes]:
    """Saved anew by LibreOffice; nothing where there is none."""
    program = shutil.which("soffice")
    if program is None:
        return
    with tempfile.TemporaryDirectory(prefix="evcli-bench-") as folder:
        names = [Path(folder, f"{number:03d}.{source}") for number in range(len(files))]
        for name, data in zip(names, files, strict=True):
            name.write_bytes(data)
        profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", extension, "--outdir", folder, *map(str, names)]
        subprocess.run(command, check=True, capture_output=True)
        for name in names:
            yield name.with_suffix(f".{extension}").read_bytes()


def _lines(seed: int, count: int, width: int = 60) -> list[str]:
    chance = Random(seed)
    return ["".join(chance.choices(_SYLLABLES, k=width)) + "。" for _ in range(count)]


def _rows(seed: int, count: int) -> list[list[str | int | float]]:
    chance = Random(seed)
    return [[name, chance.randrange(10**6), round(chance.random(), 3)] for name in _lines(seed, count, 8)]


def _docx(seed: int) -> bytes:
    from evidence_cli.samples.office import docx

    return docx(_lines(seed, 60))


def _xlsx(seed: int) -> bytes:
    from evidence_cli.samples.office import xlsx

    return xlsx(_rows(seed, 500))


def _pptx(seed: int) -> bytes:
    from evidence_cli.samples.office import pptx

    return pptx(_lines(seed, 15, 20))


def _pdf(seed: int) -> bytes:
    from evidence_cli.samples.portable import pdf

    return pdf(_lines(seed, 200))


def _ofd(seed: int) -> bytes:
    from evidence_cli.samples.portable import ofd

    return ofd(_lines(seed, 100))


def _picture(extension: str) -> Callable[[int], bytes]:
    def make(seed: int) -> bytes:
        from PIL import Image

        # A photograph's detail: noise, made smooth.
        noise = Image.frombytes("RGB", (480, 300), Random(seed).randbytes(480 * 300 * 3)).resize((1920, 1200))
        buffer = io.BytesIO()
        noise.save(buffer, {"jpg": "JPEG", "tif": "TIFF"}.get(extension, extension.upper()))
        return buffer.getvalue()

    return make


def _recording(container: str) -> Callable[[int], bytes]:
    def make(seed: int) -> bytes:
        from evidence_cli.samples.recording import recording

        return recording(seed=seed, seconds=10, container=container)  # type: ignore[arg-type]

    return make


def _txt(seed: int) -> bytes:
    from evidence_cli.samples.plain import text

    return text(_lines(seed, 500))


def _csv(seed: int) -> bytes:
    from evidence_cli.samples.plain import csv_table

    return csv_table(_rows(seed, 1000))


def _html(seed: int) -> bytes:
    from evidence_cli.samples.plain import html

    return html(f"网页{seed}", _lines(seed, 300))


def _zip(seed: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, make in enumerate((_docx, _pdf, _txt)):
            archive.writestr(f"{number}", make(seed))
    return buffer.getvalue()


MAKERS: dict[str, Callable[[int], bytes]] = {
    "pdf": _pdf,
    "ofd": _ofd,
    "docx": _docx,
    "xlsx": _xlsx,
    "pptx": _pptx,
    "png": _picture("png"),
    "jpg": _picture("jpg"),
    "tif": _picture("tif"),
    "mp4": _recording("mp4"),
    "avi": _recording("avi"),
    "txt": _txt,
    "csv": _csv,
    "html": _html,
    "zip": _zip,
}
KINDS = (*MAKERS, *_CONVERTED)

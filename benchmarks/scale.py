"""Measure how `check` grows: python benchmarks/scale.py [--files N …] [--packages N] [--dir FOLDER] [--json FILE].

Many small files in many questions, checked cold and warm; then many packages, checked twice and once more after one
of them changed. For Linux: memory and reads are those of evcli and of its workers, as /proc tells them.
"""

import argparse
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from trees import table

_CATEGORIES = {
    "政策文件": ("policy", "pdf"),
    "网站截图": ("screenshot", "image"),
    "案例": ("case", "excel, text"),
}
_LEAVES = 50
_SIDE = 200  # pixels
MB = 1000**2


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the workspaces, measure, and remove them; 2 if a check did not say what it should."""
    options = _parser().parse_args(arguments)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="evcli-scale-", dir=options.dir) as folder:
        try:
            for files in options.files:
                for row in measure_files(Path(folder).resolve(), files, options.each, processes=options.processes):
                    _say(rows, row)
            if options.packages:
                for row in measure_packages(Path(folder).resolve(), options.packages, processes=options.processes):
                    _say(rows, row)
        except UnexpectedError as error:
            sys.stderr.write(f"{error}\n")
            return 2
    if options.json:
        document = {"schema": "evcli.scale/1", "figures": rows}
        options.json.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


class UnexpectedError(Exception):
    """A check said something else than what was made: its figures would mean nothing."""


def measure_files(base: Path, files: int, each: int, *, processes: int) -> Iterator[dict[str, Any]]:
    """The costs of a cold and a warm check of so many files, `each` of them in a question."""
    root = base / f"files-{files}"
    questions = max(1, files // each)
    made = make_files(root, questions, files // questions, processes=processes)
    # What changed a moment ago is not believed the next time.
    time.sleep(4)
    try:
        for state in ("cold", "warm"):
            cost = check(root, base / f"cache-{files}")
            if (cost["files"], cost["findings"]) != (made, 0):
                raise UnexpectedError(f"{made} files made: {cost}")
            yield {"name": f"files-{made}-{state}", **cost, "files_per_second": made / cost["seconds"]}
    finally:
        shutil.rmtree(root)
        shutil.rmtree(base / f"cache-{files}", ignore_errors=True)


def measure_packages(base: Path, packages: int, *, processes: int) -> Iterator[dict[str, Any]]:
    """The costs of `check --packages` with so many: the first time, again, and after the content of one changed."""
    root = base / f"packages-{packages}"
    make_files(root, packages, 4, processes=processes)
    try:
        _evcli(root, base / "cache-making", "pack", "-q")
        total = sum(path.stat().st_size for path in (root / "报送").glob("*.zip"))
        time.sleep(4)
        for state, findings in (("first", 0), ("again", 0), ("one-changed", 1)):
            if state == "one-changed":
                _damage(next((root / "报送").glob("*.zip")))
            cost = check(root, base / "cache-packages", "--packages")
            if (cost["questions"], cost["findings"]) != (packages, findings):
                raise UnexpectedError(f"{packages} packages made: {cost}")
            yield {"name": f"packages-{packages}-{state}", **cost, "package_bytes": total}
    finally:
        shutil.rmtree(root)
        for cache in base.glob("cache-*"):
            shutil.rmtree(cache)


def check(root: Path, cache: Path, *options: str) -> dict[str, Any]:
    """One run of `evcli check`: seconds, peak memory, bytes read, and what its report counts."""
    report = root.parent / "report.json"
    cost = _evcli(root, cache, "check", "-q", "--format", "json", "--output", str(report), *options)
    document = json.loads(report.read_text(encoding="utf-8"))
    questions = document["questions"]
    return cost | {
        "questions": len(questions),
        "files": sum(question["files"] for question in questions),
        "findings": len(document["findings"]),
        "report_bytes": report.stat().st_size,
    }


def _evcli(root: Path, cache: Path, *arguments: str) -> dict[str, Any]:
    environment = os.environ | {"EVCLI_CACHE": str(cache), "PYTHONIOENCODING": "utf-8"}
    begin = time.perf_counter()
    command = [sys.executable, "-m", "evidence_cli", *arguments, "-w", str(root)]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    together = 0
    ended = None
    while ended is None:
        # The process is kept until its counters were read.
        ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        together = max(together, sum(map(_share, [child.pid, *_children(child.pid)])))
        time.sleep(0.1)
    seconds = time.perf_counter() - begin
    read = _counter(child.pid, "io", "rchar:")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise UnexpectedError(f"exit code {child.returncode}: {' '.join(arguments)}")
    return {"seconds": seconds, "peak": usage.ru_maxrss * 1024, "peak_with_workers": together, "read": read}


def _children(process: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += map(int, path.read_text(encoding="ascii").split())
        except OSError:
            continue
    return found


def _share(process: int) -> int:
    """Bytes of memory, of what several processes share the part that is this one's."""
    return _counter(process, "smaps_rollup", "Pss:") * 1024


def _counter(process: int, file: str, name: str) -> int:
    try:
        lines = Path(f"/proc/{process}/{file}").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def _damage(package: Path) -> None:
    """Change one byte of the first file in it: its name stands at 30, its content behind the name."""
    with package.open("r+b") as stream:
        head = stream.read(30)
        length, extra = struct.unpack_from("<HH", head, 26)
        stream.seek(30 + length + extra + 1)
        byte = stream.read(1)
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte[0] ^ 1]))


def make_files(root: Path, questions: int, files: int, *, processes: int) -> int:
    """Write a workspace of small questions, each with so many files, the answer among them; how many files there are.

    No two files have the same content, but many the same size. Several processes write at once.
    """
    codes = [f"1.{number % _LEAVES + 1}-{number // _LEAVES + 1:02d}" for number in range(questions)]
    (root / "config").mkdir(parents=True)
    limits = "defaults: {package: {max_size: 100GB}, evidence: {max_file_size: 100GB, max_files: 1000000}}"
    lines = table(codes, _CATEGORIES).splitlines()
    text = "\n".join(limits if line.startswith("defaults:") else line for line in lines)
    (root / "config/indicators.yaml").write_text(text + "\n", encoding="utf-8")
    (root / "报送").mkdir()
    with ProcessPoolExecutor(processes) as pool:
        return sum(pool.map(partial(_make_question, root, files), enumerate(codes), chunksize=8))


def _make_question(root: Path, files: int, numbered: tuple[int, str]) -> int:
    question, code = numbered
    leaf = code.partition("-")[0]
    folder = root / f"指标/{leaf}-指标{leaf}/{code}-题目{code}"
    evidence = folder / "佐证材料"
    folders = [evidence / f"{place:02d}-{name}" for place, name in enumerate(_CATEGORIES, start=1)]
    for path in folders:
        path.mkdir(parents=True)
    (folder / "答案.txt").write_bytes(_text(f"{code}：本题的答案写在这里，说明做法、依据和成效。"))
    makers = ((0, "pdf", _pdf), (1, "png", _png), (2, "txt", _text), (2, "csv", _csv))
    for number in range(files - 1):
        place, extension, maker = makers[number % len(makers)]
        with open(f"{folders[place]}/{number:06d}-材料.{extension}", "wb") as stream:  # noqa: PTH123 - no objects
            stream.write(maker(f"No. {question}/{number}"))
    return files


def _text(line: str) -> bytes:
    return f"\ufeff{line}\r\n说明做法、依据和成效。\r\n".encode()


def _csv(line: str) -> bytes:
    return f"\ufeff编号,数量\r\n{line},{len(line)}\r\n".encode()


def _pdf(line: str) -> bytes:
    """One page with a line of text (ISO 32000-1, 7.5)."""
    content = f"BT /F1 24 Tf 72 720 Td ({line}) Tj ET".encode("ascii")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, value in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj%sendobj\n" % (number, value)
    xref = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 6\n0000000000 65535 f \n" + xref + tail


def _png(line: str) -> bytes:
    """A grey picture whose first pixels are the line (ISO/IEC 15948)."""
    rows = bytearray((1 + _SIDE) * _SIDE)
    rows[1 : 1 + len(line)] = line.encode("ascii")
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(rows), 1)),
        (b"IEND", b""),
    )
    chunks = (struct.pack(">I4s", len(d), k) + d + struct.pack(">I", zlib.crc32(d, zlib.crc32(k))) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _say(rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    rows.append(row)
    parts = [
        f"{row['name']:28} {row['seconds']:8.2f} s",
        f"{row['seconds'] / max(1, row['files']) * 1e6:7.0f} µs/file",
        f"{row['files'] / row['seconds']:8,.0f} files/s",
        f"peak {row['peak'] / MB:6.0f} MB",
        f"with workers {row['peak_with_workers'] / MB:6.0f} MB",
        f"read {row['read'] / MB:8.1f} MB",
        f"report {row['report_bytes'] / MB:.2f} MB",
    ]
    if "package_bytes" in row:
        parts.append(f"packages {row['package_bytes'] / MB:.1f} MB")
    sys.stdout.write("  ".join(parts) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="workspaces to make")
    parser.add_argument("--each", type=int, default=2000, help="files in a question")
    parser.add_argument("--packages", type=int, default=10_000, help="packages to make; 0 for none")
    parser.add_argument("--processes", type=int, default=2, help="how many write the files")
    parser.add_argument("--dir", help="where to make them: 5 GB, 1.1 million inodes; removed afterwards")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())

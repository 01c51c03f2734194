"""Whole files to damage, for each looker: our own samples, and what the programs and libraries at hand make."""

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from evidence_cli.samples import office, plain, portable, recording
from evidence_cli.table import default_table
from evidence_cli.vocabulary.gate import Gate

Maker = Callable[[], Iterator[bytes]]

_LINES = ["关于事项清单的通知", "〔2021〕12号", "秘密★1年", "第一条　为规范事项管理，制定本办法。", "附件2 13800000000"]
_ROWS = [["环节", "方式", "天数"], ["申请", "网上", 13800000000], ["办结", "网上", 1.5]]


def gate() -> Gate:
    """What the shipped table looks for."""
    return default_table().effective_gate


def _office(*targets: str) -> Iterator[bytes]:
    """What LibreOffice makes of our samples, where it is installed."""
    program = shutil.which("soffice")
    sources = {"docx": office.docx(_LINES), "xlsx": office.xlsx(_ROWS), "pptx": office.pptx(_LINES)}
    pairs = dict.fromkeys(("docx", "doc", "rtf", "odt", "fodt", "html", "pdf"), "docx")
    pairs |= dict.fromkeys(("xlsx", "xls", "ods"), "xlsx") | dict.fromkeys(("pptx", "ppt", "odp"), "pptx")
    for target in targets if program else ():
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, f"a.{pairs[target]}")
            source.write_bytes(sources[pairs[target]])
            profile = f"-env:UserInstallation=file://{folder}/profile"
            converting = ["--headless", "--convert-to", target, "--outdir", f"{folder}/out"]
            command = [str(program), profile, *converting, source]
            subprocess.run(command, check=False, capture_output=True, timeout=120)
            for made in Path(folder, "out").glob("*"):
                yield made.read_bytes()


def _film(*arguments: str, suffix: str) -> Iterator[bytes]:
    """What ffmpeg records, where it is installed."""
    program = shutil.which("ffmpeg")
    if program:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, f"a.{suffix}")
            source = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=2"]
            source += ["-f", "lavfi", "-i", "sine=duration=2"]
            command = [program, "-v", "quiet", *source, *arguments, target]
            if subprocess.run(command, check=False).returncode == 0:
                yield target.read_bytes()


def _picture(name: str, **options: object) -> bytes:
    out = io.BytesIO()
    image = Image.effect_mandelbrot((96, 64), (-2, -1.5, 1, 1.5), 30).convert("RGB")
    image.save(out, name, **options)
    return out.getvalue()


def _pdf() -> Iterator[bytes]:
    import pikepdf

    yield portable.pdf(_LINES)
    yield from _office("pdf")
    allow = pikepdf.Permissions(extract=False)
    ways = [pikepdf.Encryption(owner="o", user="", R=R, allow=allow, aes=R > 3, metadata=R > 3) for R in (2, 3, 4, 6)]
    for options in ({"linearize": True}, {"object_stream_mode": pikepdf.ObjectStreamMode.generate}, *ways):
        with pikepdf.open(io.BytesIO(portable.pdf(_LINES))) as document:
            document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
            out = io.BytesIO()
            document.save(out, **(options if isinstance(options, dict) else {"encryption": options}))
            yield out.getvalue()


def _zip(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.txt", "text" * 1000)
        archive.writestr("b/c.docx", office.docx(_LINES))
    return out.getvalue()


def _archives() -> Iterator[bytes]:
    import bz2
    import gzip
    import lzma
    import tarfile

    yield from (_zip(method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = 4000
        archive.addfile(info, io.BytesIO(b"text" * 1000))
    yield out.getvalue()
    yield from (pack(out.getvalue()) for pack in (gzip.compress, bz2.compress, lzma.compress))
    program = shutil.which("7z")
    for options in (
        ["-t7z"],
        ["-t7z", "-psecret"],
        ["-t7z", "-psecret", "-mhe=on"],
        ["-tzip", "-psecret", "-mem=AES256"],
    ):
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "a.txt"), Path(folder, "a.out")
            source.write_bytes(b"text" * 1000)
            command = [str(program), "a", *options, target, source]
            if program and subprocess.run(command, check=False, capture_output=True).returncode == 0:
                yield target.read_bytes()


def _mp4() -> Iterator[bytes]:
    yield recording.recording(seed=1)
    yield from _film("-movflags", "frag_keyframe+empty_moov", suffix="mp4")
    yield from _film("-movflags", "+faststart", suffix="mov")
    yield from _film("-vn", suffix="m4a")


def _rtf() -> Iterator[bytes]:
    yield rb"{\rtf1\ansi\ansicpg936 {\fonttbl{\f0 A;}}\u31192? \'c3\'dc\par b}"
    yield from _office("rtf")


def _drawings() -> Iterator[bytes]:
    yield b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>a</text></svg>'


def _riff() -> Iterator[bytes]:
    yield recording.recording(seed=1, container="avi")
    yield from _film(suffix="avi")
    yield from _film("-vn", suffix="wav")


def _films(*suffixes: str) -> Maker:
    return lambda: (made for suffix in suffixes for made in _film("-r", "25", "-ar", "44100", suffix=suffix))


def _pictures(name: str, *options: dict[str, object]) -> Maker:
    return lambda: iter([_picture(name, **each) for each in options or ({},)])


def _phone() -> Iterator[bytes]:
    """A picture as phones take them, where the library for it is installed; Pillow makes the sister format."""
    yield _picture("AVIF")
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return
    register_heif_opener()
    yield _picture("HEIF")


def _documents(own: Callable[[], bytes] | None, *targets: str) -> Maker:
    def make() -> Iterator[bytes]:
        if own is not None:
            yield own()
        yield from _office(*targets)

    return make


def _plain() -> Iterator[bytes]:
    yield from (plain.text(_LINES), plain.csv_table(_ROWS))
    yield from ("\n".join(_LINES).encode(encoding) for encoding in ("gb18030", "utf-16", "utf-16-le"))


def _web() -> Iterator[bytes]:
    yield plain.html("题", _LINES)
    yield (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/html\r\n\r\n<p>a</p>\r\n--x--\r\n"
    )
    yield from _office("html")


# looker → the extensions of its files (the first is the one that damaged files carry), and its seeds.
SEEDS: dict[str, tuple[tuple[str, ...], Maker]] = {
    "pdf": (("pdf",), _pdf),
    "ofd": (("ofd",), _documents(lambda: portable.ofd(_LINES))),
    "word": (("docx", "docm"), _documents(lambda: office.docx(_LINES), "docx")),
    "excel": (("xlsx", "xlsm"), _documents(lambda: office.xlsx(_ROWS), "xlsx")),
    "slides": (("pptx", "pptm"), _documents(lambda: office.pptx(_LINES), "pptx")),
    "opendocument": (("odt", "ods", "odp", "fodt"), _documents(None, "odt", "ods", "odp", "fodt")),
    "doc": (("doc", "wps"), _documents(None, "doc")),
    "xls": (("xls", "et"), _documents(None, "xls")),
    "ppt": (("ppt", "dps"), _documents(None, "ppt")),
    "rtf": (("rtf",), _rtf),
    "png": (("png",), _pictures("PNG")),
    "jpeg": (("jpg", "jpeg"), _pictures("JPEG", {}, {"progressive": True})),
    "gif": (("gif",), _pictures("GIF")),
    "bmp": (("bmp",), _pictures("BMP")),
    "tiff": (("tif", "tiff"), _pictures("TIFF", {}, {"compression": "tiff_lzw"})),
    "webp": (("webp",), _pictures("WEBP", {}, {"lossless": True})),
    "heic": (("heic", "avif"), _phone),
    "svg": (("svg",), _drawings),
    "mp4": (("mp4", "mov", "m4a"), _mp4),
    "riff": (("avi", "wav"), _riff),
    "asf": (("wmv",), _films("wmv")),
    "matroska": (("mkv", "webm"), _films("mkv", "webm")),
    "flv": (("flv",), _films("flv")),
    "mpeg": (("mpg", "ts"), _films("mpg", "ts")),
    "audio": (("mp3", "flac", "ogg", "aac"), _films("mp3", "flac", "ogg", "aac")),
    "plain": (("txt", "csv"), _plain),
    "web": (("html", "mht"), _web),
    "archives": (("zip", "7z", "tar", "gz", "bz2", "xz"), _archives),
}

"""What look() calls recordings that a real encoder wrote."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from evidence_cli.looks.facts import Health
from evidence_cli.looks.look import look

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

PICTURE = ["-f", "lavfi", "-i", "testsrc=duration=0.4:size=64x48:rate=10"]
SOUND = ["-f", "lavfi", "-i", "sine=duration=0.4"]


@pytest.mark.parametrize(
    ("source", "extension", "arguments", "expected"),
    [
        (PICTURE, "mp4", [], "mp4"),
        (PICTURE, "mov", [], "mp4"),
        (PICTURE, "3gp", ["-c:v", "mpeg4"], "mp4"),
        (PICTURE, "mp4", ["-movflags", "+faststart"], "mp4"),
        (PICTURE, "avi", [], "avi"),
        (PICTURE, "mkv", [], "mkv"),
        (PICTURE, "webm", ["-c:v", "libvpx"], "mkv"),
        (PICTURE, "flv", ["-c:v", "flv1"], "flv"),
        (PICTURE, "wmv", [], "wmv"),
        (PICTURE, "mpg", ["-r", "25"], "mpeg"),
        (PICTURE, "ts", [], "mpeg"),
        (PICTURE, "m2ts", [], "mpeg"),
        (SOUND, "mp3", [], "mp3"),
        (SOUND, "mp3", ["-id3v2_version", "0", "-write_xing", "0"], "mp3"),
        (SOUND, "wav", [], "wav"),
        (SOUND, "flac", [], "flac"),
        (SOUND, "ogg", ["-c:a", "libvorbis"], "ogg"),
        (SOUND, "m4a", [], "m4a"),
        (SOUND, "aac", [], "aac"),
        (SOUND, "wma", [], "wmv"),
        (SOUND, "mka", [], "mkv"),
        (SOUND, "m4a", ["-f", "mp4"], "mp4"),
        (PICTURE, "ogv", ["-c:v", "libtheora"], "ogv"),
        (SOUND, "aiff", [], "audio"),
    ],
)
def test_recordings(tmp_path: Path, source: list[str], extension: str, arguments: list[str], expected: str) -> None:
    made = tmp_path / f"a.{extension}"
    subprocess.run(["ffmpeg", "-v", "error", *source, *arguments, str(made)], check=True, timeout=60)
    data = made.read_bytes()
    # Sound alone in a container of films is taken for what its name promises.
    named = extension if expected in ("wmv", "mkv", "mp4") and source is SOUND else expected
    for extra, wanted in (("txt", expected), (extension, named)):
        assert look(io.BytesIO(data), size=len(data), extension=extra).format == wanted


def test_a_cut_recording_keeps_its_name(tmp_path: Path) -> None:
    made = tmp_path / "a.mp4"
    subprocess.run(["ffmpeg", "-v", "error", *PICTURE, str(made)], check=True, timeout=60)
    data = made.read_bytes()[:2000]
    facts = look(io.BytesIO(data), size=len(data), extension="mp4")
    assert (facts.format, facts.health) == ("mp4", Health.DAMAGED)

"""Small recordings of real programs: made by ffmpeg when a test first asks for one, once in a session."""

import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SECONDS = 2
_PICTURES = ("-f", "lavfi", "-i", f"testsrc=size=64x48:rate=10:duration={SECONDS}")
_SOUND = ("-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}")
_H264 = ("-c:v", "libx264", "-g", "5", "-c:a", "aac")
_TWO = ("-map", "0:v", "-map", "1:a")
_PLACE = "+39.90+116.40/"
_APPLE_PLACE = f"com.apple.quicktime.location.ISO6709={_PLACE}"
_KEY = ("-encryption_key", "76" * 16, "-encryption_kid", "a7" * 16)

# name → the arguments; what ends in `pipe` is written as a recorder does that cannot go back.
FILMS: dict[str, tuple[str, ...]] = {
    "plain.mp4": (*_TWO, *_H264),
    "faststart.mp4": (*_TWO, *_H264, "-movflags", "+faststart"),
    "fragments.mp4": (*_TWO, *_H264, "-movflags", "frag_keyframe"),
    "empty_moov.mp4": (*_TWO, *_H264, "-movflags", "frag_keyframe+empty_moov"),
    "dash.mp4": (*_TWO, *_H264, "-movflags", "dash+global_sidx"),
    "pcm.mov": (*_TWO, "-c:v", "mpeg4", "-c:a", "pcm_s16le"),
    "motion.mov": (*_TWO, "-c:v", "mjpeg", "-c:a", "aac"),
    "phone.3gp": ("-map", "0:v", "-c:v", "h263", "-s", "176x144"),
    "sound.m4a": ("-map", "1:a", "-c:a", "aac"),
    "place.mp4": (*_TWO, *_H264, "-metadata", f"location={_PLACE}"),
    "place.mov": (*_H264[:2], "-movflags", "use_metadata_tags", "-metadata", _APPLE_PLACE),
    "nowhere.mp4": (*_TWO, *_H264, "-metadata", "location=+00.0000+000.0000/"),
    "locked.mp4": ("-map", "0:v", *_H264[:2], "-encryption_scheme", "cenc-aes-ctr", *_KEY),
    "plain.avi": (*_TWO, "-c:v", "mpeg4", "-c:a", "mp3"),
    "raw.avi": ("-map", "0:v", "-c:v", "rawvideo", "-pix_fmt", "yuv420p"),
    "sound.avi": ("-map", "1:a", "-c:a", "mp3"),
    "pipe.avi": (*_TWO, "-c:v", "mjpeg", "-c:a", "pcm_s16le", "-f", "avi"),
    "plain.wav": ("-map", "1:a"),
    "rf64.wav": ("-map", "1:a", "-rf64", "always"),
    "pipe.wav": ("-map", "1:a", "-f", "wav"),
    "plain.wmv": (*_TWO, "-c:v", "wmv2", "-c:a", "wmav2"),
    "sound.wma": ("-map", "1:a", "-c:a", "wmav2"),
    "pipe.wmv": (*_TWO, "-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf"),
    "plain.mkv": (*_TWO, *_H264),
    "place.mkv": (*_TWO, *_H264, "-cues_to_front", "1", "-metadata", f"location={_PLACE}"),
    "plain.webm": (*_TWO, "-c:v", "libvpx", "-c:a", "libvorbis"),
    "sound.mka": ("-map", "1:a"),
    "pipe.webm": (*_TWO, "-c:v", "libvpx", "-c:a", "libopus", "-f", "webm"),
    "pipe.mkv": (*_TWO, *_H264, "-live", "1", "-f", "matroska"),
    "plain.flv": (*_TWO, "-c:v", "flv", "-c:a", "mp3", "-ar", "44100"),
    "pipe.flv": (*_TWO, *_H264, "-f", "flv"),
    "sound.flv": ("-map", "1:a", "-c:a", "aac"),
    "plain.mpg": (*_TWO, "-r", "25", "-c:v", "mpeg2video", "-c:a", "mp2"),
    "old.mpg": (*_TWO, "-r", "25", "-c:v", "mpeg1video", "-c:a", "mp2", "-f", "mpeg"),
    "plain.ts": (*_TWO, *_H264),
    "disc.m2ts": (*_TWO, "-r", "25", "-c:v", "mpeg2video", "-c:a", "mp2", "-mpegts_m2ts_mode", "1"),
    "sound.ts": ("-map", "1:a", "-c:a", "aac"),
    "plain.mp3": ("-map", "1:a"),
    "plain.flac": ("-map", "1:a"),
    "plain.ogg": ("-map", "1:a"),
    "plain.opus": ("-map", "1:a"),
    "plain.aac": ("-map", "1:a", "-c:a", "aac"),
    "film.ogv": ("-map", "0:v", "-c:v", "libtheora"),
}


def film(name: str) -> bytes:
    """The recording of this name. Skips the test where ffmpeg is not installed."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    return _made(name)


@cache
def _made(name: str) -> bytes:
    base = ("ffmpeg", "-v", "error", "-nostdin", "-threads", "1", *_PICTURES, *_SOUND, *FILMS[name])
    if name.startswith("pipe"):
        return subprocess.run([*base, "-"], check=True, stdout=subprocess.PIPE).stdout
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / name
        subprocess.run([*base, str(path)], check=True)
        return path.read_bytes()


def cuts(data: bytes) -> list[int]:
    """Some thirty places to cut a file at, from its head to its end."""
    return [len(data) * part // 29 for part in range(1, 29)] + [len(data) - lost for lost in (1, 2, 20, 100)]


def mutated(data: bytes, *, seed: int, count: int) -> Iterator[bytes]:
    """Copies of which a few bytes are changed, most of them at the head or the end, where the structure is."""
    chance = random.Random(seed)
    edge = min(len(data), 3000)
    for _ in range(count):
        copy = bytearray(data)
        for _ in range(chance.choice((1, 2, 5))):
            place = chance.choice((chance.randrange(edge), len(copy) - 1 - chance.randrange(edge)))
            copy[chance.choice((place, chance.randrange(len(copy))))] = chance.choice((0, 1, 127, 128, 255))
        yield bytes(copy)

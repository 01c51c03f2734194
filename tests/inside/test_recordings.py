"""Looking inside recordings of every container: whole ones, cut ones, blank ones, mutated ones."""

import time
from io import BytesIO

import pytest

from evidence_cli.looks.facts import Health
from evidence_cli.looks.look import identify, look
from evidence_cli.looks.sample import sample_of
from evidence_cli.samples.recording import recording
from support.films import FILMS, cuts, film, mutated
from support.inside import look_inside

_SOUND = [name for name in FILMS if "sound" in name] + ["plain.wav", "rf64.wav", "pipe.wav"]
_SOUND += ["plain.mp3", "plain.flac", "plain.ogg", "plain.opus", "plain.aac"]
_NO_SIZE = ["plain.ts", "sound.ts", *_SOUND]
# Their end cannot be told: players play what is there.
_STREAMS = ["plain.ts", "sound.ts", "disc.m2ts", "plain.aac", "pipe.wav", "pipe.wmv"]
_WHOLE_OR_NOT = [
    name for name in FILMS if name not in (*_STREAMS, "plain.mp3", "plain.flac", "locked.mp4", "nowhere.mp4")
]
# What a cut may take without a loss: padding, or the length of the tag that is behind it.
_FREE_BYTES = {"avi": 1, "wav": 1, "flv": 4}


def facts_of(data: bytes, extension: str = "") -> tuple[str, Health, str]:
    facts = look(BytesIO(data), size=len(data), extension=extension)
    return facts.format, facts.health, facts.detail


def kind_of(data: bytes) -> str:
    return identify(sample_of(BytesIO(data), size=len(data), extension="")).format


@pytest.mark.tools
@pytest.mark.parametrize("name", [name for name in FILMS if name != "locked.mp4"])
def test_a_whole_recording(name: str) -> None:
    data = film(name)
    facts = look(BytesIO(data), size=len(data), extension=name.rpartition(".")[2])
    assert (facts.health, facts.detail, facts.gaps) == (Health.OK, "", ())
    assert facts.picture_track is (name not in _SOUND)
    if name not in _NO_SIZE:
        assert (facts.width, facts.height) == ((176, 144) if name == "phone.3gp" else (64, 48))
    assert facts.seconds == pytest.approx(2, abs=0.25)


@pytest.mark.tools
@pytest.mark.parametrize("name", _WHOLE_OR_NOT)
def test_a_cut_recording(name: str) -> None:
    data = film(name)
    kind = kind_of(data)
    # The last tag of this one says that there is no more, in just so many bytes.
    free = 20 if name == "pipe.flv" else _FREE_BYTES.get(name.rpartition(".")[2], 0)
    for cut in cuts(data):
        expected = Health.OK if len(data) - cut <= free else Health.DAMAGED
        assert look_inside(data[:cut], kind)[0].health is expected, cut


@pytest.mark.tools
@pytest.mark.parametrize("name", _STREAMS)
def test_a_cut_stream_is_played_as_far_as_it_goes(name: str) -> None:
    data = film(name)
    kind = kind_of(data)
    for cut in cuts(data)[3:]:
        assert look_inside(data[:cut], kind)[0].health is Health.OK, cut


@pytest.mark.tools
@pytest.mark.parametrize("name", [name for name in FILMS if not name.endswith("wav") and name != "locked.mp4"])
def test_a_recording_that_ends_in_zeros(name: str) -> None:
    data = film(name)
    kind = kind_of(data)
    for part in (3, 5, 7, 8):
        kept = len(data) * part // 10
        blank = data[:kept] + bytes(len(data) - kept)
        if len(data) - kept > 4096:
            assert look_inside(blank, kind)[0].health is Health.DAMAGED, part


@pytest.mark.tools
@pytest.mark.parametrize("name", [name for name in FILMS if name != "locked.mp4"])
@pytest.mark.parametrize("junk", [bytes(3), bytes(100), b"\xff" * 50, b"left over " * 9])
def test_junk_behind_a_recording_is_no_loss(name: str, junk: bytes) -> None:
    data = film(name)
    kind = kind_of(data)
    assert look_inside(data + junk, kind)[0].health is Health.OK


@pytest.mark.tools
@pytest.mark.parametrize("name", FILMS)
def test_mutations_raise_nothing_else_and_are_quick(name: str) -> None:
    data = film(name)
    kind = kind_of(data)
    for copy in mutated(data, seed=3, count=40):
        begun = time.process_time()
        look_inside(copy, kind)
        assert time.process_time() - begun < 2


@pytest.mark.parametrize("container", ["mp4", "avi"])
@pytest.mark.parametrize("seconds", [1, 3, 3600])
def test_our_own_samples(container: str, seconds: int) -> None:
    data = recording(seed=5, seconds=seconds, container=container)  # type: ignore[arg-type]
    facts = look(BytesIO(data), size=len(data), extension=container)
    assert (facts.health, facts.picture_track, facts.width, facts.height) == (Health.OK, True, 320, 200)
    assert facts.seconds == pytest.approx(seconds)
    for cut in range(1000, len(data) - 2, len(data) // 25):
        assert facts_of(data[:cut])[1] is Health.DAMAGED, cut


@pytest.mark.tools
@pytest.mark.parametrize("name", [name for name in FILMS if name.startswith("place")])
def test_a_recording_that_says_where_it_was_taken(name: str) -> None:
    data = film(name)
    assert look(BytesIO(data), size=len(data), extension="").position is True


@pytest.mark.tools
@pytest.mark.parametrize("name", ["plain.mp4", "nowhere.mp4", "plain.mkv"])
def test_a_recording_that_does_not(name: str) -> None:
    data = film(name)
    assert look(BytesIO(data), size=len(data), extension="").position is False


@pytest.mark.tools
def test_an_encrypted_recording() -> None:
    assert facts_of(film("locked.mp4")) == ("mp4", Health.ENCRYPTED, "sample entry is encrypted")

"""libmagic: loaded late, named when it is missing, compared by family."""

import subprocess
import sys

import pytest

from evidence_cli.looks.identify.library import format_of_mime
from evidence_cli.vocabulary.kinds import FORMATS


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        ("image/x-icon", "image"),
        ("image/svg+xml", "svg"),
        ("video/x-whatever", "video"),
        ("audio/midi", "audio"),
        ("text/x-c", "text"),
        ("application/x-dosexec", "executable"),
        ("application/vnd.microsoft.portable-executable", "executable"),
        ("application/x-sharedlib", "executable"),
        ("application/x-lzma", "archive"),
        ("application/x-cpio", "archive"),
        ("application/x-tar", "tar"),
        ("application/msword", "doc"),
        ("application/octet-stream", "other"),
        ("application/json", "other"),
        ("message/rfc822", "other"),
        ("", "other"),
    ],
)
def test_families(mime: str, expected: str) -> None:
    assert format_of_mime(mime) == expected
    assert expected in FORMATS


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


LOOK = """
import io, sys
from evidence_cli.looks.look import look
from evidence_cli.vocabulary.errors import EnvironmentFailure
def looked(data):
    return look(io.BytesIO(data), size=len(data), extension="txt").format
"""


def test_libmagic_is_loaded_only_for_what_we_cannot_name() -> None:
    known = "looked(b'Rar!\\x1a\\x07\\x00'), looked(b'abc'), 'magic' in sys.modules"
    script = f"{LOOK}print({known}, looked(bytes(9)), 'magic' in sys.modules)"
    assert run(script) == "rar text False other True"


def test_without_libmagic_the_environment_failed() -> None:
    script = (
        LOOK
        + """
sys.modules["magic"] = None
print(looked(b'abc'))
try:
    looked(b'\\x00\\x01\\x02')
except EnvironmentFailure as failure:
    print(failure.key, failure.exit_code, failure.params["detail"].startswith("ModuleNotFoundError"))
"""
    )
    assert run(script).split() == ["text", "libmagic", "3", "True"]

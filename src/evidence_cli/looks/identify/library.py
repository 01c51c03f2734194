"""libmagic: names what our own look cannot. Loaded when the first file needs it.

Its MIME names differ between versions, so an answer is only ever compared by family.
"""

import ctypes.util
import sys
import threading
from typing import Any

from evidence_cli.vocabulary.errors import EnvironmentFailure

_local = threading.local()
_import_lock = threading.Lock()
_NOTHING = "application/octet-stream"

# Parts of the subtype of an `application/…` name, and the format they stand for; the first that fits counts.
_FAMILIES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("pdf",), "pdf"),
    (("rtf",), "rtf"),
    (("msword",), "doc"),
    (("ms-excel",), "xls"),
    (("ms-powerpoint",), "ppt"),
    (
        ("executable", "dosexec", "msdownload", "sharedlib", "x-pie", "mach-binary", "java-applet", "x-dex"),
        "executable",
    ),
    (("android.package", "java-archive", "x-msi"), "executable"),
    (("realmedia", "rn-real"), "video"),
    (("epub",), "other"),
    (("x-tar",), "tar"),
    (
        ("zip", "compress", "archive", "x-lz", "x-lha", "x-arj", "x-ace", "x-rar", "cpio", "x-rpm", "debian"),
        "archive",
    ),
    (("cab-", "x-xz", "zstd", "iso9660", "stuffit", "apple-diskimage"), "archive"),
)


def mime_of(head: bytes) -> str:
    """What libmagic calls these bytes. Raises EnvironmentFailure("libmagic", detail=…) without it."""
    try:
        cookie = _local.cookie
    except AttributeError:
        cookie = _local.cookie = _new_cookie()
    try:
        return str(cookie.from_buffer(head))
    except _library().MagicException:
        # A rule of its database gave up on hostile bytes: that says nothing about them or the library.
        return _NOTHING


def format_of_mime(mime: str) -> str:
    """The format a MIME name stands for, by family; "other" if none."""
    family, _, subtype = mime.lower().partition("/")
    if subtype.startswith("svg"):
        return "svg"
    if family in ("image", "video", "audio", "text"):
        return family
    if family != "application":
        return "other"
    return next((name for parts, name in _FAMILIES if any(part in subtype for part in parts)), "other")


def _library() -> Any:
    """The `magic` module over the system's libmagic, or over the one that a wheel brings."""
    with _import_lock:
        if "magic" not in sys.modules and sys.platform != "win32" and ctypes.util.find_library("magic") is None:
            # It must come first: `magic` looks for the library once, while it is imported.
            import pylibmagic  # noqa: F401  # late: start-up time
        import magic  # late: start-up time
    return magic


def _new_cookie() -> Any:
    """A cookie for this thread: libmagic's are not safe to share."""
    try:
        return _library().Magic(mime=True)
    except Exception as problem:  # whatever a foreign library raises here, it means: no libmagic
        detail = f"{type(problem).__name__}: {problem}"
        raise EnvironmentFailure("libmagic", detail=detail) from problem

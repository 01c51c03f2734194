"""Give up what lets root read and write everything: what is left is an ordinary owner of files."""

import contextlib
import ctypes
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from struct import Struct

# capabilities(7): reading, searching and changing what the permissions forbid, and acting as the owner of any file.
_TAKEN = (1, 2, 3)
_DROP_FROM_BOUND = 24
_VERSION = 0x20080522


def can_give_up() -> bool:
    """Whether this process is an ordinary user already, or can become one."""
    if sys.platform != "linux":
        return False
    return os.geteuid() != 0 or _bound() & (1 << 8) != 0


def _bound() -> int:
    """What this process may do; bit 8 is taking things out of it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff"))


def give_up() -> None:
    """For good, also for the programs that this process starts. Nothing to do for an ordinary user."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in _TAKEN:
        if libc.prctl(_DROP_FROM_BOUND, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
    form = Struct("=6I")
    header, data = Struct("=Ii").pack(_VERSION, 0), ctypes.create_string_buffer(form.size)
    if libc.capget(header, data):
        raise OSError(ctypes.get_errno(), "capget")
    kept = ~sum(1 << capability for capability in _TAKEN)
    low, high = form.unpack(data.raw)[:3], form.unpack(data.raw)[3:]
    if libc.capset(header, form.pack(*(value & kept & 0xFFFFFFFF for value in low), *high)):
        raise OSError(ctypes.get_errno(), "capset")


def without_rights(work: Callable[[], None]) -> None:
    """Do something in a process that gave its rights up; what fails there fails here."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        text, code = "", 1
        # Whatever happens, this process must not go on with the tests of the other one.
        with contextlib.suppress(BaseException):
            try:
                give_up()
                work()
                code = 0
            except BaseException:  # noqa: BLE001 - told to the other process
                text = traceback.format_exc()
            os.write(writing, text[-60_000:].encode())
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        text = stream.read().decode()
    status = os.waitpid(child, 0)[1]
    assert status == 0, text or f"status {status}"

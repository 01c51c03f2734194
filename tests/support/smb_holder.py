"""A program that holds a file of an SMB share open and lets nobody else near it, the way Word and Excel do.

`smb_holder.py URL` opens the file for itself alone, prints a line, and lets go when its standard input ends. What a
mount does not offer, Samba's own client library does: opening with a share mode.
"""

import ctypes
import os
import sys

_DENY_ALL = 1
_AUTH = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_char_p, *[kind for _ in range(3) for kind in (ctypes.c_void_p, ctypes.c_int)]
)


def _as_guest(_server: bytes, _share: bytes, *_wanted: int) -> None:
    """Leave user and password as they are: empty."""


def main() -> None:
    """Hold the file of the first argument."""
    library = ctypes.CDLL("libsmbclient.so.0", use_errno=True)
    for name in ("smbc_new_context", "smbc_init_context", "smbc_set_context"):
        getattr(library, name).restype = ctypes.c_void_p
    answer = _AUTH(_as_guest)
    context = ctypes.c_void_p(library.smbc_new_context())
    library.smbc_setFunctionAuthData(context, answer)
    library.smbc_setOptionOpenShareMode(context, _DENY_ALL)
    library.smbc_init_context(context)
    library.smbc_set_context(context)
    if library.smbc_open(sys.argv[1].encode(), os.O_RDWR, 0) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), sys.argv[1])
    sys.stdout.write("held\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()

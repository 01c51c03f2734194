"""Messages between this program and its workers: a length, a JSON document, and perhaps bytes as they are.

Nothing that comes back from a process that read hostile bytes is ever executed.
"""

import json
from struct import Struct
from typing import IO, Any

_LENGTH = Struct("<I")
# Far more than any facts or any batch of requests.
_LARGEST = 64 * 1024 * 1024


def send(stream: IO[bytes], message: Any, data: bytes = b"") -> None:
    """Write one message; `data` follows it as it is. Raises OSError."""
    text = json.dumps(message).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one message; None at the end of the stream. Raises OSError; ValueError, RecursionError for nonsense."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = _LENGTH.unpack(head)[0]
    if length > _LARGEST:
        raise ValueError(length)
    text = stream.read(length)
    return json.loads(text) if len(text) == length else None

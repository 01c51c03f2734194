"""The bagit library (RFC 8493), kept from talking: what it finds it also tells its log, which ends on the screen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_library() -> Iterator[None]:
    """Inside the block the library logs nothing; what it raises is what counts."""
    logger = logging.getLogger("bagit")
    quiet, before = logging.NullHandler(), logger.level
    logger.addHandler(quiet)
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(quiet)

"""Draw what a document holds, whatever its bytes do to the library that reads it."""

from collections.abc import Callable

from evidence_cli.looks.sample import BombError, LockedError, TornError


def lacking_of(draw: Callable[[], str]) -> str:
    """Why what was drawn is not all of it: what `draw` says itself, `damaged`, `encrypted`, `bomb`, or the reason of a
    Gap (`memory`, `library`, `crashed`); empty where nothing is missing. Raises OSError when reading fails."""
    try:
        return draw()
    except TornError:
        return "damaged"
    except LockedError:
        return "encrypted"
    except BombError:
        return "bomb"
    except OSError:
        raise
    except MemoryError:
        return "memory"
    except ImportError:
        return "library"
    except Exception:  # noqa: BLE001 - whatever a library raises over hostile bytes
        return "crashed"

"""The `evcli` command."""

import sys


def main() -> None:
    """Run evcli with the arguments of the process, and leave with its exit code."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything is imported: scripts ask often.
        from evidence_cli.vocabulary.version import __version__

        try:
            sys.stdout.write(f"evcli {__version__}\n")
            sys.stdout.flush()
        except (OSError, AttributeError):
            # Full, broken or not there at all: the long way round says so in the user's language.
            pass
        else:
            return
    import gc  # late: start-up time
    import os

    # evcli has no use for plugins of pydantic, which looks for them in the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Nearly all that is made is needed to the end: to search it for garbage every 700 objects costs a sixth of a check.
    gc.set_threshold(200_000, 20, 20)
    from evidence_cli.cli.main import run

    code = run()
    # The process is over: what it holds need not be searched for garbage once more.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()

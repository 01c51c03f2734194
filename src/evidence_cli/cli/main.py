"""Run a command line: the one place where exceptions become words and exit codes."""

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from evidence_cli.cli.base import Group, message_of
from evidence_cli.cli.language import words_for
from evidence_cli.cli.options import common
from evidence_cli.cli.output import StdoutFailure, prepare_streams, say
from evidence_cli.messages import Words
from evidence_cli.vocabulary.errors import EvcliError, TableError
from evidence_cli.vocabulary.printable import printable

OK, FINDINGS, USAGE, ENVIRONMENT = 0, 1, 2, 3

# name → module with `build(words)`; the order is that of the work, and of the help.
COMMANDS = {
    "init": "evidence_cli.cli.init",
    "check": "evidence_cli.cli.check",
    "pack": "evidence_cli.cli.pack",
    "verify": "evidence_cli.cli.verify",
    "receive": "evidence_cli.cli.receive",
    "status": "evidence_cli.cli.status",
    "review": "evidence_cli.cli.review",
    "sheet": "evidence_cli.cli.sheet",
    "enter": "evidence_cli.cli.enter",
    "confirm": "evidence_cli.cli.confirm",
    "submit": "evidence_cli.cli.submit",
    "archive": "evidence_cli.cli.archive",
    "log": "evidence_cli.cli.log",
    "collect": "evidence_cli.cli.collect",
    "rules": "evidence_cli.cli.rules",
    "table": "evidence_cli.cli.table",
    "demo": "evidence_cli.cli.demo",
}


def program(words: Words) -> Group:
    """The `evcli` group in one language."""
    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help=words.text("option.version"),
        callback=_version,
    )
    return Group(words, "evcli", COMMANDS, [*common(words), version])


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from evidence_cli.vocabulary.version import __version__

        say(f"evcli {__version__}\n")
        ctx.exit()


def run(arguments: Sequence[str] | None = None) -> int:
    """Run evcli and return its exit code: 0 fine, 1 findings, 2 usage or table, 3 environment."""
    words = words_for(sys.argv[1:] if arguments is None else arguments)
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        return _fail(words.text("error.filesystem"), ENVIRONMENT)
    try:
        prepare_streams()
        code = _run(words, arguments)
        sys.stdout.flush()
    except OSError as error:
        code = _stdout_is_gone(error, words)
    return code


def _run(words: Words, arguments: Sequence[str] | None) -> int:
    try:
        given = None if arguments is None else list(arguments)
        result = program(words).main(given, prog_name="evcli", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(error.format_message() + "\n")
        return USAGE
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        hint = "" if context is None else "\n" + words.text("click.try_help", command=context.command_path)
        return _fail(message_of(error, words) + hint, USAGE)
    except (click.Abort, KeyboardInterrupt):
        return _fail(words.text("error.interrupted"), ENVIRONMENT)
    except TableError as error:
        return _table_problems(error, words)
    except StdoutFailure as error:
        return _stdout_is_gone(error.cause, words)
    except EvcliError as error:
        _debug()
        return _fail(words.text(f"error.{error.key}", **error.params), error.exit_code)
    except SystemExit as leaving:
        # So click leaves when a pipe breaks, with the code that means findings here; and after completing a word.
        return ENVIRONMENT if isinstance(leaving.__context__, BrokenPipeError) else int(leaving.code or 0)
    except OSError as error:
        _debug()
        cause = words.cause(error.strerror) if error.strerror else str(error)
        detail = f"{cause} {error.filename or ''}".strip()
        return _fail(words.text("error.system", detail=detail), ENVIRONMENT)
    except Exception as error:  # noqa: BLE001 - the last net: a bug must not look like a finding
        _debug()
        return _fail(words.text("error.bug", detail=f"{type(error).__name__}: {error}"), ENVIRONMENT)
    return result if isinstance(result, int) else OK


def _table_problems(error: TableError, words: Words) -> int:
    path = _near(error.path)
    for problem in error.problems:
        message, advice = words.problem(problem)
        place = printable(f"{path}:{problem.line}:{problem.column}")
        sys.stderr.write(": ".join(filter(None, [place, printable(problem.key), message])) + f"\n    {advice}\n")
    return _fail(words.text("error.table", path=path, count=len(error.problems)), USAGE)


def _near(path: str) -> str:
    """A path below the working directory as one would type it here."""
    here = Path.cwd()
    return Path(path).relative_to(here).as_posix() if Path(path).is_relative_to(here) else path


def _debug() -> None:
    """With EVCLI_DEBUG=1 the traceback is shown too."""
    if os.environ.get("EVCLI_DEBUG") == "1":
        traceback.print_exc()


def _fail(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"evcli: {message}\n")
        sys.stderr.flush()
    return code


def _stdout_is_gone(error: OSError, words: Words) -> int:
    """Standard output is gone (a closed pipe, a full disk): nothing more can be said there."""
    # Python flushes standard output once more at exit, and would complain in its own words.
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
    return _fail(words.text("error.stdout", detail=error.strerror or str(error)), ENVIRONMENT)

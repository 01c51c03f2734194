"""Choose the language before any option is parsed: the help itself needs it."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from evidence_cli.messages import LANGUAGES, Words, choose_language, words
from evidence_cli.workspace.find import TABLE_PATH, look_upwards

_LANGUAGE_LINE = re.compile(rf"^[ ]+language[ ]*:[ ]*[\"']?({'|'.join(LANGUAGES)})\b".encode(), re.MULTILINE)
_PEEK = 64 * 1024


def words_for(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Words:
    """The words of the language that `--lang`, EVCLI_LANG, the table or the locale asks for."""
    option = _option(arguments, "--lang")
    # The demo makes a workspace of its own: what lies around it has no say.
    alone = option is not None or "demo" in arguments[:1]
    return words(choose_language(option, environ, None if alone else _table_language(arguments, environ)))


def _option(arguments: Sequence[str], long: str, short: str = "") -> str | None:
    """The value of an option, found without knowing the commands."""
    for number, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == long or (short and argument == short):
            return arguments[number + 1] if number + 1 < len(arguments) else None
        if argument.startswith(long + "="):
            return argument.partition("=")[2]
        if short and argument.startswith(short) and not argument.startswith("--"):
            return argument[len(short) :]
    return None


def _table_language(arguments: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """What the table's `language:` says, read without the loader: a wrong table must not keep help from showing."""
    named = _option(arguments, "--workspace", "-w") or environ.get("EVCLI_WORKSPACE")
    try:
        root = Path(named) if named else look_upwards(Path.cwd())
        if root is None:
            return None
        with (root / TABLE_PATH).open("rb") as stream:
            match = _LANGUAGE_LINE.search(stream.read(_PEEK))
    except OSError:
        return None
    return match[1].decode("ascii") if match else None

"""Commands whose help speaks the user's language: click's own few words come from the catalogue too."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from evidence_cli.messages import Words


class _Worded:
    words: Words

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=self.words.text("click.usage") + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]  # type: ignore[attr-defined]
        _section(formatter, self.words.text("click.options"), [option.get_help_record(ctx) for option in options])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = self.words.text("option.help")
        return option


class Command(_Worded, click.Command):
    """One command. Its help is `help.<name>` of the catalogue, `_` for the blank in `table show`."""

    def __init__(self, words: Words, name: str, params: list[click.Parameter], callback: Callable[..., int]) -> None:
        self.words = words
        key = name.replace(" ", "_")
        super().__init__(
            name.rpartition(" ")[2],
            params=params,
            callback=callback,
            help=words.text(f"help.{key}"),
            short_help=words.text(f"short.{key}"),
            options_metavar=words.text("click.options_metavar"),
            context_settings={"help_option_names": ["-h", "--help"]},
        )


class Group(_Worded, click.Group):
    """The program, or a command with commands of its own, each built when it is asked for.

    `homes` maps a command's name to the module, or `module:function`, whose `build(words)` makes it.
    """

    def __init__(self, words: Words, name: str, homes: Mapping[str, str], params: list[click.Parameter]) -> None:
        self.words = words
        self.homes = homes
        super().__init__(
            name,
            params=params,
            help=words.text(f"help.{name}"),
            short_help=words.text(f"short.{name}"),
            options_metavar=words.text("click.options_metavar"),
            subcommand_metavar=words.text("click.command_metavar"),
            context_settings={"help_option_names": ["-h", "--help"]},
            no_args_is_help=True,
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the work."""
        return list(self.homes)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Build a command, importing what it needs only now."""
        if cmd_name not in self.homes:
            return None
        module, _, maker = self.homes[cmd_name].partition(":")
        build = getattr(import_module(module), maker or "build")  # late: start-up time
        command: click.Command = build(self.words)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands; their modules are not imported for it."""
        prefix = "" if self.name == "evcli" else f"{self.name}_"
        rows = [(name, self.words.text(f"short.{prefix}{name}")) for name in self.homes]
        _section(formatter, self.words.text("click.commands"), rows)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options first, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


def _section(formatter: click.HelpFormatter, heading: str, rows: Sequence[tuple[str, str] | None]) -> None:
    formatter.write_paragraph()
    formatter.write(heading + "\n")
    with formatter.indentation():
        formatter.write_dl([row for row in rows if row is not None])


def message_of(error: click.ClickException, words: Words) -> str:
    """A click error in the user's language."""
    if isinstance(error, click.NoSuchOption):
        close = ", ".join(error.possibilities or ())
        return words.text(
            "click.no_such_option_similar" if close else "click.no_such_option",
            name=error.option_name,
            close=close,
        )
    if isinstance(error, click.MissingParameter):
        return words.text("click.missing", name=_name(error))
    if isinstance(error, click.BadParameter):
        return words.text("click.bad", name=_name(error), detail=error.message)
    if isinstance(error, click.BadOptionUsage):
        return words.text("click.bad_option", name=error.option_name)
    if isinstance(error, click.FileError):
        return words.text("error.read", path=str(error.filename), detail=error.message)
    return words.text("click.other", detail=error.format_message())


def _name(error: click.BadParameter) -> str:
    param: Any = error.param
    if param is None:
        return str(error.param_hint or "")
    return str(param.metavar or param.name) if isinstance(param, click.Argument) else str(param.opts[-1])

"""Commands whose help speaks the user's language: click's own few words come from the catalogue too."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from evidence_cli.cli.output import say
from evidence_cli.messages import Words


class Misuse(click.UsageError):
    """A command line that is wrong in a way click has no class for. Words: `click.<key>`."""

    def __init__(self, key: str, ctx: click.Context, **params: Any) -> None:
        super().__init__(key, ctx)
        self.key = key
        self.params = params


class _Worded:
    words: Words

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except click.UsageError as error:
            # Without its context nobody could say where help is.
            error.ctx = error.ctx or ctx
            raise
        return rest

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
            option.callback = _show_help
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
            context_settings={"help_option_names": ["-h", "--help"], "allow_extra_args": True},
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and refuse what is too much in the user's language."""
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise Misuse("too_many", ctx, rest=" ".join(rest))
        return rest


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

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; options written before its name count as if they followed it."""
        given = {name: value for name, value in ctx.params.items() if value}
        ctx.default_map = dict.fromkeys(self.homes, given)
        return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant. Raises Misuse with the nearest name for one that is not there."""
        name = args[0]
        if name not in self.homes and not name.startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches  # late: start-up time

            close = get_close_matches(name, self.homes, n=1)
            key = "no_such_command_similar" if close else "no_such_command"
            raise Misuse(key, ctx, name=name, close="".join(close))
        return super().resolve_command(ctx, args)

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


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    # click's own would write around the stream that was made safe for every code page.
    if value and not ctx.resilient_parsing:
        say(ctx.get_help() + "\n")
        ctx.exit()


def _section(formatter: click.HelpFormatter, heading: str, rows: Sequence[tuple[str, str] | None]) -> None:
    formatter.write_paragraph()
    formatter.write(heading + "\n")
    with formatter.indentation():
        formatter.write_dl([row for row in rows if row is not None])


def message_of(error: click.ClickException, words: Words) -> str:
    """A click error in the user's language."""
    if isinstance(error, Misuse):
        return words.text(f"click.{error.key}", **error.params)
    if isinstance(error, click.NoSuchOption):
        from difflib import get_close_matches  # late: start-up time

        close = "".join(get_close_matches(error.option_name, error.possibilities or (), n=1))
        return words.text(
            "click.no_such_option_similar" if close else "click.no_such_option",
            name=error.option_name,
            close=close,
        )
    if isinstance(error, click.MissingParameter):
        return words.text(f"click.missing.{error.param.name if error.param else None}")
    if isinstance(error, click.BadParameter):
        return words.text("click.bad", name=_name(error), expected=_expected(error.param, words))
    if isinstance(error, click.BadOptionUsage):
        return words.text("click.no_value" if _is_flag(error) else "click.value_missing", name=error.option_name)
    if isinstance(error, click.FileError):
        return words.text("error.read", path=str(error.filename), detail=error.message)
    return words.text("click.other", detail=error.format_message())


def _expected(param: click.Parameter | None, words: Words) -> str:
    """What may be written there: `click.expected.<name of the type>`."""
    if param is None:
        return ""
    return words.text(f"click.expected.{param.type.name}", choices=list(getattr(param.type, "choices", ())))


def _is_flag(error: click.BadOptionUsage) -> bool:
    params = error.ctx.command.params if error.ctx else ()
    return any(
        isinstance(param, click.Option) and param.is_flag and error.option_name in param.opts for param in params
    )


def _name(error: click.BadParameter) -> str:
    param: Any = error.param
    if param is None:
        return str(error.param_hint or "")
    return str(param.metavar or param.name) if isinstance(param, click.Argument) else str(param.opts[-1])

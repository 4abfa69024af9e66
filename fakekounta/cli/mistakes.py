"""Make every mistake on the command line end with one line: what is wrong, and the nearest known name."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import IO, Any

import click
from click.core import ParameterSource
from click.exceptions import MissingParameter, NoArgsIsHelpError

from fakekounta.catalogue.names import did_you_mean, known_are
from fakekounta.cli.streams import checked_streams
from fakekounta.settings.flags import REFUSED


class Mistake(click.ClickException):
    """Signals a mistake on the command line; the message is one line."""

    exit_code = REFUSED

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Print the message in one line."""
        click.echo(f"fakekounta: {self.message}", err=True)


class Commands(click.Group):
    """A group of commands whose mistakes are one line, and whose streams are checked.

    `later` names the modules of commands that are imported when they are asked for: `fakekounta serve` starts 5 ms
    sooner without the others.
    """

    def __init__(self, *args: Any, later: Mapping[str, str], **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self._later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is none of this name."""
        if cmd_name in self._later and cmd_name not in self.commands:
            self.add_command(getattr(import_module(self._later[cmd_name]), cmd_name))
        return super().get_command(ctx, cmd_name)

    def all_commands(self) -> list[click.Command]:
        """Return all commands."""
        context = click.Context(self)
        found = (self.get_command(context, name) for name in self.list_commands(context))
        return [command for command in found if command is not None]

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command that the arguments name."""
        with checked_streams(), warnings.catch_warnings():
            warnings.showwarning = _show_warning
            return super().main(*args, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse the arguments of the group."""
        with _in_one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Parse the arguments of the command, and run it."""
        with _in_one_line():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names."""
        name = args[0]
        if not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            raise Mistake(f"{name}: is unknown; {known_are(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    click.echo(f"fakekounta: {message}", err=True)


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except NoArgsIsHelpError:  # which prints the help
        raise
    except click.UsageError as error:
        raise Mistake(_line(error)) from None


def _line(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        near = did_you_mean(error.option_name, _options_of(error.ctx))
        return f"{error.option_name}: is unknown{near or _where_listed(error.ctx)}"
    if isinstance(error, MissingParameter):
        return f"{_label(error)}: is required{_where_listed(error.ctx)}"
    if isinstance(error, click.BadParameter):
        return f"{_label(error)}: {_plain(error.message)}"
    return f"{_plain(error.format_message())}{_where_listed(error.ctx)}"


def _plain(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _options_of(context: click.Context | None) -> list[str]:
    return (
        []
        if context is None
        else [name for one in context.command.get_params(context) for name in (*one.opts, *one.secondary_opts)]
    )


def _where_listed(context: click.Context | None) -> str:
    return "" if context is None else f"; `{context.command_path} --help` lists what there is"


def _label(error: click.BadParameter) -> str:
    """Return the name as the user wrote it: that of the option, or of its environment variable."""
    parameter, context = error.param, error.ctx
    if not isinstance(parameter, click.Option):
        return parameter.human_readable_name if parameter is not None else "the command line"
    is_variable = context is not None and (
        context.get_parameter_source(str(parameter.name)) is ParameterSource.ENVIRONMENT
    )
    return str(parameter.envvar) if is_variable else max(parameter.opts, key=len)


class OneOf(click.Choice[str]):
    """One of several words; the message about any other names the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word. Raise BadParameter with all of them."""
        if value not in self.choices:
            words = ", ".join(self.choices)
            self.fail(f"must be one of {words}, not {value!r}{did_you_mean(value, self.choices)}", param, ctx)
        return str(value)

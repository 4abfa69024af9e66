"""Make the flags of `fakekounta serve` and `run` from the table of settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click
from click.core import ParameterSource

from fakekounta.cli.mistakes import OneOf
from fakekounta.settings.kinds import FLAG, PATH, RATE_LIMIT
from fakekounta.settings.table import RUN, SHELL, Name, flag_of, names_of, settings_of, variable_of

Command = Callable[..., Any]

_SERVE_DEFAULTS = {
    setting.name: setting.serve_default for setting in settings_of(SHELL) if setting.serve_default is not None
}
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    SHELL: _SERVE_DEFAULTS,
    RUN: {**_SERVE_DEFAULTS, "port": 0, "proxy_pass_through": True},
}
"""The defaults of `fakekounta serve` and `run` that differ from those of `FakeKounta`."""
_ON_AND_OFF = (FLAG, RATE_LIMIT)


class _SettingOption(click.Option):
    """An option whose help shows its environment variable, which `fakekounta.settings.sources` reads."""

    def resolve_envvar_value(self, ctx: click.Context) -> None:
        """Return None, so that click itself reads no environment variable."""


def settings_options(way: str) -> Callable[[Command], Command]:
    """Return a decorator that gives a command an option for each name of a setting, in the order of the table."""

    def with_options(command: Command) -> Command:
        for name in reversed(names_of(way).values()):
            command = _option_of(name, way)(command)
        return command

    return with_options


def _option_of(name: Name, way: str) -> Callable[[Command], Command]:
    flag = flag_of(name.name)
    attributes: dict[str, Any] = {"envvar": variable_of(name.name), "show_envvar": True, "cls": _SettingOption}
    if name.kind in _ON_AND_OFF:
        return click.option(f"{flag}/--no-{flag[2:]}", help=_help(name, way), default=None, **attributes)
    kind = OneOf(name.kind.choices) if name.kind.choices else click.Path() if name.kind is PATH else None
    metavar = None if name.kind.choices else name.kind.form
    return click.option(
        flag, name.name, type=kind, metavar=metavar, multiple=name.kind.is_many, help=_help(name, way), **attributes
    )


def _help(name: Name, way: str) -> str:
    default = DEFAULTS[way].get(name.setting.name, name.setting.default)
    plain = not name.is_alias and isinstance(default, (int, str)) and not isinstance(default, bool)
    return f"{name.help}  [default: {default}]" if plain else name.help


def texts_given(context: click.Context) -> dict[str, Sequence[str]]:
    """Return the values on the command line by name of the parameter, in the order of the table."""
    return {
        name: _texts(context.params[name])
        for name in names_of(SHELL)
        if name in context.params and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }


def _texts(value: Any) -> Sequence[str]:
    if isinstance(value, tuple):
        return value
    return (str(value).lower() if isinstance(value, bool) else value,)


def variables_of(command: click.Command) -> Iterator[str]:
    """Yield the environment variables of a command's options."""
    for parameter in command.params:
        if isinstance(parameter.envvar, str):
            yield parameter.envvar
